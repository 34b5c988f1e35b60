"""A long streamed answer outlives SIGTERM, whichever way the sidecar is told to end.

By hand, as long as a generation may take in production:
    LAMINA_MESH_STREAM_SECONDS=60 make test-integration PYTEST_ARGS="Tests/Integration/mesh/test_drain.py"
"""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests
from lamina_server import LaminaServer, StartServer, wait_until
from pilot_agent import terminate
from pods import CallerPod, ServerPod, StartCaller, StartPod
from streaming import LONG_REQUEST, ChatStream, Transcript, chat

SECONDS = float(os.environ.get("LAMINA_MESH_STREAM_SECONDS", "5"))
# Istio's terminationDrainDuration and MINIMUM_DRAIN_DURATION, 5 s if nobody says otherwise: far less than an answer.
DRAIN_SECONDS = SECONDS / 10
# Until then the server takes new connections, so that a test can ask what it computes after the sidecar has gone.
DRAIN_DELAY = str(round(DRAIN_SECONDS) + 4)
# An answer may take longer than SECONDS: each token takes longer than the one before.
GRACE_SECONDS = 60 + 3 * SECONDS
CUT_SHORT = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)

pytestmark = pytest.mark.timeout(2 * GRACE_SECONDS)


@dataclass
class LongAnswer:
    """An answer on its way through the mesh, and the same one on its way past it."""

    through_mesh: Future[Transcript]
    past_mesh: Future[Transcript]
    tokens: int

    def require_complete(self) -> None:
        arrived, sent = self.through_mesh.result(), self.past_mesh.result()
        assert arrived.is_done and arrived.error is None, arrived.error
        assert arrived.finish_reason == "length"
        assert arrived.events[-1]["usage"]["completion_tokens"] == self.tokens
        assert arrived.text == sent.text


@pytest.fixture
def slow_server(start_server: StartServer, slow: tuple[str, ...]) -> LaminaServer:
    return start_server(*slow, "--drain-delay", DRAIN_DELAY, "--drain-timeout", str(round(GRACE_SECONDS)))


@pytest.fixture
def pod(slow_server: LaminaServer, start_pod: StartPod) -> ServerPod:
    return start_pod(slow_server)


@pytest.fixture
def caller(pod: ServerPod, start_caller: StartCaller) -> CallerPod:
    return start_caller(pod)


@pytest.fixture
def answer(pod: ServerPod, caller: CallerPod):
    """One that has begun, and goes on for SECONDS or somewhat longer."""
    begin = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: chat(pod.app, {**LONG_REQUEST, "max_tokens": 100}), range(2)))
    tokens = round(100 / (time.monotonic() - begin) * SECONDS)
    request = {**LONG_REQUEST, "max_tokens": tokens, "stream_options": {"include_usage": True}}
    streams = [ChatStream(caller, request), ChatStream(pod.app, request)]
    for stream in streams:
        stream.read_until_text()
    with ThreadPoolExecutor(2) as pool:
        yield LongAnswer(*(pool.submit(stream.read_to_end) for stream in streams), tokens)


def test_a_native_sidecar_outlives_the_server(pod: ServerPod, answer: LongAnswer):
    """An init container that restarts always: kubelet ends it when the server has ended."""
    pod.app.process.send_signal(signal.SIGTERM)
    wait_until(lambda: pod.agent.probe("readyz") == 503, "the kubelet sees that the server stops")
    assert pod.agent.probe("livez") == 200, "or the kubelet would kill it"
    assert not answer.through_mesh.done()
    answer.require_complete()
    assert pod.app.wait() == 0
    assert pod.sidecar.is_running


def test_a_classic_sidecar_waits_for_its_connections(pod: ServerPod, caller: CallerPod, answer: LongAnswer):
    """An ordinary container, told with EXIT_ON_ZERO_ACTIVE_CONNECTIONS: both get SIGTERM at the same moment."""
    pod.app.process.send_signal(signal.SIGTERM)
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(terminate, pod.sidecar, DRAIN_SECONDS, GRACE_SECONDS)
        answer.require_complete()
        assert pod.app.wait() == 0
        # The caller's sidecar keeps its connection until an answer on it says that it ends.
        assert caller.get("/v1/models").status_code == 503
        ended.result()
    assert not pod.sidecar.is_running


def test_a_classic_sidecar_that_does_not_wait_cuts_it_off(pod: ServerPod, answer: LongAnswer):
    """Why the chart has to set that: no server can save the answer. It must stop computing it, though."""
    pod.app.process.send_signal(signal.SIGTERM)
    terminate(pod.sidecar, DRAIN_SECONDS)
    with pytest.raises(CUT_SHORT):
        answer.through_mesh.result()
    wait_until(lambda: pod.app.metric("lamina_requests_running") == 1, "only the other one is being computed")
    pod.app.process.send_signal(signal.SIGTERM)
    assert pod.app.wait() == 0
