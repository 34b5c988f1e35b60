"""What proxies in front of the server need: heartbeats, refusals they understand, and load reports."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from lamina_server import LaminaServer, wait_until
from openai import OpenAI
from streaming import SLOW, ChatStream

CHAT = "/v1/chat/completions"
SHORT = {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0, "max_tokens": 2}
FORMAT = "endpoint-load-metrics-format"
REPORT = "endpoint-load-metrics"
TEXT = re.compile(r"TEXT application_utilization=([\d.]+), rps_fractional=([\d.]+)")
CROWD = 16


def _behind_a_crowd(server: LaminaServer, long_request: dict, *questions: Callable[[], object]) -> list:
    """Asks while others take the only place, one after the other, for a second and a half."""
    patience = {"X-Request-Timeout-Ms": "1500"}
    with ThreadPoolExecutor(CROWD + len(questions)) as pool:
        crowd = [pool.submit(server.post, CHAT, long_request, headers=patience) for _ in range(CROWD)]
        wait_until(lambda: server.metric("lamina_requests_waiting") >= CROWD - 2, "a crowd waits")
        answers = [pool.submit(question) for question in questions]
        assert 504 in {one.result().status_code for one in crowd}, "the crowd was too fast"
        return [answer.result() for answer in answers]


def test_a_stream_that_waits_is_kept_alive(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "1", "--heartbeat", "1")

    def raw_lines() -> list[str]:
        with requests.post(server.url + CHAT, json={**SHORT, "stream": True}, stream=True, timeout=20) as response:
            assert response.status_code == 200
            return list(response.iter_lines(decode_unicode=True))

    def chunks() -> list:
        with OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=50) as client:
            return list(client.chat.completions.create(model="lamina-tiny-f16", stream=True, **SHORT))

    lines, chunks = _behind_a_crowd(server, long_request, raw_lines, chunks)
    assert lines[0] == ": keep-alive"
    assert [line for line in lines if line][-1] == "data: [DONE]"
    assert chunks[0].choices[0].delta.role == "assistant", "clients do not see comments"
    assert chunks[-1].choices[0].finish_reason == "length"


def test_a_stream_whose_time_is_up_before_its_head_has_a_status(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "1")

    def late() -> requests.Response:
        return server.post(CHAT, {**SHORT, "stream": True}, headers={"X-Request-Timeout-Ms": "200"})

    (answer,) = _behind_a_crowd(server, long_request, late)
    assert answer.status_code == 504
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["x-envoy-ratelimited"] == "true"
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json()["error"]["code"] == "deadline_exceeded"


def test_a_full_replica_says_when_to_come_back(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "1", "--max-queue", "0", "--load-report", "always")
    occupant = ChatStream(server, long_request)
    occupant.read_until_text()
    refused = server.post(CHAT, {**SHORT, "stream": True})
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "queue_full"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "x-envoy-ratelimited" not in refused.headers, "another replica may have room"
    report = TEXT.fullmatch(refused.headers[REPORT])
    assert report, refused.headers[REPORT]
    assert float(report[1]) == 1
    occupant.abort()


def test_attempts_after_the_first_are_counted_and_logged(start_server):
    server = start_server("--log-format", "json")
    for attempt in ("1", "2", "3"):
        assert server.post(CHAT, SHORT, headers={"x-envoy-attempt-count": attempt}).status_code == 200
    assert server.metric("lamina_http_retried_requests_total") == 2

    def attempts() -> list[object]:
        lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
        return [line.get("attempt") for line in lines if line.get("path") == CHAT]

    wait_until(lambda: len(attempts()) == 3, "three log lines")
    assert attempts() == [None, 2, 3]


def test_as_many_headers_as_envoy_sends_are_taken(server: LaminaServer):
    many = {f"x-field-{number}": "value" for number in range(100)}
    assert server.get("/livez", headers=many).status_code == 200
    large = {f"x-field-{number}": "v" * 10_000 for number in range(6)}
    assert server.get("/livez", headers=large).status_code == 200
    assert server.get("/livez", headers={**large, "x-field-6": "v" * 10_000}).status_code == 431


@pytest.fixture(scope="module")
def reporter(server: LaminaServer) -> LaminaServer:
    """The shared server, which has something to report."""
    assert server.post(CHAT, SHORT).status_code == 200
    return server


def test_load_is_reported_where_it_is_asked(reporter: LaminaServer):
    for path in ("/v1/models", "/livez"):
        report = TEXT.fullmatch(reporter.get(path, headers={FORMAT: "text"}).headers[REPORT])
        assert report
        assert 0.01 <= float(report[1]) <= 1
        assert float(report[2]) > 0
        assert REPORT not in reporter.get(path).headers
        assert REPORT not in reporter.get(path, headers={FORMAT: "yaml"}).headers


def test_load_is_reported_in_json(reporter: LaminaServer):
    value = reporter.get("/v1/models", headers={FORMAT: "JSON"}).headers[REPORT]
    report = json.loads(value.removeprefix("JSON "))
    assert 0.01 <= report["application_utilization"] <= 1
    assert report["rps_fractional"] > 0
    assert report["named_metrics"] == {"kv_cache_usage_perc": 0, "num_requests_running": 0, "num_requests_waiting": 0}


def test_load_is_reported_in_protobuf(reporter: LaminaServer):
    value = reporter.get("/v1/models", headers={FORMAT: "bin"}).headers[REPORT]
    message = base64.b64decode(value.removeprefix("BIN "), validate=True)
    # Field 6 comes first and field 9 last, both doubles.
    first, rate = struct.unpack("<Bd", message[:9])
    last, utilization = struct.unpack("<Bd", message[-9:])
    assert (first, last) == (6 << 3 | 1, 9 << 3 | 1)
    assert rate > 0
    assert 0.01 <= utilization <= 1
    assert b"kv_cache_usage_perc" in message


def test_load_is_always_reported_where_that_is_said(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "4", environment={"LAMINA_LOAD_REPORT": "always"})
    streams = [ChatStream(server, long_request) for _ in range(2)]
    # Each is in the batch when its head goes out.
    reports = [TEXT.fullmatch(stream.response.headers[REPORT]) for stream in streams]
    assert float(reports[0][1]) >= 0.25
    assert float(reports[1][1]) >= 0.5
    assert TEXT.fullmatch(server.post(CHAT, SHORT).headers[REPORT])
    for path in ("/livez", "/metrics", "/v1/models"):
        assert REPORT not in server.get(path).headers
    for stream in streams:
        stream.abort()


def test_load_is_never_reported_where_that_is_said(start_server):
    server = start_server("--load-report", "off")
    answer = server.post(CHAT, SHORT, headers={FORMAT: "text"})
    assert answer.status_code == 200
    assert REPORT not in answer.headers
