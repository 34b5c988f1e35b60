"""Runs the scripts of infrastructure/ with stand-ins for the tools of clusters and containers."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
INFRASTRUCTURE = ROOT / "infrastructure"
STAND_IN = Path(__file__).parent / "stand_ins" / "stand-in"
TOOLS = ("helm", "kubectl", "colima", "docker", "curl")
ENVIRONMENTS = sorted(folder.name for folder in (INFRASTRUCTURE / "environments").iterdir())
# What only asks, in the calls of all tools.
QUESTIONS = ("version", " status ", " get ", "list", "config ", "image inspect", " ps ", "--dry-run=client", " wait ")


@dataclass
class Result:
    """One run of a script."""

    code: int
    output: str
    errors: str
    calls: list[str] = field(default_factory=list)

    @property
    def changes(self) -> list[str]:
        """The calls that change something."""
        return [call for call in self.calls if not any(question in call for question in QUESTIONS)]

    def installed(self) -> list[str]:
        """The components that helm was asked for, in order."""
        return [call.split()[3] for call in self.calls if call.startswith("helm upgrade --install ")]


class Installation:
    """A machine of its own for a test: stand-ins on the PATH, and a home, a state and a k3s folder."""

    def __init__(self, folder: Path, target: str):
        self.target = target
        self.folder = folder
        self.state = folder / "stand-in-state"
        self.bin = folder / "bin"
        self.k3s = folder / "k3s"
        if self.bin.exists():
            return
        for each in (self.state, self.bin, self.k3s, folder / "home"):
            each.mkdir()
        for tool in ("stand-in", *TOOLS):
            (self.bin / tool).symlink_to(STAND_IN)

    def copy(self, folder: Path) -> Installation:
        """Another machine in the same state."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Installation(folder, self.target)

    @property
    def lamina_state(self) -> Path:
        """What the scripts keep on this machine."""
        return self.folder / "home" / ".local" / "state" / "lamina"

    def run(self, action: str, *arguments: str, **environment: str) -> Result:
        """Runs `setup`, `teardown` or `status`."""
        log = self.state / "calls.log"
        log.unlink(missing_ok=True)
        script = INFRASTRUCTURE / "scripts" / "targets" / self.target / f"{action}.sh"
        done = subprocess.run(
            [str(script), *arguments],
            env={
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "HOME": str(self.folder / "home"),
                "STAND_IN_STATE": str(self.state),
                "LAMINA_K3S_CONFIGURATION": str(self.k3s),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        calls = log.read_text().splitlines() if log.exists() else []
        assert done.returncode != 97 and "does not know:" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr, calls)

    def releases(self) -> dict[str, str]:
        """What is installed, with its namespace."""
        return {path.name: path.parent.name for path in self.state.glob("releases/*/*")}

    def release(self, name: str) -> Path:
        """The file that stands for a release."""
        (path,) = self.state.glob(f"releases/*/{name}")
        return path

    def values(self, name: str) -> list[dict]:
        """The values files a release was installed with."""
        return [yaml.safe_load(path.read_text()) for path in sorted((self.state / "values" / name).iterdir())]


def components() -> list[str]:
    """The names in the table, in order."""
    return [line.split()[0] for line in component_lines()]


def component_lines() -> list[str]:
    """The rows of the table."""
    lines = (INFRASTRUCTURE / "components").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]
