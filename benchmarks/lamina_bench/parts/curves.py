"""How the time of a decode step grows with the context, and with the number of sequences.

Both through the servers, by the median time between two tokens of a stream.
"""

from __future__ import annotations

from ..load import Load, put_under_load
from ..plan import Case, Context, Part, both
from ..processes import free_port, running
from ..programs import Metrics, Program, ServerOptions, warm_page_cache
from ..shapes import ModelName

OUTPUT = 32
CONTEXTS = (128, 512, 1024, 2048, 4096, 8192 - 2 * OUTPUT)
SEQUENCES = (1, 2, 4, 8, 16, 32)


def step_case(context: Context, model: ModelName, name: str, load: Load, rounds: int) -> Case:
    options = ServerOptions(load.concurrency, max(256, load.input_tokens + load.output_tokens + 16))

    def measure(program: Program, index: int) -> Metrics:
        path = context.path(model)
        warm_page_cache(path)
        port = free_port()
        with running(program.server(path, port, options), port) as server:
            return put_under_load(context.lamina.binary, server, load, seed=index, seconds=1500)

    return both(context, name, rounds, measure)


def context_cases(context: Context, rounds: int) -> list[Case]:
    lengths = CONTEXTS[:2] if context.is_quick else CONTEXTS
    return [
        step_case(context, model, f"{model}, context {length}", Load(1, 1, length, OUTPUT), min(rounds, 3))
        for model in context.chosen("135M-Q4_0")
        for length in lengths
    ]


def sequence_cases(context: Context, rounds: int) -> list[Case]:
    counts = SEQUENCES[:2] if context.is_quick else SEQUENCES
    return [
        step_case(context, model, f"{model}, sequences {count}", Load(count, count, 32, OUTPUT), min(rounds, 3))
        for model in context.chosen("1B-Q4_0")
        for count in counts
    ]


CONTEXT_PART = Part("context", "Decode step against context", context_cases)
SEQUENCES_PART = Part("sequences", "Decode step against sequences", sequence_cases)
