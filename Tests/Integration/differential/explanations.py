"""The disagreements that are understood, from disagreements.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from outcome import Disagreement, Refused, Step

TABLE = Path(__file__).with_name("disagreements.toml")


@dataclass(frozen=True)
class Explanation:
    """Why a kind of disagreement is right. Regular expressions narrow it down; an absent one takes everything."""

    why: str
    peers: tuple[str, ...]
    ours: str
    theirs: str
    our_words: str = ""
    their_words: str = ""
    input: str = ""

    def covers(self, disagreement: Disagreement) -> bool:
        return (
            disagreement.peer in self.peers
            and disagreement.kinds == (self.ours, self.theirs)
            and _says(disagreement.ours, self.our_words)
            and _says(disagreement.theirs, self.their_words)
            and re.search(self.input.encode("latin-1"), disagreement.data, re.DOTALL) is not None
        )


def _says(step: Step, words: str) -> bool:
    return not words or (isinstance(step, Refused) and re.search(words, step.text) is not None)


def explanations() -> list[Explanation]:
    entries = tomllib.loads(TABLE.read_text())["disagreement"]
    return [Explanation(**{**entry, "peers": tuple(entry["peers"])}) for entry in entries]
