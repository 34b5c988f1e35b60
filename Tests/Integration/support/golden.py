"""What models/golden.json says that the embedded model answers: the only place where tests learn it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from lamina_server import MODELS
from tokenizers import Tokenizer

# Nats between the best and the second-best token from which on every correct implementation chooses the same one,
# although the server quantizes activations and the golden run did not.
CLEAR_MARGIN = 0.1


@dataclass
class GoldenChat:
    """One chat whose greedy answer is beyond doubt."""

    messages: list[dict]
    prompt_tokens: int
    ids: list[int]
    answer: str
    is_finished: bool


@dataclass
class GoldenCompletion:
    """One plain prompt, and the tokens up to the first near-tie."""

    prompt: str
    prompt_tokens: int
    ids: list[int]
    continuation: str


@cache
def _golden() -> dict:
    return json.loads((MODELS / "golden.json").read_text())


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(MODELS / "tokenizer.json"))


def _decode(ids: list[int]) -> str:
    return _tokenizer().decode(ids, skip_special_tokens=True)


def chats(file: str = "q8_0") -> list[GoldenChat]:
    """The chats without tools whose every greedy step has a clear margin."""
    messages = {row["rendered"]: row["messages"] for row in _golden()["chat_template"] if not row["tools"]}
    return [
        GoldenChat(messages[row["prompt"]], len(row["prompt_ids"]), row["ids"], _decode(row["ids"]), row["finished"])
        for row in _golden()["greedy"][file]
        if row["gap"] > CLEAR_MARGIN and row["prompt"] in messages
    ]


def completions(file: str = "q8_0") -> list[GoldenCompletion]:
    """The prompts that are no chat, with their first tokens, as far as each has a clear margin."""
    result = []
    for row in _golden()["greedy"][file]:
        if row["prompt"].startswith("<|im_start|>"):
            continue
        ids = []
        for token, best in zip(row["ids"], row["top5"], strict=False):
            if best[0][1] - best[1][1] <= CLEAR_MARGIN:
                break
            ids.append(token)
        if ids:
            result.append(GoldenCompletion(row["prompt"], len(row["prompt_ids"]), ids, _decode(ids)))
    return result
