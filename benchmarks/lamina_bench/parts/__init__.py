"""The parts of the comparison, in the order in which they run."""

from __future__ import annotations

from ..plan import Part
from . import agents, curves, probes, serving, shared, speed, startup

PARTS: list[Part] = [
    speed.PART,
    startup.PART,
    serving.PART,
    agents.PART,
    probes.PART,
    shared.PART,
    curves.CONTEXT_PART,
    curves.SEQUENCES_PART,
]
