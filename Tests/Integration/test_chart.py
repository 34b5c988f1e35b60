"""The Helm chart: linted, rendered, refused, and checked against the schemas of Kubernetes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import helm as helm_tool
import kubernetes_validate
import pytest
import yaml
from lamina_server import REPOSITORY

CHART = REPOSITORY / "helm" / "lamina-llm-serve"
KUBERNETES_VERSIONS = ["1.30", "1.34", "1.37"]

VARIANTS = {
    "defaults": {},
    "all values": {
        "global": {"of": "a parent chart"},
        "enabled": True,
        "replicaCount": 3,
        "image": {"repository": "registry.example/lamina", "digest": "sha256:" + "a" * 64, "pullPolicy": "Always"},
        "imagePullSecrets": ["registry"],
        "nameOverride": "other",
        "model": {"existingClaim": "models", "file": "llama/model.gguf", "name": "llama"},
        "server": {
            "threads": 4,
            "maxContext": 4096,
            "maxSequences": 8,
            "maxQueue": 0,
            "kvCacheMemory": "4G",
            "logFormat": "text",
            "logLevel": "debug",
            "extraArgs": ["--max-body=16M"],
        },
        "apiKeys": {"existingSecret": "keys-of-llama"},
        "shutdown": {"preStopSeconds": 7, "drainSeconds": 300},
        "startupSeconds": 1800,
        "service": {"type": "LoadBalancer", "port": 8000, "annotations": {"a.example/b": "c"}},
        "serviceAccount": {"create": True, "name": "llm", "annotations": {"d.example/e": "f"}},
        "metrics": {"scrapeAnnotations": False},
        "podAnnotations": {"g.example/h": "i"},
        "podLabels": {"j.example/k": "l"},
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1001, "fsGroup": 1002},
        "resources": {"requests": {"cpu": 4, "memory": "3Gi"}, "limits": {"memory": "4Gi"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "50%"}},
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "tolerations": [{"key": "llm", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
    },
    "no account of its own": {"serviceAccount": {"create": False}, "fullnameOverride": "llm"},
}


@pytest.fixture(scope="module")
def helm() -> Path:
    try:
        return helm_tool.helm_path()
    except RuntimeError as error:
        pytest.skip(f"helm cannot be had here: {error}")


def run(helm: Path, *arguments: str, values: dict | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(helm), *arguments, "--values", "-"],
        input=json.dumps(values or {}),
        capture_output=True,
        text=True,
        timeout=50,
    )


def render(helm: Path, values: dict | None = None) -> dict[str, dict]:
    """The rendered resources by kind."""
    result = run(helm, "template", "release", str(CHART), "--namespace", "llm", values=values)
    assert result.returncode == 0, result.stderr
    resources = [resource for resource in yaml.safe_load_all(result.stdout) if resource]
    return {resource["kind"]: resource for resource in resources}


def pod(helm: Path, values: dict | None = None) -> dict:
    return render(helm, values)["Deployment"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_lint_is_content(helm: Path, variant: str):
    result = run(helm, "lint", "--strict", str(CHART), values=VARIANTS[variant])
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_kubernetes_knows_every_field(helm: Path, variant: str, version: str):
    resources = render(helm, VARIANTS[variant])
    assert {"Deployment", "Service", "Pod"} <= set(resources)
    for resource in resources.values():
        kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize(
    ("values", "culprit"),
    [
        ({"replicas": 2}, "replicas"),
        ({"replicaCount": "two"}, "replicaCount"),
        ({"image": {"tag": "latest"}}, "tag"),
        ({"image": {"digest": "abc"}}, "digest"),
        ({"server": {"thread": 2}}, "thread"),
        ({"server": {"threads": 0}}, "threads"),
        ({"server": {"logLevel": "loud"}}, "logLevel"),
        ({"server": {"kvCacheMemory": "much"}}, "kvCacheMemory"),
        ({"service": {"port": 70000}}, "port"),
        ({"securityContext": {"runAsUser": 0}}, "runAsUser"),
        ({"securityContext": {"runAsUser": 1337}}, "runAsUser"),
        ({"model": {"existingClaim": "models"}}, "file"),
        ({"model": {"file": "model.gguf"}}, "file"),
        ({"model": {"existingClaim": "models", "file": "/etc/passwd"}}, "file"),
        ({"resources": {"limit": {"memory": "1Gi"}}}, "limit"),
    ],
)
def test_the_schema_refuses(helm: Path, values: dict, culprit: str):
    result = run(helm, "template", "release", str(CHART), values=values)
    assert result.returncode != 0
    assert "values don't meet the specifications of the schema" in result.stderr
    assert culprit in result.stderr


def test_the_default_serves_the_embedded_model(helm: Path):
    container = pod(helm)["containers"][0]
    assert not [argument for argument in container["args"] if argument.startswith("--model")]
    assert "volumeMounts" not in container
    assert container["args"][:3] == ["serve", "--host=0.0.0.0", "--port=8080"]


def test_a_claim_is_mounted_read_only(helm: Path):
    spec = pod(helm, VARIANTS["all values"])
    assert "--model=/models/llama/model.gguf" in spec["containers"][0]["args"]
    mounts = [{"name": "models", "mountPath": "/models", "readOnly": True}]
    claim = {"model": {"existingClaim": "models", "file": "model.gguf"}}
    assert pod(helm, claim)["containers"][0]["volumeMounts"] == mounts
    assert spec["volumes"][0]["persistentVolumeClaim"] == {"claimName": "models", "readOnly": True}


def test_keys_are_mounted_so_that_changes_arrive(helm: Path):
    spec = pod(helm, {"apiKeys": {"existingSecret": "some-keys"}})
    container = spec["containers"][0]
    assert "--api-key-file=/etc/lamina/api-keys/keys" in container["args"]
    mount = {"name": "api-keys", "mountPath": "/etc/lamina/api-keys", "readOnly": True}
    assert container["volumeMounts"] == [mount], "without subPath, which would never change"
    assert spec["volumes"] == [{"name": "api-keys", "secret": {"secretName": "some-keys", "defaultMode": 0o440}}]


def test_every_argument_is_a_flag_of_the_binary(helm: Path, binary: Path):
    text = subprocess.run([str(binary), "serve", "--help"], capture_output=True, text=True, timeout=20).stdout
    for argument in pod(helm, VARIANTS["all values"])["containers"][0]["args"][1:]:
        assert f"{argument.partition('=')[0]} " in text


def test_the_grace_period_outlasts_the_drain(helm: Path):
    for values, seconds in (({}, 135), ({"shutdown": {"preStopSeconds": 30, "drainSeconds": 900}}, 940)):
        spec = pod(helm, values)
        assert spec["terminationGracePeriodSeconds"] == seconds
        assert (
            f"--drain-timeout={seconds - 10 - values.get('shutdown', {}).get('preStopSeconds', 5)}"
            in (spec["containers"][0]["args"])
        )


@pytest.mark.parametrize("kind", ["Deployment", "Pod"])
def test_the_pods_are_restricted(helm: Path, kind: str):
    resource = render(helm)[kind]
    spec = resource["spec"] if kind == "Pod" else resource["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_slow_loading_is_given_time(helm: Path):
    probe = pod(helm, {"startupSeconds": 1800})["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 1800


def test_the_service_leads_to_the_pods(helm: Path):
    resources = render(helm)
    labels = resources["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert resources["Service"]["spec"]["selector"].items() <= labels.items()
    # The pod of `helm test` must not receive the Service's traffic.
    assert not resources["Service"]["spec"]["selector"].items() <= resources["Pod"]["metadata"]["labels"].items()
    assert resources["Service"]["spec"]["ports"][0]["appProtocol"] == "http"


def _leaves(values: dict, path: tuple[str, ...] = ()):
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name)


def _set(path: tuple[str, ...], value: object) -> dict:
    return {path[0]: _set(path[1:], value) if len(path) > 1 else value}


def _get(values: dict, path: tuple[str, ...]) -> object:
    for name in path:
        values = values[name]
    return values


def test_no_value_is_without_effect(helm: Path):
    """Each value of values.yaml, changed alone, changes the manifests."""
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    changed = {**VARIANTS["all values"], "fullnameOverride": "other"}
    changed["image"] = {**changed["image"], "tag": "1.2.3"}
    changed["serviceAccount"] = {**changed["serviceAccount"], "create": False}
    changed["strategy"] = {**changed["strategy"], "type": "Recreate"}
    claim = {"existingClaim": "models", "file": "model.gguf"}  # each needs the other
    base = render(helm)
    with_claim = render(helm, {"model": claim})
    for path in _leaves(defaults):
        if path[0] == "model" and path[1] in claim:
            rendered, before = render(helm, {"model": {**claim, path[1]: "other.gguf"}}), with_claim
        else:
            rendered, before = render(helm, _set(path, _get(changed, path))), base
        assert rendered != before, f"{'.'.join(path)} changes nothing"
