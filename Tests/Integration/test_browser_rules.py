"""CORS and the headers that tell browsers what not to do."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import requests
from lamina_server import LaminaServer
from raw_http import exchange, post

PAGE = "https://chat.example.com"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
CHAT = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 2}


def _preflight(server: LaminaServer, origin: str) -> requests.Response:
    return requests.options(f"{server.url}/v1/chat/completions", headers={"Origin": origin, **PREFLIGHT}, timeout=20)


def test_a_page_of_an_allowed_origin_may_ask(start_server):
    server = start_server(
        "--cors-origin", PAGE, "--cors-origin", "http://localhost:3000", environment={"LAMINA_API_KEYS": "secret-1"}
    )
    for origin in (PAGE, "http://localhost:3000"):
        preflight = _preflight(server, origin)
        assert preflight.status_code == 204, "without a key"
        assert preflight.headers["Access-Control-Allow-Origin"] == origin
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
        answer = server.post(
            "/v1/chat/completions",
            {**CHAT, "stream": True},
            headers={"Origin": origin, "Authorization": "Bearer secret-1"},
        )
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "x-request-id" in answer.headers["Access-Control-Expose-Headers"]
    other = _preflight(server, "https://evil.example")
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other.headers


def test_the_environment_names_origins_too(start_server):
    server = start_server(environment={"LAMINA_CORS_ORIGINS": f"{PAGE}, https://b.example"})
    assert _preflight(server, PAGE).status_code == _preflight(server, "https://b.example").status_code == 204


def test_it_is_off_by_default(server: LaminaServer):
    headers = server.get("/v1/models", headers={"Origin": PAGE}).headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("origin", ["example.com", "https://example.com/", "null", "https://*.example.com"])
def test_an_origin_that_is_none_is_refused(binary: Path, origin: str):
    result = subprocess.run(
        [binary, "serve", "--port", "0", "--cors-origin", origin],
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ,
    )
    assert result.returncode != 0
    assert "is no origin" in result.stderr


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        post("/v1/chat/completions", b"{}"),
        post("/v1/chat/completions", json.dumps(CHAT).encode()),
        post("/v1/chat/completions", json.dumps(CHAT).encode(), "Transfer-Encoding: chunked"),
    ],
)
def test_every_answer_has_the_security_headers(server: LaminaServer, request_bytes: bytes):
    headers = exchange(server, request_bytes).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert "strict-transport-security" not in headers, "only over TLS"


def test_streams_are_not_stored_either(server: LaminaServer):
    response = server.post("/v1/chat/completions", {**CHAT, "stream": True})
    assert response.headers["Cache-Control"] == "no-store"
