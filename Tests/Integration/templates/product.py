"""Drives `lamina-llm-serve template`."""
import json
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("LAMINA_BINARY", str(ROOT / ".build" / "release" / "lamina-llm-serve"))


def render(source, conversations):
    """One answer per conversation: a text, or a dict with `error`. A template that does not parse gives None."""
    with tempfile.NamedTemporaryFile("w", suffix=".jinja", encoding="utf-8", newline="") as file:
        file.write(source)
        file.flush()
        lines = "".join(json.dumps(conversation) + "\n" for conversation in conversations)
        done = subprocess.run(
            [BINARY, "template", "--template", file.name, "--json-lines"], input=lines.encode(), capture_output=True,
            timeout=30,
        )
    if done.returncode != 0:
        assert done.returncode > 0, f"killed by signal {-done.returncode}"
        assert b"chat template" in done.stderr, done.stderr
        return None
    answers = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert len(answers) == len(conversations)
    return answers
