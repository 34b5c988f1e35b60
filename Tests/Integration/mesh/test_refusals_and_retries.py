"""What a server that is full tells Envoy: whose fault it is decides whether another replica is asked."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lamina_server import LaminaServer, StartServer, wait_until
from pods import StartCaller, StartPod
from streaming import LONG_REQUEST, ChatStream, chat

# A VirtualService that retries all that may pass. Istio's own retries leave statuses alone.
EAGER = {"retry_on": "retriable-status-codes", "retriable_status_codes": [429, 503, 504], "num_retries": 2}
# An attempt after a refusal goes to a host that has not been asked.
ELSEWHERE = {
    "retry_host_predicate": [
        {
            "name": "previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": 5,
}
SHORT = {**LONG_REQUEST, "max_tokens": 4}


@contextmanager
def _full(server: LaminaServer, queued: int, user: str = "greedy") -> Iterator[None]:
    """One request is computed and so many wait, until the end of the context."""
    occupant = ChatStream(server, {**LONG_REQUEST, "user": user})
    occupant.read_until_text()
    with ThreadPoolExecutor(queued) as pool:
        waiting = [pool.submit(chat, server, {**SHORT, "user": user}) for _ in range(queued)]
        wait_until(lambda: server.metric("lamina_requests_waiting") == queued, f"{queued} requests wait")
        yield
        occupant.abort()
        assert all(one.result().is_done for one in waiting)


def test_a_greedy_tenant_is_not_helped_by_retries(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    server = start_server(*slow, "--max-sequences", "1", "--max-queue", "8", "--max-queue-per-tenant", "2")
    caller = start_caller(start_pod(server), retries=EAGER)
    with _full(server, queued=2):
        refused = caller.post("/v1/chat/completions", {**SHORT, "user": "greedy"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json()["error"]["code"] == "tenant_queue_full"
    assert server.metric("lamina_requests_rejected_total", reason="tenant_queue_full") == 1
    assert caller.sidecar.statistic("cluster.servers.upstream_rq_retry") == 0


def test_a_full_replica_sends_the_request_to_another(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    full, free = (start_server(*slow, "--max-sequences", "1", "--max-queue", "1") for _ in range(2))
    caller = start_caller(start_pod(full), start_pod(free), retries={**EAGER, **ELSEWHERE})
    with _full(full, queued=1):
        # Whichever comes first by turns, in two requests the full one is asked.
        answers = [caller.post("/v1/chat/completions", SHORT) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert full.metric("lamina_requests_rejected_total", reason="queue_full") >= 1
    assert caller.sidecar.statistic("cluster.servers.upstream_rq_retry_success") >= 1


def test_where_all_are_full_the_caller_learns_when_to_come_back(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    server = start_server(*slow, "--max-sequences", "1", "--max-queue", "1")
    caller = start_caller(start_pod(server), retries=EAGER)
    with _full(server, queued=1):
        refused = caller.post("/v1/chat/completions", SHORT)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json()["error"]["code"] == "queue_full"
    assert server.metric("lamina_requests_rejected_total", reason="queue_full") == 3
    assert server.metric("lamina_http_retried_requests_total") == 2


def test_what_has_no_time_left_is_not_tried_again(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    server = start_server(*slow)
    caller = start_caller(start_pod(server), retries=EAGER)
    late = caller.post("/v1/chat/completions", LONG_REQUEST, headers={"X-Request-Timeout-Ms": "5"})
    assert late.status_code == 504
    assert late.json()["error"]["code"] == "deadline_exceeded"
    assert caller.sidecar.statistic("cluster.servers.upstream_rq_retry") == 0
    assert server.metric("lamina_deadlines_exceeded_total") == 1
