"""Thousands of requests read by our server and by others: they agree, or disagreements.toml says why not.

More of them, by hand:
    LAMINA_DIFFERENTIAL_CASES=20000 LAMINA_DIFFERENTIAL_SEED=7 make test-integration PYTEST_ARGS="-k differential"
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import h11_reading
import pytest
from cases import Case, generate
from envoy_process import needs_envoy
from exchange import read_all
from explanations import explanations
from outcome import Disagreement, Step, first_disagreement
from servers import Server, echo_server, envoy, nginx, nginx_program

COUNT = int(os.environ.get("LAMINA_DIFFERENTIAL_CASES", "3000"))
SEED = int(os.environ.get("LAMINA_DIFFERENTIAL_SEED", "9112"))
# Seconds of silence after which a server is taken to wait for more; a second, slower look follows where that matters.
PATIENCE = 1
SECOND_PATIENCE = 4
SHOWN = 15


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return generate(COUNT, SEED)


@pytest.fixture(scope="module")
def ours() -> Iterator[Server]:
    with echo_server() as server:
        yield server


@pytest.fixture(scope="module")
def our_steps(ours: Server, cases: list[Case]) -> list[list[Step]]:
    return _read(ours, [case.data for case in cases], PATIENCE * 10)


def test_h11_and_we_read_alike_or_it_is_explained(cases: list[Case], our_steps: list[list[Step]]):
    _require_explained("h11", cases, our_steps, [h11_reading.read(case.data) for case in cases])


@pytest.mark.skipif(nginx_program() is None, reason="nginx is not installed; CI installs it")
def test_nginx_in_front_and_we_read_alike_or_it_is_explained(
    ours: Server, cases: list[Case], our_steps: list[list[Step]], tmp_path: Path
):
    with nginx(ours.port, tmp_path) as front:
        _require_explained("nginx", cases, our_steps, _read_as(front, cases, our_steps))


@needs_envoy
def test_envoy_in_front_and_we_read_alike_or_it_is_explained(
    ours: Server, cases: list[Case], our_steps: list[list[Step]], tmp_path: Path
):
    with envoy(ours.port, tmp_path) as front:
        _require_explained("envoy", cases, our_steps, _read_as(front, cases, our_steps))


def _read(server: Server, inputs: list[bytes], patience: float) -> list[list[Step]]:
    return asyncio.run(read_all(server.port, inputs, server.answers_half_closed, patience))


def _read_as(front: Server, cases: list[Case], our_steps: list[list[Step]]) -> list[list[Step]]:
    """What the front read. Where it seems to wait and we do not, it gets a second look: the machine may be busy."""
    steps = _read(front, [case.data for case in cases], PATIENCE)
    doubtful = [
        index
        for index, case in enumerate(cases)
        if (found := _compare(front.name, case, our_steps[index], steps[index])) and found.kinds[1] == "ends"
    ]
    again = _read(front, [cases[index].data for index in doubtful], SECOND_PATIENCE)
    for index, second in zip(doubtful, again, strict=True):
        steps[index] = second
    return steps


def _compare(peer: str, case: Case, ours: list[Step], theirs: list[Step]) -> Disagreement | None:
    # A proxy adds and drops fields; h11 hands over what it read.
    return first_disagreement(peer, ours, theirs, case.data, compares_fields=peer == "h11")


def _require_explained(peer: str, cases: list[Case], ours: list[list[Step]], theirs: list[list[Step]]) -> None:
    table = explanations()
    met: Counter[str] = Counter()
    unexplained: list[Disagreement] = []
    for case, our_steps, their_steps in zip(cases, ours, theirs, strict=True):
        found = _compare(peer, case, our_steps, their_steps)
        if found is None:
            continue
        explanation = next((each for each in table if each.covers(found)), None)
        if explanation is None:
            unexplained.append(found)
        else:
            met[explanation.why] += 1
    print(f"{peer}: {len(cases)} cases, {met.total()} disagreements explained by {len(met)} reasons")
    for why, count in met.most_common():
        print(f"{count:6} {why}")
    lines = [f"{each.ours}\n  {each.theirs}\n  {each.data!r}" for each in unexplained[:SHOWN]]
    assert not unexplained, (
        f"{peer}: {len(unexplained)} unexplained disagreements (ours, theirs, bytes):\n" + "\n".join(lines)
    )
