"""Envoy sends each replica as much as its load reports say it can take.

By hand, what that is good for (minutes; prints the figures):
    LAMINA_MESH_MEASURE=1 make test-integration PYTEST_ARGS="Tests/Integration/mesh/test_load_reports.py -s"
"""

from __future__ import annotations

import os
import re
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from lamina_server import LaminaServer, StartServer, wait_until
from pods import CallerPod, StartCaller, StartPod
from streaming import LONG_REQUEST, ChatStream, chat

PLACES = 10
# Places that are taken at each replica.
LOADS = (2, 4, 8)
REQUESTS = 600
WEIGHTED = {
    "load_balancing_policy": {
        "policies": [
            {
                "typed_extension_config": {
                    "name": "envoy.load_balancing_policies.client_side_weighted_round_robin",
                    "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.load_balancing_policies."
                        "client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin",
                        # Istio has no field for it: an EnvoyFilter sets it, with times of many seconds.
                        "blackout_period": "0.5s",
                        "weight_update_period": "0.1s",
                        "weight_expiration_period": "30s",
                    },
                }
            }
        ]
    }
}
REPORT = re.compile(r"TEXT application_utilization=([\d.]+), rps_fractional=([\d.]+)")
# A request that costs the server nothing, so that it does not change what it asks about.
ASKS = {"endpoint-load-metrics-format": "text"}


@pytest.fixture
def replicas(start_server: StartServer, slow: tuple[str, ...]) -> list[LaminaServer]:
    flags = (*slow, "--max-sequences", str(PLACES), "--load-report", "on-request")
    return [start_server(*flags, "--model-name", f"replica-{number}") for number in range(len(LOADS))]


def _ask(caller: CallerPod) -> tuple[str, float]:
    """Which replica has answered, and the weight that its report gives it."""
    answer = caller.get("/v1/models", headers=ASKS)
    report = REPORT.fullmatch(answer.headers["endpoint-load-metrics"])
    assert report, answer.headers["endpoint-load-metrics"]
    return answer.json()["data"][0]["id"], float(report[2]) / float(report[1])


def _until_weights_count(caller: CallerPod) -> None:
    """Until Envoy has had reports for long enough, everybody gets a third."""

    def are_shared_unevenly() -> bool:
        return max(Counter(_ask(caller)[0] for _ in range(30)).values()) > 13

    wait_until(are_shared_unevenly, "Envoy uses the reports")


def test_requests_are_shared_by_weight(replicas: list[LaminaServer], start_pod: StartPod, start_caller: StartCaller):
    caller = start_caller(*(start_pod(replica) for replica in replicas), destination=WEIGHTED)
    endless = {**LONG_REQUEST, "max_tokens": 3000}
    loads = list(zip(replicas, LOADS, strict=True))
    streams = [ChatStream(replica, endless) for replica, load in loads for _ in range(load)]
    for stream in streams:
        stream.read_until_text()
    assert [replica.metric("lamina_requests_running") for replica in replicas] == list(LOADS)
    _until_weights_count(caller)
    weights: dict[str, list[float]] = defaultdict(list)
    for _ in range(REQUESTS):
        name, weight = _ask(caller)
        weights[name].append(weight)
    for stream in streams:
        stream.abort()
    means = {name: sum(seen) / len(seen) for name, seen in weights.items()}
    for name, seen in sorted(weights.items()):
        expected = REQUESTS * means[name] / sum(means.values())
        print(f"{name}: {len(seen)} of {REQUESTS}, {expected:.0f} by its reports")
        assert abs(len(seen) - expected) <= 0.1 * expected


@contextmanager
def _others_ask(server: LaminaServer, places: int) -> Iterator[None]:
    """So many callers of the replica's own keep asking it for long answers."""
    stopping = threading.Event()

    def ask() -> None:
        while not stopping.is_set():
            chat(server, {**LONG_REQUEST, "max_tokens": 100})

    with ThreadPoolExecutor(max(1, places)) as pool:
        askers = [pool.submit(ask) for _ in range(places)]
        wait_until(lambda: server.metric("lamina_requests_running") == places, "they ask")
        yield
        stopping.set()
        for asker in askers:
            asker.result()


def _time_to_first_token(caller: CallerPod) -> float:
    begin = time.monotonic()
    stream = ChatStream(caller, {**LONG_REQUEST, "max_tokens": 2})
    stream.read_until_text()
    elapsed = time.monotonic() - begin
    stream.read_to_end()
    return elapsed


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    "LAMINA_MESH_MEASURE" not in os.environ, reason="measures time: by hand, with LAMINA_MESH_MEASURE=1"
)
def test_first_tokens_come_sooner_than_by_turns(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    """One of three replicas is full, by callers of its own: by turns, each third request waits there for a place."""
    taken = (0, 1, 4)
    flags = (*slow, "--max-sequences", "4", "--load-report", "always")
    replicas = [start_server(*flags) for _ in taken]
    pods = [start_pod(replica) for replica in replicas]
    p95 = {}
    with _others_ask(replicas[1], taken[1]), _others_ask(replicas[2], taken[2]):
        for name, destination in (("by turns", {}), ("by weight", WEIGHTED)):
            caller = start_caller(*pods, destination=destination)
            # The first ones come before Envoy uses the reports.
            with ThreadPoolExecutor(4) as pool:
                times = list(pool.map(lambda _, caller=caller: _time_to_first_token(caller), range(100)))[30:]
            p95[name] = statistics.quantiles(times, n=20)[-1]
            print(f"{name}: time to first token p50 {statistics.median(times):.3f} s, p95 {p95[name]:.3f} s")
    assert p95["by weight"] < p95["by turns"]
