"""Streams that have nothing to say yet outlive the mesh's limit on silence."""

from __future__ import annotations

import time

import pytest
import requests
from lamina_server import StartServer
from pods import CallerPod, StartCaller, StartPod
from streaming import LONG_REQUEST, ChatStream, chat

# Istio and Envoy: 5 minutes where a VirtualService or EnvoyFilter sets nothing else.
IDLE_SECONDS = 2
# A prompt takes longer to compute than silence is allowed, by this factor.
FACTOR = 2
WORD = " river"


def _prompt(words: int) -> dict:
    # Begins with its own number, so that nothing of one is cached for another.
    messages = [{"role": "user", "content": f"{words} times:" + WORD * words}]
    return {**LONG_REQUEST, "messages": messages, "max_tokens": 4}


def _long_prompt(caller: CallerPod) -> dict:
    """One that takes this server longer to compute than the mesh waits."""
    chat(caller, _prompt(8))
    begin = time.monotonic()
    chat(caller, _prompt(512))
    return _prompt(round(512 / (time.monotonic() - begin) * IDLE_SECONDS * FACTOR))


@pytest.fixture
def start_impatient(start_server: StartServer, start_pod: StartPod, start_caller: StartCaller, slow: tuple[str, ...]):
    def start(*flags: str) -> CallerPod:
        return start_caller(start_pod(start_server(*slow, *flags)), idle_timeout=f"{IDLE_SECONDS}s")

    return start


def test_a_long_prefill_is_not_cut_off(start_impatient):
    caller = start_impatient("--heartbeat", "1")
    begin = time.monotonic()
    stream = ChatStream(caller, _long_prompt(caller))
    stream.read_until_text()
    assert time.monotonic() - begin > IDLE_SECONDS, "the prompt was no longer than the mesh waits"
    assert stream.read_to_end().is_done


def test_without_heartbeats_it_is(start_impatient):
    """What they are for: the mesh ends a silent request."""
    caller = start_impatient("--heartbeat", "0")
    with pytest.raises(requests.HTTPError, match="408|504"):
        ChatStream(caller, _long_prompt(caller))
