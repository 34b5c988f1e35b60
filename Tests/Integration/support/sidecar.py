"""What a mesh's sidecar serves to the process beside it: its state, and the way to end it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sidecar:
    """A stand-in for the administration of a sidecar, on a free port of 127.0.0.1."""

    def __init__(self, status: int = 200):
        self.status = status
        self.requests: list[str] = []
        sidecar = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                sidecar.requests.append(f"{self.command} {self.path}")
                self.send_response(sidecar.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = answer  # noqa: N815
            do_POST = answer  # noqa: N815

            def log_message(self, *_) -> None:
                """The requests are kept instead."""

        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._listener.server_address[1]

    @property
    def istio_flags(self) -> tuple[str, ...]:
        """Has the server ask here as it would ask Istio's sidecar."""
        return ("--istio-status-port", str(self.port), "--istio-agent-port", str(self.port))

    def __enter__(self) -> Sidecar:
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown()
        self._listener.server_close()
