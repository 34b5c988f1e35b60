"""A stand-in for the process beside Envoy in Istio's sidecar: pilot-agent's answers on 15020, and how it ends Envoy.

After pilot/cmd/pilot-agent/status/server.go and pkg/envoy/agent.go of Istio.
"""

from __future__ import annotations

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from envoy_process import EnvoyProcess
from lamina_server import LaminaServer, wait_until

# What the injector makes of the pod's probes: kubelet asks the agent, the agent asks the application.
PROBES = {f"/app-health/lamina/{probe}": f"/{probe}" for probe in ("livez", "readyz", "startupz")}
# The agent asks from this address (REDIRECT mode), so that the pod's own rules let it through.
SIDECAR_ADDRESS = "127.0.0.6"


def istio_flags(status_port: int, agent_port: int) -> tuple[str, ...]:
    """Has the binary ask there what it would ask at 15021 and 15020."""
    return ("--istio-status-port", str(status_port), "--istio-agent-port", str(agent_port))


def terminate(envoy: EnvoyProcess, drain_seconds: float, grace_seconds: float | None = None) -> None:
    """What SIGTERM sets off in the agent: drain, wait, kill.

    Without a grace period the time is terminationDrainDuration. With one it is MINIMUM_DRAIN_DURATION, and with
    EXIT_ON_ZERO_ACTIVE_CONNECTIONS the agent then waits until nobody is connected, which has to happen in the period.
    """
    envoy.post("/drain_listeners?graceful&skip_exit")
    time.sleep(drain_seconds)
    if grace_seconds:
        active = "listener.inbound.downstream_cx_active"
        wait_until(lambda: envoy.statistic(active) == 0, "the sidecar has no active connections", grace_seconds)
    envoy.kill()


class PilotAgent:
    """Serves 15020's paths on a free port of 127.0.0.1; application and Envoy come later, as they may need the port."""

    def __init__(self) -> None:
        self.app: LaminaServer | None = None
        self.envoy: EnvoyProcess | None = None
        # Cleared: the proxy is not ready, whatever Envoy says.
        self.may_be_ready = threading.Event()
        self.may_be_ready.set()
        self.quit_requests = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def probe(self, name: str) -> int:
        """What kubelet sees of one of the application's probes."""
        url = f"http://127.0.0.1:{self.port}/app-health/lamina/{name}"
        return requests.get(url, timeout=10, headers={"User-Agent": "kube-probe/1.33"}).status_code

    def _require_envoy(self) -> EnvoyProcess:
        assert self.envoy is not None, "the agent has no Envoy yet"
        return self.envoy

    def _is_ready(self) -> bool:
        try:
            return self.may_be_ready.is_set() and self._require_envoy().get("/ready").status_code == 200
        except (AssertionError, requests.ConnectionError):
            return False

    def _probe_application(self, path: str) -> int:
        assert self.app is not None, "the agent has no application to probe"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.app.port, timeout=5, source_address=(SIDECAR_ADDRESS, 0)
        )
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return connection.getresponse().status
        except OSError:
            return 500
        finally:
            connection.close()

    def _handler(agent) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Says nothing: the answers are what is tested."""

            def do_GET(self) -> None:
                if self.path == "/healthz/ready":
                    self._answer(200 if agent._is_ready() else 503)
                elif self.path in PROBES:
                    self._answer(agent._probe_application(PROBES[self.path]))
                else:
                    self._answer(405 if self.path == "/quitquitquit" else 404)

            def do_POST(self) -> None:
                if self.path != "/quitquitquit":
                    return self._answer(405)
                self._answer(200, b"OK")
                agent.quit_requests += 1
                agent._require_envoy().stop()
                return None

            def _answer(self, status: int, body: bytes = b"") -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
