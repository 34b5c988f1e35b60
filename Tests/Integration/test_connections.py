"""HTTP/1.1 as well-behaved but unusual clients speak it."""

from __future__ import annotations

import json

from lamina_server import LaminaServer
from raw_http import RawConnection, exchange, post

CHAT = "/v1/chat/completions"
CAPITAL = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
BODY = json.dumps(CAPITAL).encode()
STREAMED = json.dumps({**CAPITAL, "stream": True}).encode()


def _text(body: bytes) -> str:
    return json.loads(body)["choices"][0]["message"]["content"]


def test_pipelined_requests_are_answered_in_order(server: LaminaServer):
    with RawConnection(server) as connection:
        connection.send(
            post(CHAT, BODY)
            + b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n"
            + b"GET /v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n"
            + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        first, second, third, fourth = (connection.response() for _ in range(4))
    assert "Paris" in _text(first.body)
    assert json.loads(second.body)["object"] == "list"
    assert third.status == 404
    assert json.loads(fourth.body)["status"] == "ok"


def test_a_request_may_come_byte_by_byte(server: LaminaServer):
    with RawConnection(server) as connection:
        for byte in post(CHAT, BODY):
            connection.send(bytes([byte]))
        assert "Paris" in _text(connection.response().body)


def test_a_chunked_body_is_read(server: LaminaServer):
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    )
    middle = len(BODY) // 2
    chunks = b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in (BODY[:middle], BODY[middle:]))
    response = exchange(server, head + b"\r\n\r\n" + chunks + b"0\r\nX-Trailer: a\r\n\r\n")
    assert "Paris" in _text(response.body)


def test_connection_close_is_honoured(server: LaminaServer):
    with RawConnection(server) as connection:
        connection.send(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert connection.response().headers["connection"] == "close"
        assert connection.is_closed()


def test_http_1_0_closes_and_streams_without_chunks(server: LaminaServer):
    with RawConnection(server) as connection:
        connection.send(post(CHAT, STREAMED).replace(b"HTTP/1.1", b"HTTP/1.0"))
        response = connection.response()
        assert response.status == 200
        assert "transfer-encoding" not in response.headers


def test_a_connection_serves_on_after_a_stream(server: LaminaServer):
    connection = server.connect()
    with connection:
        connection.sendall(post(CHAT, STREAMED))
        received = b""
        while not received.endswith(b"0\r\n\r\n"):
            received += connection.recv(4096)
        head, _, rest = received.partition(b"\r\n\r\n")
        assert b"text/event-stream" in head.lower()
        assert b"transfer-encoding: chunked" in head.lower()
        assert b"data: [DONE]" in rest
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_an_expectation_is_met(server: LaminaServer):
    head, _, _ = post(CHAT, BODY, "Expect: 100-continue").partition(b"\r\n\r\n")
    with RawConnection(server) as connection:
        connection.send(head + b"\r\n\r\n")
        assert connection.response(has_body=False).status == 100
        connection.send(BODY)
        assert "Paris" in _text(connection.response().body)


def test_many_connections_at_once(server: LaminaServer):
    connections = [RawConnection(server) for _ in range(200)]
    try:
        for connection in connections:
            connection.send(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert {connection.response().status for connection in connections} == {200}
    finally:
        for connection in connections:
            with connection:
                pass
