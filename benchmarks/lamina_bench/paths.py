"""Where things lie."""

from __future__ import annotations

import os
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
REPOSITORY = BENCHMARKS.parent
RESULTS = BENCHMARKS / "results"
PLOTS = RESULTS / "plots"
EMBEDDED_MODEL = REPOSITORY / "models/lamina-tiny-f16.gguf"


def cache_folder() -> Path:
    """The folder of everything large: models, the peer's build, the virtual environment. git ignores it."""
    return Path(os.environ.get("LAMINA_BENCHMARK_CACHE", BENCHMARKS / "cache")).absolute()


def lamina_binary() -> Path:
    """The binary under test: LAMINA_BINARY, or this checkout's release build."""
    return Path(os.environ.get("LAMINA_BINARY", REPOSITORY / ".build/release/lamina-llm-serve")).absolute()
