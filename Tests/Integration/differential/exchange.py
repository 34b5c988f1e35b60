"""Bytes sent to a server on a connection of their own, and what it read, judged by its answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

from outcome import Ended, Read, Refused, Step

CONNECTIONS = 64


async def read_all(port: int, inputs: list[bytes], half_closes: bool, patience: float) -> list[list[Step]]:
    """The steps of a server for each input. `patience`: seconds without a byte after which nothing more is expected."""
    gate = asyncio.Semaphore(CONNECTIONS)

    async def one(data: bytes) -> list[Step]:
        async with gate:
            return _steps(await _exchange(port, data, half_closes, patience))

    return await asyncio.gather(*map(one, inputs))


async def _exchange(port: int, data: bytes, half_closes: bool, patience: float) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        writer.write(data)
        if half_closes:
            writer.write_eof()
        while not _says_close(received) and (piece := await asyncio.wait_for(reader.read(65536), patience)):
            received += piece
    except (TimeoutError, ConnectionError):
        pass  # what came before is what the server had to say
    finally:
        writer.transport.abort()
    return received


def _says_close(received: bytes) -> bool:
    """Whether the last response is whole and says that none follows."""
    return any(b"\r\nconnection: close" in head for _, head, _ in _responses(received))


def _steps(received: bytes) -> list[Step]:
    steps: list[Step] = []
    for status, head, body in _responses(received):
        if status >= 400:
            return [*steps, Refused(_refusal(status, body))]
        steps.append(_echo(body))
        if b"\r\nconnection: close" in head:
            break
    return [*steps, Ended()]


def _responses(received: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    while b"\r\n\r\n" in received:
        head, _, received = received.partition(b"\r\n\r\n")
        status, head = int(head.split(b" ")[1]), head.lower()
        if status < 200:
            continue
        _, found, length = head.partition(b"\r\ncontent-length:")
        size = int(length.split(b"\r\n")[0]) if found else len(received)
        if len(received) < size:
            return
        yield status, head, received[:size]
        received = received[size:]


def _refusal(status: int, body: bytes) -> str:
    if body.startswith(b"<html>"):
        return f"nginx: {status}"
    text = body.decode("latin-1").strip()
    return text if text.startswith("envoy: ") else f"lamina: {status} {text}"


def _echo(body: bytes) -> Read:
    echo = json.loads(body)
    fields = tuple(plain_field(name, bytes.fromhex(value)) for name, value in echo["fields"])
    return Read(echo["method"], echo["target"], bytes.fromhex(echo["body"]), fields, echo["authority"])


def plain_field(name: str, value: bytes) -> tuple[str, bytes]:
    """A field as it is compared: h11 hands the names, and codings, over in lower case."""
    name = name.lower()
    return name, value.lower() if name == "transfer-encoding" else value
