"""Starts programs and servers; every wait has a deadline, and everything started is ended."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path


class ProgramFailed(Exception):
    """A program ended with an error, or not in time; the message has the end of what it printed."""


def run_program(command: list[str], seconds: float, enter: Callable[[], None] | None = None) -> str:
    """Runs a program to its end and returns what it wrote to standard output.

    `enter` runs in the child before the program, e.g. to put it into a cgroup.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, preexec_fn=enter)
    except subprocess.TimeoutExpired:
        name = Path(command[0]).name
        raise ProgramFailed(f"{name} was not done after {seconds:.0f} s: {' '.join(command)}") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout)[-1500:]
        raise ProgramFailed(f"{Path(command[0]).name} ended with {done.returncode}: {' '.join(command)}\n{said}")
    return done.stdout


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running server on 127.0.0.1."""

    def __init__(self, command: list[str], port: int, log: Path):
        self.port = port
        self.started = time.monotonic()
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self, seconds: float, path: str = "/health") -> float:
        """Waits for the path to answer 200; returns the seconds since the start."""
        deadline = self.started + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ProgramFailed(f"the server ended with {self.process.returncode}:\n{self._last_words()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if get(self.port, path, 2) == 200:
                    return time.monotonic() - self.started
            time.sleep(0.01)
        raise ProgramFailed(f"the server was not ready after {seconds:.0f} s:\n{self._last_words()}")

    def memory(self) -> dict[str, float]:
        """Resident bytes: now, the most there were, and what of them belongs to no file."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        keys = {"VmRSS": "resident_bytes", "VmHWM": "peak_resident_bytes", "RssAnon": "anonymous_bytes"}
        found = re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)
        return {keys[key]: int(value) * 1024.0 for key, value in found if key in keys}

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that does not help within 20 s."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-1500:]


@contextlib.contextmanager
def running(command: list[str], port: int, seconds: float = 180) -> Iterator[Server]:
    """A server that is ready; it is stopped at the end, whatever happened."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(command, port, Path(folder) / "log")
        try:
            server.wait_until_ready(seconds)
            yield server
        finally:
            server.stop()


def get(port: int, path: str, seconds: float) -> int:
    """The status of a GET on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def complete(port: int, prompt: list[int], tokens: int, seconds: float) -> None:
    """Asks for a completion and waits for all of it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    body = {"prompt": prompt, "max_tokens": tokens, "temperature": 0, "ignore_eos": True}
    try:
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise ProgramFailed(f"/v1/completions answered {response.status}: {answer[:300]!r}")
    finally:
        connection.close()


@contextlib.contextmanager
def busy_core(core: int) -> Iterator[None]:
    """A process that computes on one core for as long as the context lasts."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        # Ended by a signal it must not carry out its parent's clean-up.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.sched_setaffinity(0, {core})
        while os.getppid() == parent:  # ends with its parent, whatever becomes of that
            for _ in range(1_000_000):
                pass
        os._exit(0)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
