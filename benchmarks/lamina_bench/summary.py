"""Medians and spread."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

# Rounds that must be left for the disturbed ones to be left out.
ENOUGH_ROUNDS = 3


@dataclass(frozen=True)
class Summary:
    """The rounds of one metric on one side."""

    median: float
    lowest: float
    highest: float
    rounds: int
    is_disturbed: bool  # other processes took processor time, and there were too few quiet rounds to do without

    @staticmethod
    def of(values: list[float], is_disturbed: bool) -> Summary:
        """Of one value at least."""
        return Summary(statistics.median(values), min(values), max(values), len(values), is_disturbed)


def quantile(values: list[float], share: float) -> float:
    """Interpolated linearly between the two nearest values."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    lower = int(rank)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (rank - lower)


def summarize(samples: list[dict], case: str, metric: str) -> dict[str, Summary]:
    """The summary of each side. A round that was disturbed on one side counts on neither, if enough others remain."""
    mine = [sample for sample in samples if sample["case"] == case and metric in sample["metrics"]]
    disturbed = {sample["round"] for sample in mine if sample["disturbed"]}
    quiet = [sample for sample in mine if sample["round"] not in disturbed]
    is_disturbed = len({sample["round"] for sample in quiet}) < ENOUGH_ROUNDS and bool(disturbed)
    used = mine if is_disturbed else quiet
    values: dict[str, list[float]] = {}
    for sample in used:
        values.setdefault(sample["side"], []).append(sample["metrics"][metric])
    return {side: Summary.of(numbers, is_disturbed) for side, numbers in values.items()}


def ratio(summaries: dict[str, Summary]) -> float | None:
    """Ours over the peer's, None unless both were measured."""
    ours, theirs = summaries.get("lamina"), summaries.get("llama.cpp")
    if ours is None or theirs is None or theirs.median == 0:
        return None
    return ours.median / theirs.median
