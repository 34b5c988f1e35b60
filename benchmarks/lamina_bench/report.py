"""Tables and plots from a results file, and their way into benchmarks/README.md."""

from __future__ import annotations

from pathlib import Path

from .paths import BENCHMARKS, PLOTS
from .plots import draw
from .store import read_document
from .tables import markdown

BEGIN, END = "<!-- results:begin, written by benchmarks/run report --publish -->", "<!-- results:end -->"
README = BENCHMARKS / "README.md"
CAPTIONS = {
    "ratios": "Tokens per second of prefill and decode, as ratios to llama.cpp",
    "serving": "Throughput and latencies of eight streams",
    "curves": "Time of a decode step against context and sequences",
}


def write_report(results: Path) -> list[Path]:
    """Writes the table and the plots beside the results; returns the files."""
    document = read_document(results)
    table = results.with_suffix(".md")
    table.write_text(markdown(document))
    return [table, *draw(document, results.with_suffix(""))]


def publish(results: Path) -> list[Path]:
    """Makes these results those that the READMEs show; refuses those of a quick run."""
    document = read_document(results)
    if document.get("quick"):
        raise ValueError(f"{results.name} is of a quick run, which tests the benchmarks and measures nothing")
    plots = draw(document, PLOTS)
    README.write_text(with_section(README.read_text(), section(document, results, plots)))
    return [README, *plots]


def section(document: dict, results: Path, plots: list[Path]) -> str:
    images = [f"![{CAPTIONS[plot.stem]}]({plot.relative_to(BENCHMARKS)})" for plot in plots]
    source = f"Every round's figure: [{results.name}](results/{results.name})."
    return "\n\n".join([*images, markdown(document).rstrip(), source])


def with_section(text: str, section: str) -> str:
    """The text with the section between the markers, or at the end under a heading where there are none yet."""
    block = f"{BEGIN}\n\n{section}\n\n{END}"
    if BEGIN in text and END in text:
        before, rest = text.split(BEGIN, 1)
        return before + block + rest.split(END, 1)[1]
    return f"{text.rstrip()}\n\n## Results\n\n{block}\n"
