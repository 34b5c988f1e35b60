"""Each bad request gets the right 4xx in OpenAI's error shape, and the server goes on."""

from __future__ import annotations

import json

import pytest
from lamina_server import LaminaServer
from raw_http import exchange, post
from requests import Response

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"
MESSAGES = [{"role": "user", "content": "Hello!"}]


@pytest.fixture(autouse=True)
def the_server_goes_on(server: LaminaServer):
    """After each bad request the server still answers a good one."""
    yield
    answer = server.post(CHAT, {"messages": MESSAGES, "temperature": 0, "max_tokens": 3})
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]


def refusal(response: Response, status: int) -> dict:
    """The error object of a refusal in OpenAI's shape."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert error["type"]
    return error


MALFORMED = {
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "no target": (b"GET\r\n\r\n", {400}),
    "no version": (b"GET /health\r\n\r\n", {400, 505}),
    "unknown version": (b"GET /health HTTP/3.7\r\nHost: a\r\n\r\n", {400, 505}),
    "lower-case version": (b"GET /health http/1.1\r\nHost: a\r\n\r\n", {400, 505}),
    "a method that is no token": (b"G@T /health HTTP/1.1\r\nHost: a\r\n\r\n", {400, 501}),
    "NUL in the target": (b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a way out of the root": (b"GET /v1/../health HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}),
    "no Host": (b"GET /health HTTP/1.1\r\n\r\n", {400}),
    "two Hosts": (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}),
    "a header without a colon": (b"GET /health HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n", {400}),
    "a header without a name": (b"GET /health HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", {400}),
    "a space in a header's name": (b"GET /health HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n", {400}),
    "a space before the colon": (b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n", {400}),
    "a folded header": (b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", {400}),
    "NUL in a header": (b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", {400}),
    "a bare CR in a header": (b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", {400}),
    "a target beyond any limit": (b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {400, 414, 431}),
    "a header beyond any limit": (b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", {431}),
    "headers without end": (b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 20_000 + b"\r\n", {431}),
}

SMUGGLING = {
    "length and chunked": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "two lengths in one": b"Content-Length: 5, 6\r\n\r\nhello!",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a signed length": b"Content-Length: +5\r\n\r\nhello",
    "a hexadecimal length": b"Content-Length: 0x5\r\n\r\nhello",
    "a length with a space inside": b"Content-Length: 5 5\r\n\r\nhello",
    "an empty length": b"Content-Length: \r\n\r\n",
    "a length beyond 64 bits": b"Content-Length: 99999999999999999999\r\n\r\nhello",
    "an unknown coding": b"Transfer-Encoding: gzip\r\n\r\nhello",
    "chunked is not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a disguised chunked": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is no number": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a negative chunk size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
    "a chunk size beyond 64 bits": b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
    "a chunk without its CRLF": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_http(server: LaminaServer, name: str):
    request, statuses = MALFORMED[name]
    assert exchange(server, request).status in statuses


@pytest.mark.parametrize("name", SMUGGLING)
def test_smuggled_framing(server: LaminaServer, name: str):
    head = b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    response = exchange(server, head + SMUGGLING[name])
    assert response.status in {400, 413, 501}
    assert response.headers.get("connection", "").lower() == "close", "the framing is lost: nothing may follow"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"messages": [}',
        b'{"messages": []} trailing',
        b"{'messages': []}",
        b'{"messages": "\xff\xfe"}',
        b'{"prompt": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"prompt": "\\u12"}',
        b'{"prompt": "a\nb"}',
    ],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
def test_invalid_json(server: LaminaServer, path: str, body: bytes):
    response = exchange(server, post(path, body))
    assert response.status == 400, response.body
    assert set(json.loads(response.body)["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true"])
def test_json_that_is_no_object(server: LaminaServer, body: str):
    assert exchange(server, post(CHAT, body.encode())).status == 400


WRONG_TYPES = [
    (CHAT, "messages", "text"),
    (CHAT, "messages", {"role": "user"}),
    (CHAT, "messages", []),
    (CHAT, "model", 5),
    (CHAT, "stream", "yes"),
    (CHAT, "max_tokens", "ten"),
    (CHAT, "max_tokens", 1.5),
    (CHAT, "max_tokens", -1),
    (CHAT, "max_tokens", 10**30),
    (CHAT, "max_completion_tokens", -1),
    (CHAT, "temperature", "hot"),
    (CHAT, "temperature", -0.1),
    (CHAT, "top_p", 2),
    (CHAT, "top_p", -1),
    (CHAT, "top_k", "many"),
    (CHAT, "min_p", 7),
    (CHAT, "seed", "seven"),
    (CHAT, "stop", 5),
    (CHAT, "stop", [1, 2]),
    (CHAT, "stream_options", "usage"),
    (COMPLETIONS, "prompt", {"text": "a"}),
    (COMPLETIONS, "prompt", 5),
    (COMPLETIONS, "max_tokens", -7),
    (COMPLETIONS, "max_tokens", True),
    (COMPLETIONS, "temperature", [1]),
    (COMPLETIONS, "stop", {"a": "b"}),
]


@pytest.mark.parametrize(("path", "field", "value"), WRONG_TYPES)
def test_a_wrong_value_is_a_400_that_names_the_field(server: LaminaServer, path: str, field: str, value: object):
    good = {"messages": MESSAGES} if path == CHAT else {"prompt": "Hello"}
    error = refusal(server.post(path, {**good, field: value}), 400)
    assert error["param"].partition("[")[0] == field  # stop[0]: an element of it
    assert field in error["message"]


@pytest.mark.parametrize(("path", "field"), [(CHAT, "messages"), (COMPLETIONS, "prompt")])
def test_a_missing_field_is_named(server: LaminaServer, path: str, field: str):
    assert refusal(server.post(path, {"max_tokens": 1}), 400)["param"] == field


@pytest.mark.parametrize(
    "message", ["text", {}, {"role": 5, "content": "a"}, {"role": "user", "content": 5}, {"content": "a"}]
)
def test_a_wrong_message_is_located(server: LaminaServer, message: object):
    error = refusal(server.post(CHAT, {"messages": [*MESSAGES, message]}), 400)
    assert error["param"].startswith("messages")
    assert "1" in error["param"], "the second message is at fault"


def test_unknown_fields_are_ignored(server: LaminaServer):
    body = {"messages": MESSAGES, "max_tokens": 1, "no_such_field": {"a": [1]}, "user": "somebody"}
    assert server.post(CHAT, body).status_code == 200


@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
def test_a_prompt_longer_than_the_context(server: LaminaServer, path: str):
    text = "word " * 5000
    body = {"messages": [{"role": "user", "content": text}]} if path == CHAT else {"prompt": text}
    error = refusal(server.post(path, body), 400)
    assert error["code"] == "context_length_exceeded"
    numbers = [int(word) for word in "".join(c if c.isdigit() else " " for c in error["message"]).split()]
    assert 1024 in numbers, "the limit"
    assert any(number >= 5000 for number in numbers), "what was asked"


def test_a_body_over_the_limit(start_server):
    server = start_server("--max-body", "10000")
    body = json.dumps({"prompt": "a" * 20_000}).encode()
    assert exchange(server, post(COMPLETIONS, body)).status == 413
    # Announced only: refused before a byte of it is sent.
    head = post(COMPLETIONS, b"").replace(b"Content-Length: 0", b"Content-Length: 20000")
    assert exchange(server, head).status == 413
    # Chunked: the length shows only while it is read.
    head = b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    chunk = b"%x\r\n" % 1000 + b"a" * 1000 + b"\r\n"
    assert exchange(server, head + b"\r\n\r\n" + chunk * 20 + b"0\r\n\r\n").status == 413
    assert server.post(COMPLETIONS, {"prompt": "Hello", "max_tokens": 1}).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_a_wrong_content_type(server: LaminaServer, content_type: str):
    response = exchange(server, post(CHAT, b'{"messages": []}', f"Content-Type: {content_type}"))
    assert response.status == 415
    assert "application/json" in json.loads(response.body)["error"]["message"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_spellings_of_the_content_type(server: LaminaServer, content_type: str):
    body = json.dumps({"messages": MESSAGES, "max_tokens": 1}).encode()
    assert exchange(server, post(CHAT, body, f"Content-Type: {content_type}")).status == 200


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/chat", "/healthz/deeper", "/v1/models/a/b"])
def test_an_unknown_route(server: LaminaServer, path: str):
    refusal(server.get(path), 404)


@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
def test_an_unknown_model(server: LaminaServer, path: str):
    good = {"messages": MESSAGES} if path == CHAT else {"prompt": "Hello"}
    error = refusal(server.post(path, {**good, "model": "no-such-model"}), 404)
    assert error["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, "POST"),
        ("GET", COMPLETIONS, "POST"),
        ("DELETE", CHAT, "POST"),
        ("POST", "/v1/models", "GET"),
        ("PUT", "/health", "GET"),
        ("PATCH", "/metrics", "GET"),
    ],
)
def test_a_wrong_method(server: LaminaServer, method: str, path: str, allowed: str):
    request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode()
    response = exchange(server, request)
    assert response.status == 405
    assert allowed in [name.strip() for name in response.headers["allow"].split(",")]


def test_head_has_the_headers_and_no_body(server: LaminaServer):
    response = exchange(server, b"HEAD /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", has_body=False)
    assert response.status == 200
    assert response.headers["content-type"].startswith("application/json")


def test_options_names_the_methods(server: LaminaServer):
    response = exchange(server, f"OPTIONS {CHAT} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert response.status in (200, 204, 405)
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("request_id", ["abc-123", "6f1f2c1e-0d2b-4f6e-9a30-2d6f0c1d9c11"])
def test_a_refusal_carries_the_request_id(server: LaminaServer, request_id: str):
    response = server.get("/v1/nothing", headers={"x-request-id": request_id})
    assert response.headers["x-request-id"] == request_id
    assert server.get("/v1/nothing").headers["x-request-id"]
