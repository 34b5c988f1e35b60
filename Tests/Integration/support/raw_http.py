"""HTTP over a bare socket, for what no well-behaved client would send."""

from __future__ import annotations

from dataclasses import dataclass

from lamina_server import LaminaServer


@dataclass
class RawResponse:
    """One parsed response; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawConnection:
    """One TCP connection to the server."""

    def __init__(self, server: LaminaServer):
        self._socket = server.connect()
        self._buffer = b""

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Sends what the server still takes: it may have answered and closed before the end of a bad request."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def response(self, has_body: bool = True) -> RawResponse:
        """Reads one response (has_body: false after HEAD)."""
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(status_line.split(" ")[1])
        length = int(headers.get("content-length", "0")) if has_body and status not in (204, 304) else 0
        while len(self._buffer) < length:
            self._receive()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return RawResponse(status, headers, body)

    def is_closed(self) -> bool:
        """Whether the server closes the connection with nothing further to say."""
        try:
            return self._buffer == b"" and self._socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _receive(self) -> None:
        piece = self._socket.recv(65536)
        assert piece, f"the server closed the connection in the middle of a response: {self._buffer!r}"
        self._buffer += piece


def exchange(server: LaminaServer, request: bytes, has_body: bool = True) -> RawResponse:
    """One request on a connection of its own."""
    with RawConnection(server) as connection:
        connection.send(request)
        return connection.response(has_body)


def post(path: str, body: bytes, *headers: str) -> bytes:
    """A well-formed POST with JSON's content type, unless the headers name another."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    if not any(line.lower().startswith("content-type:") for line in headers):
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
