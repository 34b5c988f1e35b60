"""Random load against the real binary for as long as one likes; then nothing may be left behind.

    make soak MINUTES=30

Clients of several tenants send prompts of all lengths, with priorities, deadlines and cache salts, and many of them leave in the
middle. Some requests are asked again and again: their answers must never change. At the end every block of the KV cache is free,
nothing runs or waits, no stream was left without an end, the descriptors are closed and the memory is what it was after
the warm-up. The exit code says whether all of that holds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))
from lamina_server import LaminaServer, binary_path, wait_until  # noqa: E402

# Small enough that requests are preempted, refused and late.
FLAGS = ("--kv-cache-memory", "2M", "--max-sequences", "8", "--max-queue", "16", "--max-queue-per-tenant", "6")
WORDS = "the fox and a mouse ran over that old river to see its friend Ben who was not at home".split()
ALLOWED = {200, 429, 503, 504}
REFERENCES = 6
MEBIBYTE = 1 << 20
PROGRESS_SECONDS = 10
WARM_UP_SHARE = 0.25


class Soak:
    """Clients, what they saw, and what was wrong with it."""

    def __init__(self, server: LaminaServer, seed: int):
        self._server = server
        self._seed = seed
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.outcomes: Counter[str] = Counter()
        self.failures: list[str] = []
        self.memory: list[float] = []
        self._references = [self._reference(index) for index in range(REFERENCES)]

    def run(self, seconds: float, clients: int) -> None:
        """Lets the clients go on for so long."""
        threads = [threading.Thread(target=self._client, args=(number,), daemon=True) for number in range(clients)]
        for thread in threads:
            thread.start()
        start = time.monotonic()
        while (elapsed := time.monotonic() - start) < seconds and not self.failures:
            self._stopping.wait(min(PROGRESS_SECONDS, seconds - elapsed))
            self._report(time.monotonic() - start)
        self._stopping.set()
        for thread in threads:
            thread.join(timeout=120)
            if thread.is_alive():
                self._fail("a client still waits for its answer two minutes after the end")

    def check_the_end(self, descriptors: float) -> None:
        """Nothing may be left."""
        for name in ("lamina_requests_running", "lamina_requests_waiting", "lamina_kv_cache_usage_ratio"):
            try:
                wait_until(lambda name=name: self._server.metric(name) == 0, f"{name} is 0", seconds=20)
            except AssertionError as error:
                self._fail(str(error))
        try:
            wait_until(
                lambda: self._server.metric("process_open_fds") <= descriptors, "descriptors are closed", seconds=20
            )
        except AssertionError as error:
            self._fail(str(error))
        warm = max(self.memory[: max(1, int(len(self.memory) * WARM_UP_SHARE))])
        last = self._server.metric("process_resident_memory_bytes")
        print(f"memory after the warm-up {warm / MEBIBYTE:.1f} MiB, at the end {last / MEBIBYTE:.1f} MiB")
        if last > 1.05 * warm + 4 * MEBIBYTE:
            self._fail(f"resident memory grew from {warm / MEBIBYTE:.1f} to {last / MEBIBYTE:.1f} MiB")
        if self._server.metric("lamina_preemptions_total") == 0:
            self._fail("nothing was preempted: the load was too small to mean anything")

    def _report(self, elapsed: float) -> None:
        memory = self._server.metric("process_resident_memory_bytes")
        self.memory.append(memory)
        with self._lock:
            counts = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        preemptions = int(self._server.metric("lamina_preemptions_total"))
        print(f"{elapsed:6.0f} s  {counts}; preemptions {preemptions}, {memory / MEBIBYTE:.1f} MiB", flush=True)

    def _fail(self, what: str) -> None:
        with self._lock:
            self.failures.append(what)
        print(f"FAILED: {what}", flush=True)

    def _client(self, number: int) -> None:
        source = random.Random(f"{self._seed}-{number}")
        while not self._stopping.is_set():
            try:
                outcome = self._ask_again(source) if source.random() < 0.1 else self._ask(source)
            except Exception as error:
                self._fail(f"client {number}: {type(error).__name__}: {error}")
                return
            with self._lock:
                self.outcomes[outcome] += 1

    def _ask(self, source: random.Random) -> str:
        body, headers = self._request(source)
        leaves_after = source.choice([None, None, 0, 1, 5, 40])
        return self._stream(body, headers, leaves_after)[0] if source.random() < 0.8 else self._whole(body, headers)

    def _ask_again(self, source: random.Random) -> str:
        body, expected = source.choice(self._references)
        outcome, text = self._stream({**body, "priority": -1}, {}, None)
        if outcome == "complete" and text != expected:
            raise AssertionError(f"another answer than before to {body}: {text!r} instead of {expected!r}")
        return f"same {outcome}"

    def _reference(self, index: int) -> tuple[dict, str]:
        source = random.Random(f"{self._seed}-reference-{index}")
        body, _ = self._request(source)
        for name in ("priority", "cache_salt"):
            body.pop(name, None)
        body["seed"] = index
        outcome, text = self._stream(body, {}, None)
        assert outcome == "complete", outcome
        return body, text

    def _request(self, source: random.Random) -> tuple[dict, dict]:
        # Few beginnings, so that many are shared, and any length of the rest.
        beginning = random.Random(source.randrange(5)).choices(WORDS, k=60)
        words = beginning + source.choices(WORDS, k=int(2 ** source.uniform(0, 8.5)))
        body = {
            "prompt": " ".join(words),
            "max_tokens": int(2 ** source.uniform(0, 9)),
            "temperature": source.choice([0, 0.7, 1.3]),
            "top_p": source.choice([1, 0.9]),
            "seed": source.randrange(1000),
            "ignore_eos": source.random() < 0.5,
            "priority": source.choice([0, 0, 0, -1, 3]),
        }
        if source.random() < 0.2:
            body["cache_salt"] = source.choice("ab")
        headers = {"x-gateway-inference-fairness-id": source.choice(["", "red", "green", "blue"])}
        if source.random() < 0.25:
            headers["X-Request-Timeout-Ms"] = str(int(2 ** source.uniform(0, 11)))
        return body, headers

    def _whole(self, body: dict, headers: dict) -> str:
        response = requests.post(f"{self._server.url}/v1/completions", json=body, headers=headers, timeout=120)
        assert response.status_code in ALLOWED, f"status {response.status_code}: {response.text}"
        if response.status_code != 200:
            return self._refused(response)
        assert response.json()["choices"][0]["finish_reason"] in ("stop", "length"), response.text
        return "complete"

    def _stream(self, body: dict, headers: dict, leaves_after: int | None) -> tuple[str, str]:
        url = f"{self._server.url}/v1/completions"
        with requests.post(url, json={**body, "stream": True}, headers=headers, stream=True, timeout=120) as response:
            assert response.status_code in ALLOWED, f"status {response.status_code}: {response.text}"
            if response.status_code != 200:
                return self._refused(response), ""
            text, end, events = "", None, 0
            for line in response.iter_lines(decode_unicode=True):
                if not line.startswith("data: "):
                    continue
                if line == "data: [DONE]":
                    assert end is not None, "[DONE] without a finish_reason or an error before it"
                    return end, text
                if events == leaves_after:
                    return "left", text
                events += 1
                event = json.loads(line.removeprefix("data: "))
                if "error" in event:
                    end = event["error"]["code"]
                    assert end == "deadline_exceeded", event
                for choice in event.get("choices", []):
                    text += choice["text"] or ""
                    end = "complete" if choice["finish_reason"] else end
        raise AssertionError("a stream without [DONE]")

    @staticmethod
    def _refused(response: requests.Response) -> str:
        code = response.json()["error"]["code"]
        if response.status_code in (429, 503):
            assert int(response.headers["Retry-After"]) >= 1
            time.sleep(0.01)  # a client that knocks again at once would measure nothing but refusals
        return f"refused {code}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.clients} clients, {arguments.minutes:g} minutes", flush=True)
    server = LaminaServer(binary_path(), *FLAGS, "--trusted-gateway", "127.0.0.1", "--log-level", "error")
    try:
        soak = Soak(server, arguments.seed)
        descriptors = server.metric("process_open_fds")
        soak.run(arguments.minutes * 60, arguments.clients)
        soak.check_the_end(descriptors)
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
    print("FAILED" if soak.failures else "nothing is left behind")
    return 1 if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main())
