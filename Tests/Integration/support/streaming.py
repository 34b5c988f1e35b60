"""Reads Server-Sent Events of the completion endpoints, with no SDK in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import requests
from lamina_server import MODELS

# The embedded model answers within milliseconds. This makes it slow enough that a client can leave, or a signal arrive,
# in the middle of an answer.
SLOW = ("--model", str(MODELS / "lamina-tiny-f16.gguf"), "--threads", "1")
LONG_REQUEST = {
    "messages": [{"role": "user", "content": "Tell me a story about a fox named Ben."}],
    "temperature": 0.8,
    "seed": 7,
    "max_tokens": 900,
    "ignore_eos": True,
}


class Endpoint(Protocol):
    """A server, or a proxy in front of one."""

    @property
    def url(self) -> str: ...


@dataclass
class Transcript:
    """What a stream has delivered so far."""

    text: str = ""
    finish_reason: str | None = None
    error: dict | None = None  # what ended the stream early
    events: list[dict] = field(default_factory=list)
    is_done: bool = False  # [DONE] was seen


class ChatStream:
    """A streamed chat completion that the test reads event by event."""

    def __init__(self, server: Endpoint, request: dict, headers: dict[str, str] | None = None):
        url = f"{server.url}/v1/chat/completions"
        self.response = requests.post(url, json={**request, "stream": True}, headers=headers, stream=True, timeout=50)
        self.response.raise_for_status()
        self.transcript = Transcript()
        self._data = self._read()

    def _read(self) -> Iterator[str]:
        for line in self.response.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("data: "):
                yield line.removeprefix("data: ")

    def next(self) -> bool:
        """Reads one event; false at the end of the stream."""
        data = next(self._data, None)
        if data is None:
            return False
        if data == "[DONE]":
            self.transcript.is_done = True
            return True
        event = json.loads(data)
        self.transcript.events.append(event)
        self.transcript.error = event.get("error", self.transcript.error)
        for choice in event.get("choices", []):
            self.transcript.text += choice["delta"].get("content") or ""
            self.transcript.finish_reason = choice["finish_reason"] or self.transcript.finish_reason
        return True

    def read_until_text(self) -> None:
        """Reads on until the model has said something."""
        while not self.transcript.text:
            assert self.next(), "the stream ended before any text"

    def read_to_end(self) -> Transcript:
        while self.next():
            pass
        return self.transcript

    def abort(self) -> None:
        """Closes the connection with the rest unread."""
        self.response.close()


def chat(server: Endpoint, request: dict, headers: dict[str, str] | None = None) -> Transcript:
    """A streamed chat completion, read to its end."""
    return ChatStream(server, request, headers).read_to_end()
