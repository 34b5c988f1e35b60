"""The commands as a person at a terminal meets them."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import socket
import subprocess
from pathlib import Path

import golden
import pytest
from lamina_server import MODELS, REPOSITORY, LaminaServer

EMBEDDED = MODELS / "lamina-tiny-q8_0.gguf"
COMMANDS = ["serve", "generate", "show", "tokenize", "template", "bench", "health", "doctor"]
SERVE_FLAGS = [
    "--host", "--port", "--model", "--model-name", "--threads", "--max-context", "--max-sequences", "--max-queue",
    "--kv-cache-memory", "--drain-timeout", "--max-body", "--log-format", "--log-level",
]  # fmt: skip


def run(
    binary: Path, *arguments: str, cwd: Path = REPOSITORY, environment: dict[str, str] | None = None, seconds: int = 50
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(binary), *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
    )


def test_help_lists_the_commands(binary: Path):
    result = run(binary, "--help")
    assert result.returncode == 0
    assert all(re.search(rf"^  {command}\b.*\S", result.stdout, re.MULTILINE) for command in COMMANDS), result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(binary: Path, command: str):
    result = run(binary, command, "--help")
    assert result.returncode == 0
    assert "OVERVIEW:" in result.stdout
    assert f"USAGE: lamina-llm-serve {command}" in result.stdout


def test_serve_explains_every_flag(binary: Path):
    text = run(binary, "serve", "--help").stdout
    for flag in SERVE_FLAGS:
        assert re.search(rf"^  (-\w, )?{flag} ", text, re.MULTILINE), f"{flag} is not in:\n{text}"


def test_the_version_is_a_version(binary: Path):
    result = run(binary, "--version")
    assert result.returncode == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S* \((x86-64-v3|x86-64-v4\+vnni|arm64\+dotprod)\)", result.stdout.strip())


def test_an_unknown_flag_is_a_usage_error(binary: Path):
    result = run(binary, "serve", "--no-such-flag")
    assert result.returncode == 64
    assert "--no-such-flag" in result.stderr


def test_the_start_up_block_tells_what_runs_and_what_to_try(start_server):
    server = start_server("--threads", "1")
    output = server.output
    assert "lamina-tiny" in output
    assert re.search(r"\d+(\.\d+)? [KMG]i?B", output), "memory use"
    assert "thread" in output.lower()
    assert f"Listening on {server.url}" in output
    assert "curl " in output
    assert f"{server.url}/v1/chat/completions" in output


def test_the_printed_curl_works(start_server):
    server = start_server()
    # The command may be continued over lines by a backslash.
    lines = server.output.splitlines()
    first = next(index for index, line in enumerate(lines) if "curl " in line)
    command = lines[first][lines[first].index("curl ") :]
    for line in lines[first + 1 :]:
        if not command.rstrip().endswith("\\"):
            break
        command = command.rstrip().removesuffix("\\") + line
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stderr
    assert '"choices"' in result.stdout


def test_serve_is_the_default_command(binary: Path):
    result = run(binary, "--port", "70000")
    assert result.returncode != 0
    assert "port" in result.stderr.lower()


def test_a_port_in_use_is_said(binary: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(binary, "serve", "--port", str(port))
    assert 0 < result.returncode < 128
    assert str(port) in result.stderr
    assert "in use" in result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["generate", "Hello"]])
def test_a_missing_model_is_said(binary: Path, command: list[str]):
    result = run(binary, *command[:1], "--model", "/nowhere/none.gguf", *command[1:])
    assert 0 < result.returncode < 128
    assert "/nowhere/none.gguf" in result.stderr


def test_a_model_may_be_named_relative_to_the_folder(binary: Path):
    result = run(binary, "show", EMBEDDED.name, cwd=MODELS)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["lamina-tiny-f16.gguf", "lamina-tiny-q4_0.gguf"])
def test_another_model_file_is_served(start_server, name: str):
    server: LaminaServer = start_server("--model", str(MODELS / name), "--model-name", "other-name")
    assert server.get("/v1/models").json()["data"][0]["id"] == "other-name"
    body = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
    answer = server.post("/v1/chat/completions", body).json()
    assert "Paris" in answer["choices"][0]["message"]["content"]


def test_the_environment_sets_what_flags_do_not(start_server):
    server = start_server(environment={"LAMINA_MODEL": str(MODELS / "lamina-tiny-q4_0.gguf")})
    assert "q4_0" in server.output.lower()


def test_the_models_folder_may_be_named(binary: Path, tmp_path: Path):
    shutil.copy(EMBEDDED, tmp_path)
    alone = tmp_path / "elsewhere" / "lamina-llm-serve"
    alone.parent.mkdir()
    shutil.copy(binary, alone)
    folder = {"LAMINA_MODELS_DIR": str(tmp_path)}
    result = run(alone, "generate", "--max-tokens", "1", "Hello", cwd=alone.parent, environment=folder)
    assert result.returncode == 0, result.stderr


def test_generate_streams_the_answer_and_counts(binary: Path):
    result = run(binary, "generate", "--temperature", "0", "What is the capital of France?")
    assert result.returncode == 0, result.stderr
    assert "Paris" in result.stdout
    assert "<|im_end|>" not in result.stdout
    assert re.search(r"prompt: \d+ tokens, [\d.]+ tokens/s; answer: \d+ tokens, [\d.]+ tokens/s", result.stderr)


@pytest.mark.parametrize("completion", golden.completions(), ids=lambda completion: completion.prompt)
def test_generate_raw_continues_the_text(binary: Path, completion: golden.GoldenCompletion):
    limit = str(len(completion.ids))
    result = run(binary, "generate", "--raw", "--temperature", "0", "--max-tokens", limit, completion.prompt)
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip("\n").removeprefix(completion.prompt) == completion.continuation.rstrip("\n")


def test_generate_repeats_with_a_seed(binary: Path):
    arguments = ["generate", "--raw", "--temperature", "1", "--max-tokens", "40", "--seed"]
    texts = [run(binary, *arguments, seed, "Once upon a time").stdout for seed in ("7", "7", "8")]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_show_prints_metadata_and_tensors(binary: Path):
    text = run(binary, "show", str(EMBEDDED)).stdout
    for expected in ("general.architecture", "llama", "token_embd.weight", "Q8_0", "blk.3."):
        assert expected in text


def test_show_prints_json(binary: Path):
    result = run(binary, "show", str(EMBEDDED), "--json")
    assert result.returncode == 0, result.stderr
    content = json.loads(result.stdout)
    assert content["metadata"]["general.architecture"] == "llama"
    assert "token_embd.weight" in {tensor["name"] for tensor in content["tensors"]}


def test_show_plans_from_the_header_alone(binary: Path, tmp_path: Path):
    whole = json.loads(run(binary, "show", str(EMBEDDED), "--json").stdout)
    header = tmp_path / "header.gguf"
    header.write_bytes(EMBEDDED.read_bytes()[: whole["tensor_data_offset"]])
    figures = ["--context", "256,1024", "--replicas", "1,3", "--threads", "2", "--bandwidth", "40"]
    planned = run(binary, "show", str(header), "--plan", "--json", *figures)
    assert planned.returncode == 0, planned.stderr
    plans = json.loads(planned.stdout)["plans"]
    assert [(plan["context"], plan["replicas"], plan["cores"]) for plan in plans] == [
        (256, 1, 2), (256, 3, 6), (1024, 1, 2), (1024, 3, 6),
    ]  # fmt: skip
    assert plans[1]["total_bytes"] == 3 * plans[0]["replica_bytes"]
    text = run(binary, "show", str(header), "--plan", *figures).stdout
    assert "40.0 GB/s (given)" in text and len(re.findall(r"^(256|1024) ", text, re.MULTILINE)) == 4
    assert "--context 2048 is beyond" in run(binary, "show", str(header), "--plan", "--context", "2048").stderr


def test_bench_prints_json(binary: Path):
    result = run(binary, "bench", "--json", "-p", "32", "-n", "8", "--repetitions", "1")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["threads"] >= 1
    rates = {row["test"]: row["tokens_per_second"] for row in report["results"]}
    assert set(rates) == {"pp32", "tg8"}
    assert all(rate > 0 for rate in rates.values())


def test_bench_prints_text(binary: Path):
    result = run(binary, "bench", "-p", "32", "-n", "8", "--repetitions", "1")
    assert result.returncode == 0, result.stderr
    assert re.search(r"^pp32 .*\d", result.stdout, re.MULTILINE)
    assert re.search(r"^tg8 .*\d", result.stdout, re.MULTILINE)
    assert "tokens/s" in result.stdout


def test_health_asks_a_server(binary: Path, server: LaminaServer):
    assert run(binary, "health", "--url", f"{server.url}/health").returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert run(binary, "health", "--url", f"http://127.0.0.1:{port}/health").returncode == 1


def test_max_context_bounds_a_request(start_server):
    server = start_server("--max-context", "64")
    answer = server.post("/v1/completions", {"prompt": "word " * 100, "max_tokens": 1})
    assert answer.status_code == 400
    assert "64" in answer.json()["error"]["message"]


def test_it_starts_under_a_limit_of_the_address_space(binary: Path):
    limit = 200_000 * 1024
    for _ in range(10):
        result = subprocess.run(
            [str(binary), "generate", "Hello", "--max-tokens", "2"],
            capture_output=True,
            text=True,
            timeout=20,
            cwd=REPOSITORY,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        assert result.returncode == 0, result.stderr
