"""The load generator: this project's `bench serve`, for both servers alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .processes import ProgramFailed, Server, complete, run_program
from .programs import Metrics

WARM_UP = list(range(100, 164))
LATENCIES = {
    "time_to_first_token_ms": "first_token_ms",
    "inter_token_latency_ms": "inter_token_ms",
    "request_latency_ms": "request_ms",
}


@dataclass(frozen=True)
class Load:
    """Random prompts given as token ids, so that both servers compute exactly as many."""

    concurrency: int
    requests: int
    input_tokens: int
    output_tokens: int

    def arguments(self) -> list[str]:
        counts = ["--concurrency", str(self.concurrency), "--requests", str(self.requests)]
        return [*counts, "--input-tokens", str(self.input_tokens), "--output-tokens", str(self.output_tokens)]


@dataclass(frozen=True)
class AgentLoad:
    """Agents that hold conversations of several turns; all begin with the same prefix."""

    agents: int
    turns: int
    prefix_tokens: int
    input_tokens: int
    output_tokens: int

    def arguments(self) -> list[str]:
        shape = ["--workload", "agents", "--agents", str(self.agents), "--turns", str(self.turns)]
        shape += ["--prefix-tokens", str(self.prefix_tokens), "--input-tokens", str(self.input_tokens)]
        return [*shape, "--output-tokens", str(self.output_tokens)]

    @property
    def context(self) -> int:
        """Tokens of the longest conversation."""
        return self.prefix_tokens + self.turns * (self.input_tokens + self.output_tokens)


def put_under_load(binary: Path, server: Server, load: Load | AgentLoad, seed: int, seconds: float) -> Metrics:
    """Runs the load to its end. A request before it, of tokens that the load has none of, warms the server up."""
    complete(server.port, WARM_UP, tokens=8, seconds=300)
    command = [str(binary), "bench", "serve", "--url", server.url, "--prompt-ids", "--json", "--seed", str(seed)]
    return load_metrics(run_program([*command, "--warm-up", "0", *load.arguments()], seconds))


def load_metrics(text: str) -> Metrics:
    """The figures of `bench serve --json`; raises ProgramFailed if a request failed."""
    document = json.loads(text)
    requests = document.get("requests", {})
    if requests.get("failed", 0) or not requests.get("ok", 1):
        raise ProgramFailed(f"{requests.get('failed')} requests failed: {requests.get('failures')}")
    metrics = {
        "seconds": float(document["duration_seconds"]),
        "output_tokens_per_second": float(document["output_tokens_per_second"]),
        "cached_tokens": float(document.get("cached_tokens", 0)),
    }
    for key, name in LATENCIES.items():
        for quantile in ("p50", "p95", "p99"):
            value = (document.get(key) or {}).get(quantile)
            if value is not None:
                metrics[f"{name}_{quantile}"] = float(value)
    return metrics
