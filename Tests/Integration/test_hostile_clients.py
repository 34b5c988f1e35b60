"""Slow, greedy and absent-minded clients, unix sockets, and running out of descriptors, against the real binary."""

from __future__ import annotations

import json
import resource
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from lamina_server import LaminaServer, wait_until
from raw_http import RawConnection, post
from streaming import SLOW, ChatStream

HEALTH = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


def served_connection(server: LaminaServer) -> RawConnection:
    """A connection that the server has served: one that asked whether it is ready may count until its end is seen."""
    served: list[RawConnection] = []

    def is_served() -> bool:
        connection = RawConnection(server)
        connection.send(HEALTH)
        if connection.response().status == 200:
            served.append(connection)
        else:
            connection.close()
        return bool(served)

    wait_until(is_served, "a connection is served")
    return served[0]


def test_slow_headers_and_bodies_are_answered_with_408(start_server):
    server = start_server("--read-header-timeout", "1", "--body-idle-timeout", "1")
    beginnings = [b"GET /hea", b"GET /health HTTP/1.1\r\nHos", post("/v1/completions", b"x" * 100)[:-50]]
    connections = [RawConnection(server) for _ in range(30)]
    for index, connection in enumerate(connections):
        connection.send(beginnings[index % len(beginnings)])
    assert server.get("/livez").status_code == 200, "they hold nobody up"
    for connection in connections:
        with connection:
            response = connection.response()
            assert response.status == 408
            assert response.headers["connection"] == "close"
            assert response.headers["x-request-id"]
            assert connection.is_closed()
    assert server.metric("lamina_http_malformed_requests_total", status="408") == 30


def test_idle_connections_are_closed_without_a_word(start_server):
    server = start_server("--idle-timeout", "1")
    with RawConnection(server) as connection:
        connection.send(HEALTH)
        assert connection.response().status == 200
        assert connection.is_closed()


def test_a_reader_that_stalls_is_cut_off(start_server):
    server = start_server("--write-timeout", "1")
    with server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Answers are written in order: unread, they fill the buffers of both kernels.
        request = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
        connection.setblocking(False)
        sent = 0
        while sent < len(request):
            try:
                sent += connection.send(request[sent:])
            except BlockingIOError:
                break
        wait_until(lambda: server.metric("lamina_http_connections") == 1, "only the asking connection is left", 20)


def test_connections_too_many_are_refused(start_server):
    server = start_server("--max-connections", "3")
    kept = [served_connection(server) for _ in range(3)]
    with RawConnection(server) as connection:
        refusal = connection.response()
        assert refusal.status == 503
        assert int(refusal.headers["retry-after"]) >= 1
        assert refusal.headers["x-request-id"]
        assert json.loads(refusal.body)["error"]["message"]
    for connection in kept:
        with connection:
            pass


def test_a_peer_with_too_many_connections_is_refused(start_server):
    server = start_server("--max-connections-per-peer", "2")
    with served_connection(server), served_connection(server), RawConnection(server) as third:
        assert third.response().status == 503


def test_running_out_of_descriptors_is_survived(start_server):
    server = start_server()
    before = sum(1 for _ in Path(f"/proc/{server.process.pid}/fd").iterdir())
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (before + 10, before + 10))
    connections = [server.connect() for _ in range(40)]
    wait_until(lambda: "accepting is suspended" in server.output, "the log tells of it")
    for connection in connections:
        connection.close()
    wait_until(lambda: server.get("/livez").status_code == 200, "served again")
    assert server.metric("lamina_http_accept_suspensions_total") >= 1
    assert server.output.count("accepting is suspended") <= 3, "the log is not flooded"


def test_a_unix_socket_serves_and_goes_with_the_server(binary: Path, start_server, tmp_path: Path):
    path = tmp_path / "lamina.sock"
    server = start_server("--unix-socket", str(path), "--unix-socket-mode", "600")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    curl = ["curl", "--silent", "--show-error", "--max-time", "20", "--unix-socket", str(path)]
    answer = subprocess.run([*curl, "http://localhost/health"], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout)["status"] == "ok"
    health = subprocess.run([binary, "health", "--unix-socket", str(path)], capture_output=True, text=True, check=False)
    assert health.returncode == 0, health.stderr
    second = subprocess.run(
        [binary, "serve", "--unix-socket", str(path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode != 0
    assert "a server listens there already" in second.stderr
    server.stop()
    assert not path.exists()


def test_the_socket_of_a_killed_server_is_replaced(binary: Path, start_server, tmp_path: Path):
    path = tmp_path / "lamina.sock"
    first = start_server("--unix-socket", str(path))
    first.kill()
    assert path.exists()
    start_server("--unix-socket", str(path))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        connection.sendall(HEALTH)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_drain_delay_keeps_serving_and_announces_the_end(start_server):
    """What a proxy's pool sees: not one of its kept connections is reset, all of them are announced to end."""
    server = start_server("--drain-delay", "600")
    kept = [RawConnection(server) for _ in range(20)]
    for connection in kept:
        connection.send(HEALTH)
        assert "connection" not in connection.response().headers
    server.process.terminate()
    wait_until(lambda: server.get("/readyz").status_code == 503, "not ready")
    completion = server.post("/v1/completions", {"prompt": "Hello", "max_tokens": 1})
    assert completion.status_code == 200, "requests are still taken, on new connections too"
    assert completion.headers["Connection"] == "close"
    for connection in kept:
        with connection:
            connection.send(HEALTH)
            assert connection.response().headers["connection"] == "close"
            assert connection.is_closed()
    server.process.terminate()
    assert server.wait(seconds=20) == 0, "a second signal ends the delay"


def test_streams_outlive_the_delay(start_server, long_request: dict):
    server = start_server(*SLOW, "--drain-delay", "1")
    stream = ChatStream(server, long_request)
    stream.read_until_text()
    server.process.terminate()
    transcript = stream.read_to_end()
    assert transcript.is_done
    assert transcript.finish_reason in ("stop", "length")
    assert server.wait() == 0


@pytest.mark.parametrize("flag", ["--idle-timeout", "--write-timeout", "--max-connections"])
def test_a_limit_of_zero_is_refused_by_name(binary: Path, flag: str):
    result = subprocess.run([binary, "serve", flag, "0"], capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode != 0
    assert flag in result.stderr
