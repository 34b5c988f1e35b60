"""The section of a README that is written by a program."""

from __future__ import annotations

BEGIN, END = "<!-- results:begin, written by benchmarks/run report --publish -->", "<!-- results:end -->"


def with_section(text: str, section: str) -> str:
    """The text with the section between the markers, or at the end under a heading where there are none yet."""
    block = f"{BEGIN}\n\n{section}\n\n{END}"
    if BEGIN in text and END in text:
        before, rest = text.split(BEGIN, 1)
        return before + block + rest.split(END, 1)[1]
    return f"{text.rstrip()}\n\n## Results\n\n{block}\n"
