"""From the start of the process to the first token, with the file in the page cache; and the memory it then holds."""

from __future__ import annotations

import time

from ..plan import Case, Context, Part, both
from ..processes import complete, free_port, running
from ..programs import Metrics, Program, ServerOptions, warm_page_cache


def cases(context: Context, rounds: int) -> list[Case]:
    def case(model) -> Case:
        def measure(program: Program, _: int) -> Metrics:
            path = context.path(model)
            warm_page_cache(path)
            port = free_port()
            with running(program.server(path, port, ServerOptions(8, 512)), port) as server:
                ready = time.monotonic() - server.started
                complete(port, list(range(300, 316)), tokens=1, seconds=120)
                first = time.monotonic() - server.started
                complete(port, list(range(400, 528)), tokens=32, seconds=300)
                memory = server.memory()
            return {"ready_seconds": ready, "first_token_seconds": first, "file_bytes": path.stat().st_size} | memory

        return both(context, str(model), rounds, measure)

    return [case(model) for model in context.chosen("135M-Q4_0", "1B-Q4_0", "1B-Q8_0")]


PART = Part("startup", "From start to first token, and resident memory", cases)
