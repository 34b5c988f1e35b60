"""The real binary starts with the arguments and the environment that the chart gives it, and serves."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from certificates import Authority, Certificate
from charts import Charts, one, pods
from lamina_server import MODELS
from variants import VARIANTS

SERVER = VARIANTS["lamina-llm-serve"]
# A model for which the arguments of every variant are enough memory and none too much.
MODEL = {"source": "existingClaim", "existingClaim": "models", "file": "lamina-tiny-q8_0.gguf"}
KEY = "a-key-for-this-test"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """What is mounted into the pod, and where it is here."""
    authority = Authority(tmp_path / "authority")
    own = authority.issue(names="DNS:localhost,IP:127.0.0.1")
    client = authority.issue(names="URI:spiffe://cluster.local/ns/agents/sa/planner")
    (tmp_path / "api-keys").mkdir()
    (tmp_path / "api-keys/keys").write_text(f"helm:{KEY}\n")
    (tmp_path / "identity").mkdir()
    (tmp_path / "identity/policy").write_text(SERVER["mutual tls"]["identity"]["policy"])
    (tmp_path / "run").mkdir()
    for folder, name, path in (
        ("tls", "tls.crt", own.certificate),
        ("tls", "tls.key", own.key),
        ("client-ca", "ca.crt", authority.root.certificate),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(path.read_bytes())
    return {
        "/etc/lamina": tmp_path,
        "/models": MODELS,
        "/run/lamina": tmp_path / "run",
        "client certificate": client.certificate,
        "client key": client.key,
    }


def arguments(charts: Charts, values: dict, files: dict[str, Path]) -> list[str]:
    """The container's arguments, with the paths and the address of this test in place of the pod's."""
    container = next(pods(charts.render("lamina-llm-serve", {**values, "tests": {"enabled": False}})))[1]["containers"][
        0
    ]
    found = [argument for argument in container["args"][1:] if not argument.startswith(("--host=", "--port="))]
    for path in ("/etc/lamina", "/models", "/run/lamina"):
        found = [argument.replace(f"={path}/", f"={files[path]}/") for argument in found]
    return found


def test_it_reads_the_manifest_as_rendered(charts: Charts, start_server, files: dict[str, Path]):
    """Names, quotes and numbers survive the way through Helm's YAML and the server's."""
    values = SERVER["several models"]["model"]
    manifest = {
        name: {**model, "file": file}
        for (name, model), file in zip(
            values["manifest"].items(), ("lamina-tiny-f16.gguf", "lamina-tiny-q8_0.gguf"), strict=True
        )
    }
    rendered = {"model": {**values, "manifest": manifest}}
    text = one(charts.render("lamina-llm-serve", rendered), "ConfigMap", "lamina-llm-serve-models")["data"]["models.yaml"]
    # The model's own context is shorter than what the variant asks for.
    text = text.replace(": 1048576", ": 512").replace('"/models/', f'"{MODELS}/')
    folder = files["/etc/lamina"] / "models"
    folder.mkdir()
    (folder / "models.yaml").write_text(text)
    server = start_server(*arguments(charts, rendered, files))
    listed = {model["id"] for model in server.get("/v1/models").json()["data"]}
    assert listed >= {"large", "chat", "null", "a: b"}
    assert "KV cache" in server.output and "q8_0" in server.output
    assert "lamina-tiny-q8_0.gguf" in server.output
    assert "512 tokens" in server.output


@pytest.mark.parametrize("variant", ["defaults", "server", "istio, native sidecars", "istio, ambient"])
def test_it_starts_as_rendered(charts: Charts, start_server, files: dict[str, Path], variant: str):
    values = {**SERVER[variant], "model": MODEL}
    server = start_server(*arguments(charts, values, files), environment={"OTEL_TRACES_EXPORTER": "none"})
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = server.post("/v1/completions", {"prompt": "Once", "max_tokens": 1}, headers=headers)
    assert answer.status_code == 200, answer.text


def test_it_starts_with_mutual_tls_and_probes_over_its_socket(
    charts: Charts, binary: Path, start_server, files: dict[str, Path]
):
    values = {**SERVER["mutual tls"], "model": MODEL}
    server = start_server(
        *arguments(charts, values, files),
        verify=files["/etc/lamina"] / "client-ca/ca.crt",
        client_certificate=Certificate(files["client certificate"], files["client key"]),
    )
    assert server.post("/v1/completions", {"prompt": "Once", "max_tokens": 1}).status_code == 200
    container = next(pods(charts.render("lamina-llm-serve", values)))[1]["containers"][0]
    command = container["readinessProbe"]["exec"]["command"][1:]
    probe = [argument.replace("=/run/lamina/", f"={files['/run/lamina']}/") for argument in command]
    result = subprocess.run([str(binary), *probe], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
