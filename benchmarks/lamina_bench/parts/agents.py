"""Agents that talk in several turns; all their conversations begin with the same 1024 tokens."""

from __future__ import annotations

from ..load import AgentLoad, put_under_load
from ..plan import Case, Context, Part, both
from ..processes import free_port, running
from ..programs import Metrics, Program, ServerOptions, warm_page_cache


def cases(context: Context, rounds: int) -> list[Case]:
    load = AgentLoad(2, 2, 128, 16, 8) if context.is_quick else AgentLoad(4, 4, 1024, 64, 32)

    def case(model) -> Case:
        def measure(program: Program, index: int) -> Metrics:
            path = context.path(model)
            warm_page_cache(path)
            port = free_port()
            options = ServerOptions(load.agents, load.context + 128)
            with running(program.server(path, port, options), port) as server:
                return put_under_load(context.lamina.binary, server, load, seed=index, seconds=1500)

        return both(context, str(model), rounds, measure)

    return [case(model) for model in context.chosen("1B-Q4_0")]


PART = Part("agents", "4 agents of 4 turns with a shared prefix of 1024 tokens", cases)
