"""The values of environments and targets, as the scripts read them; that charts take them is tested with the charts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from installation import ENVIRONMENTS, INFRASTRUCTURE, ROOT, component_lines, components

TARGETS = sorted(path.parent.name for path in (INFRASTRUCTURE / "targets").glob("*/values.yaml"))
FILES = sorted([INFRASTRUCTURE / "values.yaml", *INFRASTRUCTURE.glob("*/*/values.yaml")])
CHARTS = {line.split()[0]: line.split()[4] for line in component_lines() if line.split()[4].startswith("helm/")}
LIBRARY = INFRASTRUCTURE / "scripts" / "lib" / "all.sh"

# Prints for each component the paths of its values files, as setup.sh finds them.
LAYERS = """
set -euo pipefail
source "$library"
environment="$wanted"
trap - EXIT
for each in $(components_of_target); do printf '%s %s\\n' "$each" "$(values_files "$each" | tr '\\n' ' ')"; done
"""


def layers(environment: str, target: str, folder: Path) -> dict[str, list[Path]]:
    """The values files of each component, written below a folder."""
    done = subprocess.run(
        ["bash", "-c", LAYERS],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": "/nowhere",
            "TMPDIR": str(folder),
            "library": str(LIBRARY),
            "infrastructure": str(INFRASTRUCTURE),
            "wanted": environment,
            "target": target,
        },
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    return {name: [Path(path) for path in paths] for name, *paths in rows}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(INFRASTRUCTURE)))
def test_every_key_is_a_component(path: Path):
    known = {*components(), "machine", "compose"}
    assert set(yaml.safe_load(path.read_text())) <= known


def test_environments_say_only_what_differs():
    for environment in ENVIRONMENTS:
        values = yaml.safe_load((INFRASTRUCTURE / "environments" / environment / "values.yaml").read_text())
        for component, chart in CHARTS.items():
            defaults = yaml.safe_load((ROOT / chart / "values.yaml").read_text())
            assert repeated(values.get(component, {}), defaults) - {"preset"} == set(), f"{environment}: {component}"


def repeated(values: dict, defaults: dict) -> set[str]:
    """Names of values that are the chart's defaults anyway."""
    found = set()
    for name, value in values.items():
        if isinstance(value, dict):
            found |= repeated(value, defaults.get(name) or {})
        elif name in defaults and defaults[name] == value:
            found.add(name)
    return found


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_scripts_read_the_files_as_yaml_does(environment: str, target: str, tmp_path: Path):
    found = layers(environment, target, tmp_path)
    sources = [
        INFRASTRUCTURE / "values.yaml",
        INFRASTRUCTURE / "environments" / environment / "values.yaml",
        INFRASTRUCTURE / "targets" / target / "values.yaml",
    ]
    domain = yaml.safe_load((ROOT / "helm" / "service-mesh" / "values.yaml").read_text())["domain"]
    for component in found:
        texts = [source.read_text().replace("${DOMAIN}", domain) for source in sources]
        expected = [part for text in texts if (part := yaml.safe_load(text).get(component))]
        assert [yaml.safe_load(path.read_text()) for path in found[component]] == expected
