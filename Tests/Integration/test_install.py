"""`make install` puts a binary in place that finds its model by itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lamina_server import REPOSITORY, LaminaServer


def install(binary: Path, prefix: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-C", str(REPOSITORY), "install", f"PREFIX={prefix}", f"BINARY={binary}"]
    return subprocess.run([*command, *variables], capture_output=True, text=True, timeout=50)


@pytest.fixture(scope="module")
def installed(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("prefix")
    result = install(binary, prefix)
    assert result.returncode == 0, result.stderr
    return prefix


def test_only_a_binary_of_the_given_instruction_set_is_installed(binary: Path, tmp_path: Path):
    version = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=50).stdout
    sets = ["x86-64-v3", "x86-64-v4", "arm64"]
    mine = next(name for name in sets if name in version)
    assert install(binary, tmp_path / mine, f"INSTRUCTION_SET={mine}").returncode == 0
    for other in sets:
        if other == mine:
            continue
        result = install(binary, tmp_path / other, f"INSTRUCTION_SET={other}")
        assert result.returncode != 0
        assert f"make build INSTRUCTION_SET={other}" in result.stderr
        assert not (tmp_path / other).exists()


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
