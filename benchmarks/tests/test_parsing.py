"""What the two programs print, read tolerantly; and what the runner makes of failures."""

import json
from pathlib import Path

import pytest

from lamina_bench.load import load_metrics
from lamina_bench.peer import cache_facts
from lamina_bench.plan import Case, Part
from lamina_bench.processes import ProgramFailed, run_program
from lamina_bench.programs import find_bandwidth, lamina_metrics, llama_metrics
from lamina_bench.runner import Runner
from lamina_bench.store import Results, read_document

IDENTITY = {"commit": "abc", "binary": "123", "rounds": 2}


def test_our_speed_test():
    results = [{"test": "pp512", "tokens_per_second": 90.5}, {"test": "tg128", "tokens_per_second": 28}]
    metrics = lamina_metrics(json.dumps({"weight_bytes": 5, "results": results, "memory_bandwidth_gb_per_second": 27}))
    assert metrics["prefill_tokens_per_second"] == 90.5
    assert metrics["decode_tokens_per_second"] == 28
    assert metrics["read_gb_per_second"] == 27


def test_bandwidth_is_found_by_its_name():
    assert find_bandwidth({"a": [{"read_bandwidth_bytes_per_second": 25e9}]}) == 25
    assert find_bandwidth({"bandwidth_share": 0.9}) is None


def test_the_peers_speed_test():
    text = json.dumps([{"n_gen": 0, "n_prompt": 512, "avg_ts": 60.0}, {"n_gen": 128, "n_prompt": 0, "avg_ts": 21.0}])
    assert llama_metrics(text) == {"prefill_tokens_per_second": 60.0, "decode_tokens_per_second": 21.0}


def test_a_load_with_failed_requests_is_no_measurement():
    document = {"duration_seconds": 2, "output_tokens_per_second": 9, "requests": {"ok": 3, "failed": 0}}
    document["inter_token_latency_ms"] = {"p50": 40.0, "p95": 50.0}
    assert load_metrics(json.dumps(document))["inter_token_ms_p95"] == 50
    document["requests"]["failed"] = 1
    with pytest.raises(ProgramFailed, match="1 requests failed"):
        load_metrics(json.dumps(document))


def test_a_program_that_fails_says_so():
    with pytest.raises(ProgramFailed, match="ended with 3"):
        run_program(["sh", "-c", "echo reason >&2; exit 3"], 10)
    with pytest.raises(ProgramFailed, match="not done after"):
        run_program(["sleep", "30"], 0.1)


def test_facts_of_a_build():
    facts = cache_facts("CMAKE_BUILD_TYPE:STRING=Release\nGGML_NATIVE:BOOL=ON\nGGML_CUDA:BOOL=OFF\n")
    assert facts["build_type"] == "Release"
    assert facts["options"] == "GGML_NATIVE=ON"


def test_a_failure_loses_nothing_and_a_second_run_measures_only_what_is_missing(tmp_path: Path):
    calls: list[str] = []

    def good(index: int) -> dict[str, float]:
        calls.append(f"good {index}")
        return {"x": float(index)}

    def bad(index: int) -> dict[str, float]:
        calls.append(f"bad {index}")
        raise ProgramFailed("broken")

    def run(sides: dict) -> int:
        part = Part("speed", "title", lambda _, __: [])
        plan = [(part, [Case("case", sides, 2)])]
        results = Results.open(tmp_path / "results.json", {"machine": {}})
        return Runner(results, plan, IDENTITY, patience=0).run()

    assert run({"lamina": good, "llama.cpp": bad}) == 1
    assert calls == ["good 1", "bad 1", "good 2"]
    assert run({"lamina": good, "llama.cpp": good}) == 0
    assert calls[3:] == ["good 1", "good 2"]
    part = read_document(tmp_path / "results.json")["parts"]["speed"]
    assert sorted((s["side"], s["round"]) for s in part["samples"]) == [
        ("lamina", 1), ("lamina", 2), ("llama.cpp", 1), ("llama.cpp", 2)]  # fmt: skip


def test_results_of_another_binary_are_measured_again(tmp_path: Path):
    results = Results(tmp_path / "results.json", {"parts": {}})
    results.begin("speed", IDENTITY)["samples"].append("old")
    assert results.begin("speed", IDENTITY)["samples"] == ["old"]
    assert results.begin("speed", IDENTITY | {"binary": "456"})["samples"] == []


def test_a_file_of_something_else_is_refused(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text('{"format": 99}')
    with pytest.raises(ValueError, match="no result of these benchmarks"):
        read_document(path)
