"""Prefill and decode of one sequence, without a server."""

from __future__ import annotations

from ..plan import Case, Context, Part, both
from ..programs import Metrics, Program, warm_page_cache

MODELS = ("135M-Q4_0", "135M-Q8_0", "1B-Q4_0", "1B-Q8_0", "1B-Q4_K_M")


def cases(context: Context, rounds: int) -> list[Case]:
    prompt, generate = (64, 16) if context.is_quick else (512, 128)

    def case(model) -> Case:
        def measure(program: Program, _: int) -> Metrics:
            path = context.path(model)
            warm_page_cache(path)
            return program.speed(path, prompt, generate, seconds=900)

        return both(context, str(model), rounds, measure)

    return [case(model) for model in context.chosen(*MODELS)]


PART = Part("speed", "Prefill and decode, one sequence", cases)
