"""What is to be measured: parts of cases of measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .model_files import ModelFiles
from .programs import Lamina, LlamaCpp, Metrics, Program
from .shapes import ModelName


@dataclass
class Context:
    """What measurements use."""

    lamina: Lamina
    peer: LlamaCpp
    files: ModelFiles
    is_quick: bool
    models: list[ModelName]

    @property
    def programs(self) -> list[Program]:
        return [self.lamina, self.peer]

    def path(self, model: ModelName) -> Path:
        return self.files.path(model)

    def chosen(self, *names: str) -> list[ModelName]:
        """Those of the named models that this run is about; a quick run takes the small shape for all."""
        wanted = [ModelName.parse(name) for name in names]
        if self.is_quick:
            wanted = list(dict.fromkeys(ModelName("135M", model.type) for model in wanted if model.type != "Q4_K_M"))
        return [model for model in wanted if model in self.models]


@dataclass(frozen=True)
class Case:
    """Measured alternately on each side, round by round. `measure` gets the number of the round."""

    name: str
    sides: dict[str, Callable[[int], Metrics]]
    rounds: int


@dataclass(frozen=True)
class Part:
    """A set of cases that is stored, resumed and shown together."""

    name: str
    title: str
    cases: Callable[[Context, int], list[Case]] = field(repr=False)


def both(context: Context, name: str, rounds: int, measure: Callable[[Program, int], Metrics]) -> Case:
    """A case that is the same measurement on both programs."""

    def side(program: Program) -> Callable[[int], Metrics]:
        return lambda index: measure(program, index)

    return Case(name, {program.name: side(program) for program in context.programs}, rounds)
