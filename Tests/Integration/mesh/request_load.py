"""Many callers who send one request after the other on kept connections, and count what comes back."""

from __future__ import annotations

import threading
from collections import Counter

from pods import CallerPod
from raw_http import RawConnection, RawResponse

# How much of an error's body is told.
SHOWN_BYTES = 400


class RequestLoad:
    """A load that lasts as long as its context; every request sent by then is answered, or counts as lost."""

    def __init__(self, caller: CallerPod, request: bytes, clients: int):
        self._caller = caller
        self._request = request
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._client, daemon=True) for _ in range(clients)]
        # By status 200, or by what was wrong.
        self.outcomes: Counter[str] = Counter()

    def __enter__(self) -> RequestLoad:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=30)
        assert not any(thread.is_alive() for thread in self._threads), "a request got no answer"

    @property
    def total(self) -> int:
        return self.outcomes.total()

    @property
    def failures(self) -> dict[str, int]:
        return {outcome: count for outcome, count in self.outcomes.items() if outcome != "200"}

    def _client(self) -> None:
        while not self._stopping.is_set():
            try:
                self._use_one_connection()
            except (AssertionError, OSError) as problem:
                self._count(f"{type(problem).__name__}: {problem}")

    def _use_one_connection(self) -> None:
        with RawConnection(self._caller) as connection:
            while not self._stopping.is_set():
                connection.send(self._request)
                response = connection.response()
                self._count(_outcome(response))
                if response.headers.get("connection") == "close":
                    return

    def _count(self, outcome: str) -> None:
        with self._lock:
            self.outcomes[outcome] += 1


def _outcome(response: RawResponse) -> str:
    if response.status == 200:
        return "200"
    return f"{response.status} {response.body[:SHOWN_BYTES]!r}"
