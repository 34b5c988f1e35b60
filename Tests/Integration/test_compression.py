"""gzip in both directions, as real clients speak it."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from lamina_server import LaminaServer
from openai import OpenAI
from prometheus_client.parser import text_string_to_metric_families
from raw_http import RawConnection, exchange, post
from streaming import SLOW

CHAT = "/v1/chat/completions"
REQUEST = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
# As Prometheus 3 asks.
SCRAPE = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}


def _get(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *headers]).encode() + b"\r\n\r\n"


def test_a_scrape_is_compressed(server: LaminaServer):
    raw = exchange(server, _get("/metrics", "Accept-Encoding: gzip"))
    assert raw.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in raw.headers["vary"].lower()
    text = gzip.decompress(raw.body).decode()
    assert len(raw.body) * 4 < len(text)
    assert any(family.name == "lamina_http_requests" for family in text_string_to_metric_families(text))
    response = server.get("/metrics", headers=SCRAPE)
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.text.endswith("# EOF\n")


@pytest.mark.parametrize("accepted", [None, "identity", "gzip;q=0", "br", "gzip;q=0.2, identity;q=0.8"])
def test_who_does_not_want_it_gets_none(server: LaminaServer, accepted: str | None):
    raw = exchange(server, _get("/metrics", *([f"Accept-Encoding: {accepted}"] if accepted is not None else [])))
    assert "content-encoding" not in raw.headers
    assert raw.body.startswith(b"# HELP")
    assert "accept-encoding" in raw.headers["vary"].lower()


def test_head_says_what_get_would(server: LaminaServer):
    with RawConnection(server) as connection:
        connection.send(_get("/metrics", "Accept-Encoding: gzip", method="HEAD"))
        response = connection.response(has_body=False)
        assert response.headers["content-encoding"] == "gzip"
        assert int(response.headers["content-length"]) > 0
        connection.send(_get("/health"))
        assert connection.response().status == 200, "no body came that belonged to HEAD"


def test_short_answers_are_left_alone(server: LaminaServer):
    response = server.get("/health", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


def test_events_are_left_alone_unless_asked_for(server: LaminaServer):
    body = json.dumps({**REQUEST, "stream": True}).encode()
    with RawConnection(server) as connection:
        connection.send(post(CHAT, body, "Accept-Encoding: gzip"))
        assert "content-encoding" not in connection.response(has_body=False).headers


def test_compressed_events_come_one_by_one(start_server, long_request: dict):
    server = start_server(*SLOW, "--gzip-events")
    headers = {"Accept-Encoding": "gzip"}
    with server.post(CHAT, {**long_request, "stream": True}, headers=headers, stream=True) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        decoder = zlib.decompressobj(31)
        text = ""
        while text.count("data: ") < 20:
            piece = response.raw.read1(4096, decode_content=False)
            assert piece, "the stream goes on"
            text += decoder.decompress(piece).decode()
        assert not decoder.eof, "the first events are read long before the last is written"
        assert server.metric("lamina_requests_running") == 1


def test_a_whole_compressed_stream_is_read_by_the_sdk(start_server):
    server = start_server("--gzip-events")
    with OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=50) as client:
        stream = client.chat.completions.create(model="lamina-tiny-q8_0", stream=True, **REQUEST)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert "Paris" in text


def test_it_can_be_switched_off(start_server):
    server = start_server("--no-gzip")
    assert "Content-Encoding" not in server.get("/metrics", headers=SCRAPE).headers


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_a_compressed_request_is_read(server: LaminaServer, coding: str):
    raw = exchange(server, post(CHAT, gzip.compress(json.dumps(REQUEST).encode()), f"Content-Encoding: {coding}"))
    assert raw.status == 200, raw.body
    assert "Paris" in json.loads(raw.body)["choices"][0]["message"]["content"]


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_another_coding_is_refused_and_gzip_offered(server: LaminaServer, coding: str):
    raw = exchange(server, post(CHAT, gzip.compress(b"{}"), f"Content-Encoding: {coding}"))
    assert raw.status == 415
    assert raw.headers["accept-encoding"] == "gzip"
    assert json.loads(raw.body)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b"{}")[:-1], gzip.compress(b"{}") + b"{}", b"\x1f\x8b"])
def test_what_is_not_gzip_is_refused(server: LaminaServer, body: bytes):
    assert exchange(server, post(CHAT, body, "Content-Encoding: gzip")).status == 400


def test_a_bomb_is_refused_and_costs_no_memory(start_server):
    server = start_server("--max-body", "1M")
    before = server.metric("process_resident_memory_bytes")
    bomb = gzip.compress(bytes(256 << 20), compresslevel=9)
    assert len(bomb) < 1 << 20
    for _ in range(5):
        raw = exchange(server, post(CHAT, bomb, "Content-Encoding: gzip"))
        assert raw.status == 413, raw.body
    assert server.metric("process_resident_memory_bytes") - before < 48 << 20
    inside = json.dumps({**REQUEST, "user": "x" * 200}).encode() + b" " * 900_000
    assert exchange(server, post(CHAT, gzip.compress(inside), "Content-Encoding: gzip")).status == 200
