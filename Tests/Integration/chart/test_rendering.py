"""Every chart with every feature: helm is content, and Kubernetes knows every field."""

from __future__ import annotations

import pytest
from charts import CUSTOM_RESOURCES, KUBERNETES_VERSIONS, NAMES, Charts, check, kinds, one, pods
from environments import installations
from variants import HOST_PATH, IMAGE_VOLUME, VARIANTS

CASES = [(chart, variant) for chart in NAMES for variant in VARIANTS[chart]]
INSTALLATIONS = list(installations())


@pytest.mark.parametrize("chart", NAMES)
def test_lint_is_content(charts: Charts, chart: str):
    result = charts.lint(chart)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("chart", "variant"), CASES)
def test_kubernetes_knows_every_field(charts: Charts, chart: str, variant: str):
    for resource in charts.render(chart, VARIANTS[chart][variant]):
        for version in KUBERNETES_VERSIONS:
            check(resource, version)


def test_a_host_path_is_known(charts: Charts):
    for resource in charts.render("lamina-llm-serve", HOST_PATH):
        check(resource, KUBERNETES_VERSIONS[0])


def test_an_image_volume_is_known_to_newer_ones(charts: Charts):
    resources = charts.render("lamina-llm-serve", IMAGE_VOLUME)
    for resource in resources:
        check(resource, KUBERNETES_VERSIONS[-1])
    volume = next(pods([one(resources, "Deployment")]))[1]["volumes"][0]
    assert volume == {
        "name": "models",
        "image": {"reference": "registry.example/llama:1", "pullPolicy": "IfNotPresent"},
    }


@pytest.mark.parametrize(
    ("installation", "chart", "values"), INSTALLATIONS, ids=[f"{chart}: {name}" for name, chart, _ in INSTALLATIONS]
)
def test_every_environment_renders(charts: Charts, installation: str, chart: str, values: dict):
    for resource in charts.render(chart, values):
        for version in KUBERNETES_VERSIONS:
            check(resource, version)


def test_unknown_fields_are_found():
    policy = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {"max": 1}}
    service = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {},
        "spec": {"host": ["a"]},
    }
    for resource in (policy, service):
        with pytest.raises(Exception, match="Additional properties are not allowed"):
            check(resource, KUBERNETES_VERSIONS[0])


def test_the_variants_render_every_template(charts: Charts):
    """A template that no variant switches on would be checked by nobody."""
    for chart in NAMES:
        rendered = set()
        for values in VARIANTS[chart].values():
            for line in charts.template(chart, values).stdout.splitlines():
                if line.startswith(f"# Source: {chart}/templates/"):
                    rendered.add(line.removeprefix(f"# Source: {chart}/"))
        folder = charts.path(chart)
        templates = {str(path.relative_to(folder)) for path in folder.glob("templates/**/*.yaml")}
        assert rendered == templates


def test_schemas_of_custom_resources_are_used(charts: Charts):
    """Each is of a kind that the charts render."""
    rendered = set()
    for chart, variant in CASES:
        rendered |= kinds(charts.render(chart, VARIANTS[chart][variant]))
    known = {path.stem.partition("_")[0] for path in CUSTOM_RESOURCES.glob("*/*.json")}
    assert known <= {kind.lower() for kind in rendered}
