"""How h11, the HTTP/1.1 parser of Python's async servers, reads the bytes of a connection."""

from __future__ import annotations

import h11
from outcome import Ended, Read, Refused, Step


def read(data: bytes) -> list[Step]:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=64 * 1024)
    connection.receive_data(data)
    steps: list[Step] = []
    while True:
        try:
            request = _next_request(connection)
        except h11.RemoteProtocolError as error:
            return [*steps, Refused(f"h11: {error}")]
        steps.append(request)
        if isinstance(request, Ended) or not _answer(connection):
            return steps


def _next_request(connection: h11.Connection) -> Step:
    head, body = None, b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _read(head, body)
        else:
            return Ended()


def _answer(connection: h11.Connection) -> bool:
    """Answers, and returns whether the connection goes on."""
    # Not 2xx, which would open a tunnel for CONNECT.
    connection.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    if connection.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
        return False
    connection.start_next_cycle()
    return True


def _read(head: h11.Request, body: bytes) -> Read:
    target = head.target.decode("latin-1")
    fields = [(name.decode("latin-1"), value) for name, value in head.headers]
    hosts = [value.decode("latin-1") for name, value in fields if name == "host"]
    authority = hosts[0] if hosts else None
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in ("http", "https"):
        # RFC 9112 §3.2.2: its authority replaces the Host field.
        end = min((rest.index(mark) for mark in "/?" if mark in rest), default=len(rest))
        authority, target = rest[:end], rest[end:]
        target = target if target.startswith("/") else "/" + target
    others = tuple((name, value) for name, value in fields if name != "host")
    return Read(head.method.decode("latin-1"), target, body, others, authority)
