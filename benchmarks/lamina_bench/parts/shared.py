"""Decode on a machine that is not ours alone: a busy process on one core, and a quota of 1.5 processors."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable

from ..plan import Case, Context, Part
from ..processes import busy_core
from ..programs import Metrics, Program, warm_page_cache
from ..quota import cpu_quota, enter
from ..shapes import ModelName

QUOTA_CORES = 1.5


def cases(context: Context, rounds: int) -> list[Case]:
    tokens = 16 if context.is_quick else 32

    def measure(program: Program, model: ModelName, condition: str) -> Metrics:
        path = context.path(model)
        warm_page_cache(path)
        if condition == "quiet":
            return program.speed(path, 0, tokens, seconds=300)
        if condition == "busy core":
            with busy_core(max(os.sched_getaffinity(0))):
                return program.speed(path, 0, tokens, seconds=300)
        with cpu_quota(QUOTA_CORES) as processes:
            return program.speed(path, 0, tokens, seconds=300, enter=functools.partial(enter, processes))

    def case(model: ModelName, condition: str) -> Case:
        def side(program: Program) -> Callable[[int], Metrics]:
            return lambda _: measure(program, model, condition)

        return Case(f"{model}, {condition}", {program.name: side(program) for program in context.programs}, rounds)

    conditions = ("quiet", "busy core", f"quota {QUOTA_CORES}")
    models = context.chosen("135M-Q4_0", "1B-Q4_0")
    return [case(model, condition) for model in models for condition in conditions]


PART = Part("shared", "Decode on a shared node", cases)
