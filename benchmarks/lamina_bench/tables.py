"""The results as Markdown tables."""

from __future__ import annotations

from .summary import Summary, ratio, summarize
from .targets import BANDWIDTH_SHARE, SHARED_NODE, find_target

SIDES = ("lamina", "llama.cpp")
Row = list[str]


def markdown(document: dict) -> str:
    """All tables, for the parts that were measured."""
    parts = document["parts"]
    sections = [header(document)]
    for name, section in SECTIONS.items():
        if parts.get(name, {}).get("samples"):
            sections.append(section(name, parts[name]["samples"]))
    failures = [f"{name}, {f['case']}, {f.get('side', 'both')}: {first_line(f['reason'])}"
                for name, part in parts.items() for f in part["failures"]]  # fmt: skip
    if failures:
        sections.append("Not measured:\n\n" + "\n".join(f"- {failure}" for failure in failures))
    return "\n\n".join(sections) + "\n"


def header(document: dict) -> str:
    machine, peer = document["machine"], document["peer"]
    parts = document["parts"].values()
    commits = ", ".join(dict.fromkeys(part["commit"] for part in parts))
    disturbed = sum(sample["disturbed"] for part in parts for sample in part["samples"])
    count = sum(len(part["samples"]) for part in parts)
    lines = ["A quick run: small loads that test the benchmarks; nothing to quote."] if document.get("quick") else []
    lines += [
        f"Measured on {document['started'][:10]}, commit {commits}: {machine['processor']}, {machine['cores']} cores,"
        f" {machine['memory_bytes'] / 2**30:.0f} GiB, Linux {machine['kernel']}; {document['threads']} threads.",
        f"Peer: llama.cpp ({peer.get('build_commit') or peer['source']}), {peer.get('compiler', 'compiler unknown')},"
        f" {peer.get('options', '')}.",
        f"Medians of the rounds, lowest and highest in brackets. In {disturbed} of {count} measurements other processes"
        " took processor time: such a round counts for neither side; figures marked * had too few quiet rounds.",
    ]
    return "\n".join(lines)


def table(columns: Row, rows: list[Row]) -> str:
    rule = ["---"] + ["---:"] * (len(columns) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [columns, rule, *rows])


def cases_of(samples: list[dict]) -> list[str]:
    return list(dict.fromkeys(sample["case"] for sample in samples))


def figure(value: float) -> str:
    """Three digits or so."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(summary: Summary | None, scale: float = 1) -> str:
    if summary is None:
        return "–"
    text = figure(summary.median * scale)
    if summary.rounds > 1:
        text += f" ({figure(summary.lowest * scale)}–{figure(summary.highest * scale)})"
    return text + ("*" if summary.is_disturbed else "")


def compared(part: str, samples: list[dict], metrics: dict[str, tuple[str, float]]) -> str:
    """A row for each case and metric: both sides, their ratio, and the target where there is one."""
    rows = []
    for case in cases_of(samples):
        for metric, (title, scale) in metrics.items():
            summaries = summarize(samples, case, metric)
            if summaries:
                sides = [cell(summaries.get(side), scale) for side in SIDES]
                rows.append([f"{case}, {title}", *sides, *verdict(part, case, metric, summaries)])
    return table(["", *SIDES, "ratio", "target"], rows)


def verdict(part: str, case: str, metric: str, summaries: dict[str, Summary]) -> Row:
    quotient, target = ratio(summaries), find_target(part, case, metric)
    shown = f"{quotient:.2f}" if quotient is not None else "–"
    if target is None:
        return [shown, ""]
    ours = summaries.get("lamina")
    value = (ours.median if ours else None) if target.is_absolute else quotient
    if value is None:
        return [shown, target.text]
    what = target.text + (" itself" if target.is_absolute else "")
    return [shown, f"{what}: {'met' if target.is_met(value) else '**missed**'}"]


def speed(part: str, samples: list[dict]) -> str:
    metrics = {"decode_tokens_per_second": ("decode tok/s", 1.0), "prefill_tokens_per_second": ("prefill tok/s", 1.0)}
    text = "**One sequence, no server** (512 tokens of prompt, 128 generated)\n\n" + compared(part, samples, metrics)
    return text + "\n\n" + bandwidth(samples)


def bandwidth(samples: list[dict]) -> str:
    """What a decode step reads at least is every weight once."""
    rows = []
    for case in cases_of(samples):
        rates = summarize(samples, case, "decode_tokens_per_second")
        weights = summarize(samples, case, "weight_bytes").get("lamina")
        read = summarize(samples, case, "read_gb_per_second").get("lamina")
        if weights is None or read is None:
            continue
        shares = [f"{s.median * weights.median / 1e9 / read.median:.0%}" if (s := rates.get(side)) else "–"
                  for side in SIDES]  # fmt: skip
        rows.append([case, f"{weights.median / 1e9:.2f} GB", f"{read.median:.1f} GB/s", *shares])
    title = f"**Share of the memory's read bandwidth that decode reaches** (target for 1B: ≥ {BANDWIDTH_SHARE:.0%})"
    return title + "\n\n" + table(["", "weights", "bandwidth then", *SIDES], rows)


def startup(part: str, samples: list[dict]) -> str:
    metrics = {
        "first_token_seconds": ("first token, s", 1.0),
        "resident_bytes": ("resident, MB", 1e-6),
        "peak_resident_bytes": ("most resident, MB", 1e-6),
        "file_bytes": ("file, MB", 1e-6),
    }
    return "**Start to first token, and memory** (file in the page cache)\n\n" + compared(part, samples, metrics)


def serving(part: str, samples: list[dict]) -> str:
    metrics = {
        "output_tokens_per_second": ("generated tok/s", 1.0),
        "first_token_ms_p50": ("first token p50, s", 1e-3),
        "first_token_ms_p95": ("first token p95, s", 1e-3),
        "inter_token_ms_p50": ("between tokens p50, ms", 1.0),
        "inter_token_ms_p95": ("between tokens p95, ms", 1.0),
    }
    title = "**8 streams at a time, 16 requests of 128 tokens in, 64 out**\n\n"
    return title + compared(part, samples, metrics)


def agents(part: str, samples: list[dict]) -> str:
    metrics = {"seconds": ("total, s", 1.0), "first_token_ms_p50": ("first token p50, s", 1e-3)}
    title = "**4 agents of 4 turns, 64 tokens in, 32 out, with a shared prefix of 1024 tokens**\n\n"
    return title + compared(part, samples, metrics)


def probes(part: str, samples: list[dict]) -> str:
    metrics = {
        "live_ms_p99": ("/livez (/health) p99, ms", 1.0),
        "metrics_ms_p99": ("/metrics p99, ms", 1.0),
        "output_tokens_per_second": ("generated tok/s meanwhile", 1.0),
    }
    return "**Probes while 16 streams decode**\n\n" + compared(part, samples, metrics)


def shared(_: str, samples: list[dict]) -> str:
    """Each condition as a share of the quiet figure of the same side."""
    rows = []
    for case in cases_of(samples):
        model, condition = case.split(", ")
        summaries = summarize(samples, case, "decode_tokens_per_second")
        quiet = summarize(samples, f"{model}, quiet", "decode_tokens_per_second")
        row = [case]
        for side in SIDES:
            mine, base = summaries.get(side), quiet.get(side)
            row.append(cell(mine))
            row.append(f"{mine.median / base.median:.0%}" if mine and base else "–")
        bound = SHARED_NODE.get(condition)
        ours, base = summaries.get("lamina"), quiet.get("lamina")
        is_met = ours is not None and base is not None and bound is not None and ours.median / base.median >= bound
        row.append("" if bound is None else f"≥ {bound:.0%}: {'met' if is_met else '**missed**'}")
        rows.append(row)
    columns = ["decode tok/s", "lamina", "of quiet", "llama.cpp", "of quiet", "target for lamina"]
    return "**Shared nodes** (another process busy on one core; a CFS quota)\n\n" + table(columns, rows)


def curve(title: str):
    def section(part: str, samples: list[dict]) -> str:
        metrics = {"inter_token_ms_p50": ("ms per step", 1.0)}
        return f"**{title}** (median time between two tokens of a stream)\n\n" + compared(part, samples, metrics)

    return section


def first_line(text: str) -> str:
    return text.splitlines()[0][:200]


SECTIONS = {
    "speed": speed,
    "serving": serving,
    "agents": agents,
    "probes": probes,
    "startup": startup,
    "shared": shared,
    "context": curve("Decode step against context"),
    "sequences": curve("Decode step against sequences"),
}
