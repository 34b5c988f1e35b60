"""Renders the charts of helm/ and checks what they render against the schemas of Kubernetes and of custom resources."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml
from lamina_server import REPOSITORY

HELM = REPOSITORY / "helm"
NAMES = sorted(path.parent.name for path in HELM.glob("*/Chart.yaml"))
# The oldest that the charts allow, and the newest whose schemas are at hand.
KUBERNETES_VERSIONS = ["1.30", "1.37"]

CUSTOM_RESOURCES = Path(__file__).parent / "crds"
# What the charts of others do with our values, where that matters: Vector's passes its configuration through `tpl`.
_STAND_IN_TEMPLATES = {
    "vector": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: vector\ndata:\n"
        "  vector.yaml: |\n    {{- tpl (toYaml .Values.customConfig) . | nindent 4 }}\n"
    )
}

Resource = dict
# Its schema is not at hand: test_server_chart.py compares it whole.
_WITHOUT_SCHEMA = "inference.networking.k8s.io/v1"
_valid: set[tuple[str, str]] = set()


class Charts:
    """Helm, with the charts of others that ours depend on replaced by empty ones of the same name and version."""

    def __init__(self, helm: Path, folder: Path):
        self._helm = helm
        self._folder = folder
        self._rendered: dict[tuple[str, str], subprocess.CompletedProcess[str]] = {}

    @functools.cache  # noqa: B019  one object lives as long as the session
    def path(self, name: str) -> Path:
        """Where the chart can be rendered from: dependencies would have to be downloaded."""
        chart = HELM / name
        dependencies = yaml.safe_load((chart / "Chart.yaml").read_text()).get("dependencies", [])
        if not dependencies:
            return chart
        copy = self._folder / name
        shutil.copytree(chart, copy)
        for dependency in dependencies:
            stand_in = copy / "charts" / dependency["name"]
            (stand_in / "templates").mkdir(parents=True)
            identity = {"apiVersion": "v2", "name": dependency["name"], "version": dependency["version"]}
            (stand_in / "Chart.yaml").write_text(json.dumps(identity))
            template = _STAND_IN_TEMPLATES.get(dependency["name"])
            if template:
                (stand_in / "templates" / "stand-in.yaml").write_text(template)
        return copy

    def run(self, *arguments: str, values: dict | None = None) -> subprocess.CompletedProcess[str]:
        """Runs helm with these values above the chart's own."""
        return subprocess.run(
            [str(self._helm), *arguments, "--values", "-"],
            input=json.dumps(values or {}),
            capture_output=True,
            text=True,
            timeout=50,
        )

    def template(self, name: str, values: dict | None = None) -> subprocess.CompletedProcess[str]:
        """The manifests of the release `release` in the namespace `llm`; the same values are rendered once."""
        key = (name, json.dumps(values, sort_keys=True))
        if key not in self._rendered:
            command = ("template", "release", str(self.path(name)), "--namespace", "llm")
            self._rendered[key] = self.run(*command, values=values)
        return self._rendered[key]

    def lint(self, name: str, values: dict | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("lint", "--strict", str(self.path(name)), values=values)

    def render(self, name: str, values: dict | None = None) -> list[Resource]:
        """The resources; each of these values was accepted."""
        result = self.template(name, values)
        assert result.returncode == 0, result.stderr
        return [resource for resource in yaml.load_all(result.stdout, yaml.CSafeLoader) if resource]


def pods(resources: list[Resource]) -> Iterator[tuple[str, dict]]:
    """Every pod's specification, with the name of what makes it."""
    for resource in resources:
        name = f"{resource['kind']}/{resource['metadata']['name']}"
        if resource["kind"] == "Pod":
            yield name, resource["spec"]
        elif "template" in resource.get("spec", {}):
            yield name, resource["spec"]["template"]["spec"]


def one(resources: list[Resource], kind: str, ending: str = "") -> Resource:
    """The only resource of that kind whose name ends so."""
    found = [r for r in resources if r["kind"] == kind and r["metadata"]["name"].endswith(ending)]
    assert len(found) == 1, [f"{r['kind']}/{r['metadata']['name']}" for r in resources]
    return found[0]


def kinds(resources: list[Resource]) -> set[str]:
    return {resource["kind"] for resource in resources}


def check(resource: Resource, version: str) -> None:
    """Fails where the resource has an unknown field or a wrong type; what was right once is not looked at again."""
    key = (json.dumps(resource, sort_keys=True), version)
    if key in _valid or resource["apiVersion"] == _WITHOUT_SCHEMA:
        return
    schema = _custom_resource_schema(resource["apiVersion"], resource["kind"])
    if schema:
        jsonschema.Draft7Validator(schema).validate(resource)
    else:
        kubernetes_validate.validate(resource, version, strict=True)
    _valid.add(key)


@functools.cache
def _custom_resource_schema(api_version: str, kind: str) -> dict | None:
    group, _, version = api_version.rpartition("/")
    path = CUSTOM_RESOURCES / group / f"{kind.lower()}_{version}.json"
    return json.loads(path.read_text()) if path.is_file() else None
