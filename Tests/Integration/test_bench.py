"""`bench` and `bench serve` as scripts and people use them."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from lamina_server import MODELS, LaminaServer, free_port, wait_until

SUMMARIES = [
    "time_to_first_token_ms", "inter_token_latency_ms", "time_per_output_token_ms", "request_latency_ms",
]  # fmt: skip


def bench(binary: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    result = subprocess.run([str(binary), "bench", *arguments], capture_output=True, text=True, timeout=60)
    assert result.returncode == code, result.stdout + result.stderr
    return result


def serve_report(binary: Path, server: LaminaServer, *arguments: str, code: int = 0) -> dict:
    return json.loads(bench(binary, "serve", "--url", server.url, "--json", *arguments, code=code).stdout)


def test_models_prompts_and_depths_multiply(binary: Path):
    paths = [str(MODELS / f"lamina-tiny-{kind}.gguf") for kind in ("q8_0", "q4_0")]
    flags = ["--model", paths[0], "--model", paths[1], "-p", "16,32", "-n", "8", "-d", "0,32", "-r", "1", "--json"]
    report = json.loads(bench(binary, *flags).stdout)
    names = ["pp16", "pp32", "tg8", "pp16 @ d32", "pp32 @ d32", "tg8 @ d32"]
    models = ["lamina-tiny-q8_0", "lamina-tiny-q4_0"]
    assert [(row["model"], row["test"]) for row in report["results"]] == [(m, n) for m in models for n in names]
    assert [model["model"] for model in report["models"]] == models
    assert {model["kv_type"] for model in report["models"]} == {"f16"}
    for model in report["models"]:
        assert 0.1 < model["read_bandwidth_gb_per_second"] < 10_000
        rows = [row for row in report["results"] if row["model"] == model["model"]]
        shallow, deep = (row for row in rows if row["test"].startswith("tg8"))
        assert model["weight_bytes"] < shallow["bytes_per_token"] < deep["bytes_per_token"] < 2 * model["weight_bytes"]
        for row in rows:
            assert row["tokens_per_second"] > 0
            assert ("bandwidth_share" in row) == row["test"].startswith("tg")
            if "bandwidth_share" in row:
                rate = row["tokens_per_second"] * row["bytes_per_token"] / 1e9
                assert row["bandwidth_share"] == pytest.approx(rate / model["read_bandwidth_gb_per_second"], rel=0.01)


def test_the_table_shows_the_memory(binary: Path):
    text = bench(binary, "model", "-p", "0", "-n", "8,16", "-r", "1").stdout
    assert re.search(r"^memory read at [\d.]+ GB/s$", text, re.MULTILINE)
    assert re.search(r"^tg16 .* %$", text, re.MULTILINE)
    assert "pp" not in text.split("of memory")[1]


def test_a_context_that_is_too_small_is_said(binary: Path):
    result = bench(binary, "-p", "100000", code=64)
    assert "100000" in result.stderr


@pytest.mark.parametrize("form", ["--chat", "--completions", "--prompt-ids"])
def test_independent_requests(binary: Path, server: LaminaServer, form: str):
    flags = [form, "--concurrency", "3", "--requests", "9", "--input-tokens", "48", "--output-tokens", "8"]
    report = serve_report(binary, server, *flags)
    assert report["requests"] == {"ok": 9, "failed": 0, "cancelled": 0, "not_sent": 0, "failures": []}
    assert report["output_tokens"] == 9 * 8
    assert report["prompt_tokens"] == pytest.approx(9 * 48, rel=0 if form == "--prompt-ids" else 0.25)
    assert report["cached_tokens"] <= 0.5 * report["prompt_tokens"], "only a chat template is shared"
    assert report["model"] == "lamina-tiny-q8_0"
    for name in SUMMARIES:
        figures = report[name]
        assert 0 < figures["p50"] <= figures["p90"] <= figures["p95"] <= figures["p99"] <= figures["max"]
    assert report["time_to_first_token_ms"]["count"] == 9
    # The duration is rounded to milliseconds, of which the whole run takes some twenty.
    assert 72 / report["output_tokens_per_second"] == pytest.approx(report["duration_seconds"], abs=0.001)


@pytest.mark.parametrize("form", ["--chat", "--prompt-ids"])
def test_agents_share_their_prefix(binary: Path, server: LaminaServer, form: str):
    flags = [form, "--workload", "agents", "--agents", "3", "--turns", "3", "--prefix-tokens", "128"]
    report = serve_report(binary, server, *flags, "--input-tokens", "16", "--output-tokens", "8")
    assert report["requests"]["ok"] == 9
    assert report["concurrency"] == 3
    assert report["prompt_tokens"] > 9 * 128
    # Each agent's second and third request at least find what its own first one left.
    assert report["cached_tokens"] >= 6 * 112


def test_a_rate_and_a_duration(binary: Path, server: LaminaServer):
    flags = ["--rate", "40", "--duration", "0.5", "--input-tokens", "16-32", "--output-tokens", "2-4"]
    report = serve_report(binary, server, *flags)
    assert report["rate"] == 40
    assert 1 <= report["requests"]["ok"] < 100
    assert report["requests"]["failed"] == 0


def test_the_same_seed_sends_the_same_prompts(binary: Path, start_server):
    flags = ["--requests", "4", "--input-tokens", "64", "--output-tokens", "2", "--prompt-ids"]
    server: LaminaServer = start_server()
    first, again, other = (serve_report(binary, server, *flags, "--seed", seed) for seed in ("1", "1", "2"))
    assert first["cached_tokens"] == 0
    assert again["cached_tokens"] > 0
    assert other["cached_tokens"] == 0


def test_the_text_report(binary: Path, server: LaminaServer):
    result = bench(binary, "serve", "--url", f"{server.url}/v1/", "--requests", "2", "--output-tokens", "4")
    assert re.search(r"^requests +2 ok, 0 failed in ", result.stdout, re.MULTILINE)
    for name in ("first token", "inter-token", "per output token", "whole request"):
        assert re.search(rf"^{name}( +[\d.]+){{6}}$", result.stdout, re.MULTILINE)
    assert result.stderr == "", "no progress bar where nobody watches"


def test_failed_requests_are_counted_and_fail_the_command(binary: Path, start_server):
    server = start_server("--max-context", "64", "--max-sequences", "1", "--max-queue", "0")
    flags = ["--prompt-ids", "--concurrency", "4", "--requests", "8", "--input-tokens", "16", "--output-tokens", "32"]
    report = serve_report(binary, server, *flags, code=1)
    requests = report["requests"]
    assert requests["ok"] + requests["failed"] == 8
    assert requests["ok"] >= 1
    assert {failure["reason"] for failure in requests["failures"]} <= {"status 503", "status 429"}
    assert all(failure["example"] for failure in requests["failures"])


def test_a_prompt_that_does_not_fit_is_said(binary: Path, server: LaminaServer):
    result = bench(binary, "serve", "--url", server.url, "--prompt-ids", "--input-tokens", "5000", code=1)
    assert "status 400" in result.stderr
    assert "5000" in result.stderr


def test_a_dead_port_is_said(binary: Path):
    url = f"http://127.0.0.1:{free_port()}"
    result = bench(binary, "serve", "--url", url, code=1)
    assert f"cannot connect to {url}" in result.stderr
    assert "refused" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("url", ["127.0.0.1:80", "https://127.0.0.1", "http://"])
def test_what_is_no_url_is_said(binary: Path, url: str):
    assert url in bench(binary, "serve", "--url", url, code=1).stderr


def test_a_server_that_never_answers_is_given_up(binary: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        result = bench(binary, "serve", "--url", url, "--timeout", "0.3", code=1)
        assert time.monotonic() - started < 30
    assert url in result.stderr
    assert "0.3 s" in result.stderr


def test_interrupting_reports_what_has_come(binary: Path, server: LaminaServer):
    flags = ["serve", "--url", server.url, "--duration", "600", "--output-tokens", "8", "--json"]
    # Two that measure words and one that warms up are not counted.
    answered = server.metric("lamina_requests_finished_total") + 3
    process = subprocess.Popen([str(binary), "bench", *flags], stdout=subprocess.PIPE, text=True)
    wait_until(
        lambda: server.metric("lamina_requests_finished_total") > answered + 2, "requests are answered", seconds=30
    )
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    report = json.loads(output)
    assert report["interrupted"] is True
    assert report["requests"]["ok"] >= 1
    assert report["requests"]["failed"] == 0
