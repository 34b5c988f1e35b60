"""A request must never meet a connection that the server closes: Envoy answers 503 (UC) for it, and nobody retries.

Whenever the server ends a connection of Envoy's pool, it has said so in an answer, or nobody could have been sending.
"""

from __future__ import annotations

import signal

from lamina_server import StartServer, wait_until
from pods import StartCaller, StartPod
from request_load import RequestLoad

REQUESTS = 10_000
CLIENTS = 32
MODELS = b"GET /v1/models HTTP/1.1\r\nHost: lamina\r\n\r\n"
# Whoever hides an error by a retry hides it from this test.
NO_RETRIES = {"retry_on": "connect-failure", "num_retries": 0}

# What a caller may see of a server that ends: Envoy found nobody who listens, or the server said no.
REFUSALS = ("remote connection failure", "shutting_down")


def test_ten_thousand_requests_meet_no_closed_connection(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller
):
    server = start_server("--max-connection-age", "1")
    pod = start_pod(server, retries=False)
    caller = start_caller(pod, retries=NO_RETRIES)

    def opened() -> int:
        return pod.sidecar.statistic("cluster.application.upstream_cx_total")

    def is_enough() -> bool:
        return load.total >= REQUESTS and opened() > 2 * CLIENTS

    with RequestLoad(caller, MODELS, CLIENTS) as load:
        wait_until(
            lambda: is_enough() or load.failures,
            f"{REQUESTS} answers, over so many connections that the server must have closed some",
            seconds=100,
        )
    assert load.failures == {}
    print(f"{load.total} requests, {opened()} connections of the sidecar to the server")
    assert pod.sidecar.statistic("cluster.application.upstream_rq_retry") == 0


def test_a_server_that_stops_breaks_off_no_request(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller
):
    """While its endpoint is being withdrawn it answers; then requests find nobody who listens, and may go elsewhere.

    None is lost on a connection that had been made.
    """
    server = start_server("--drain-delay", "2")
    pod = start_pod(server, retries=False)
    caller = start_caller(pod, retries=NO_RETRIES)
    with RequestLoad(caller, MODELS, CLIENTS) as load:
        wait_until(lambda: load.total >= 500, "500 answers", seconds=20)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: pod.agent.probe("readyz") == 503, "the kubelet sees that it stops", seconds=10)
        before = load.total
        assert load.failures == {}
        wait_until(lambda: load.total >= before + 200, "200 answers more", seconds=20)
        assert load.failures == {}
        assert server.wait() == 0, server.output
        wait_until(lambda: load.failures, "nobody listens", seconds=10)
    assert all(any(words in failure for words in REFUSALS) for failure in load.failures), load.failures
