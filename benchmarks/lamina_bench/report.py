"""Tables and plots from a results file, and their way into benchmarks/README.md."""

from __future__ import annotations

from pathlib import Path

from .paths import BENCHMARKS, PLOTS, REPOSITORY
from .plots import draw
from .readme_section import BEGIN, with_section
from .store import read_document
from .tables import markdown

README = BENCHMARKS / "README.md"
FRONT = REPOSITORY / "README.md"
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
    written = [README, *plots]
    # The project's own README shows the plots alone, where it has the markers for them.
    text = FRONT.read_text()
    if BEGIN in text:
        FRONT.write_text(with_section(text, "\n\n".join(images(plots, REPOSITORY))))
        written.append(FRONT)
    return written


def section(document: dict, results: Path, plots: list[Path]) -> str:
    source = f"Every round's figure: [{results.name}](results/{results.name})."
    return "\n\n".join([*images(plots, BENCHMARKS), markdown(document).rstrip(), source])


def images(plots: list[Path], folder: Path) -> list[str]:
    """The plots as Markdown, for a file in `folder`."""
    return [f"![{CAPTIONS[plot.stem]}]({plot.relative_to(folder)})" for plot in plots]
