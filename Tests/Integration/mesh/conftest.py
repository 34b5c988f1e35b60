"""Fixtures: a trust domain, pods that serve and pods that call, and what their Envoys said where a test fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from deep_model import write_deep_model
from envoy_process import needs_envoy
from lamina_server import LaminaServer, StartServer, free_port, wait_until
from pilot_agent import PilotAgent, istio_flags
from pods import CallerPod, ServerPod, StartCaller, StartPod
from trace_sink import TraceSink
from trust_domain import TrustDomain

LOG_LINES = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(needs_envoy)


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory) -> TrustDomain:
    return TrustDomain(tmp_path_factory.mktemp("domain"))


@pytest.fixture(scope="session")
def deep_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that makes some two hundred tokens a second, so that an answer lasts as long as a test wants."""
    path = tmp_path_factory.mktemp("model") / "deep.gguf"
    write_deep_model(path, times=16, context=32768)
    return path


@pytest.fixture
def slow(deep_model: Path) -> tuple[str, ...]:
    """Flags of a server whose answers take seconds, however fast the machine is, and leave a core to the Envoys."""
    return ("--model", str(deep_model), "--threads", "1", "--kv-cache-memory", "1G")


class _Pods:
    """Starts pods, and stops them: callers first."""

    def __init__(self, domain: TrustDomain, folder: Path):
        self._domain = domain
        self._folder = folder
        self._numbers = count(1)
        self._stack = ExitStack()
        self.folders: list[Path] = []

    def serve(self, app: LaminaServer, **settings) -> ServerPod:
        pod = ServerPod(app, self._domain, self._new_folder("server"), **settings)
        self._stack.callback(pod.stop)
        return pod

    def call(self, *servers: ServerPod, account: str = "frontend", **settings) -> CallerPod:
        pod = CallerPod(list(servers), account, self._new_folder(account), **settings)
        self._stack.callback(pod.stop)
        return pod

    def stop(self) -> None:
        self._stack.close()

    def _new_folder(self, name: str) -> Path:
        self.folders.append(self._folder / f"{name}-{next(self._numbers)}")
        return self.folders[-1]


@pytest.fixture(scope="module")
def _shared_pods(domain: TrustDomain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Pods]:
    pods = _Pods(domain, tmp_path_factory.mktemp("shared"))
    yield pods
    pods.stop()


@pytest.fixture(scope="module")
def pod(server: LaminaServer, _shared_pods: _Pods) -> ServerPod:
    """The pod of the server that the tests of a file share."""
    return _shared_pods.serve(server)


@pytest.fixture(scope="module")
def caller(pod: ServerPod, _shared_pods: _Pods) -> CallerPod:
    """One that calls it."""
    return _shared_pods.call(pod)


@pytest.fixture
def _pods(domain: TrustDomain, tmp_path: Path) -> Iterator[_Pods]:
    pods = _Pods(domain, tmp_path)
    yield pods
    pods.stop()


@pytest.fixture
def start_pod(_pods: _Pods) -> StartPod:
    """Puts a sidecar, with settings of the test's own, in front of a server."""
    return _pods.serve


@pytest.fixture
def start_caller(_pods: _Pods) -> StartCaller:
    """Starts a caller of such servers, with settings of the test's own."""
    return _pods.call


@pytest.fixture
def traces() -> Iterator[TraceSink]:
    """A collector of traces that has understood all it got."""
    sink = TraceSink()
    yield sink
    sink.close()
    assert sink.problems == []


@pytest.fixture
def start_istio_pod(start_server: StartServer, start_pod: StartPod) -> StartPod:
    """Starts a server with these flags that knows of its sidecar, and the sidecar with these settings."""

    def start(*flags: str, environment: dict[str, str] | None = None, **settings) -> ServerPod:
        agent, status_port = PilotAgent(), free_port()
        sidecar = istio_flags(status_port, agent.port)
        app = start_server("--mesh", "istio", *sidecar, *flags, environment=environment)
        pod = start_pod(app, agent=agent, status_port=status_port, **settings)
        wait_until(lambda: app.get("/readyz").json()["mesh"]["proxy"] == "ready", "the server sees its sidecar")
        return pod

    return start


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for pods in (item.funcargs.get("_shared_pods"), item.funcargs.get("_pods")):
            for path in sorted(path for folder in (pods.folders if pods else []) for path in folder.glob("*.log")):
                lines = path.read_text(errors="replace").splitlines()[-LOG_LINES:]
                report.sections.append((f"{path.parent.name}/{path.name}", "\n".join(lines)))
    return report
