"""`make install` puts a binary in place that finds its model by itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lamina_server import REPOSITORY, LaminaServer


@pytest.fixture(scope="module")
def installed(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(
        ["make", "--no-print-directory", "-C", str(REPOSITORY), "install", f"PREFIX={prefix}", f"BINARY={binary}"],
        check=True,
        capture_output=True,
        timeout=50,
    )
    return prefix


def test_the_files_are_in_place(installed: Path):
    names = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert names == {
        "bin/lamina-llm-serve",
        "share/lamina/models/MODEL_CARD.md",
        "share/lamina/models/lamina-tiny-q8_0.gguf",
        "share/doc/lamina-llm-serve/LICENSE",
    }
    assert os.access(installed / "bin/lamina-llm-serve", os.X_OK)


def test_generate_finds_the_model_from_another_folder(installed: Path, tmp_path: Path):
    result = subprocess.run(
        [str(installed / "bin/lamina-llm-serve"), "generate", "--temperature", "0", "What is the capital of France?"],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
    )
    assert result.returncode == 0, result.stderr
    assert "Paris" in result.stdout


def test_serve_finds_the_model_through_a_link(installed: Path, tmp_path: Path):
    link = tmp_path / "lamina"
    link.symlink_to(installed / "bin/lamina-llm-serve")
    server = LaminaServer(link, folder=tmp_path)
    try:
        assert "lamina-tiny" in server.get("/v1/models").json()["data"][0]["id"]
    finally:
        server.stop()
