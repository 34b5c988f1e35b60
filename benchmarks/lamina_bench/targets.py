"""What this project has set itself, as ratios to the peer in the same run or as figures of its own."""

from __future__ import annotations

from dataclasses import dataclass

from .summary import ratio, summarize


@dataclass(frozen=True)
class Target:
    """A bound on a ratio (or, where `is_absolute`, on our own median) of one metric of one case."""

    part: str
    case: str
    metric: str
    bound: float
    is_upper: bool = False
    is_absolute: bool = False

    def value(self, document: dict) -> float | None:
        samples = document["parts"].get(self.part, {}).get("samples", [])
        summaries = summarize(samples, self.case, self.metric)
        if not self.is_absolute:
            return ratio(summaries)
        return summaries["lamina"].median if "lamina" in summaries else None

    def is_met(self, value: float) -> bool:
        return value <= self.bound if self.is_upper else value >= self.bound

    @property
    def text(self) -> str:
        return f"{'≤' if self.is_upper else '≥'} {self.bound:g}"


def _serving(model: str) -> list[Target]:
    return [
        Target("serving", model, "output_tokens_per_second", 2.5),
        Target("serving", model, "first_token_ms_p95", 0.5, is_upper=True),
        Target("serving", model, "inter_token_ms_p95", 0.5, is_upper=True),
    ]


TARGETS = [
    Target("speed", "135M Q4_0", "decode_tokens_per_second", 1.5),
    Target("speed", "135M Q8_0", "decode_tokens_per_second", 1.4),
    Target("speed", "1B Q4_0", "decode_tokens_per_second", 1.3),
    Target("speed", "1B Q8_0", "decode_tokens_per_second", 1.2),
    Target("speed", "1B Q4_K_M", "decode_tokens_per_second", 1.2),
    Target("speed", "1B Q4_0", "prefill_tokens_per_second", 1.5),
    Target("speed", "1B Q8_0", "prefill_tokens_per_second", 1.5),
    Target("speed", "1B Q4_K_M", "prefill_tokens_per_second", 1.2),
    *_serving("1B Q4_0"),
    *_serving("1B Q8_0"),
    Target("agents", "1B Q4_0", "seconds", 0.6, is_upper=True),
    Target("startup", "1B Q4_0", "first_token_seconds", 2, is_upper=True, is_absolute=True),
    Target("probes", "1B Q4_0", "live_ms_p99", 20, is_upper=True, is_absolute=True),
    Target("probes", "1B Q4_0", "metrics_ms_p99", 20, is_upper=True, is_absolute=True),
]

# Share of the quiet figure that must remain, by condition.
SHARED_NODE = {"busy core": 0.45, "quota 1.5": 0.65}
BANDWIDTH_SHARE = 0.85


def find_target(part: str, case: str, metric: str) -> Target | None:
    return next((t for t in TARGETS if (t.part, t.case, t.metric) == (part, case, metric)), None)
