"""Tokenizers of the reference libraries, trained here, and the same vocabularies written as GGUF files."""

import json
import random
from pathlib import Path

import gguf
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, trainers

import random_text

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")


def split(*patterns):
    steps = [pre_tokenizers.Split(Regex(pattern), behavior="isolated") for pattern in patterns]
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


# tokenizer.ggml.pre: what the tokenizer.json of such a model (for "default": llama.cpp) does before BPE
PRE_TOKENIZERS = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    "llama-bpe": split(LLAMA3),
    "qwen2": split(QWEN2),
    "smollm": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    ),
    "default": split(r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"),
}


class ByteLevelReference:
    """A byte-level BPE tokenizer of the `tokenizers` library. With `has_gaps` it lacks bytes its text did not have."""

    def __init__(self, pre: str, rng: random.Random, has_gaps: bool = False):
        self.pre = pre
        self.tokenizer = Tokenizer(models.BPE(ignore_merges=pre == "llama-bpe"))
        self.tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre]
        trainer = trainers.BpeTrainer(
            vocab_size=3000,
            show_progress=False,
            special_tokens=random_text.SPECIAL,
            initial_alphabet=[] if has_gaps else sorted(pre_tokenizers.ByteLevel.alphabet()),
        )
        self.tokenizer.train_from_iterator(random_text.training_text(rng), trainer)
        added = [AddedToken(text, special=False, normalized=False) for text in random_text.USER_DEFINED]
        self.tokenizer.add_tokens(added)

    def encode(self, texts: list[str], parsing_special: bool) -> list[list[int]]:
        self.tokenizer.encode_special_tokens = not parsing_special
        return [encoding.ids for encoding in self.tokenizer.encode_batch(texts, add_special_tokens=False)]

    def write(self, path: Path):
        vocabulary = self.tokenizer.get_vocab()
        tokens = sorted(vocabulary, key=vocabulary.get)
        types = {text: CONTROL for text in random_text.SPECIAL} | {text: USER_DEFINED for text in random_text.USER_DEFINED}
        merges = [" ".join(merge) for merge in self.merges()]
        write_gguf(path, "gpt2", tokens, [types.get(t, NORMAL) for t in tokens], pre=self.pre, merges=merges)

    def merges(self) -> list[list[str]]:
        return json.loads(self.tokenizer.to_str())["model"]["merges"]


class BoundaryReference(ByteLevelReference):
    """A byte-level BPE tokenizer that shows where words end.

    Every byte merges with a letter, a digit, a mark and a space on either side, so that a character that lands in
    another word than expected always gives other tokens. Trained merges would not: they know few characters.
    """

    def __init__(self, pre: str):
        self.pre = pre
        alphabet = [byte_character(byte) for byte in range(256)]
        neighbours = [byte_character(byte) for byte in b"a1! "]
        merges = [(neighbour, byte) for neighbour in neighbours for byte in alphabet]
        merges += [(byte, neighbour) for neighbour in neighbours for byte in alphabet if byte not in neighbours]
        vocabulary = {text: index for index, text in enumerate(alphabet + [left + right for left, right in merges])}
        self.tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, ignore_merges=pre == "llama-bpe"))
        self.tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre]


def byte_character(byte: int) -> str:
    """How GPT-2 writes a byte: as itself where Latin-1 prints it, else as one of the characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return chr(byte if byte in printable else 0x100 + sum(other not in printable for other in range(byte)))


class SentencePieceReference:
    """A BPE model of the `sentencepiece` library."""

    def __init__(self, directory: Path, rng: random.Random, unused: bool = False, **options):
        corpus = directory / "corpus.txt"
        lines = [line.replace("\n", " ").replace("\r", " ") for line in random_text.training_text(rng)]
        corpus.write_text("\n".join(lines), encoding="utf-8")
        self.options = {"byte_fallback": True, "add_dummy_prefix": True, "remove_extra_whitespaces": False} | options
        sentencepiece.SentencePieceTrainer.Train(
            input=str(corpus),
            model_prefix=str(directory / "model"),
            model_type="bpe",
            vocab_size=2400,
            hard_vocab_limit=False,
            normalization_rule_name="identity",
            control_symbols=random_text.SPECIAL,
            user_defined_symbols=[text for text in random_text.USER_DEFINED if " " not in text],
            allow_whitespace_only_pieces=True,
            num_threads=1,
            minloglevel=2,
            **self.options,
        )
        proto = (directory / "model.model").read_bytes()
        if unused:
            proto = with_unused_pieces(proto, rng)
        self.model = sentencepiece.SentencePieceProcessor(model_proto=proto)

    def encode(self, texts: list[str]) -> list[list[int]]:
        return [self.model.EncodeAsIds(text) for text in texts]

    def kind(self, token: int) -> int:
        tests = {UNKNOWN: "IsUnknown", CONTROL: "IsControl", UNUSED: "IsUnused", BYTE: "IsByte"}
        for kind, test in tests.items():
            if getattr(self.model, test)(token):
                return kind
        return USER_DEFINED if self.model.IdToPiece(token) in random_text.USER_DEFINED else NORMAL

    def write(self, path: Path):
        ids = range(self.model.GetPieceSize())
        write_gguf(
            path,
            "llama",
            [self.model.IdToPiece(i) for i in ids],
            [self.kind(i) for i in ids],
            scores=[self.model.GetScore(i) for i in ids],
            prefix=self.options["add_dummy_prefix"],
            folds=self.options["remove_extra_whitespaces"],
        )


def with_unused_pieces(proto: bytes, rng: random.Random) -> bytes:
    """A serialised ModelProto with a quarter of its normal pieces marked as unused.

    Field 1 repeats the pieces; in a piece, field 3 is the type, absent for a normal one.
    """

    def varint(position):
        value = shift = 0
        while True:
            byte = proto[position]
            value, shift, position = value | (byte & 0x7F) << shift, shift + 7, position + 1
            if byte < 0x80:
                return value, position

    made, position = b"", 0
    while position < len(proto):
        start = position
        tag, position = varint(position)
        assert tag & 7 == 2, "every field of ModelProto is a message"
        length, position = varint(position)
        field, position = proto[position : position + length], position + length
        text_length = field[1]
        is_normal = tag == 0x0A and len(field) == 2 + text_length + 5 and text_length < 0x80
        if is_normal and length + 2 < 0x80 and rng.randrange(4) == 0:
            made += bytes([tag, length + 2]) + field + b"\x18\x05"
        else:
            made += proto[start:position]
    return made


def write_gguf(path, model, tokens, types, pre=None, merges=None, scores=None, prefix=None, folds=None):
    """A GGUF file with nothing but a vocabulary."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(model)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    if pre is not None:
        writer.add_tokenizer_pre(pre)
    if merges is not None:
        writer.add_token_merges(merges)
    if scores is not None:
        writer.add_token_scores(scores)
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_unk_token_id(0)
    if prefix is not None:
        writer.add_add_space_prefix(prefix)
    if folds is not None:
        writer.add_remove_extra_whitespaces(folds)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
