"""Statistics, tables and the README's section, from results that are made up."""

import pytest

from lamina_bench.readme_section import BEGIN, END, with_section
from lamina_bench.summary import quantile, ratio, summarize
from lamina_bench.tables import figure, markdown
from lamina_bench.targets import find_target


def sample(side: str, index: int, value: float, *, disturbed: bool = False, case: str = "1B Q4_0") -> dict:
    metrics = {"decode_tokens_per_second": value, "weight_bytes": 0.7e9, "read_gb_per_second": 28.0}
    return {"case": case, "side": side, "round": index, "metrics": metrics, "disturbed": disturbed}


def rounds(ours: list[float], theirs: list[float]) -> list[dict]:
    pairs = enumerate(zip(ours, theirs, strict=True), 1)
    return [s for i, (a, b) in pairs for s in (sample("lamina", i, a), sample("llama.cpp", i, b))]


def document(samples: list[dict], failures: tuple = ()) -> dict:
    machine = {"processor": "Test CPU", "cores": 2, "memory_bytes": 8 << 30, "kernel": "6.1"}
    part = {"commit": "abc", "samples": samples, "failures": list(failures)}
    peer = {"source": "a sdist", "compiler": "gcc", "options": ""}
    return {"started": "2026-01-02T00:00:00Z", "machine": machine, "peer": peer, "threads": 2, "parts": {"speed": part}}


def test_quantiles_lie_between_the_nearest_values():
    assert quantile([5.0], 0.99) == 5
    assert quantile([4, 1, 3, 2], 0.5) == 2.5
    assert quantile(list(range(101)), 0.99) == 99


def test_ratio_is_that_of_the_medians():
    summaries = summarize(rounds([30, 28, 29], [20, 10, 21]), "1B Q4_0", "decode_tokens_per_second")
    assert ratio(summaries) == pytest.approx(29 / 20)
    assert (summaries["lamina"].lowest, summaries["lamina"].highest) == (28, 30)
    assert ratio({"lamina": summaries["lamina"]}) is None


def test_a_disturbed_round_counts_on_neither_side():
    samples = rounds([30, 31, 32, 1], [20, 20, 20, 90])
    samples[6]["disturbed"] = True  # round 4, ours
    summaries = summarize(samples, "1B Q4_0", "decode_tokens_per_second")
    assert [summaries[side].rounds for side in ("lamina", "llama.cpp")] == [3, 3]
    assert summaries["llama.cpp"].highest == 20
    assert not summaries["lamina"].is_disturbed


def test_too_few_quiet_rounds_use_all_and_say_so():
    samples = rounds([30, 31, 32], [20, 20, 20])
    samples[0]["disturbed"] = True
    summaries = summarize(samples, "1B Q4_0", "decode_tokens_per_second")
    assert summaries["lamina"].rounds == 3
    assert summaries["lamina"].is_disturbed


@pytest.mark.parametrize(("ours", "verdict"), [(30, "≥ 1.3: met"), (20, "≥ 1.3: **missed**")])
def test_tables_compare_with_the_target(ours: float, verdict: str):
    text = markdown(document(rounds([ours] * 3, [20] * 3)))
    assert f"| {ours / 20:.2f} | {verdict} |" in text
    assert f"| 0.70 GB | 28.0 GB/s | {ours * 0.7 / 28:.0%} | 50% |" in text


def test_tables_name_what_failed():
    failure = {"case": "1B Q8_0", "side": "llama.cpp", "round": 1, "reason": "no llama-bench\nand more"}
    text = markdown(document(rounds([1], [1]), (failure,)))
    assert "- speed, 1B Q8_0, llama.cpp: no llama-bench\n" in text


def test_upper_targets_are_met_from_below():
    target = find_target("agents", "1B Q4_0", "seconds")
    assert target is not None
    assert target.is_met(0.5)
    assert not target.is_met(0.7)


def test_the_section_replaces_itself():
    once = with_section("# Title\n\nText.\n", "first")
    twice = with_section(once, "second")
    assert once.startswith("# Title\n\nText.\n\n## Results\n")
    assert twice == once.replace("first", "second")
    assert twice.count(BEGIN) == twice.count(END) == 1


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1234"), (99.96, "100.0"), (12.34, "12.3"), (0.123, "0.12")])
def test_figures_have_three_digits_or_so(value: float, text: str):
    assert figure(value) == text
