"""The two sides of a call through the mesh: a pod that serves, and a pod that calls it."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
from client_sidecar import ClientSidecar
from envoy_process import EnvoyProcess
from lamina_server import LaminaServer
from pilot_agent import PilotAgent
from server_sidecar import ServerSidecar
from trust_domain import TrustDomain


@dataclass(frozen=True)
class DirectAnswer:
    """What came back over mTLS that the test itself has spoken."""

    status: int
    headers: dict[str, str]
    body: bytes


class ServerPod:
    """The application, pilot-agent and Envoy of one pod of the service."""

    def __init__(
        self, app: LaminaServer, domain: TrustDomain, folder: Path, agent: PilotAgent | None = None, **settings
    ):
        self.app = app
        self.domain = domain
        self.folder = folder
        folder.mkdir(parents=True)
        self.workload = domain.workload("llm", "lamina")
        self.agent = agent or PilotAgent()
        self.agent.app = app
        self._settings = settings
        self._started = 0
        self.sidecar = self._start_sidecar()

    def _start_sidecar(self, **ports: int) -> EnvoyProcess:
        self._started += 1
        settings = {**self._settings, **ports}
        sidecar = ServerSidecar(self.workload, self.domain, self.app.port, self.agent.port, **settings)
        envoy = EnvoyProcess(f"sidecar-{self._started}", sidecar.configuration(self.folder), self.folder)
        self.agent.envoy = envoy
        return envoy

    def restart_sidecar(self) -> EnvoyProcess:
        """Starts another Envoy on the same ports, beside the one before if that still runs, and returns that one."""
        before = self.sidecar
        self.sidecar = self._start_sidecar(inbound_port=before.port("inbound"), status_port=before.port("status"))
        return before

    @property
    def port(self) -> int:
        """Where the sidecar takes mTLS."""
        return self.sidecar.port("inbound")

    def ask(
        self, context: ssl.SSLContext, path: str, *fields: tuple[str, str], body: bytes | None = None
    ) -> DirectAnswer:
        """One request from a client in the mesh that has no sidecar; fields may repeat."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        connection.putrequest("POST" if body else "GET", path)
        for name, value in fields:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(body)))
        try:
            connection.endheaders(body)
            answer = connection.getresponse()
            return DirectAnswer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def stop(self) -> None:
        self.sidecar.stop()
        self.agent.close()


class CallerPod:
    """A caller's Envoy. The caller itself is the test, with any client that takes a URL."""

    def __init__(self, servers: list[ServerPod], account: str, folder: Path, **settings):
        folder.mkdir(parents=True)
        self.folder = folder
        domain = servers[0].domain
        self.workload = domain.workload("chat", account)
        ports = [server.port for server in servers]
        sidecar = ClientSidecar(self.workload, domain, servers[0].workload, ports, **settings)
        self.sidecar = EnvoyProcess("sidecar", sidecar.configuration(folder), folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.sidecar.port('outbound')}"

    def connect(self, timeout: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.sidecar.port("outbound")), timeout=timeout)

    def get(self, path: str, **arguments) -> requests.Response:
        return requests.get(self.url + path, timeout=20, **arguments)

    def post(self, path: str, body: object, **arguments) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=50, **arguments)

    def stop(self) -> None:
        self.sidecar.stop()


# What fixtures hand out.
StartPod = Callable[..., ServerPod]
StartCaller = Callable[..., CallerPod]
