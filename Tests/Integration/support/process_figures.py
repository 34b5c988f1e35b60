"""What a process takes of the machine, from /proc."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessFigures:
    """Descriptors and threads by number, and the resident memory that belongs to no file, in bytes."""

    descriptors: int
    threads: int
    anonymous_bytes: int

    @staticmethod
    def of(pid: int) -> ProcessFigures:
        status = Path(f"/proc/{pid}/status").read_text()
        found = dict(re.findall(r"^(Threads|RssAnon):\s+(\d+)", status, re.MULTILINE))
        descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        return ProcessFigures(descriptors, int(found["Threads"]), int(found["RssAnon"]) * 1024)
