"""The plots that the README shows: SVG on a light card, readable in light and dark pages."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from .summary import Summary, ratio, summarize  # noqa: E402
from .tables import SIDES, cases_of  # noqa: E402
from .targets import find_target  # noqa: E402

COLOURS = {"lamina": "#c2410c", "llama.cpp": "#64748b", "prefill": "#f0a37a", "decode": "#c2410c"}
STYLE = {
    "svg.hashsalt": "lamina", "svg.fonttype": "path", "font.size": 10, "font.family": "DejaVu Sans",
    "figure.facecolor": "#ffffff", "axes.facecolor": "#ffffff", "text.color": "#1f2937",
    "axes.edgecolor": "#9ca3af", "axes.labelcolor": "#1f2937", "xtick.color": "#1f2937", "ytick.color": "#1f2937",
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "legend.frameon": False,
    "axes.titlelocation": "left", "axes.titlesize": 11,
}  # fmt: skip


def draw(document: dict, folder: Path) -> list[Path]:
    """Draws what there are results for; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = {name: part["samples"] for name, part in document["parts"].items()}
    drawn = []
    with pyplot.rc_context(STYLE):
        for name, (parts, plot) in PLOTS.items():
            if all(samples.get(part) for part in parts):
                figure = plot(*(samples[part] for part in parts))
                path = folder / f"{name}.svg"
                figure.savefig(path, metadata={"Date": None, "Creator": None})
                pyplot.close(figure)
                tidy(path)
                drawn.append(path)
    return drawn


def tidy(path: Path) -> None:
    """matplotlib ends lines with spaces."""
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def ratios(samples: list[dict]) -> Figure:
    """How many times the peer's tokens per second."""
    cases = cases_of(samples)
    figure, axes = pyplot.subplots(figsize=(7.2, 3.2), layout="constrained")
    for offset, kind in ((-0.2, "decode"), (0.2, "prefill")):
        metric = f"{kind}_tokens_per_second"
        values = [ratio(summarize(samples, case, metric)) or 0 for case in cases]
        places = [index + offset for index in range(len(cases))]
        bars = axes.bar(places, values, 0.36, label=kind, color=COLOURS[kind])
        axes.bar_label(bars, fmt="{:.2f}", label_type="center", color="#ffffff" if kind == "decode" else "#1f2937")
        for place, case in zip(places, cases, strict=True):
            target = find_target("speed", case, metric)
            if target is not None:
                axes.hlines(target.bound, place - 0.18, place + 0.18, color="#1f2937", linestyle="dotted")
    axes.axhline(1, color=COLOURS["llama.cpp"], linewidth=1)
    axes.set_xticks(range(len(cases)), cases)
    axes.margins(y=0.15)
    axes.set_title("Tokens per second, llama.cpp = 1 (dotted: the target)")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    return figure


def serving(samples: list[dict]) -> Figure:
    """Throughput and latencies of the two servers under the same load."""
    panels = [
        ("output_tokens_per_second", "generated tokens/s", 1.0),
        ("first_token_ms_p95", "first token p95, s", 1e-3),
        ("inter_token_ms_p95", "between tokens p95, ms", 1.0),
    ]
    cases = cases_of(samples)
    figure, grid = pyplot.subplots(1, len(panels), figsize=(7.6, 2.9), layout="constrained")
    for axes, (metric, title, scale) in zip(grid, panels, strict=True):
        for offset, side in ((-0.2, SIDES[0]), (0.2, SIDES[1])):
            found = [summarize(samples, case, metric).get(side) for case in cases]
            heights = [summary.median * scale if summary else 0 for summary in found]
            bars = axes.bar(
                [index + offset for index in range(len(cases))], heights, 0.36, label=side, color=COLOURS[side],
                yerr=spread(found, scale), error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "#1f2937"})  # fmt: skip
            axes.bar_label(bars, fmt="{:.3g}", padding=2, fontsize=8)
        axes.set_xticks(range(len(cases)), cases)
        axes.margins(y=0.18)
        axes.set_title(title)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def spread(summaries: list[Summary | None], scale: float) -> list[list[float]]:
    """Distances from the medians down and up."""
    down = [(s.median - s.lowest) * scale if s else 0 for s in summaries]
    return [down, [(s.highest - s.median) * scale if s else 0 for s in summaries]]


def curves(context: list[dict], sequences: list[dict]) -> Figure:
    """Milliseconds of a decode step."""
    figure, grid = pyplot.subplots(1, 2, figsize=(7.6, 3.1), layout="constrained")
    for axes, samples, title in ((grid[0], context, "tokens of context"), (grid[1], sequences, "sequences at once")):
        cases = cases_of(samples)
        for side in SIDES:
            points = [(int(case.rsplit(" ", 1)[1]), summarize(samples, case, "inter_token_ms_p50").get(side))
                      for case in cases]  # fmt: skip
            points = [(place, summary) for place, summary in points if summary is not None]
            places, found = [place for place, _ in points], [summary for _, summary in points]
            axes.errorbar(places, [s.median for s in found], yerr=spread(found, 1), label=side, color=COLOURS[side],
                          marker="o", markersize=4, capsize=2)  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color="#e5e7eb")
        axes.set_xlabel(title)
        axes.set_title(f"ms per decode step, {cases[0].split(',')[0]}" if cases else "")
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


PLOTS = {
    "ratios": (("speed",), ratios),
    "serving": (("serving",), serving),
    "curves": (("context", "sequences"), curves),
}
