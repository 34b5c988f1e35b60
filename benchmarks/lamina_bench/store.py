"""The results of a comparison as one JSON file, written anew after every measurement."""

from __future__ import annotations

import json
import time
from pathlib import Path

FORMAT = 1


class Results:
    """Machine, versions, and for each part the samples with the commit and binary they belong to."""

    def __init__(self, path: Path, document: dict):
        self.path = path
        self.document = document

    @staticmethod
    def open(path: Path, facts: dict) -> Results:
        """Continues the file if it is there; facts that hold for the whole file are brought up to date."""
        document: dict = {"format": FORMAT, "started": timestamp(), "parts": {}}
        if path.exists():
            document = read_document(path)
        document.update(facts)
        return Results(path, document)

    def begin(self, part: str, identity: dict) -> dict:
        """The part's entry: the one begun before, unless it was measured with another binary or other settings."""
        entry = self.document["parts"].get(part)
        if entry is None or any(entry.get(key) != value for key, value in identity.items()):
            entry = {**identity, "started": timestamp(), "samples": [], "failures": []}
            self.document["parts"][part] = entry
        entry["failures"] = []
        return entry

    def save(self) -> None:
        self.document["updated"] = timestamp()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".part")
        partial.write_text(json.dumps(self.document, indent=1) + "\n")
        partial.rename(self.path)


def read_document(path: Path) -> dict:
    """Raises ValueError, with the reason, for a file that is no result of these benchmarks."""
    try:
        document = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{path} is no result of these benchmarks of format {FORMAT}")
    return document


def timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
