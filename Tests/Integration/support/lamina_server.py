"""Starts, watches and stops the real binary."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import requests
from certificates import Certificate
from prometheus_client.parser import text_string_to_metric_families

REPOSITORY = Path(__file__).resolve().parents[3]
MODELS = REPOSITORY / "models"
LISTENING = re.compile(r"Listening on (https?)://[^\s:]+:(\d+)")


def binary_path() -> Path:
    """The binary under test: LAMINA_BINARY, or this checkout's release build."""
    return Path(os.environ.get("LAMINA_BINARY", REPOSITORY / ".build/release/lamina-llm-serve")).absolute()


def wait_until(condition: Callable[[], object], what: str, seconds: float = 10) -> None:
    """Asks again and again until the condition holds; fails, saying what did not happen, at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds} s: {what}")
        time.sleep(0.01)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has now, for what must know its port before somebody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return closed.getsockname()[1]


class LaminaServer:
    """One running `lamina-llm-serve serve` on a free port of 127.0.0.1."""

    def __init__(
        self,
        binary: Path,
        *flags: str,
        environment: dict[str, str] | None = None,
        folder: Path = REPOSITORY,
        verify: Path | bool = True,
        client_certificate: Certificate | None = None,
    ):
        """`verify` is the authority of a server that speaks TLS, `client_certificate` what it is shown."""
        self.session_arguments = {"verify": verify if isinstance(verify, bool) else str(verify)}
        if client_certificate:
            self.session_arguments["cert"] = (str(client_certificate.certificate), str(client_certificate.key))
        self._lines: list[str] = []
        self._listening = threading.Event()
        self._port: int | None = None
        self._scheme = "http"
        self.process = subprocess.Popen(
            [str(binary), "serve", "--port", "0", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **(environment or {})},
            cwd=folder,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._listening.wait(timeout=30) or self._port is None:
            self.kill()
            raise AssertionError(f"no line 'Listening on http://ADDRESS:PORT' within 30 s:\n{self.output}")
        wait_until(self._is_ready, "/readyz answers 200", seconds=30)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)
            if "Listening on" in line:
                match = LISTENING.search(line)
                if match:
                    self._scheme, self._port = match[1], int(match[2])
                self._listening.set()
        self._listening.set()  # the output ended: nobody has to wait for the deadline

    def _is_ready(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except requests.ConnectionError:
            assert self.process.poll() is None, f"the server exited:\n{self.output}"
            return False

    @property
    def port(self) -> int:
        assert self._port is not None
        return self._port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """All that the server has printed so far, on either stream."""
        return "".join(self._lines)

    def connect(self, timeout: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def get(self, path: str, **arguments) -> requests.Response:
        return requests.get(self.url + path, timeout=20, **self.session_arguments, **arguments)

    def post(self, path: str, body: object, **arguments) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=50, **self.session_arguments, **arguments)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of all samples of that name that carry these labels; 0 where there is none."""
        text = self.get("/metrics").text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def wait(self, seconds: float = 20) -> int:
        """Waits for the exit and returns the exit code."""
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not exit within {seconds} s") from None
        self._reader.join(timeout=5)
        return code

    def stop(self) -> None:
        """SIGTERM; a clean exit is part of every test."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.wait(seconds=40)
        assert code == 0, f"exit code {code} after SIGTERM; the server printed:\n{self.output}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5)


# What the fixture start_server hands out.
StartServer = Callable[..., LaminaServer]
