"""The two programs that are compared, behind one interface: a speed test in a process, and a server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .bandwidth import read_gigabytes_per_second
from .peer import Peer
from .processes import ProgramFailed, run_program

Metrics = dict[str, float]


@dataclass(frozen=True)
class ServerOptions:
    """What a server is to be ready for."""

    streams: int
    context: int  # tokens of prompt and answer of one stream


class Program(Protocol):
    """What is measured."""

    name: str

    def speed(
        self, model: Path, prompt: int, generate: int, seconds: float, enter: Callable[[], None] | None = None
    ) -> Metrics:
        """Tokens per second of one sequence: `prefill_tokens_per_second`, `decode_tokens_per_second`."""

    def server(self, model: Path, port: int, options: ServerOptions) -> list[str]:
        """The command of a server on 127.0.0.1."""


class Lamina:
    """This project's binary."""

    name = "lamina"

    def __init__(self, binary: Path, threads: int):
        self.binary = binary
        self.threads = threads

    def speed(
        self, model: Path, prompt: int, generate: int, seconds: float, enter: Callable[[], None] | None = None
    ) -> Metrics:
        command = [str(self.binary), "bench", "--model", str(model), "-p", str(prompt), "-n", str(generate)]
        # The bandwidth is measured beside it, in the same moments.
        bandwidth = read_gigabytes_per_second(self.threads)
        metrics = lamina_metrics(
            run_program([*command, "-r", "1", "--json", "--threads", str(self.threads)], seconds, enter)
        )
        return {"read_gb_per_second": bandwidth} | metrics

    def server(self, model: Path, port: int, options: ServerOptions) -> list[str]:
        command = [str(self.binary), "serve", "--model", str(model), "--port", str(port)]
        command += ["--threads", str(self.threads), "--max-sequences", str(options.streams)]
        return [*command, "--max-context", str(options.context), "--log-level", "warning"]


class LlamaCpp:
    """The peer."""

    name = "llama.cpp"

    def __init__(self, peer: Peer, threads: int):
        self.peer = peer
        self.threads = threads

    def speed(
        self, model: Path, prompt: int, generate: int, seconds: float, enter: Callable[[], None] | None = None
    ) -> Metrics:
        command = [self._tool("llama-bench"), "-m", str(model), "-p", str(prompt), "-n", str(generate), "-r", "1"]
        command += ["-t", str(self.threads), "-fa", "1", "-o", "json"]
        return llama_metrics(run_program(command, seconds, enter))

    def server(self, model: Path, port: int, options: ServerOptions) -> list[str]:
        command = [self._tool("llama-server"), "-m", str(model), "--host", "127.0.0.1", "--port", str(port)]
        command += ["-t", str(self.threads), "-tb", str(self.threads), "-np", str(options.streams), "--cont-batching"]
        # Its context is shared out among the streams.
        return [*command, "-fa", "on", "--ctx-size", str(options.streams * options.context), "--metrics"]

    def _tool(self, name: str) -> str:
        path = self.peer.tool(name)
        if path is None:
            raise ProgramFailed(f"{self.peer.build} has no {name}: finish the build, or run 'benchmarks/run peer'")
        return str(path)


def lamina_metrics(text: str) -> Metrics:
    """The figures of `bench --json`, which may say more than is asked for."""
    document = json.loads(text)
    if isinstance(document.get("models"), list) and document["models"]:
        document = {**document, **document["models"][0]}
    metrics: Metrics = {}
    for result in document["results"]:
        kind = {"pp": "prefill", "tg": "decode"}.get(result["test"][:2])
        if kind is not None:
            metrics[f"{kind}_tokens_per_second"] = float(result["tokens_per_second"])
    if "weight_bytes" in document:
        metrics["weight_bytes"] = float(document["weight_bytes"])
    bandwidth = find_bandwidth(document)
    if bandwidth is not None:
        metrics["read_gb_per_second"] = bandwidth
    return metrics


def find_bandwidth(value: object) -> float | None:
    """The first number under a key that speaks of memory or read bandwidth, in GB/s."""
    if isinstance(value, list):
        return next((found for item in value if (found := find_bandwidth(item)) is not None), None)
    if not isinstance(value, dict):
        return None
    for key, inner in value.items():
        if "bandwidth" in key and "share" not in key and isinstance(inner, int | float):
            return float(inner) / 1e9 if "bytes" in key else float(inner)
    return next((found for inner in value.values() if (found := find_bandwidth(inner)) is not None), None)


def llama_metrics(text: str) -> Metrics:
    """The figures of `llama-bench -o json`."""
    metrics: Metrics = {}
    for result in json.loads(text):
        kind = "prefill" if result["n_gen"] == 0 else "decode"
        metrics[f"{kind}_tokens_per_second"] = float(result["avg_ts"])
    return metrics


def warm_page_cache(model: Path) -> float:
    """Reads the file once, so that loading it reads memory; returns the seconds that took."""
    started = time.monotonic()
    with model.open("rb", buffering=0) as file:
        while file.read(16 << 20):
            pass
    return time.monotonic() - started
