"""Sidecars come and go, and their certificates change, under load: no request that was accepted is lost."""

from __future__ import annotations

import json

import pytest
import requests
from lamina_server import StartServer, wait_until
from pilot_agent import terminate
from pods import CallerPod, ServerPod, StartCaller, StartPod
from raw_http import post
from request_load import RequestLoad
from streaming import LONG_REQUEST, ChatStream, chat

SHORT_CHAT = post(
    "/v1/chat/completions",
    json.dumps({"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4, "temperature": 0}).encode(),
)
CLIENTS = 8
ANSWERS = 200


def _more_answers(load: RequestLoad) -> None:
    """Waits until the load has gone on for a while."""
    goal = load.total + ANSWERS
    wait_until(lambda: load.total >= goal or load.failures, f"{ANSWERS} answers", seconds=30)


def _contexts_made(pod: ServerPod | CallerPod) -> int:
    """How often its sidecar has taken certificates from the mesh."""
    inbound, outbound = "listener.inbound.server_ssl_socket_factory", "cluster.servers.client_ssl_socket_factory"
    factory = inbound if isinstance(pod, ServerPod) else outbound
    return pod.sidecar.statistic(f"{factory}.ssl_context_update_by_sds")


def test_rotated_certificates_lose_nothing(pod: ServerPod, start_caller: StartCaller):
    # Connections that last for ten requests, so that many are made with the old certificates and with the new ones.
    caller = start_caller(pod, requests_per_connection=10)
    with RequestLoad(caller, SHORT_CHAT, CLIENTS) as load:
        _more_answers(load)
        for side in (pod, caller):
            before = _contexts_made(side)
            side.workload.rotate()
            wait_until(lambda side=side, before=before: _contexts_made(side) > before, "the certificate is taken")
            _more_answers(load)
    assert load.failures == {}
    assert caller.sidecar.statistic("cluster.servers.upstream_cx_total") > load.total // 10 - CLIENTS


def test_a_sidecar_that_is_replaced_loses_nothing(pod: ServerPod, caller: CallerPod):
    """The new Envoy listens beside the old one, which takes nothing more, finishes and ends."""
    with RequestLoad(caller, SHORT_CHAT, CLIENTS) as load:
        _more_answers(load)
        old = pod.restart_sidecar()
        terminate(old, drain_seconds=0.5, grace_seconds=20)
        _more_answers(load)
    assert not old.is_running
    assert load.failures == {}


def test_a_sidecar_that_crashes_leaves_nothing_behind(
    start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]
):
    server = start_server(*slow)
    pod = start_pod(server)
    caller = start_caller(pod)
    stream = ChatStream(caller, LONG_REQUEST)
    stream.read_until_text()
    pod.sidecar.kill()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        stream.read_to_end()
    wait_until(lambda: server.metric("lamina_requests_running") == 0, "its requests are not computed any longer")
    pod.restart_sidecar()
    assert chat(caller, {**LONG_REQUEST, "max_tokens": 4}).is_done
    assert server.metric("lamina_kv_cache_usage_ratio") == 0
