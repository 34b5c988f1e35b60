"""Callers whose demands differ tenfold get equal shares of the tokens, as long as both have something to ask."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from lamina_server import wait_until
from pods import CallerPod, StartCaller, StartPod
from raw_http import RawConnection, post
from streaming import LONG_REQUEST, SLOW, chat

PLACES = 4
TOKENS = 60
MODEST_REQUESTS = 10
GREEDY_REQUESTS = 10 * MODEST_REQUESTS
REQUEST = {**LONG_REQUEST, "max_tokens": TOKENS, "stream": True}


def test_equal_shares_for_unequal_demands(start_istio_pod: StartPod, start_caller: StartCaller):
    pod = start_istio_pod(*SLOW, "--max-sequences", str(PLACES), "--max-queue", str(3 * GREEDY_REQUESTS))
    greedy, modest = start_caller(pod, account="greedy"), start_caller(pod, account="modest")

    def generated(caller: CallerPod) -> float:
        return pod.app.metric("lamina_caller_generation_tokens_total", caller=caller.workload.identity)

    with ExitStack() as greedy_ones, ThreadPoolExecutor(MODEST_REQUESTS) as threads:
        for _ in range(GREEDY_REQUESTS):
            connection = greedy_ones.enter_context(RawConnection(greedy))
            connection.send(post("/v1/chat/completions", json.dumps(REQUEST).encode()))
        many = GREEDY_REQUESTS // 2
        wait_until(lambda: pod.app.metric("lamina_requests_waiting") > many, "the greedy one fills the queue")
        modest_ones = [threads.submit(chat, modest, REQUEST) for _ in range(MODEST_REQUESTS)]
        # From here on both ask for more than there is.
        wait_until(lambda: pod.app.metric("lamina_waiting_tenants") == 2, "both wait")
        before = generated(greedy)
        assert all(one.result().is_done for one in modest_ones)
        share = generated(greedy) - before
        assert pod.app.metric("lamina_requests_waiting") > 0, "the greedy one had nothing left to ask"
    print(f"while {generated(modest):.0f} tokens went to the modest one, {share:.0f} went to the greedy one")
    assert generated(modest) == MODEST_REQUESTS * TOKENS
    # What was being computed at either end of that time counts for one or the other.
    assert abs(share - generated(modest)) <= PLACES * TOKENS
