"""What runs beside a request must not change a byte of its answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from lamina_server import LaminaServer, wait_until
from streaming import SLOW, Transcript, chat

COUNT = 16
QUESTIONS = [
    "Tell me a story about a fox named Ben.",
    "What is the capital of France?",
    "Count to 20.",
    "Who are you?",
    "Tell me a story about a brave mouse.",
    "What is a paged KV cache?",
    "What does a cow say? Tell me more about it.",
    "Tell me a story about two friends and a river.",
]


def _requests() -> list[dict]:
    """Sixteen different requests: other prompts, lengths and seeds."""
    return [
        {
            "messages": [{"role": "user", "content": QUESTIONS[index % len(QUESTIONS)]}],
            "temperature": 0.8,
            "seed": 1000 + index,
            "max_tokens": 60 + 20 * index,
        }
        for index in range(COUNT)
    ]


def _all_at_once(server: LaminaServer) -> list[Transcript]:
    barrier = Barrier(COUNT)

    def one(request: dict) -> Transcript:
        barrier.wait(timeout=20)
        return chat(server, request)

    with ThreadPoolExecutor(COUNT) as pool:
        return list(pool.map(one, _requests()))


def test_sixteen_streams_at_once_give_what_each_gives_alone(server: LaminaServer):
    alone = [chat(server, request) for request in _requests()]
    assert len({transcript.text for transcript in alone}) > COUNT // 2, "the seeds must make a difference"
    for _ in range(3):  # they meet in other places each time
        for index, (one, other) in enumerate(zip(alone, _all_at_once(server), strict=True)):
            assert other.text.encode() == one.text.encode(), f"request {index}: {QUESTIONS[index % len(QUESTIONS)]}"
            assert other.finish_reason == one.finish_reason in ("stop", "length")
            assert other.is_done


def test_more_streams_than_sequences_all_finish(start_server):
    server = start_server("--max-sequences", "2", "--max-queue", "32")
    transcripts = _all_at_once(server)
    assert all(transcript.is_done and transcript.finish_reason for transcript in transcripts)
    wait_until(lambda: server.metric("lamina_requests_running") == 0, "no request is running")
    assert server.metric("lamina_requests_waiting") == 0


def test_a_full_queue_refuses_with_retry_after(start_server, long_request: dict):
    server = start_server(*SLOW, "--max-sequences", "1", "--max-queue", "1")

    def ask(_: int) -> tuple[int, str | None]:
        response = server.post("/v1/chat/completions", long_request)
        return response.status_code, response.headers.get("Retry-After")

    with ThreadPoolExecutor(COUNT) as pool:
        answers = list(pool.map(ask, range(COUNT)))
    refused = [retry_after for status, retry_after in answers if status == 503]
    assert {status for status, _ in answers} == {200, 503}, answers
    assert all(retry_after is not None and int(retry_after) >= 1 for retry_after in refused)
    assert server.get("/health").status_code == 200


def test_probes_and_metrics_answer_during_a_full_load(server: LaminaServer):
    with ThreadPoolExecutor(COUNT) as pool:
        streams = [pool.submit(chat, server, request) for request in _requests()]
        probes = 0
        while not all(stream.done() for stream in streams):
            for path in ("/livez", "/readyz", "/metrics"):
                assert server.get(path).status_code == 200
                probes += 1
        assert all(stream.result().is_done for stream in streams)
    assert probes > 0
