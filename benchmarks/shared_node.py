#!/usr/bin/env python3
"""How much speed stays when the machine is shared: decode rate beside a busy process, and under a CPU quota.

    benchmarks/shared_node.py --model MODEL.gguf [--threads 1 2] [--rounds 5] [--json]

Three cases, in turn in each round, with `lamina-llm-serve bench`:
  quiet    nothing else runs
  busy     another process keeps the first core busy
  quota    a control group grants 1.5 CPUs (needs root and a writable cgroup file system, version 2 or 1)

Printed: the median of the rounds, and its share of the quiet median with the same number of threads. The machine must have
nothing else to do; the load average is printed so that a reader can tell.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CASES = ("quiet", "busy", "quota")
PERIOD_MICROSECONDS = 100_000


class NoQuota(Exception):
    """A CPU quota cannot be set here."""


@contextmanager
def busy_neighbour(core: int) -> Iterator[None]:
    """A process that computes on `core` for as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, {{{core}}})\nwhile True: pass"]
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def quota_group(processors: float) -> Iterator[Path]:
    """A control group that may use `processors` CPUs: the folder whose `cgroup.procs` takes its members."""
    root = Path("/sys/fs/cgroup")
    quota = int(processors * PERIOD_MICROSECONDS)
    is_version_2 = (root / "cgroup.controllers").exists()
    folder = (root if is_version_2 else root / "cpu") / f"lamina-shared-node-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise NoQuota(f"cannot make {folder}: {error.strerror}") from error
    try:
        if is_version_2:
            with suppress(OSError):
                (root / "cgroup.subtree_control").write_text("+cpu")
            (folder / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        yield folder
    except OSError as error:
        raise NoQuota(f"cannot set a quota in {folder}: {error.strerror}") from error
    finally:
        folder.rmdir()


def bench(arguments: argparse.Namespace, threads: int, group: Path | None = None) -> float:
    """Decoded tokens per second of one run."""

    def join_group() -> None:
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    command = [arguments.binary, "bench", "--json", "--model", arguments.model, "--threads", str(threads)]
    command += ["-p", "0", "-n", str(arguments.generate), "-r", "1"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, preexec_fn=join_group)
    return json.loads(done.stdout)["results"][0]["tokens_per_second"]


def measure(arguments: argparse.Namespace, case: str, threads: int) -> float:
    """One run of a case."""
    if case == "busy":
        with busy_neighbour(min(os.sched_getaffinity(0))):
            return bench(arguments, threads)
    if case == "quota":
        with quota_group(arguments.quota) as group:
            return bench(arguments, threads, group)
    return bench(arguments, threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--binary", default=str(Path(__file__).parent.parent / ".build/release/lamina-llm-serve"))
    parser.add_argument("--threads", type=int, nargs="+", default=[os.cpu_count() or 1])
    parser.add_argument("--generate", type=int, default=128, help="tokens per run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quota", type=float, default=1.5, help="CPUs in the quota case")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    rates: dict[tuple[int, str], list[float]] = {}
    missing: dict[str, str] = {}
    load = os.getloadavg()[0]
    for _ in range(arguments.rounds):
        for threads in arguments.threads:
            for case in CASES:
                if case in missing:
                    continue
                try:
                    rates.setdefault((threads, case), []).append(measure(arguments, case, threads))
                except NoQuota as reason:
                    missing[case] = str(reason)

    rows = []
    for (threads, case), values in rates.items():
        if not values:
            continue
        median = statistics.median(values)
        share = median / statistics.median(rates[threads, "quiet"])
        rows.append({"threads": threads, "case": case, "tokens_per_second": median, "share": share, "rounds": values})
    if arguments.json:
        print(json.dumps({"load_before": load, "quota": arguments.quota, "results": rows, "not_measured": missing}))
        return
    print(f"load before: {load:.2f} (above 0 others share the machine)")
    for row in rows:
        rounds = " ".join(f"{rate:.0f}" for rate in sorted(row["rounds"]))
        rate, share = row["tokens_per_second"], row["share"]
        print(f"{row['threads']} threads  {row['case']:6} {rate:8.1f} tokens/s  {share:6.1%} of quiet  ({rounds})")
    for case, reason in missing.items():
        print(f"{case}: not measured, {reason}")


if __name__ == "__main__":
    main()
