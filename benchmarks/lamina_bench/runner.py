"""Carries out the plan: round by round, the sides in turn, resuming where an earlier run ended."""

from __future__ import annotations

import statistics
import subprocess
import time

from .machine import QuietnessMeter, calibrate, wait_until_quiet
from .plan import Case, Part
from .processes import ProgramFailed
from .programs import Metrics
from .quota import NoQuota
from .store import Results, timestamp

SHOWN = (
    "prefill_tokens_per_second",
    "decode_tokens_per_second",
    "output_tokens_per_second",
    "inter_token_ms_p50",
    "first_token_seconds",
    "live_ms_p99",
)
FAILURES = (ProgramFailed, NoQuota, OSError, ValueError, KeyError, RuntimeError, subprocess.SubprocessError)


class Runner:
    """One run over some parts."""

    def __init__(self, results: Results, plan: list[tuple[Part, list[Case]]], identity: dict, patience: float):
        self._results = results
        self._plan = plan
        self._identity = identity
        self._patience = patience
        self._total = sum(len(case.sides) * case.rounds for _, cases in plan for case in cases)
        self._done = 0
        self._durations: dict[tuple[str, str, str], list[float]] = {}

    def run(self) -> int:
        """Measures what is missing; returns the number of failures."""
        failures = 0
        for part, cases in self._plan:
            print(f"\n==> {part.title}", flush=True)
            entry = self._results.begin(part.name, self._identity)
            entry["calibration_ms"] = calibrate()
            if not cases:
                entry["failures"].append({"case": "all", "reason": "none of the chosen models belongs to this part"})
            self._run_part(part, cases, entry)
            entry["finished"] = timestamp()
            self._results.save()
            failures += len(entry["failures"])
        return failures

    def _run_part(self, part: Part, cases: list[Case], entry: dict) -> None:
        known = {(sample["case"], sample["side"], sample["round"]) for sample in entry["samples"]}
        failed: set[tuple[str, str]] = set()
        for index in range(1, max((case.rounds for case in cases), default=0) + 1):
            for case in cases:
                if index > case.rounds:
                    continue
                for side in case.sides:
                    self._done += 1
                    if (case.name, side, index) in known or (case.name, side) in failed:
                        continue
                    if not self._measure(part, case, side, index, entry):
                        # What failed once fails again: the others have the time.
                        failed.add((case.name, side))

    def _measure(self, part: Part, case: Case, side: str, index: int, entry: dict) -> bool:
        label = f"[{self._done}/{self._total}] {case.name}, round {index} of {case.rounds}, {side}"
        wait_until_quiet(self._patience)
        meter = QuietnessMeter()
        started = time.monotonic()
        try:
            metrics = case.sides[side](index)
        except FAILURES as error:
            reason = str(error) or type(error).__name__
            entry["failures"].append({"case": case.name, "side": side, "round": index, "reason": reason})
            self._results.save()
            print(f"{label}: FAILED: {reason}", flush=True)
            return False
        seconds = time.monotonic() - started
        quietness = meter.read()
        entry["samples"].append({
            "case": case.name, "side": side, "round": index, "at": timestamp(), "seconds": round(seconds, 1),
            "metrics": metrics, "quietness": quietness.as_json(),
            "disturbed": quietness.is_disturbed,
        })  # fmt: skip
        self._results.save()
        self._durations.setdefault((part.name, case.name, side), []).append(seconds)
        mark = f"; DISTURBED, others took {quietness.others_cores} cores" if quietness.is_disturbed else ""
        print(f"{label}: {shown(metrics)} ({seconds:.0f} s; about {self._remaining()} to go{mark})", flush=True)
        return True

    def _remaining(self) -> str:
        """The measurements left times the duration of their like so far, or of all."""
        everything = [seconds for durations in self._durations.values() for seconds in durations]
        usual = statistics.mean(everything)
        left = 0.0
        for part, cases in self._plan:
            for case in cases:
                for side in case.sides:
                    here = self._durations.get((part.name, case.name, side))
                    missing = max(0, case.rounds - self._finished(part, case, side))
                    left += missing * (statistics.mean(here) if here else usual)
        return f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"

    def _finished(self, part: Part, case: Case, side: str) -> int:
        samples = self._results.document["parts"].get(part.name, {}).get("samples", [])
        return sum(sample["case"] == case.name and sample["side"] == side for sample in samples)


def shown(metrics: Metrics) -> str:
    """The figures worth a look while it runs."""
    return ", ".join(f"{name} {metrics[name]:.2f}" for name in SHOWN if name in metrics) or "done"
