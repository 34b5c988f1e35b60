"""Fetches the distribution's promtool into the virtual environment and prints its path.

The package `prometheus` is unpacked, not installed: installing it would start a service nobody asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "prometheus"


def promtool_path() -> Path:
    """The promtool binary, fetched on the first call; raises RuntimeError where that cannot be done."""
    installed = shutil.which("promtool")
    if installed:
        return Path(installed)
    path = Path(sys.prefix) / "share" / "promtool"
    if not path.is_file():
        _fetch(path)
    return path


def _fetch(path: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise RuntimeError("there is no promtool on the PATH, and this is no Debian or Ubuntu")
    with tempfile.TemporaryDirectory() as folder:
        result = _download(folder)
        if result.returncode != 0 and os.geteuid() == 0:
            # A fresh machine has no package lists, or old ones.
            subprocess.run(["apt-get", "update"], capture_output=True, check=False)
            result = _download(folder)
        package = next(Path(folder).glob("*.deb"), None)
        if result.returncode != 0 or package is None:
            raise RuntimeError(f"cannot download the package {PACKAGE}: {result.stderr.strip()}")
        subprocess.run(["dpkg-deb", "--extract", str(package), folder], check=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Renamed into place when whole: an interrupted run leaves no half a program.
        partial = path.with_suffix(".partial")
        shutil.copy(Path(folder) / "usr/bin/promtool", partial)
        partial.rename(path)


def _download(folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, capture_output=True, text=True)


if __name__ == "__main__":
    try:
        print(promtool_path())
    except RuntimeError as error:
        sys.exit(str(error))
