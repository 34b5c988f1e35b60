"""W3C trace context: the caller's trace id goes through to the response and the log."""

from __future__ import annotations

import json
import re

import pytest
from lamina_server import LaminaServer, wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
CHAT = {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0, "max_tokens": 2}


def _traceparent(headers: dict) -> tuple[str, str, str]:
    match = TRACEPARENT.fullmatch(headers["traceparent"])
    assert match, headers["traceparent"]
    return match[1], match[2], match[3]


@pytest.mark.parametrize("flags", ["01", "00"])
def test_the_trace_id_is_kept(server: LaminaServer, flags: str):
    response = server.get("/v1/models", headers={"traceparent": f"00-{TRACE}-{PARENT}-{flags}"})
    trace, span, answered = _traceparent(response.headers)
    assert trace == TRACE
    assert span != PARENT, "the server's own span is the parent of what follows"
    assert answered == flags


def test_a_stream_carries_it_too(server: LaminaServer):
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    response = server.post("/v1/chat/completions", {**CHAT, "stream": True}, headers=headers)
    assert _traceparent(response.headers)[0] == TRACE


def test_a_later_version_is_read_by_its_known_fields(server: LaminaServer):
    response = server.get("/health", headers={"traceparent": f"01-{TRACE}-{PARENT}-01-more"})
    assert _traceparent(response.headers)[0] == TRACE


@pytest.mark.parametrize(
    "value",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE[:-1]}g-{PARENT}-01",
    ],
)
def test_an_invalid_one_is_ignored_and_a_new_trace_begins(server: LaminaServer, value: str):
    response = server.get("/health", headers={"traceparent": value})
    assert response.status_code == 200
    trace, _, _ = _traceparent(response.headers)
    assert trace.lower() != TRACE.lower()
    assert int(trace, 16) != 0


def test_without_one_each_request_has_its_own_trace(server: LaminaServer):
    traces = {_traceparent(server.get("/health").headers)[0] for _ in range(5)}
    assert len(traces) == 5


def test_the_trace_id_and_request_id_are_in_the_json_log(start_server):
    server = start_server("--log-format", "json", "--log-level", "info")
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "request-of-the-test"}
    assert server.post("/v1/chat/completions", CHAT, headers=headers).status_code == 200

    def entries() -> list[dict]:
        lines = [line for line in server.output.splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines if TRACE in line]

    wait_until(entries, "a log line carries the trace id")
    assert any("request-of-the-test" in json.dumps(entry) for entry in entries())


@pytest.mark.parametrize("identifier", ["short", "6f1f2c1e-0d2b-4f6e-9a30-2d6f0c1d9c11"])
def test_the_request_id_is_echoed(server: LaminaServer, identifier: str):
    assert server.get("/health", headers={"x-request-id": identifier}).headers["x-request-id"] == identifier


def test_a_request_id_is_made_where_there_is_none(server: LaminaServer):
    identifiers = {server.get("/health").headers["x-request-id"] for _ in range(3)}
    assert len(identifiers) == 3
    # A UUID: Envoy takes anything else for a foreign id and samples no trace.
    assert all(re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", one) for one in identifiers)


def test_a_hostile_request_id_does_not_reach_the_headers(server: LaminaServer):
    response = server.get("/health", headers={"x-request-id": "a" * 5000})
    assert response.status_code == 200
    assert len(response.headers["x-request-id"]) < 500
