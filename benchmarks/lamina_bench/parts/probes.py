"""How long probes and metrics take while 16 streams decode."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time

from ..load import Load, put_under_load
from ..plan import Case, Context, Part, both
from ..processes import free_port, get, running
from ..programs import Metrics, Program, ServerOptions, warm_page_cache
from ..summary import quantile

STREAMS = 16
PAUSE = 0.02
PATHS = {"lamina": ("/livez", "/metrics"), "llama.cpp": ("/health", "/metrics")}


class Prober(threading.Thread):
    """Asks for each path in turn, on a connection of its own each time, until it is told to stop."""

    def __init__(self, port: int, paths: tuple[str, ...]):
        super().__init__(daemon=True)
        self.times: dict[str, list[float]] = {path: [] for path in paths}
        self.failures = 0
        self._port = port
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(PAUSE):
            for path, times in self.times.items():
                started = time.perf_counter()
                status = 0
                with contextlib.suppress(OSError, http.client.HTTPException):
                    status = get(self._port, path, 30)
                self.failures += status != 200
                times.append((time.perf_counter() - started) * 1000)

    def end(self) -> None:
        self._ended.set()
        self.join(timeout=60)


def cases(context: Context, rounds: int) -> list[Case]:
    load = Load(STREAMS, STREAMS, 32, 16 if context.is_quick else 96)

    def case(model) -> Case:
        def measure(program: Program, index: int) -> Metrics:
            path = context.path(model)
            warm_page_cache(path)
            port = free_port()
            with running(program.server(path, port, ServerOptions(STREAMS, 256)), port) as server:
                prober = Prober(port, PATHS[program.name])
                prober.start()
                try:
                    metrics = put_under_load(context.lamina.binary, server, load, seed=index, seconds=900)
                finally:
                    prober.end()
            live, scrape = prober.times.values()
            return metrics | {
                "live_ms_p50": quantile(live, 0.5),
                "live_ms_p99": quantile(live, 0.99),
                "metrics_ms_p50": quantile(scrape, 0.5),
                "metrics_ms_p99": quantile(scrape, 0.99),
                "probes": float(len(live) + len(scrape)),
                "failed_probes": float(prober.failures),
            }

        return both(context, str(model), min(rounds, 3), measure)

    return [case(model) for model in context.chosen("1B-Q4_0")]


PART = Part("probes", f"Probes while {STREAMS} streams decode", cases)
