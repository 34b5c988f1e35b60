"""What Prometheus sees."""

from __future__ import annotations

import pytest
from lamina_server import LaminaServer, wait_until
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from streaming import SLOW, ChatStream, chat

HELLO = {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0}

EXPECTED = {
    "lamina_requests_running": "gauge",
    "lamina_requests_waiting": "gauge",
    "lamina_kv_cache_usage_ratio": "gauge",
    "lamina_prompt_tokens": "counter",
    "lamina_generation_tokens": "counter",
    "lamina_requests_finished": "counter",
    "lamina_http_requests": "counter",
    "lamina_time_to_first_token_seconds": "histogram",
    "lamina_inter_token_latency_seconds": "histogram",
    "lamina_build_info": "gauge",
    "process_resident_memory_bytes": "gauge",
    "process_cpu_seconds": "counter",
    "process_open_fds": "gauge",
    "process_start_time_seconds": "gauge",
}


def test_the_text_format_parses_and_names_all(server: LaminaServer):
    chat(server, {**HELLO, "max_tokens": 4})
    response = server.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in parse_text(response.text)}
    assert {name: families[name].type for name in EXPECTED if name in families} == EXPECTED
    assert all(families[name].documentation for name in EXPECTED)
    assert not [name for name in families if name.startswith("lamina") and ":" in name]


def test_openmetrics_is_given_to_those_who_ask(server: LaminaServer):
    response = server.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"})
    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
    names = {family.name for family in parse_openmetrics(response.text)}
    assert set(EXPECTED) - {"lamina_build_info"} <= names
    assert names & {"lamina_build_info", "lamina_build"}


def test_the_text_format_has_no_eof(server: LaminaServer):
    assert "# EOF" not in server.get("/metrics", headers={"Accept": "text/plain"}).text


def test_tokens_are_counted(server: LaminaServer):
    names = ("lamina_prompt_tokens_total", "lamina_generation_tokens_total")
    before = [server.metric(name) for name in names]
    usage = server.post("/v1/chat/completions", {**HELLO, "max_tokens": 4}).json()["usage"]
    wait_until(lambda: server.metric(names[1]) >= before[1] + usage["completion_tokens"], "the tokens are counted")
    after = [server.metric(name) for name in names]
    assert after[0] - before[0] == usage["prompt_tokens"]
    assert after[1] - before[1] == usage["completion_tokens"]


@pytest.mark.parametrize(("max_tokens", "reason"), [(2, "length"), (200, "stop")])
def test_finished_requests_are_counted_by_reason(server: LaminaServer, max_tokens: int, reason: str):
    before = server.metric("lamina_requests_finished_total", reason=reason)
    assert chat(server, {**HELLO, "max_tokens": max_tokens}).finish_reason == reason
    wait_until(
        lambda: server.metric("lamina_requests_finished_total", reason=reason) == before + 1, f"one more {reason}"
    )


def test_latencies_are_observed(server: LaminaServer):
    first, between = "lamina_time_to_first_token_seconds", "lamina_inter_token_latency_seconds"
    before = (server.metric(f"{first}_count"), server.metric(f"{between}_count"))
    chat(server, {**HELLO, "max_tokens": 5})
    wait_until(lambda: server.metric(f"{first}_count") == before[0] + 1, "one first token")
    wait_until(lambda: server.metric(f"{between}_count") >= before[1] + 3, "the tokens after it")
    assert server.metric(f"{first}_sum") > 0
    assert server.metric(f"{first}_bucket", le="+Inf") == server.metric(f"{first}_count")


def test_http_requests_are_counted_by_route_not_by_path(server: LaminaServer):
    labels = {"method": "GET", "status": "404"}
    before = server.metric("lamina_http_requests_total", **labels)
    for path in ("/v1/nothing", "/v1/models/no-such-model", "/v1/models/no-other-model"):
        assert server.get(path).status_code == 404
    assert server.metric("lamina_http_requests_total", **labels) == before + 3
    assert "no-such-model" not in server.get("/metrics").text, "a path would make a series per client's whim"
    assert server.metric("lamina_http_requests_total", method="GET", route="/metrics", status="200") > 0


def test_running_shows_a_stream(start_server, long_request: dict):
    server = start_server(*SLOW)
    stream = ChatStream(server, long_request)
    stream.read_until_text()
    assert server.metric("lamina_requests_running") == 1
    assert 0 < server.metric("lamina_kv_cache_usage_ratio") <= 1
    stream.abort()
    wait_until(lambda: server.metric("lamina_requests_running") == 0, "no request is running")


def test_health_and_probes(server: LaminaServer):
    assert server.get("/health").json()["status"] == "ok"
    assert server.get("/livez").status_code == 200
    assert server.get("/readyz").status_code == 200


def test_build_info_names_the_version(server: LaminaServer):
    assert server.metric("lamina_build_info") == 1
    assert 'version="' in server.get("/metrics").text
