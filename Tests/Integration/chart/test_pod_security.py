"""Every pod that the charts make themselves meets the "restricted" pod security standard, and a bit more."""

from __future__ import annotations

import copy

import pytest
from charts import Charts, pods
from environments import installations
from variants import HOST_PATH, VARIANTS

CASES = [(chart, variant) for chart, variants in VARIANTS.items() for variant in variants]
# https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def violations(pod: dict) -> list[str]:
    """What the standard forbids, what it asks for and is not there, and what this project asks for beyond it."""
    found = []
    context = pod.get("securityContext", {})
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            found.append(field)
    if context.get("runAsNonRoot") is not True or context.get("runAsUser") == 0:
        found.append("runs as root")
    if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        found.append("seccompProfile")
    if pod.get("automountServiceAccountToken") is not False:
        found.append("service account token")
    for volume in pod.get("volumes", []):
        found += [f"volume {kind}" for kind in volume.keys() - {"name"} - VOLUMES]
    for container in pod.get("initContainers", []) + pod["containers"]:
        found += [f"{container['name']}: {violation}" for violation in _violations(container)]
    return found


def _violations(container: dict) -> list[str]:
    context = container.get("securityContext", {})
    found = []
    if context.get("privileged") or context.get("allowPrivilegeEscalation") is not False:
        found.append("privileges")
    if context.get("capabilities", {}).get("drop") != ["ALL"] or context["capabilities"].get("add"):
        found.append("capabilities")
    if context.get("readOnlyRootFilesystem") is not True:
        found.append("writable root")
    if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is False:
        found.append("root")
    if any("hostPort" in port for port in container.get("ports", [])):
        found.append("hostPort")
    if "memory" not in container.get("resources", {}).get("limits", {}):
        found.append("no memory limit")
    return found


@pytest.mark.parametrize(("chart", "variant"), CASES)
def test_pods_are_restricted(charts: Charts, chart: str, variant: str):
    for name, pod in pods(charts.render(chart, VARIANTS[chart][variant])):
        assert violations(pod) == [], name


def test_pods_of_every_environment_are_restricted(charts: Charts):
    for installation, chart, values in installations():
        for name, pod in pods(charts.render(chart, values)):
            assert violations(pod) == [], f"{name}: {installation}"


def test_a_host_path_is_the_exception(charts: Charts):
    found = [violations(pod) for name, pod in pods(charts.render("lamina-llm-serve", HOST_PATH)) if "test" not in name]
    assert found == [["volume hostPath"]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("hostNetwork",), True),
        (("securityContext", "runAsNonRoot"), False),
        (("securityContext", "seccompProfile"), {"type": "Unconfined"}),
        (("automountServiceAccountToken",), True),
        (("containers", 0, "securityContext", "privileged"), True),
        (("containers", 0, "securityContext", "allowPrivilegeEscalation"), True),
        (("containers", 0, "securityContext", "capabilities"), {"drop": ["ALL"], "add": ["NET_ADMIN"]}),
        (("containers", 0, "securityContext", "readOnlyRootFilesystem"), False),
        (("containers", 0, "resources"), {}),
    ],
)
def test_a_violation_is_found(charts: Charts, path: tuple, value: object):
    pod = copy.deepcopy(next(pods(charts.render("lamina-llm-serve")))[1])
    place = pod
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert len(violations(pod)) == 1
