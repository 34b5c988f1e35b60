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

    def plan(self, parts: list[str]) -> None:
        """Notes which parts are to be measured, so that a file tells whether its run was interrupted."""
        self.document["planned"] = parts

    def begin(self, part: str, identity: dict) -> dict:
        """The part's entry: the one begun before, unless it was measured with another binary or other settings."""
        entry = self.document["parts"].get(part)
        if entry is None or not belongs_to(entry, identity):
            entry = {**identity, "started": timestamp(), "samples": [], "failures": []}
            self.document["parts"][part] = entry
        entry.pop("finished", None)
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


def belongs_to(entry: dict, identity: dict) -> bool:
    """Whether a part was measured with this binary and these settings."""
    return all(entry.get(key) == value for key, value in identity.items())


def interrupted_results(folder: Path, ending: str, identity: dict, parts: list[str]) -> Path | None:
    """The newest file whose name ends so, where a run of the same parts with this binary and these settings was interrupted."""
    # Names begin with the date.
    for path in sorted(folder.glob(f"*{ending}"), reverse=True):
        try:
            document = read_document(path)
        except ValueError:
            continue
        mine = {name: entry for name, entry in document["parts"].items() if belongs_to(entry, identity)}
        is_finished = all("finished" in mine.get(name, {}) for name in parts)
        if mine and document.get("planned") == parts and not is_finished:
            return path
    return None


def timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
