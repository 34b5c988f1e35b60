"""What Envoy lets through the server takes too: long heads, callers of HTTP/2, ends set by the mesh."""

from __future__ import annotations

import httpx2
import pytest
import requests
from lamina_server import StartServer, wait_until
from pods import CallerPod, ServerPod, StartCaller, StartPod
from streaming import LONG_REQUEST, ChatStream

CAPITAL = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
# Envoy's own limits: a head of 60 KiB, 100 fields. Those that the sidecars add count, too.
HEAD_BYTES = 59 * 1024
FIELDS = 85


def test_a_head_as_long_as_envoy_takes_it_is_taken(caller: CallerPod):
    assert caller.get("/v1/models", headers={"x-long": "a" * HEAD_BYTES}).status_code == 200
    many = {f"x-field-{number}": "a" for number in range(FIELDS)}
    assert caller.get("/v1/models", headers=many).status_code == 200
    many = {f"x-field-{number}": "a" * (HEAD_BYTES // FIELDS - 20) for number in range(FIELDS)}
    assert caller.get("/v1/models", headers=many).status_code == 200


def test_a_longer_one_is_refused_by_envoy(pod: ServerPod, caller: CallerPod):
    """So that the limit of the server is never the narrower one."""
    before = pod.sidecar.statistic("cluster.application.upstream_rq_total")
    assert caller.get("/v1/models", headers={"x-long": "a" * (61 * 1024)}).status_code == 431
    assert caller.get("/v1/models", headers={f"x-{number}": "a" for number in range(101)}).status_code == 431
    assert pod.sidecar.statistic("cluster.application.upstream_rq_total") == before


def test_a_caller_of_http_2_is_answered(pod: ServerPod, caller: CallerPod):
    with httpx2.Client(base_url=caller.url, http1=False, http2=True, timeout=20) as client:
        answer = client.post("/v1/chat/completions", json=CAPITAL)
        assert answer.http_version == "HTTP/2"
        assert "Paris" in answer.json()["choices"][0]["message"]["content"]
        with client.stream("POST", "/v1/chat/completions", json={**CAPITAL, "stream": True}) as stream:
            lines = [line for line in stream.iter_lines() if line]
        assert lines[-1] == "data: [DONE]"
    # From sidecar to sidecar it was HTTP/2 as well; the server speaks HTTP/1.1, which appProtocol: http tells Envoy.
    assert caller.sidecar.statistic("cluster.servers.upstream_cx_http2_total") > 0
    assert pod.sidecar.statistic("cluster.application.upstream_cx_http2_total") == 0


def test_a_body_of_megabytes_arrives(caller: CallerPod):
    """Longer than Envoy's buffers: it must not need to hold it."""
    answer = caller.post("/v1/chat/completions", {**CAPITAL, "metadata": {"note": "a" * (4 << 20)}})
    assert answer.status_code == 200


def test_the_meshs_timeout_ends_the_computation_too(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    """A VirtualService's timeout cuts streams off, whatever they say meanwhile: the chart sets none."""
    server = start_server(*slow)
    caller = start_caller(start_pod(server), timeout="1.5s")
    stream = ChatStream(caller, {**LONG_REQUEST, "max_tokens": 8000})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        stream.read_to_end()
    assert stream.transcript.text and not stream.transcript.is_done
    wait_until(lambda: server.metric("lamina_requests_running") == 0, "nobody computes what nobody reads")
