"""SIGTERM and SIGINT: streams finish, nothing new begins, the exit code is 0."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from lamina_server import LaminaServer
from streaming import SLOW, ChatStream

STREAMS = 8


def _streams(server: LaminaServer, request: dict) -> list[ChatStream]:
    """Streams that have all begun to speak."""
    with ThreadPoolExecutor(STREAMS) as pool:
        streams = list(pool.map(lambda _: ChatStream(server, request), range(STREAMS)))
    for stream in streams:
        stream.read_until_text()
    return streams


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_lets_streams_finish(start_server, long_request: dict, name: str):
    server = start_server(*SLOW)
    streams = _streams(server, long_request)
    server.process.send_signal(signal.Signals[name])
    with ThreadPoolExecutor(STREAMS) as pool:
        transcripts = list(pool.map(ChatStream.read_to_end, streams))
    for transcript in transcripts:
        assert transcript.finish_reason in ("stop", "length"), transcript.events[-1]
        assert transcript.is_done
    assert server.wait() == 0, server.output


def test_a_stopped_server_tells_the_same_story(start_server, long_request: dict):
    server = start_server(*SLOW)
    undisturbed = ChatStream(server, long_request).read_to_end()
    stream = ChatStream(server, long_request)
    stream.read_until_text()
    server.process.send_signal(signal.SIGTERM)
    assert stream.read_to_end().text == undisturbed.text
    assert server.wait() == 0


def test_nothing_new_begins_while_draining(start_server, long_request: dict):
    server = start_server(*SLOW)
    streams = _streams(server, long_request)
    server.process.send_signal(signal.SIGTERM)
    refusals = 0
    with ThreadPoolExecutor(STREAMS) as pool:
        readers = [pool.submit(stream.read_to_end) for stream in streams]
        while not all(reader.done() for reader in readers):
            try:
                answer = server.post("/v1/chat/completions", {**long_request, "max_tokens": 1})
            except requests.ConnectionError:
                refusals += 1
                continue
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) >= 1
                refusals += 1
            else:
                # The signal may still be on its way when the first request arrives; after a refusal, never.
                assert answer.status_code == 200
                assert refusals == 0, "accepted again after a refusal"
        assert all(reader.result().is_done for reader in readers)
    assert refusals > 0
    assert server.wait() == 0


def test_an_idle_server_stops_at_once(start_server):
    server = start_server()
    server.process.send_signal(signal.SIGTERM)
    assert server.wait(seconds=5) == 0
    with pytest.raises(requests.ConnectionError):
        server.get("/livez")


def test_an_idle_kept_connection_does_not_delay_the_stop(start_server):
    server = start_server()
    with requests.Session() as session:
        assert session.get(f"{server.url}/livez", timeout=5).status_code == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.wait(seconds=5) == 0


def test_a_second_signal_stops_at_once(start_server, long_request: dict):
    server = start_server(*SLOW)
    streams = _streams(server, long_request)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGINT)
    _expect_cut(streams)
    assert server.wait(seconds=5) == 0


def test_the_drain_timeout_ends_a_drain(start_server, long_request: dict):
    server = start_server(*SLOW, "--drain-timeout", "0")
    streams = _streams(server, long_request)
    server.process.send_signal(signal.SIGTERM)
    _expect_cut(streams)
    assert server.wait(seconds=10) == 0


def _expect_cut(streams: list[ChatStream]) -> None:
    """Streams that did not finish say so in an error event; every one ends with [DONE]."""
    transcripts = [stream.read_to_end() for stream in streams]
    assert all(transcript.is_done for transcript in transcripts)
    cut = [transcript for transcript in transcripts if transcript.finish_reason is None]
    assert cut, "all streams ran to their end"
    assert all(transcript.error["code"] == "shutting_down" for transcript in cut)
