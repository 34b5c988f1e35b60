"""`http`: requests per second of a small JSON answer under wrk, beside Hummingbird and nginx on the same machine.

Each server has its turn in every round, so that a slow minute of the machine meets them all; the median counts.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .paths import BENCHMARKS, REPOSITORY, cache_folder, lamina_binary
from .processes import ProgramFailed, Server, free_port, run_program

PEER = BENCHMARKS / "peers/hummingbird-hello"
BUILD_SECONDS = 1800
START_SECONDS = 60

# An answer of the same bytes as the other servers', from memory.
NGINX = """
daemon off; worker_processes {workers}; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location /hello {{ default_type application/json; return 200 '{{"message":"Hello, world!"}}'; }}
    }}
}}
"""


@dataclass(frozen=True)
class Candidate:
    """A server to be measured, and the path of its small JSON answer."""

    name: str
    path: str
    command: Callable[[int, Path], list[str]]


@dataclass(frozen=True)
class LoadSample:
    """What wrk said of one run."""

    server: str
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    requests: int
    errors: int


def candidates() -> list[Candidate]:
    found = [
        Candidate("lamina (echo server)", "/hello", _echo_server),
        Candidate("lamina-llm-serve", "/v1/models", _lamina),
    ]
    hello = build_peer()
    found.append(Candidate("hummingbird", "/hello", lambda port, _: [str(hello), str(port)]))
    # /usr/sbin is not on every user's PATH.
    if nginx := shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        found.append(Candidate("nginx", "/hello", lambda port, folder: _nginx(nginx, port, folder)))
    return found


def build_peer() -> Path:
    """Hummingbird's server, built where it is not yet."""
    scratch = cache_folder() / "hummingbird"
    program = scratch / "release/hello"
    if not program.exists():
        print("==> Building the peer, Hummingbird")
        command = ["swift", "build", "-c", "release", "--package-path", str(PEER), "--scratch-path", str(scratch)]
        run_program(command, BUILD_SECONDS)
    return program


def measure(candidate: Candidate, connections: int, seconds: int) -> LoadSample:
    with tempfile.TemporaryDirectory() as folder, _running(candidate, Path(folder)) as server:
        command = ["wrk", "-t1", f"-c{connections}", "--latency"]
        url = server.url + candidate.path
        run_program([*command, "-d2s", url], 30)
        return _sample(candidate.name, run_program([*command, f"-d{seconds}s", url], seconds + 30))


def summary(samples: list[LoadSample]) -> dict[str, dict[str, float]]:
    """Medians by server, and the sum of errors."""
    result = {}
    for name in dict.fromkeys(sample.server for sample in samples):
        mine = [sample for sample in samples if sample.server == name]
        result[name] = {
            "requests_per_second": statistics.median(sample.requests_per_second for sample in mine),
            "p50_ms": statistics.median(sample.p50_ms for sample in mine),
            "p99_ms": statistics.median(sample.p99_ms for sample in mine),
            "errors": sum(sample.errors for sample in mine),
        }
    return result


def document(samples: list[LoadSample]) -> dict[str, object]:
    return {"samples": [asdict(sample) for sample in samples], "summary": summary(samples)}


def table(samples: list[LoadSample]) -> str:
    lines = ["| server | requests/s | p50 | p99 | errors |", "|---|---:|---:|---:|---:|"]
    for name, row in summary(samples).items():
        lines.append(
            f"| {name} | {row['requests_per_second']:,.0f} | {row['p50_ms']:.1f} ms | {row['p99_ms']:.1f} ms "
            f"| {row['errors']:.0f} |"
        )
    return "\n".join(lines)


def raise_descriptor_limit() -> None:
    """wrk and each server hold a descriptor for each connection; they inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def _running(candidate: Candidate, folder: Path) -> Iterator[Server]:
    port = free_port()
    server = Server(candidate.command(port, folder), port, folder / "log")
    try:
        server.wait_until_ready(START_SECONDS, candidate.path)
        yield server
    finally:
        server.stop()


def _echo_server(port: int, _: Path) -> list[str]:
    return [str(REPOSITORY / ".build/release/lamina-echo-server"), "--port", str(port), "--max-connections", "4096"]


def _lamina(port: int, _: Path) -> list[str]:
    # The others log nothing either.
    options = ["--port", str(port), "--log-level", "error", "--max-connections", "4096"]
    return [str(lamina_binary()), "serve", *options]


def _nginx(program: str, port: int, folder: Path) -> list[str]:
    configuration = folder / "nginx.conf"
    workers = len(os.sched_getaffinity(0))
    configuration.write_text(NGINX.format(workers=workers, folder=folder, port=port))
    return [program, "-c", str(configuration), "-p", str(folder)]


def _sample(name: str, said: str) -> LoadSample:
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    total = re.search(r"(\d+) requests in", said)
    if not rate or not total:
        raise ProgramFailed(f"wrk said nothing of requests:\n{said}")
    return LoadSample(
        server=name,
        requests_per_second=float(rate[1]),
        p50_ms=_percentile(said, 50),
        p99_ms=_percentile(said, 99),
        requests=int(total[1]),
        errors=sum(map(int, errors.groups())) + (int(refused[1]) if refused else 0) if errors or refused else 0,
    )


def _percentile(said: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)", said, re.MULTILINE)
    if not found:
        raise ProgramFailed(f"wrk gave no {percent}th percentile:\n{said}")
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]
