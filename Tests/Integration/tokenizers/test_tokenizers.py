"""Differential test: the server's tokenizers against the `tokenizers` and `sentencepiece` libraries.

Vocabularies are trained here, written as GGUF files and given to the real binary; thousands of random strings must
come out as the same tokens. `LAMINA_BINARY` names the binary, `LAMINA_TOKENIZER_STRINGS` the strings per vocabulary,
`LAMINA_TOKENIZER_SEED` repeats a run.
"""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

import random_text
from references import PRE_TOKENIZERS, BoundaryReference, ByteLevelReference, SentencePieceReference

REPOSITORY = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("LAMINA_BINARY", str(REPOSITORY / ".build/release/lamina-llm-serve"))
STRINGS = int(os.environ.get("LAMINA_TOKENIZER_STRINGS", "3000"))
SEED = int(os.environ.get("LAMINA_TOKENIZER_SEED", random.SystemRandom().randrange(1 << 32)))

SENTENCE_PIECE_MODELS = {
    "as Llama 2": {"split_digits": True},
    "without space prefix": {"add_dummy_prefix": False},
    "without byte fallback": {"byte_fallback": False},
    "removing extra whitespace": {"remove_extra_whitespaces": True},
    "with pieces across words": {"split_by_whitespace": False, "split_by_unicode_script": False},
    "with unused pieces": {"unused": True},
}


def encode(model: Path, texts: list[str], *options: str) -> list[list[int]]:
    """The tokens of every text, by the binary under test."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    command = [BINARY, "tokenize", "--model", str(model), "--json-lines", *options]
    run = subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def assert_same(texts: list[str], actual: list[list[int]], expected: list[list[int]]):
    assert len(actual) == len(texts)
    different = [i for i in range(len(texts)) if actual[i] != expected[i]]
    if different:
        shortest = min(different, key=lambda i: len(texts[i]))
        pytest.fail(
            f"{len(different)} of {len(texts)} strings differ (LAMINA_TOKENIZER_SEED={SEED}); the shortest:\n"
            f"text     {ascii(texts[shortest])}\nactual   {actual[shortest]}\nexpected {expected[shortest]}"
        )


@pytest.mark.parametrize("has_gaps", [False, True], ids=["all bytes", "missing bytes"])
@pytest.mark.parametrize("pre", PRE_TOKENIZERS)
def test_byte_level_bpe_equals_tokenizers(pre, has_gaps, tmp_path):
    rng = random.Random(SEED)
    reference = ByteLevelReference(pre, rng, has_gaps)
    reference.write(tmp_path / "model.gguf")
    texts = random_text.strings(rng, STRINGS)
    assert_same(texts, encode(tmp_path / "model.gguf", texts), reference.encode(texts, parsing_special=True))
    plain = encode(tmp_path / "model.gguf", texts, "--no-special")
    assert_same(texts, plain, reference.encode(texts, parsing_special=False))


@pytest.mark.parametrize("pre", PRE_TOKENIZERS)
def test_every_character_equals_tokenizers(pre, tmp_path):
    """The character classes agree: in planes 0 and 1, and for samples of the rest, which is CJK or unassigned."""
    reference = BoundaryReference(pre)
    reference.write(tmp_path / "model.gguf")
    stride = int(os.environ.get("LAMINA_TOKENIZER_STRIDE", "61"))
    values = [*range(0xD800), *range(0xE000, 0x20000), *range(0x20000, 0x110000, stride)]
    texts = []
    for start in range(0, len(values), 64):
        block = [chr(value) for value in values[start : start + 64]]
        texts += ["\n".join(around + c + around for c in block) for around in "a1! "]
    assert_same(texts, encode(tmp_path / "model.gguf", texts), reference.encode(texts, parsing_special=True))


@pytest.mark.parametrize("name", SENTENCE_PIECE_MODELS)
def test_sentence_piece_equals_sentencepiece(name, tmp_path):
    rng = random.Random(SEED)
    reference = SentencePieceReference(tmp_path, rng, **SENTENCE_PIECE_MODELS[name])
    reference.write(tmp_path / "model.gguf")
    texts = random_text.strings(rng, STRINGS)
    # The library never parses control symbols: they are for the caller to add.
    assert_same(texts, encode(tmp_path / "model.gguf", texts, "--no-special"), reference.encode(texts))
