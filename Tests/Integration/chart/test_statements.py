"""What the charts say of themselves: once, truly, and without secrets."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml
from charts import HELM, NAMES, Charts, one
from environments import installations
from lamina_server import REPOSITORY
from variants import VARIANTS

SOURCES = [
    path
    for path in sorted(HELM.rglob("*"))
    if path.is_file() and path.suffix in (".yaml", ".tpl", ".sh", ".txt", ".json")
]
SECRET_NAME = re.compile(r"password|passwd|token|secret|api_?key|credential|private", re.IGNORECASE)
# Names of things, and not the things.
REFERENCE = re.compile(
    r"(secretname|secret|credentialname|passwordkey|userkey|secretkey|existingsecret|automountserviceaccounttoken|token_file|key_file|mountpath)$",
    re.IGNORECASE,
)


def test_readmes_have_the_values_as_they_are():
    command = [sys.executable, str(REPOSITORY / "scripts/chart-readme"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr


def test_an_image_has_one_version():
    versions: dict[str, set[str]] = {}
    for chart in NAMES:
        text = (HELM / chart / "values.yaml").read_text()
        for repository, tag in re.findall(r"repository: (\S+)\n(?:\s+#.*\n)*\s+tag: (\S+)", text):
            versions.setdefault(repository, set()).add(tag)
    assert versions["docker.io/curlimages/curl"]
    assert all(len(tags) == 1 for tags in versions.values()), versions
    assert not any(re.search(r"image: [\"']?[a-z.]+/", path.read_text()) for path in HELM.glob("*/templates/**/*.*"))


def test_the_domain_is_stated_once():
    stated = [
        f"{path.relative_to(HELM)}: {line.strip()}"
        for path in SOURCES
        for line in path.read_text().splitlines()
        if "lamina.local" in line and not line.lstrip().startswith(("#", "{{/*"))
    ]
    assert stated == ["service-mesh/values.yaml: domain: lamina.local"]


def test_charts_of_others_are_pinned():
    for chart in NAMES:
        for dependency in yaml.safe_load((HELM / chart / "Chart.yaml").read_text()).get("dependencies", []):
            assert re.fullmatch(r"\d+\.\d+\.\d+", dependency["version"]), dependency
            assert dependency["repository"].startswith("https://")
            assert dependency["condition"] == f"{dependency['name']}.enabled"


def _texts(value: object, path: tuple[str, ...] = ()):
    """Every text in a resource, with the names that lead to it; an environment variable counts by its name."""
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            yield (*path, value["name"]), value["value"]
            return
        for name, below in value.items():
            yield from _texts(below, (*path, str(name)))
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below, path)
    elif isinstance(value, str):
        yield path, value


def secrets(resource: dict) -> list[str]:
    """Texts below a name that speaks of a secret, and secrets themselves."""
    if resource["kind"] == "Secret":
        return [f"Secret {resource['metadata']['name']}"]
    return [
        f"{'.'.join(path)}: {text}"
        for path, text in _texts(resource)
        if text and SECRET_NAME.search(path[-1]) and not REFERENCE.search(path[-1])
    ]


def test_nothing_that_is_rendered_holds_a_secret(charts: Charts):
    for chart, variants in VARIANTS.items():
        for variant, values in variants.items():
            for resource in charts.render(chart, values):
                assert secrets(resource) == [], f"{chart}, {variant}"
    for installation, chart, values in installations():
        for resource in charts.render(chart, values):
            assert secrets(resource) == [], f"{chart}, {installation}"


def test_values_for_charts_of_others_hold_no_secret():
    for chart in NAMES:
        values = {"kind": "values", **yaml.safe_load((HELM / chart / "values.yaml").read_text())}
        assert secrets(values) == [], chart


@pytest.mark.parametrize(
    "resource",
    [
        {"kind": "Secret", "metadata": {"name": "a"}},
        {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "GRAFANA_PASSWORD", "value": "admin"}]}]}},
        {"kind": "values", "grafana": {"adminPassword": "admin"}},
    ],
)
def test_a_secret_is_found(resource: dict):
    assert len(secrets(resource)) == 1


def test_vector_gets_its_own_templates(charts: Charts):
    """Vector's chart passes the configuration through Helm's templates; Vector's own must come out of that."""
    config = yaml.safe_load(one(charts.render("monitoring"), "ConfigMap", "vector")["data"]["vector.yaml"])
    loki = config["sinks"]["loki"]
    assert loki["labels"]["namespace"] == "{{ kubernetes.pod_namespace }}"
    assert loki["structured_metadata"] == {"trace_id": "{{ trace_id }}", "request_id": "{{ request_id }}"}
    assert ".trace_id" in config["transforms"]["parsed"]["source"]
