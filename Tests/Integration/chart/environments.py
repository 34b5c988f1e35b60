"""The values that infrastructure/ installs the charts with: for each environment and target, in layers."""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from lamina_server import REPOSITORY

_INFRASTRUCTURE = REPOSITORY / "infrastructure"
# What the scripts put in the place of ${DOMAIN}.
_DOMAIN = "example.org"


def installations() -> Iterator[tuple[str, str, dict]]:
    """(environment on target, chart, values) of everything that is installed from a chart of this repository."""
    for environment in sorted(_INFRASTRUCTURE.glob("environments/*/values.yaml")):
        for target in sorted(_INFRASTRUCTURE.glob("targets/*/values.yaml")):
            name = f"{environment.parent.name} on {target.parent.name}"
            layers = [
                yaml.safe_load(path.read_text().replace("${DOMAIN}", _DOMAIN)) or {}
                for path in (_INFRASTRUCTURE / "values.yaml", environment, target)
                if path.is_file()
            ]
            for component, chart in _components():
                values: dict = {}
                for layer in layers:
                    values = _merged(values, layer.get(component) or {})
                yield name, chart, values


def _components() -> Iterator[tuple[str, str]]:
    """What the table names that comes from a chart in helm/: name and chart."""
    for line in (_INFRASTRUCTURE / "components").read_text().splitlines():
        fields = line.split()
        if fields and not line.startswith("#") and fields[4].startswith("helm/"):
            yield fields[0], fields[4].removeprefix("helm/")


def _merged(below: dict, above: dict) -> dict:
    """As Helm merges values files: mappings are merged, everything else is replaced."""
    both = {
        key: _merged(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
        for key, value in above.items()
    }
    return {**below, **both}
