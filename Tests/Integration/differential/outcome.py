"""What a server made of the bytes of a connection, step by step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Read:
    """A whole request."""

    method: str
    target: str
    body: bytes
    # Lower-case names and values, but for Host.
    fields: tuple[tuple[str, bytes], ...]
    authority: str | None


@dataclass(frozen=True)
class Refused:
    """The refusal of what came next, in the server's words."""

    text: str


@dataclass(frozen=True)
class Ended:
    """No further request: the connection was closed in order, or waits for more bytes."""


Step = Read | Refused | Ended


@dataclass(frozen=True)
class Disagreement:
    """The first step at which a peer did something else than we did."""

    peer: str
    ours: Step
    theirs: Step
    data: bytes

    @property
    def kinds(self) -> tuple[str, str]:
        names = {Read: "reads", Refused: "refuses", Ended: "ends"}
        return names[type(self.ours)], names[type(self.theirs)]


def first_disagreement(
    peer: str, ours: list[Step], theirs: list[Step], data: bytes, compares_fields: bool
) -> Disagreement | None:
    """Compares up to the first step that differs: all behind it follows from that."""
    for our_step, their_step in zip([*ours, Ended()], [*theirs, Ended()], strict=False):
        if not _agree(our_step, their_step, compares_fields):
            return Disagreement(peer, our_step, their_step, data)
        if not isinstance(our_step, Read):
            return None
    return None


def _agree(ours: Step, theirs: Step, compares_fields: bool) -> bool:
    if not isinstance(ours, Read) or not isinstance(theirs, Read):
        return type(ours) is type(theirs)
    if (ours.method, ours.target, ours.body) != (theirs.method, theirs.target, theirs.body):
        return False
    return not compares_fields or (ours.fields, ours.authority) == (theirs.fields, theirs.authority)
