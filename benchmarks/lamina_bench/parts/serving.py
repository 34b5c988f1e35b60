"""Eight streams at a time through each server."""

from __future__ import annotations

from ..load import Load, put_under_load
from ..plan import Case, Context, Part, both
from ..processes import free_port, running
from ..programs import Metrics, Program, ServerOptions, warm_page_cache

STREAMS = 8


def cases(context: Context, rounds: int) -> list[Case]:
    tokens_in, tokens_out = (32, 16) if context.is_quick else (128, 64)
    load = Load(STREAMS, STREAMS if context.is_quick else 2 * STREAMS, tokens_in, tokens_out)

    def case(model) -> Case:
        def measure(program: Program, index: int) -> Metrics:
            path = context.path(model)
            warm_page_cache(path)
            port = free_port()
            # A server of its own for every round: nothing of the round before is cached.
            with running(program.server(path, port, ServerOptions(STREAMS, 512)), port) as server:
                return put_under_load(context.lamina.binary, server, load, seed=index, seconds=900)

        return both(context, str(model), rounds, measure)

    return [case(model) for model in context.chosen("1B-Q4_0", "1B-Q8_0")]


PART = Part("serving", f"{STREAMS} streams, 128 tokens in, 64 out", cases)
