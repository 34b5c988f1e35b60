"""Fixtures: the real binary, servers that run it, and their output where a test fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lamina_server import LaminaServer, StartServer, binary_path
from openai import OpenAI
from streaming import LONG_REQUEST

OUTPUT_LINES = 200

_servers_of_tests: dict[str, list[LaminaServer]] = {}


@pytest.fixture(scope="session")
def binary() -> Path:
    """The binary under test."""
    path = binary_path()
    if not path.is_file():
        pytest.exit(f"{path} does not exist: run 'make build' first, or name a binary in LAMINA_BINARY", returncode=4)
    return path


@pytest.fixture(scope="module")
def server(binary: Path) -> Iterator[LaminaServer]:
    """A server of the embedded model with default settings, shared by the tests of a file."""
    server = LaminaServer(binary)
    yield server
    server.stop()


@pytest.fixture
def long_request() -> dict:
    """A chat request that keeps a server with the flags SLOW busy for a while."""
    return dict(LONG_REQUEST)


@pytest.fixture
def start_server(binary: Path, request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """Starts servers with flags of the test's own; those that still run are stopped at its end."""
    started = _servers_of_tests.setdefault(request.node.nodeid, [])

    def start(*flags: str, **arguments) -> LaminaServer:
        started.append(LaminaServer(binary, *flags, **arguments))
        return started[-1]

    yield start
    running = [server for server in started if server.process.poll() is None]
    for server in running:
        server.stop()
    _servers_of_tests.pop(request.node.nodeid)


@pytest.fixture
def client(server: LaminaServer) -> Iterator[OpenAI]:
    """The official client, which must not hide a failure by a retry."""
    with OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=50) as client:
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.failed:
        shared = item.funcargs.get("server") if isinstance(item, pytest.Function) else None
        servers = _servers_of_tests.get(item.nodeid, []) + ([shared] if shared else [])
        for server in servers:
            lines = server.output.splitlines()[-OUTPUT_LINES:]
            report.sections.append((f"output of the server with pid {server.process.pid}", "\n".join(lines)))
    return report
