"""Clients that misbehave thousands of times, and thousands that do nothing: nothing of them may stay behind."""

from __future__ import annotations

import random
import resource
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from certificates import Authority
from lamina_server import LaminaServer, wait_until
from process_figures import ProcessFigures

CYCLES = 10_000
WARM_UP = 2_000
TLS_CYCLES = 3_000
TLS_WARM_UP = 600
WORKERS = 8
IDLE = 10_000
IDLE_BYTES = 10 * 1024
# Descriptors that the processes need besides.
SPARE = 600
REQUEST = b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n"
# Malloc's arenas keep some of what was freed; 10 000 leaks of even 400 bytes are more.
GROWTH_BYTES = 4 << 20


def _reset(connection: socket.socket) -> None:
    """Closes with a reset in place of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _connects_and_goes(connection: socket.socket) -> None:
    pass


def _connects_and_resets(connection: socket.socket) -> None:
    _reset(connection)


def _sends_half_a_head(connection: socket.socket) -> None:
    connection.sendall(REQUEST[: len(REQUEST) // 2])


def _resets_after_half_a_head(connection: socket.socket) -> None:
    connection.sendall(REQUEST[:-2])
    _reset(connection)


def _sends_half_a_body(connection: socket.socket) -> None:
    connection.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")


def _sends_half_a_chunk(connection: socket.socket) -> None:
    connection.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{")


def _does_not_wait_for_the_answer(connection: socket.socket) -> None:
    connection.sendall(REQUEST)


def _resets_before_the_answer(connection: socket.socket) -> None:
    connection.sendall(REQUEST)
    _reset(connection)


def _reads_slowly_and_stops(connection: socket.socket) -> None:
    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 30)
    connection.recv(100)
    _reset(connection)


def _speaks_tls(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03")
    connection.recv(1000)


def _is_refused_and_sends_on(connection: socket.socket) -> None:
    connection.sendall(b"BAD\r\n\r\n" + b"x" * 2000)


def _half_closes(connection: socket.socket) -> None:
    connection.sendall(REQUEST)
    connection.shutdown(socket.SHUT_WR)
    assert connection.recv(100).startswith(b"HTTP/1.1 200")


KINDS: list[Callable[[socket.socket], None]] = [
    _connects_and_goes, _connects_and_resets, _sends_half_a_head, _resets_after_half_a_head, _sends_half_a_body,
    _sends_half_a_chunk, _does_not_wait_for_the_answer, _resets_before_the_answer, _reads_slowly_and_stops, _speaks_tls,
    _is_refused_and_sends_on, _half_closes,
]  # fmt: skip


# No certificate is checked: these clients do not care whom they abuse.
_CARELESS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CARELESS.check_hostname = False
_CARELESS.verify_mode = ssl.CERT_NONE


def _client_hello() -> bytes:
    output = ssl.MemoryBIO()
    try:
        _CARELESS.wrap_bio(ssl.MemoryBIO(), output).do_handshake()
    except ssl.SSLWantReadError:
        return output.read()
    raise AssertionError("a handshake cannot be over before the server has spoken")


def _sends_half_a_client_hello(connection: socket.socket) -> None:
    hello = _client_hello()
    connection.sendall(hello[: len(hello) // 2])


def _resets_in_the_handshake(connection: socket.socket) -> None:
    connection.sendall(_client_hello())
    connection.recv(100)
    _reset(connection)


def _sends_an_alert(connection: socket.socket) -> None:
    connection.sendall(_client_hello() + b"\x15\x03\x03\x00\x02\x02\x30")


def _sends_noise_in_the_handshake(connection: socket.socket) -> None:
    connection.sendall(_client_hello() + b"\x17\x03\x03\x00\x20" + b"x" * 32)


def _resets_after_the_handshake(connection: socket.socket) -> None:
    with _CARELESS.wrap_socket(connection) as secure:
        _reset(secure)


def _goes_without_close_notify(connection: socket.socket) -> None:
    with _CARELESS.wrap_socket(connection) as secure:
        secure.sendall(REQUEST)


def _reads_slowly_over_tls_and_resets(connection: socket.socket) -> None:
    with _CARELESS.wrap_socket(connection) as secure:
        secure.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
        secure.recv(100)
        _reset(secure)


TLS_KINDS: list[Callable[[socket.socket], None]] = [
    _connects_and_goes, _connects_and_resets, _sends_half_a_head, _sends_half_a_client_hello, _resets_in_the_handshake,
    _sends_an_alert, _sends_noise_in_the_handshake, _resets_after_the_handshake, _goes_without_close_notify,
    _reads_slowly_over_tls_and_resets,
]  # fmt: skip


def _misbehave(server: LaminaServer, cycles: int, kinds: list[Callable[[socket.socket], None]]) -> None:
    def some(worker: int) -> None:
        chance = random.Random(worker)
        for _ in range(cycles // WORKERS):
            with server.connect() as connection:
                try:
                    chance.choice(kinds)(connection)
                except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
                    continue

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(some, range(WORKERS)))


def _settled(server: LaminaServer) -> ProcessFigures:
    """The figures once no connection is open but the one that asks."""
    wait_until(lambda: server.metric("lamina_http_connections") <= 1, "all connections are closed", seconds=30)
    return ProcessFigures.of(server.process.pid)


def _require_unchanged(before: ProcessFigures, after: ProcessFigures) -> None:
    print(f"before {before}, after {after}")
    assert after.descriptors <= before.descriptors + 1
    assert after.threads <= before.threads + 2
    assert after.anonymous_bytes - before.anonymous_bytes < GROWTH_BYTES


@pytest.mark.timeout(300)
def test_ten_thousand_bad_clients_leave_nothing_behind(start_server: Callable[..., LaminaServer]):
    server = start_server("--log-level", "error")
    _misbehave(server, WARM_UP, KINDS)
    before = _settled(server)
    _misbehave(server, CYCLES, KINDS)
    _require_unchanged(before, _settled(server))
    assert server.get("/v1/models").status_code == 200


@pytest.mark.timeout(300)
def test_bad_clients_of_tls_leave_nothing_behind(start_server: Callable[..., LaminaServer], tmp_path: Path):
    authority = Authority(tmp_path)
    certificate = authority.issue("DNS:localhost,IP:127.0.0.1")
    flags = ["--tls-certificate", str(certificate.certificate), "--tls-key", str(certificate.key)]
    server = start_server(*flags, "--log-level", "critical", verify=authority.root.certificate)
    _misbehave(server, TLS_WARM_UP, TLS_KINDS)
    before = _settled(server)
    _misbehave(server, TLS_CYCLES, TLS_KINDS)
    _require_unchanged(before, _settled(server))
    assert server.get("/v1/models").status_code == 200


@pytest.fixture
def many_descriptors() -> Iterator[int]:
    """Raises this process's limit of descriptors as far as it may; the servers it starts inherit that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.timeout(300)
def test_an_idle_connection_takes_less_than_ten_kibibytes(start_server: Callable[..., LaminaServer], many_descriptors: int):
    count = min(IDLE, many_descriptors - SPARE)
    server = start_server("--log-level", "error", "--max-connections", str(count + 100))
    connections: list[socket.socket] = []
    try:
        _open(server, connections, 200)
        before = ProcessFigures.of(server.process.pid)
        _open(server, connections, count - 200)
        after = ProcessFigures.of(server.process.pid)
        assert server.metric("lamina_http_connections") >= count
        each = (after.anonymous_bytes - before.anonymous_bytes) / (count - 200)
        print(f"{count} connections, {each:.0f} bytes each")
        assert each < IDLE_BYTES
        assert after.threads <= before.threads + 2
        connections[0].sendall(REQUEST)
        assert connections[0].recv(1000).startswith(b"HTTP/1.1 200")
    finally:
        for connection in connections:
            connection.close()


def _open(server: LaminaServer, connections: list[socket.socket], count: int) -> None:
    """Opens connections and has each serve a request."""
    for _ in range(count):
        connection = server.connect()
        connections.append(connection)
        connection.sendall(REQUEST)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
