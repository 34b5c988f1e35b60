"""A limit of processor time, as a container's CPU limit is one: a cgroup with a CFS quota."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 100_000


class NoQuota(Exception):
    """This machine does not let us make such a cgroup; the message says why."""


@contextlib.contextmanager
def cpu_quota(cores: float) -> Iterator[Path]:
    """A cgroup of that many cores; yields the file into which a process writes its id to enter it."""
    group = _make_group(cores)
    try:
        yield group / "cgroup.procs"
    finally:
        _remove(group)


def enter(processes: Path) -> None:
    """Puts the calling process into the group."""
    processes.write_text(str(os.getpid()))


def _make_group(cores: float) -> Path:
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own |= dict.fromkeys(controllers.split(","), path)
    quota = int(cores * PERIOD_MICROSECONDS)
    name = f"lamina-benchmark-{os.getpid()}"
    tried = []
    # Version 2 has one tree, version 1 one for each controller.
    for mount, path, version in ((ROOT, own.get("", "/"), 2), (ROOT / "cpu", own.get("cpu", "/"), 1)):
        group = mount / path.lstrip("/") / name
        settings = {"cpu.max": f"{quota} {PERIOD_MICROSECONDS}"}
        if version == 1:
            settings = {"cpu.cfs_period_us": str(PERIOD_MICROSECONDS), "cpu.cfs_quota_us": str(quota)}
        if not (mount / ("cgroup.controllers" if version == 2 else "cgroup.procs")).exists():
            tried.append(f"no cgroup v{version} at {mount}")
            continue
        try:
            group.mkdir()
        except OSError as error:
            tried.append(f"cgroup v{version}: {error}")
            continue
        try:
            for file, value in settings.items():
                if not (group / file).exists():
                    raise NoQuota(f"cgroup v{version}: the controller cpu is not delegated (no {file})")
                (group / file).write_text(value)
            return group
        except (OSError, NoQuota) as error:
            tried.append(str(error))
            _remove(group)
    reasons = "; ".join(tried)
    raise NoQuota(f"a CFS quota needs a cgroup that this user may make, and limiters of other kinds differ: {reasons}")


def _remove(group: Path) -> None:
    """Removes a group; its last process may take a moment to leave it."""
    for _ in range(100):
        try:
            group.rmdir()
            return
        except OSError:
            time.sleep(0.05)
