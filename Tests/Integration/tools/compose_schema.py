"""Fetches the schema of Compose files from the Python package index: a wheel of the first Compose carries it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "docker-compose==1.29.2"
MEMBER = "compose/config/compose_spec.json"


def compose_schema() -> dict:
    """The schema, fetched on the first call; raises RuntimeError where that cannot be done."""
    path = Path(sys.prefix) / "share" / "compose_spec.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_fetch())
    return json.loads(path.read_text())


def _fetch() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        result = subprocess.run([*command, "--dest", folder, PACKAGE], capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"cannot download {PACKAGE}: {result.stderr.strip()}")
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(MEMBER)
