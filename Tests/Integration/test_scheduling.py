"""Overload: preemption, tenants, priorities and deadlines, seen from outside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests
from lamina_server import LaminaServer, wait_until
from streaming import SLOW, ChatStream, chat


def _request(index: int, **changes) -> dict:
    return {
        "messages": [{"role": "user", "content": f"Tell me story number {index} about a fox named Ben."}],
        "temperature": 0.8,
        "seed": 100 + index,
        "max_tokens": 300,
        "ignore_eos": True,
        **changes,
    }


def _wait_until_idle(server: LaminaServer) -> None:
    for name in ("lamina_requests_running", "lamina_requests_waiting", "lamina_kv_cache_usage_ratio"):
        wait_until(lambda name=name: server.metric(name) == 0, f"{name} is 0", seconds=20)


def test_preempted_answers_are_the_same(server: LaminaServer, start_server):
    requests = [_request(index) for index in range(12)]
    alone = [chat(server, request).text for request in requests]
    # 3 MiB are 96 blocks, of which each of the twelve comes to need 20.
    small = start_server("--kv-cache-memory", "3M")
    barrier = Barrier(len(requests))

    def one(request: dict) -> str:
        barrier.wait(timeout=20)
        return chat(small, request).text

    with ThreadPoolExecutor(len(requests)) as pool:
        together = list(pool.map(one, requests))
    assert together == alone
    _wait_until_idle(small)
    assert small.metric("lamina_preemptions_total") > 0
    assert small.metric("lamina_recomputed_tokens_total") > 0
    assert server.metric("lamina_preemptions_total") == 0


def test_a_deadline_ends_a_stream_with_an_error(start_server):
    server = start_server(*SLOW)
    answer = server.post("/v1/chat/completions", _request(1, max_tokens=900), headers={"X-Request-Timeout-Ms": "5"})
    assert answer.status_code == 504
    assert answer.json()["error"]["code"] == "deadline_exceeded"
    assert answer.json()["error"]["type"] == "timeout_error"
    _wait_until_idle(server)
    assert server.metric("lamina_deadlines_exceeded_total") == 1
    bad = server.post("/v1/chat/completions", _request(1), headers={"X-Request-Timeout-Ms": "soon"})
    assert bad.status_code == 400
    assert bad.json()["error"]["param"] == "X-Request-Timeout-Ms"


def test_the_server_has_a_deadline_of_its_own(start_server, long_request: dict):
    server = start_server(*SLOW, "--request-timeout", "1", "--max-sequences", "4")

    def error_code(_: int) -> str | None:
        try:
            transcript = chat(server, long_request)
        except requests.HTTPError as refusal:
            # Its time was up in the queue: nothing had been sent yet.
            assert refusal.response.status_code == 504
            return refusal.response.json()["error"]["code"]
        assert transcript.is_done
        return transcript.error and transcript.error["code"]

    # More than a second's work for this server, however fast the machine is.
    with ThreadPoolExecutor(64) as pool:
        late = [code for code in pool.map(error_code, range(64)) if code]
    assert set(late) == {"deadline_exceeded"}
    _wait_until_idle(server)
    # Whether one is dropped in the queue or right after it is let in is a matter of a step.
    stages = ("submission", "waiting", "running")
    assert sum(server.metric("lamina_deadlines_exceeded_total", stage=stage) for stage in stages) == len(late)


def test_a_tenant_cannot_fill_the_queue(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "1", "--max-queue", "8", "--max-queue-per-tenant", "2")
    occupant = ChatStream(server, {**long_request, "user": "greedy"})
    occupant.read_until_text()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(chat, server, {**long_request, "max_tokens": 5, "user": "greedy"}) for _ in range(2)]
        wait_until(lambda: server.metric("lamina_requests_waiting") == 2, "two requests wait")
        refused = server.post("/v1/chat/completions", {**long_request, "user": "greedy"})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.headers["x-envoy-ratelimited"] == "true"
        assert refused.json()["error"]["code"] == "tenant_queue_full"
        assert " 2 requests" in f" {refused.json()['error']['message']}"
        modest = pool.submit(chat, server, {**long_request, "max_tokens": 5, "user": "modest"})
        wait_until(lambda: server.metric("lamina_waiting_tenants") == 2, "two tenants wait")
        occupant.abort()
        assert all(transcript.result().is_done for transcript in (*waiting, modest))
    assert server.metric("lamina_requests_rejected_total", reason="tenant_queue_full") == 1
    _wait_until_idle(server)


def test_the_urgent_overtake(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "1")
    occupant = ChatStream(server, long_request)
    occupant.read_until_text()
    order: list[int] = []

    def ask(priority: int) -> None:
        stream = ChatStream(server, {**long_request, "max_tokens": 600, "priority": priority})
        stream.read_until_text()
        order.append(priority)
        stream.read_to_end()

    with ThreadPoolExecutor(3) as pool:
        for count, priority in enumerate((5, 0, -5), start=1):
            pool.submit(ask, priority)
            wait_until(lambda count=count: server.metric("lamina_requests_waiting") == count, f"{count} wait")
        occupant.abort()
    assert order == [-5, 0, 5]


@pytest.mark.parametrize("salt", [None, "a"])
def test_cached_beginnings_are_shared_with_the_same_salt_only(server: LaminaServer, salt: str | None):
    request = _request(77, max_tokens=2, cache_salt=salt)
    request["messages"][0]["content"] += " Long ago there was a river." * 4

    def cached(**changes) -> int:
        usage = server.post("/v1/chat/completions", {**request, **changes}).json()["usage"]
        return usage["prompt_tokens_details"]["cached_tokens"]

    assert cached(seed=1) < 20, "at most the template's beginning"
    assert cached(seed=2) >= 32
    assert cached(cache_salt=f"other than {salt}") == 0
