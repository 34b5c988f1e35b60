"""A client that goes away frees its sequence at once."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lamina_server import LaminaServer, wait_until
from streaming import SLOW, ChatStream, chat


@pytest.fixture(scope="module")
def server(binary: Path) -> Iterator[LaminaServer]:
    """A slow server: nothing may end by itself before it is aborted."""
    server = LaminaServer(binary, *SLOW)
    yield server
    server.stop()


def _cancelled(server: LaminaServer) -> float:
    return server.metric("lamina_requests_finished_total", reason="cancelled")


def _wait_until_idle(server: LaminaServer) -> None:
    wait_until(lambda: server.metric("lamina_requests_running") == 0, "lamina_requests_running is 0", seconds=5)
    wait_until(lambda: server.metric("lamina_requests_waiting") == 0, "lamina_requests_waiting is 0", seconds=5)
    wait_until(lambda: server.metric("lamina_kv_cache_usage_ratio") == 0, "the KV cache is free", seconds=5)


def test_an_aborted_stream_is_cancelled(server: LaminaServer, long_request: dict):
    before = _cancelled(server)
    stream = ChatStream(server, long_request)
    stream.read_until_text()
    stream.abort()
    wait_until(lambda: _cancelled(server) == before + 1, "one more request counts as cancelled", seconds=5)
    _wait_until_idle(server)


def test_an_aborted_stream_generates_no_further_tokens(server: LaminaServer, long_request: dict):
    stream = ChatStream(server, long_request)
    stream.read_until_text()
    stream.abort()
    _wait_until_idle(server)
    tokens = server.metric("lamina_generation_tokens_total")
    # A whole other request is an event to wait for: the aborted one must not have moved the counter beside it.
    chat(server, {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0, "max_tokens": 2})
    wait_until(lambda: server.metric("lamina_generation_tokens_total") >= tokens + 2, "two tokens are counted")
    assert server.metric("lamina_generation_tokens_total") == tokens + 2


def test_a_reset_connection_is_cancelled(server: LaminaServer, long_request: dict):
    before = _cancelled(server)
    body = json.dumps({**long_request, "stream": True}).encode()
    connection = server.connect()
    connection.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    received = b""
    while b'"content":"' not in received.replace(b" ", b""):
        piece = connection.recv(4096)
        assert piece, f"the connection ended after {received!r}"
        received += piece
    # No lingering: close() sends RST instead of FIN, as a killed client's machine does.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    wait_until(lambda: _cancelled(server) == before + 1, "one more request counts as cancelled", seconds=5)
    _wait_until_idle(server)


def test_a_client_that_leaves_before_its_answer_is_cancelled(server: LaminaServer, long_request: dict):
    before = _cancelled(server)
    body = json.dumps(long_request).encode()
    connection = server.connect()
    connection.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    wait_until(lambda: server.metric("lamina_requests_running") == 1, "the request is running")
    connection.close()
    wait_until(lambda: _cancelled(server) == before + 1, "one more request counts as cancelled", seconds=5)
    _wait_until_idle(server)


def test_many_aborts_at_once_leak_nothing(server: LaminaServer, long_request: dict):
    before = _cancelled(server)

    def abort(_: int) -> None:
        stream = ChatStream(server, long_request)
        stream.read_until_text()
        stream.abort()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(abort, range(40)))
    _wait_until_idle(server)
    assert _cancelled(server) == before + 40
    answer = chat(
        server, {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
    )
    assert "Paris" in answer.text


def test_an_abort_does_not_disturb_the_others(server: LaminaServer, long_request: dict):
    request = {**long_request, "max_tokens": 200}
    alone = chat(server, request)
    with ThreadPoolExecutor(1) as pool:
        victims = [ChatStream(server, long_request) for _ in range(3)]
        for victim in victims:
            victim.read_until_text()
        survivor = pool.submit(chat, server, request)
        for victim in victims:
            victim.abort()
        assert survivor.result().text == alone.text
    _wait_until_idle(server)
