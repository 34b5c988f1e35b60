"""The commands: compare, http, models, peer, report."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import http_load
from .machine import calibrate, commit, file_hash, machine_facts, machine_name
from .model_files import ModelFiles
from .parts import PARTS
from .paths import RESULTS, cache_folder, lamina_binary
from .peer import Peer, build_peer
from .plan import Context
from .programs import Lamina, LlamaCpp
from .report import publish, write_report
from .runner import Runner
from .shapes import TYPES, ModelName
from .store import Results, interrupted_results

# F16 is the source of Q4_K_M, and measured nowhere.
MODELS = [ModelName(shape, kind) for shape, kinds in TYPES.items() for kind in kinds if kind != "F16"]


def main() -> int:
    arguments = parser().parse_args()
    # Ended from outside it stops its servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return arguments.command(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted; what was measured is kept, and the same command goes on from there.", file=sys.stderr)
        return 130
    except (ValueError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    compare = commands.add_parser("compare", help="measure this server and llama.cpp in turn")
    compare.add_argument("--peer", type=Path, metavar="DIR", help="a build of llama.cpp to use instead of making one")
    compare.add_argument("--only", action="append", metavar="PART", choices=[part.name for part in PARTS])
    compare.add_argument("--models", metavar="NAMES", help="e.g. 1B-Q4_0,1B-Q8_0; default: all")
    compare.add_argument("--rounds", type=int, help="rounds of each measurement; default: 5, quick: 2")
    compare.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    compare.add_argument("--patience", type=float, help="seconds to wait for quiet before each measurement")
    compare.add_argument("--quick", action="store_true", help="the small model and short runs: tests the benchmarks")
    compare.add_argument("--output", type=Path, metavar="FILE", help="results; an existing file is continued")
    compare.add_argument("--plot-only", type=Path, metavar="FILE", help="measure nothing: draw the results of FILE")
    compare.set_defaults(command=run_compare)
    load = commands.add_parser(
        "http", help="measure small answers under many connections, beside Hummingbird and nginx"
    )
    load.add_argument("--connections", type=int, default=1000)
    load.add_argument("--seconds", type=int, default=8, help="of each run; default: 8")
    load.add_argument("--rounds", type=int, default=3)
    load.add_argument("--output", type=Path, metavar="FILE", help="results; default: in benchmarks/results")
    load.set_defaults(command=run_http)
    models = commands.add_parser("models", help="write the generated models")
    models.add_argument("names", nargs="*", type=ModelName.parse, help="e.g. 135M-Q4_0 1B-F16; default: all measured")
    models.add_argument("--peer", type=Path, metavar="DIR", help="a build of llama.cpp with llama-quantize")
    models.set_defaults(command=run_models)
    commands.add_parser("peer", help="fetch and build llama.cpp").set_defaults(command=run_peer)
    report = commands.add_parser("report", help="write tables and plots of a results file")
    report.add_argument("results", type=Path)
    report.add_argument("--publish", action="store_true", help="show them in benchmarks/README.md")
    report.set_defaults(command=run_report)
    return top


def run_compare(arguments: argparse.Namespace) -> int:
    if arguments.plot_only is not None:
        return show(write_report(arguments.plot_only))
    binary = lamina_binary()
    if not binary.exists():
        raise ValueError(f"{binary} does not exist: run 'make build' first (LAMINA_BINARY names another)")
    peer = Peer(arguments.peer.absolute()) if arguments.peer else build_peer()
    chosen = [ModelName.parse(name) for name in arguments.models.split(",")] if arguments.models else MODELS
    files = ModelFiles(quantizer=peer.tool("llama-quantize"))
    lamina, llama = Lamina(binary, arguments.threads), LlamaCpp(peer, arguments.threads)
    context = Context(lamina, llama, files, arguments.quick, chosen)
    rounds = arguments.rounds or (2 if arguments.quick else 5)
    wanted = [part for part in PARTS if not arguments.only or part.name in arguments.only]
    plan = [(part, part.cases(context, rounds)) for part in wanted]
    prepare_models(context)
    facts = machine_facts()
    kind = "-quick" if arguments.quick else ""
    shared_facts = {"machine": facts, "peer": peer.facts(), "threads": arguments.threads, "quick": arguments.quick}
    identity = {
        "commit": commit(),
        "binary": file_hash(binary),
        "peer": file_hash(peer.tool("llama-bench")),
        "threads": arguments.threads,
        "quick": arguments.quick,
        "rounds": rounds,
    }
    parts = [part.name for part in wanted]
    ending = f"-{machine_name(facts)}{kind}.json"
    path = arguments.output or interrupted_results(RESULTS, ending, identity, parts)
    path = path or RESULTS / f"{time.strftime('%Y-%m-%d')}{ending}"
    describe(facts, peer, identity, path)
    patience = arguments.patience if arguments.patience is not None else (1 if arguments.quick else 60)
    results = Results.open(path, shared_facts)
    results.plan(parts)
    failures = Runner(results, plan, identity, patience).run()
    print()
    show(write_report(path))
    if failures:
        print(f"{failures} measurements failed; their reasons stand above and in {path}.", file=sys.stderr)
    return 1 if failures else 0


def prepare_models(context: Context) -> None:
    """Writes the files before anything is measured. One that cannot be written fails its own cases only."""
    for model in context.chosen(*(f"{model.shape}-{model.type}" for model in context.models)):
        try:
            context.path(model)
        except RuntimeError as error:
            print(f"    {error}", file=sys.stderr)


def describe(facts: dict, peer: Peer, identity: dict, path: Path) -> None:
    print(f"machine:   {facts['processor']}, {facts['cores']} cores, Linux {facts['kernel']}")
    print(f"load:      {os.getloadavg()[0]:.2f}; calibration {calibrate()} ms of the same work on each core")
    print(f"lamina:    commit {identity['commit']}, binary {identity['binary']}")
    print(f"llama.cpp: {peer.build}, {peer.facts().get('compiler', '')} {peer.facts().get('options', '')}")
    print(f"results:   {path}")


def run_http(arguments: argparse.Namespace) -> int:
    http_load.raise_descriptor_limit()
    facts = machine_facts()
    candidates = http_load.candidates()
    samples = []
    for round_number in range(arguments.rounds):
        for candidate in candidates:
            sample = http_load.measure(candidate, arguments.connections, arguments.seconds)
            samples.append(sample)
            rate = f"{sample.requests_per_second:9,.0f} requests/s, p99 {sample.p99_ms:.1f} ms"
            print(f"round {round_number + 1}: {sample.server:22} {rate}, {sample.errors} errors", flush=True)
    path = arguments.output or RESULTS / f"{time.strftime('%Y-%m-%d')}-{machine_name(facts)}-http.json"
    results = Results.open(path, {"machine": facts, "commit": commit(), "connections": arguments.connections})
    results.document["parts"]["http"] = http_load.document(samples)
    results.save()
    print(f"\n{http_load.table(samples)}\n")
    return show([path])


def run_models(arguments: argparse.Namespace) -> int:
    peer = Peer(arguments.peer.absolute()) if arguments.peer else Peer(cache_folder() / "none")
    files = ModelFiles(quantizer=peer.tool("llama-quantize"))
    names = arguments.names or [model for model in MODELS if model.type != "Q4_K_M" or files.quantizer]
    return show([files.path(name) for name in names])


def run_peer(_: argparse.Namespace) -> int:
    return show([build_peer().build])


def run_report(arguments: argparse.Namespace) -> int:
    return show(publish(arguments.results) if arguments.publish else write_report(arguments.results))


def show(paths: list[Path]) -> int:
    for path in paths:
        print(f"wrote {path}" if path.is_file() else path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
