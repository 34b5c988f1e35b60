"""Keys and values in int8."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from streaming import chat


def _story(index: int) -> dict:
    return {
        "messages": [{"role": "user", "content": f"Tell me story number {index} about a fox named Ben."}],
        "temperature": 0.8,
        "seed": index,
        "max_tokens": 200,
        "ignore_eos": True,
    }


def test_answers_with_int8_keys_and_values(start_server):
    server = start_server("--kv-type", "q8_0")
    request = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
    assert "Paris" in chat(server, request).text
    assert "q8_0" in server.output


def test_preempted_streams_give_what_each_gives_alone(start_server):
    requests = [_story(index) for index in range(8)]
    roomy = start_server("--kv-type", "q8_0")
    alone = [chat(roomy, request).text for request in requests]
    # 60 blocks, of which each of the eight comes to need 14.
    small = start_server("--kv-type", "q8_0", "--kv-cache-memory", "1M")
    barrier = Barrier(len(requests))

    def one(request: dict) -> str:
        barrier.wait(timeout=20)
        return chat(small, request).text

    with ThreadPoolExecutor(len(requests)) as pool:
        assert list(pool.map(one, requests)) == alone
    assert small.metric("lamina_preemptions_total") > 0


def test_an_unknown_type_is_refused(binary: Path):
    result = subprocess.run(
        [str(binary), "serve", "--kv-type", "q3"], capture_output=True, text=True, timeout=20, check=False
    )
    assert result.returncode == 64
    assert "f16" in result.stderr and "q8_0" in result.stderr
