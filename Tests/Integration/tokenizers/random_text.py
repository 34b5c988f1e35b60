"""Random Unicode strings of the kinds that take tokenizers apart, and a small text to train tokenizers on."""

import random

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_end|>x", "[PAD]"]
USER_DEFINED = ["<tool_call>", "</tool_call>", "<tool", "    ", "§§"]

WORDS = """the of and a to in is you that it he was for on are as with his they I at be this have from or one had by
word but not what all were we when your can said there use an each which she do how their if will up other about out
many then them these so some her would make like him into time has look two more write go see number no way could
people my than first water been call who oil its now find long down day did get come made may part Hello world
don't can't we'll I'd you're they've it's I'm DON'T WE'LL user assistant system tokenizer streaming""".split()
SENTENCES = [
    "Der schnelle braune Fuchs springt über den faulen Hund. Größe, Straße, Übung, naïve façade.",
    "Быстрая коричневая лиса перепрыгивает через ленивую собаку. Ещё раз!",
    "敏捷的棕色狐狸跳过了懒狗。中文分词没有空格,很有意思。",
    "素早い茶色の狐が怠け者の犬を飛び越える。カタカナとひらがな。",
    "빠른 갈색 여우가 게으른 개를 뛰어넘는다.",
    "الثعلب البني السريع يقفز فوق الكلب الكسول ١٢٣٤٥",
    "השועל החום המהיר קופץ מעל הכלב העצלן.",
    "तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। १२३",
    "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ ๑๒๓",
    "Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
    "func encode(_ text: String) -> [Int] {\n    return text.utf8.map { Int($0) }\n}\n\n",
    "def f(x):\n\treturn x ** 2 + 3 * x - 1  # comment\n\n\nif __name__ == '__main__':\n    print(f(10))\r\n",
    '{"name": "get_weather", "arguments": {"city": "Paris", "days": 12345}}',
    "1 12 123 1234 12345 123456 3.14159 2024-01-31 10:30:00 $1,000,000.00 50% ½ ² Ⅷ",
    "👩‍👩‍👧‍👦 👍🏽 🇩🇪 🏳️‍🌈 ❤️ 😀😀😀 e\u0301 n\u0303 Z\u0351\u036b",
    "!!! ??? ... --- === *** ((())) [[[]]] {{{}}} <<>> /// \\\\\\ ||| &&& ~~~ ``` ''' \"\"\"",
]

SCRIPTS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x620, 0x6FF),
    (0x900, 0x97F), (0xE01, 0xE5B), (0x1100, 0x11FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
    (0x10400, 0x1044F), (0x1D400, 0x1D7FF), (0x20000, 0x2A6DF), (0x88F, 0x88F), (0x16EA0, 0x16FF6), (0x11DB0, 0x11DF0),
]  # fmt: skip
SPACES = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u2003\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
NUMBERS = "0123456789" * 3 + "²½①٣٥०९๓Ⅷ〇㉈𝟘𝟡\U00011de3\U00016ff5"
CONTRACTIONS = "'s 't 're 've 'm 'll 'd 'S 'T 'RE 'Ve 'M 'lL 'D 'ſ 'r 'v 'l ' '' ’s 'x 'é".split(" ")
EMOJI = ["👩", "👨", "\u200d", "🏽", "🇩", "🇪", "❤", "\ufe0f", "😀", "🧑", "🚀", "#\ufe0f\u20e3", "1\ufe0f\u20e3"]
MARKS = [chr(c) for c in (0x300, 0x301, 0x308, 0x323, 0x36B, 0x5B0, 0x64B, 0x93C, 0x94D, 0xE31, 0x20DD, 0xFE0F)]
DIRECTION = [chr(c) for c in (0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069)]


def training_text(rng: random.Random) -> list[str]:
    """A few thousand lines in many scripts: enough for merges of several levels in each."""
    lines = []
    for _ in range(1500):
        words = [rng.choice(WORDS) for _ in range(rng.randrange(3, 12))]
        lines.append(" ".join(words).capitalize() + rng.choice([".", "!", "?", ",\n", "...", "\n\n"]))
    for sentence in SENTENCES:
        for _ in range(15):
            start = rng.randrange(len(sentence) // 2)
            lines.append(sentence[start : start + rng.randrange(10, 80)])
    lines += [" " * n + rng.choice(WORDS) for n in range(1, 17) for _ in range(4)]
    lines += [rng.choice("ab!\n 1") * n for n in range(1, 20) for _ in range(4)]
    return lines


def scalar(rng: random.Random) -> str:
    """Any character but a surrogate."""
    value = rng.randrange(0x110000 - 0x800)
    return chr(value if value < 0xD800 else value + 0x800)


def ascii_text(rng):
    return "".join(chr(rng.randrange(0x20, 0x7F)) for _ in range(rng.randrange(40)))


def words(rng):
    return "".join(rng.choice(WORDS) + rng.choice(["", " ", " ", "  ", "\n", ", ", "."]) for _ in range(rng.randrange(12)))


def spaces(rng):
    return "".join(rng.choice(SPACES[:4] * 6 + SPACES + "aé1!中" * 2) for _ in range(rng.randrange(24)))


def numbers(rng):
    return "".join(rng.choice(NUMBERS + "  .,-a") for _ in range(rng.randrange(24)))


def contractions(rng):
    return "".join(rng.choice(CONTRACTIONS) + rng.choice(["", " ", "a", "e", "S", "1", "\n"]) for _ in range(rng.randrange(10)))


def scripts(rng):
    text = ""
    for _ in range(rng.randrange(6)):
        low, high = rng.choice(SCRIPTS)
        text += "".join(chr(rng.randrange(low, high + 1)) for _ in range(rng.randrange(8)))
        text += rng.choice(["", " ", "。", "\n"])
    return text


def sentences(rng):
    return "".join(s[(i := rng.randrange(len(s))) : i + rng.randrange(30)] for s in rng.sample(SENTENCES, 3))


def emoji(rng):
    return "".join(rng.choice(EMOJI + [" ", "a"]) for _ in range(rng.randrange(16)))


def marks(rng):
    return "".join(rng.choice("aeoאبक 1!") + rng.choice(MARKS + [""]) for _ in range(rng.randrange(16)))


def directions(rng):
    return "".join(rng.choice(DIRECTION + list("abאבגدذر 12")) for _ in range(rng.randrange(20)))


def controls(rng):
    return "".join(chr(rng.choice([rng.randrange(0x20), rng.randrange(0x7F, 0xA0), 0x61, 0x20])) for _ in range(rng.randrange(20)))


def scalars(rng):
    return "".join(scalar(rng) for _ in range(rng.randrange(16)))


def special_lookalikes(rng):
    parts = SPECIAL + USER_DEFINED + ["<|", "|>", "<|im_", "im_end", "<", "</s>", "<s>", "<unk>", "<0x0A>", "▁", " ", "a", "\n"]
    return "".join(rng.choice(parts) for _ in range(rng.randrange(10)))


def repetitions(rng):
    return rng.choice(["a", "ab", " ", "\n", "1", "!", "é", "中", " a", "\r\n"]) * rng.randrange(1, 150)


GENERATORS = [
    ascii_text, words, spaces, numbers, contractions, scripts, sentences, emoji, marks, directions, controls, scalars,
    special_lookalikes, repetitions,
]  # fmt: skip


def strings(rng: random.Random, count: int) -> list[str]:
    """`count` strings from all generators, every fourth made of two kinds."""
    made = []
    for index in range(count):
        text = GENERATORS[index % len(GENERATORS)](rng)
        if index % 4 == 3:
            text += rng.choice(GENERATORS)(rng)
        made.append(text)
    return made
