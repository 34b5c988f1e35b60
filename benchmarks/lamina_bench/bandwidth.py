"""How fast this machine reads memory now."""

from __future__ import annotations

import threading
import time

import numpy

BYTES = 256 << 20  # per thread, well beyond the caches
PASSES = 3


def read_gigabytes_per_second(threads: int) -> float:
    """The best of some passes in which every thread reads a range of its own once."""
    ranges = [numpy.ones(BYTES // 8, dtype=numpy.int64) for _ in range(threads)]
    best = 0.0
    for _ in range(PASSES):
        workers = [threading.Thread(target=numpy.bitwise_or.reduce, args=(values,)) for values in ranges]
        started = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = max(best, threads * BYTES / (time.perf_counter() - started) / 1e9)
    return round(best, 2)
