"""The mesh around the server: how it is found, and what it changes at the start and at the end."""

from __future__ import annotations

import http.client
import signal
import subprocess
from pathlib import Path

import pytest
from lamina_server import MODELS, LaminaServer, wait_until
from raw_http import RawConnection
from sidecar import Sidecar
from streaming import SLOW, ChatStream

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _mesh(server: LaminaServer) -> dict:
    return server.get("/readyz").json()["mesh"]


def _run(binary: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(binary), *arguments], capture_output=True, text=True, timeout=50)


def test_a_sidecar_is_found_and_shown(start_server):
    with Sidecar() as sidecar:
        server = start_server(*sidecar.istio_flags)
        wait_until(lambda: _mesh(server) == {"mode": "istio", "source": "detection", "proxy": "ready"}, "it is found")
        assert server.metric("lamina_mesh_info", mode="istio", source="detection") == 1
        assert server.metric("lamina_mesh_proxy_ready") == 1
        # This server listens on loopback, where the mesh does not deliver.
        wait_until(lambda: "--host 0.0.0.0" in server.output, "the log says so")
        server.stop()
        assert not any(request.startswith("POST") for request in sidecar.requests)


def test_a_mesh_that_is_named_and_missing_is_told_of(start_server):
    with Sidecar(404) as stranger:
        server = start_server("--mesh", "istio", "--mesh-wait", "0", *stranger.istio_flags)
        wait_until(lambda: _mesh(server)["proxy"] == "missing", "the probe shows it")
        assert "istio-injection=enabled" in _mesh(server)["reason"]
        assert server.get("/readyz").status_code == 200
        assert server.metric("lamina_mesh_proxy_ready") == 0
        wait_until(lambda: "no proxy of Istio answers" in server.output, "the log shows it")


def test_without_a_mesh_there_is_none(start_server):
    server = start_server("--mesh", "off")
    assert _mesh(server) == {"mode": "off", "source": "option", "proxy": "none"}
    server = start_server(environment={"LAMINA_MESH": "ambient"})
    assert _mesh(server) == {"mode": "ambient", "source": "environment", "proxy": "none"}


def test_what_the_mesh_keeps_for_itself_is_refused(binary: Path):
    named = _run(binary, "serve", "--mesh", "istio", "--port", "15090")
    assert named.returncode == 1
    assert "error: port 15090 belongs to Istio (Envoy's metrics); choose another --port" in named.stderr
    with Sidecar() as sidecar:
        found = _run(binary, "serve", "--port", "15090", *sidecar.istio_flags)
    assert found.returncode == 1
    assert "error: port 15090 belongs to Istio" in found.stderr


def test_without_a_mesh_its_ports_are_warned_of(start_server):
    server = start_server("--port", "15053")
    wait_until(lambda: "port 15053 belongs to Istio" in server.output, "the log warns")


def test_rewritten_probes_are_answered(start_server):
    """As Istio's agent asks: from 127.0.0.6, each time on a connection of its own."""
    server = start_server("--host", "0.0.0.0", "--drain-delay", "60")

    def probe(path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, 20, source_address=("127.0.0.6", 0))
        connection.request("GET", path, headers={"User-Agent": "kube-probe/1.33", "Connection": "close"})
        answer = connection.getresponse()
        assert answer.will_close
        return answer.status

    assert [probe(path) for path in ("/livez", "/readyz", "/health")] == [200, 200, 200]
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: probe("/readyz") == 503, "readiness is gone")
    assert probe("/livez") == 200
    server.process.send_signal(signal.SIGTERM)
    assert server.wait() == 0


def test_a_drain_leaves_no_connection_behind_but_those_at_work(start_server, long_request: dict):
    """A proxy that exits at zero connections gets there as soon as the last stream has ended."""
    server = start_server(*SLOW)
    stream = ChatStream(server, long_request)
    stream.read_until_text()
    with RawConnection(server) as unused, RawConnection(server) as used:
        used.send(GET)
        assert used.response().status == 200
        server.process.send_signal(signal.SIGTERM)
        assert used.is_closed()
        assert unused.is_closed()
    assert not stream.transcript.is_done, "they were closed while the stream ran"
    assert stream.read_to_end().is_done
    assert server.wait(seconds=5) == 0, "its connection was the last"


def test_the_end_of_connections_is_announced_while_balancers_notice(start_server):
    server = start_server("--drain-delay", "60")
    with RawConnection(server) as connection:
        connection.send(GET)
        assert "connection" not in connection.response().headers
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.get("/readyz").status_code == 503, "readiness is gone")
        connection.send(GET)
        assert connection.response().headers["connection"] == "close"
        assert connection.is_closed()
    server.process.send_signal(signal.SIGTERM)
    assert server.wait() == 0


def test_a_job_ends_its_sidecar(binary: Path, start_server):
    with Sidecar() as sidecar:
        server = start_server("--quit-proxy", *sidecar.istio_flags)
        server.stop()
        assert sidecar.requests[-1] == "POST /quitquitquit"
        assert "the proxy was ended" in server.output


@pytest.mark.parametrize("model", ["lamina-tiny-q8_0.gguf", "missing.gguf"])
def test_a_job_ends_its_sidecar_whatever_became_of_it(binary: Path, model: str):
    with Sidecar() as sidecar:
        arguments = ("generate", "--model", str(MODELS / model), "--max-tokens", "1", "Hello")
        result = _run(binary, *arguments, "--quit-proxy", *sidecar.istio_flags)
        assert result.returncode == (0 if (MODELS / model).exists() else 1), result.stderr
        assert sidecar.requests[-1] == "POST /quitquitquit"
