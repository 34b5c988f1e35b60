"""Runs the scanners over the repository. Every finding is a fault, unless exceptions.toml has a reason for it; an
exception that nothing needs is one too.

    make security
"""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCANNERS = ROOT / ".build" / "scanners" / "bin"
sys.path.insert(0, str(ROOT / "Tests" / "Integration" / "tools"))

from helm import helm_path  # noqa: E402

# Charts are rendered with the values of an installation in production.
INSTALLATION = ROOT / "infrastructure"


@dataclass(frozen=True, order=True)
class Finding:
    """What a scanner dislikes."""

    tool: str
    rule: str
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.tool} {self.rule}: {self.text}"


@dataclass(frozen=True)
class Exemption:
    """Findings that are meant to be, and why."""

    tool: str
    rule: str
    path: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """`path` may have wildcards."""
        return (self.tool, self.rule) == (finding.tool, finding.rule) and fnmatch.fnmatch(finding.path, self.path)


def run(tool: str, *arguments: str) -> str:
    """What a scanner prints. It exits with 1 where it found something, so only other codes are failures of its own."""
    done = subprocess.run([str(SCANNERS / tool), *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{tool} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def tracked(*patterns: str) -> list[str]:
    """The repository's files, those not added yet included."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def shell_scripts() -> list[str]:
    """Files that a shell runs, by name or first line."""
    return [
        name
        for name in tracked()
        if name.endswith(".sh") or re.match(rb"#!.*\b(ba)?sh\b", (ROOT / name).open("rb").readline(100))
    ]


def shellcheck() -> Iterator[Finding]:
    """Each script with the files it sources; those by themselves know none of each other's variables."""
    names = shell_scripts()
    parts = [name for name in names if not (ROOT / name).open("rb").readline(3).startswith(b"#!")]
    whole = [name for name in names if name not in parts]
    for selection, options in ((whole, []), (parts, ["--exclude=SC2034,SC2154"])):
        for entry in json.loads(run("shellcheck", "--format=json", *options, *selection)):
            yield Finding("shellcheck", f"SC{entry['code']}", entry["file"], entry["line"], entry["message"])


def hadolint() -> Iterator[Finding]:
    for entry in json.loads(run("hadolint", "--format", "json", "Dockerfile")):
        yield Finding("hadolint", entry["code"], entry["file"], entry["line"], entry["message"])


def yamllint() -> Iterator[Finding]:
    names = [name for name in tracked("*.yaml", "*.yml") if "/templates/" not in name]
    for line in run("yamllint", "--format", "parsable", *names).splitlines():
        path, number, _, text = line.split(":", 3)
        rule = re.search(r"\(([\w-]+)\)$", text)
        yield Finding("yamllint", rule[1] if rule else "syntax", path, int(number), text.strip())


def detect_secrets() -> Iterator[Finding]:
    names = [name for name in tracked() if not name.endswith((".gguf", ".png"))]
    for path, entries in json.loads(run("detect-secrets", "scan", *names))["results"].items():
        for entry in entries:
            yield Finding("detect-secrets", entry["type"], path, entry["line_number"], "looks like a secret")


def checkov() -> Iterator[Finding]:
    """The Dockerfile, and what the charts become with the values of production."""
    with tempfile.TemporaryDirectory() as folder:
        render(Path(folder))
        for framework, place in (("dockerfile", str(ROOT)), ("kubernetes", folder)):
            text = run("checkov", "--skip-download", "--quiet", "--framework", framework, "-o", "json", "-d", place)
            report = json.loads(text)
            for entry in report.get("results", {}).get("failed_checks", []):
                path = entry["file_path"].lstrip("/")
                path = path if framework == "dockerfile" else f"helm/{Path(path).stem}"
                yield Finding("checkov", entry["check_id"], f"{path}#{entry['resource']}", 0, entry["check_name"])


def render(folder: Path) -> None:
    """Every chart that needs no charts of others."""
    for line in (INSTALLATION / "components").read_text().splitlines():
        if line.startswith("#") or "helm/" not in line:
            continue
        name, namespace, _, _, chart = line.split()
        if "dependencies:" in (ROOT / chart / "Chart.yaml").read_text():
            continue
        command = [
            str(helm_path()),
            "template",
            name,
            str(ROOT / chart),
            "--namespace",
            namespace,
            "--kube-version",
            "1.35",
        ]
        for layer in ("values.yaml", "environments/production/values.yaml"):
            command += ["--values", str(section(INSTALLATION / layer, name, folder))]
        manifests = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        (folder / f"{Path(chart).name}.yaml").write_text(manifests)
    for values in folder.glob("*.values"):
        values.unlink()


def section(path: Path, component: str, folder: Path) -> Path:
    """A component's part of a values file, as the scripts cut it out."""
    found = re.search(rf"^{component}:\n((?:(?:  .*)?\n)*)", path.read_text(), re.MULTILINE)
    values = folder / f"{component}-{path.parent.name}.values"
    text = "\n".join(line[2:] for line in (found[1] if found else "").splitlines())
    values.write_text(text.replace("${DOMAIN}", "example.org") + "\n")
    return values


def exemptions() -> list[Exemption]:
    with (ROOT / "security" / "exceptions.toml").open("rb") as file:
        return [Exemption(**entry) for entry in tomllib.load(file)["exception"]]


def main() -> None:
    allowed = exemptions()
    used: set[Exemption] = set()
    faults: list[Finding] = []
    for scanner in (shellcheck, hadolint, yamllint, detect_secrets, checkov):
        findings = sorted(set(scanner()))
        unexplained = 0
        for finding in findings:
            reasons = [exemption for exemption in allowed if exemption.covers(finding)]
            used.update(reasons)
            if not reasons:
                faults.append(finding)
                unexplained += 1
        print(f"{scanner.__name__:16} {len(findings):4} findings, {unexplained} without a written reason", flush=True)
    for fault in faults:
        print(fault)
    for exemption in allowed:
        if exemption not in used:
            print(f"security/exceptions.toml: nothing needs {exemption.tool} {exemption.rule} for {exemption.path}")
    sys.exit(1 if faults or set(allowed) - used else 0)


if __name__ == "__main__":
    main()
