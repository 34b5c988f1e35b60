"""Who may use the server, and what nobody gets to see."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from pathlib import Path

import openai
import pytest
from lamina_server import LaminaServer, wait_until
from openai import OpenAI

CHAT = "/v1/chat/completions"
REQUEST = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
ALICE, BOB = "alice-0123456789-secret", "bob-0123456789-secret"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.touch(mode=0o600)
    path.write_text(f"# who may\nalice:{ALICE}\nbob:sha256:{hashlib.sha256(BOB.encode()).hexdigest()}\n")
    return path


def _status(server: LaminaServer, key: str | None, path: str = "/v1/models") -> int:
    return server.get(path, headers={"Authorization": f"Bearer {key}"} if key else {}).status_code


def _client(server: LaminaServer, key: str) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0, timeout=50)


def test_the_sdk_is_let_in_with_a_key_and_told_without(start_server, key_file: Path):
    server = start_server("--api-key-file", str(key_file))
    for key in (ALICE, BOB):
        with _client(server, key) as client:
            answer = client.chat.completions.create(model="lamina-tiny-q8_0", **REQUEST)
            assert "Paris" in answer.choices[0].message.content
    with _client(server, "wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.models.list()
    assert caught.value.code == "invalid_api_key"
    assert caught.value.response.headers["WWW-Authenticate"] == 'Bearer realm="lamina"'
    wrong, missing = (server.get("/v1/models", headers=headers) for headers in ({"X-Api-Key": "wrong"}, {}))
    assert wrong.status_code == missing.status_code == 401
    assert wrong.content == missing.content
    assert server.get("/v1/models", headers={"X-Api-Key": BOB}).status_code == 200


def test_probes_and_metrics_need_none(start_server, key_file: Path):
    server = start_server("--api-key-file", str(key_file))
    for path in ("/livez", "/readyz", "/health", "/metrics"):
        assert _status(server, None, path) == 200
    assert _status(server, None, "/nowhere") == 401
    assert _status(server, ALICE, "/nowhere") == 404
    assert server.metric("lamina_http_requests_total", route="/v1/models", status="401") == 0
    _status(server, None)
    assert server.metric("lamina_http_requests_total", route="/v1/models", status="401") == 1


def test_metrics_can_be_protected(start_server):
    server = start_server("--protect-metrics", environment={"LAMINA_API_KEYS": f"alice:{ALICE},{BOB}"})
    assert _status(server, None, "/metrics") == 401
    assert _status(server, BOB, "/metrics") == 200


def test_keys_show_nowhere(start_server, key_file: Path):
    server = start_server(
        "--api-key-file",
        str(key_file),
        "--log-level",
        "trace",
        "--log-format",
        "json",
        environment={"LAMINA_API_KEYS": "env-secret-9"},
    )
    for key in (ALICE, BOB, "env-secret-9", "wrong-secret"):
        server.post(CHAT, REQUEST, headers={"Authorization": f"Bearer {key}", "X-Api-Key": key})
    wait_until(lambda: '"status":401' in server.output, "the last request is logged")
    for name in ("alice", "bob", "environment-key-1"):
        assert f'"api_key":"{name}"' in server.output
    metrics = server.get("/metrics").text
    arguments = Path(f"/proc/{server.process.pid}/cmdline").read_text()
    for text in (server.output, metrics, arguments):
        assert "secret" not in text
        assert hashlib.sha256(BOB.encode()).hexdigest() not in text


def test_a_changed_file_is_read_again(start_server, key_file: Path):
    server = start_server("--api-key-file", str(key_file))
    replacement = key_file.with_suffix(".new")
    replacement.write_text(f"carol:{BOB}-new\n")
    replacement.rename(key_file)
    wait_until(lambda: _status(server, f"{BOB}-new") == 200, "the new key is known", seconds=30)
    assert _status(server, ALICE) == 401


def test_a_signal_reads_it_at_once_and_a_wrong_file_changes_nothing(start_server, key_file: Path):
    server = start_server("--api-key-file", str(key_file))
    key_file.write_text(f"alice:{ALICE}\nno key at all\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "could not be reloaded" in server.output, "the failure is logged")
    assert f"{key_file}, line 2:" in server.output
    assert "no key at all" not in server.output
    assert server.metric("lamina_reloads_total", what="API keys", result="failed") == 1
    assert _status(server, ALICE) == _status(server, BOB) == 200
    key_file.write_text(f"alice:{ALICE}-2\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: _status(server, f"{ALICE}-2") == 200, "the mended file is read")
    assert _status(server, ALICE) == _status(server, BOB) == 401


@pytest.mark.parametrize(
    ("content", "flags", "environment", "message"),
    [
        ("", ("--api-key-file", "FILE"), {}, "names no API key"),
        ("a:b\n\nc d\n", ("--api-key-file", "FILE"), {}, "line 3: a key must have"),
        ("a:b\nb\n", ("--api-key-file", "FILE"), {}, "line 2: this key stands on line 1 already"),
        ("", ("--api-key-file", "FILE.none"), {}, "--api-key-file: @.none cannot be read: No such file"),
        ("", (), {"LAMINA_API_KEY_FILE": "FILE.none"}, "LAMINA_API_KEY_FILE: @.none cannot be read"),
        ("", (), {"LAMINA_API_KEYS": ""}, "LAMINA_API_KEYS names no API key"),
        ("", (), {"LAMINA_API_KEY_FILE": "FILE"}, "names no API key"),
        ("", ("--protect-metrics",), {}, "--protect-metrics needs keys"),
    ],
)
def test_it_does_not_start_with_keys_that_are_wrong(binary: Path, tmp_path: Path, content, flags, environment, message):
    path = tmp_path / "keys"
    path.write_text(content)
    arguments = [flag.replace("FILE", str(path)) for flag in flags]
    environment = {name: value.replace("FILE", str(path)) for name, value in environment.items()}
    result = subprocess.run(
        [binary, "serve", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **environment},
    )
    assert result.returncode != 0
    assert message.replace("@", str(path)) in result.stderr


def test_the_commands_send_a_key(binary: Path, start_server, key_file: Path):
    server = start_server("--api-key-file", str(key_file))
    for key, code in ((ALICE, 0), ("wrong", 1)):
        environment = {**os.environ, "LAMINA_API_KEY": key}
        health = [binary, "health", "--url", f"{server.url}/v1/models"]
        assert subprocess.run(health, env=environment, capture_output=True, timeout=30).returncode == code
        bench = [binary, "bench", "serve", "--url", server.url, "--requests", "1", "--output-tokens", "2"]
        result = subprocess.run(bench, env=environment, capture_output=True, text=True, timeout=60)
        assert result.returncode == code, result.stderr
