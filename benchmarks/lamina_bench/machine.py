"""What machine this is, and how quiet it is."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import resource
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .paths import REPOSITORY

TICKS = os.sysconf("SC_CLK_TCK")
# Processor time of others, in cores, above which a measurement counts as disturbed.
DISTURBED_CORES = 0.08
CALIBRATION_BYTES = 16 << 20


def machine_facts() -> dict[str, object]:
    """The facts without which a number says nothing."""
    model = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    facts: dict[str, object] = {
        "processor": model[1].strip() if model else platform.processor(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": int(memory[1]) * 1024 if memory else 0,
        "kernel": platform.release(),
    }
    try:
        said = subprocess.run(["lscpu"], capture_output=True, text=True, timeout=20).stdout
        for key in ("L1d cache", "L2 cache", "L3 cache", "Hypervisor vendor", "CPU family", "Model"):
            found = re.search(rf"^{key}:\s+(.+)$", said, re.MULTILINE)
            if found:
                facts[key.lower().replace(" ", "_")] = found[1]
    except (OSError, subprocess.TimeoutExpired):
        facts["lscpu"] = "not available"
    return facts


def machine_name(facts: dict[str, object]) -> str:
    """A short name for file names, e.g. amd-epyc-2."""
    words = re.findall(r"[a-z0-9]+", str(facts["processor"]).lower())
    return "-".join([*words[:4], str(facts["cores"])])


def commit() -> str:
    """The checkout's commit, with -dirty where files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    return done.stdout.strip() or "unknown"


def file_hash(path: Path) -> str:
    """The first half of a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def calibrate() -> list[float]:
    """Milliseconds for the same piece of work on each core in turn: a core that is shared or slowed takes longer."""
    mine = os.sched_getaffinity(0)
    data = bytes(CALIBRATION_BYTES)
    times = []
    try:
        for core in sorted(mine):
            os.sched_setaffinity(0, {core})
            started = time.perf_counter()
            hashlib.sha256(data).digest()
            times.append(round((time.perf_counter() - started) * 1000, 2))
    finally:
        os.sched_setaffinity(0, mine)
    return times


def processor_seconds() -> tuple[float, float]:
    """Seconds that all cores together have worked, and that the hypervisor has taken away, since the start."""
    fields = [int(text) for text in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _, _, interrupts, soft, stolen = fields
    return (user + nice + system + interrupts + soft) / TICKS, stolen / TICKS


def own_seconds() -> float:
    """Seconds that this process and all children it has waited for have computed."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@dataclass(frozen=True)
class Quietness:
    """Who else used the processors during a measurement, in cores."""

    others_cores: float
    stolen_cores: float
    load: float

    @property
    def is_disturbed(self) -> bool:
        return self.others_cores + self.stolen_cores > DISTURBED_CORES

    def as_json(self) -> dict[str, float]:
        return asdict(self)


class QuietnessMeter:
    """From its making to `read`; all processes of the measurement must have ended, and been waited for, by then."""

    def __init__(self) -> None:
        self._time, self._own = time.monotonic(), own_seconds()
        self._busy, self._stolen = processor_seconds()

    def read(self) -> Quietness:
        busy, stolen = processor_seconds()
        seconds = max(time.monotonic() - self._time, 1e-3)
        others = max(0.0, (busy - self._busy) - (own_seconds() - self._own))
        return Quietness(
            others_cores=round(others / seconds, 3),
            stolen_cores=round((stolen - self._stolen) / seconds, 3),
            load=os.getloadavg()[0],
        )


def wait_until_quiet(patience: float) -> None:
    """Waits for a second in which nobody else computes, for at most `patience` seconds; for 0 it does not look."""
    if patience <= 0:
        return
    deadline = time.monotonic() + patience
    while True:
        meter = QuietnessMeter()
        time.sleep(1)
        if not meter.read().is_disturbed or time.monotonic() > deadline:
            return
