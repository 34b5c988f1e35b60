"""Models by name: `--manifest`, the options beside it, and manifests that cannot be used."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from lamina_server import MODELS

MANIFEST = f"""\
# As the chart writes it.
models:
  tiny:
    path: {MODELS}/lamina-tiny-q8_0.gguf
    description: "the embedded model: demonstration only"
    aliases: [small, "the demo"]
    max_context: 512
    kv_type: q8_0
  smaller:
    path: smaller.gguf
defaults:
  conversational: tiny
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "smaller.gguf").symlink_to(MODELS / "lamina-tiny-q4_0.gguf")
    file = tmp_path / "models.yaml"
    file.write_text(MANIFEST)
    return file


def _context(server) -> int:
    return server.get("/v1/models").json()["data"][0]["max_model_len"]


def test_the_default_model_is_served_under_its_names_and_settings(start_server, manifest: Path) -> None:
    server = start_server("--manifest", str(manifest))
    assert server.get("/v1/models").json()["data"][0]["id"] == "tiny"
    assert _context(server) == 512
    assert re.search(r"KV cache [^,]* q8_0", server.output)
    for name in ("tiny", "small", "the demo"):
        answer = server.post("/v1/completions", {"model": name, "prompt": "Hello", "max_tokens": 1})
        assert answer.status_code == 200, answer.text
    assert server.post("/v1/completions", {"model": "smaller", "prompt": "Hello"}).status_code == 404


def test_a_model_is_chosen_by_name_and_lies_beside_the_manifest(start_server, manifest: Path) -> None:
    server = start_server("--model", "smaller", environment={"LAMINA_MANIFEST": str(manifest)})
    assert server.get("/v1/models").json()["data"][0]["id"] == "smaller"
    assert str(manifest.parent / "smaller.gguf") in server.output
    assert _context(server) == 1024


def test_an_alias_names_its_model(start_server, manifest: Path) -> None:
    server = start_server("--manifest", str(manifest), environment={"LAMINA_MODEL": "small"})
    assert server.get("/v1/models").json()["data"][0]["id"] == "tiny"


@pytest.mark.parametrize(
    ("arguments", "environment"), [(["--max-context", "256"], {}), ([], {"LAMINA_MAX_CONTEXT": "256"})]
)
def test_options_and_environment_win_over_the_manifest(
    start_server, manifest: Path, arguments: list[str], environment: dict[str, str]
) -> None:
    server = start_server("--manifest", str(manifest), "--model-name", "mine", *arguments, environment=environment)
    assert server.get("/v1/models").json()["data"][0]["id"] == "mine"
    assert _context(server) == 256


def test_a_file_that_the_manifest_does_not_name_may_be_served(start_server, manifest: Path) -> None:
    server = start_server("--manifest", str(manifest), "--model", str(MODELS / "lamina-tiny-q4_0.gguf"))
    assert _context(server) == 1024


def _refusal(binary: Path, *arguments: str) -> str:
    result = subprocess.run(
        [str(binary), "serve", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
        check=False,
    )
    assert result.returncode != 0
    return " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("models:\n  a:\n    path: a.gguf\n    colour: red\n", "line 4: model 'a' has no 'colour'; there are aliases,"),
        ("models:\n  a: &x\n    path: a.gguf\n", "line 2: anchors are not supported"),
        ("models:\n  a:\n    path: a.gguf\n  a:\n    path: b.gguf\n", "line 4: the key 'a' comes twice"),
        ("models:\n  a:\n    path: a.gguf\n  b:\n    path: b.gguf\n", "name one with --model (a, b)"),
        ("defaults:\n", "it lists no model"),
        (
            f"models:\n  a:\n    path: {MODELS}/lamina-tiny-q8_0.gguf\n    max_context: lots\n",
            "'max_context' of model 'a' must be 16 to 16777216, not 'lots'",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_with_its_line(
    binary: Path, tmp_path: Path, document: str, message: str
) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(document)
    refusal = _refusal(binary, "--manifest", str(file))
    assert message in refusal
    assert str(file) in refusal


def test_a_name_that_is_neither_model_nor_file_is_refused_with_what_there_is(binary: Path, manifest: Path) -> None:
    refusal = _refusal(binary, "--manifest", str(manifest), "--model", "large")
    assert f"--model 'large' is neither a file nor a model of {manifest}, which has tiny, smaller" in refusal


def test_the_repository_lists_its_own_models(start_server) -> None:
    server = start_server("--manifest", str(MODELS / "models.yaml"))
    assert server.get("/v1/models").json()["data"][0]["id"] == "lamina-tiny"
