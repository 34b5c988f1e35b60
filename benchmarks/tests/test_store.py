"""Results files: which of them an interrupted comparison goes on with."""

import json
from pathlib import Path

from lamina_bench.store import Results, interrupted_results

IDENTITY = {"commit": "abc", "binary": "123", "rounds": 2}
PARTS = ["speed", "serving"]
ENDING = "-zen-2.json"


def interrupted(folder: Path, name: str, *, identity: dict = IDENTITY, finished: int = 1) -> Path:
    """A file as a run leaves it that was stopped after so many parts."""
    results = Results.open(folder / name, {"machine": {}})
    results.plan(PARTS)
    for part in PARTS[:finished]:
        results.begin(part, identity)["finished"] = "now"
    if finished < len(PARTS):
        results.begin(PARTS[finished], identity)["samples"].append("one")
    results.save()
    return results.path


def test_a_run_goes_on_across_midnight(tmp_path: Path):
    interrupted(tmp_path, f"2026-01-01{ENDING}")
    newest = interrupted(tmp_path, f"2026-01-02{ENDING}")
    assert interrupted_results(tmp_path, ENDING, IDENTITY, PARTS) == newest
    between = interrupted(tmp_path, f"2026-01-03{ENDING}")
    document = json.loads(between.read_text())
    del document["parts"]["serving"]
    between.write_text(json.dumps(document))
    assert interrupted_results(tmp_path, ENDING, IDENTITY, PARTS) == between


def test_a_run_that_ended_or_was_another_begins_anew(tmp_path: Path):
    interrupted(tmp_path, f"2026-01-01{ENDING}", finished=2)
    interrupted(tmp_path, f"2026-01-02{ENDING}", identity=IDENTITY | {"binary": "456"})
    interrupted(tmp_path, "2026-01-03-other-2.json")
    (tmp_path / f"2026-01-04{ENDING}").write_text("{")
    assert interrupted_results(tmp_path, ENDING, IDENTITY, PARTS) is None
    interrupted(tmp_path, f"2026-01-05{ENDING}")
    assert interrupted_results(tmp_path, ENDING, IDENTITY, ["speed"]) is None


def test_a_part_that_goes_on_is_not_finished(tmp_path: Path):
    results = Results.open(interrupted(tmp_path, f"2026-01-01{ENDING}", finished=2), {})
    assert "finished" not in results.begin("speed", IDENTITY)
