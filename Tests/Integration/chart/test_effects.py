"""No value of the server's chart is without effect: each one, changed alone, changes the manifests."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import yaml
from charts import HELM, Charts
from variants import HOST_PATH, IMAGE_VOLUME, VARIANTS

CHART = "lamina-llm-serve"
_SERVER = VARIANTS[CHART]

# What a value is changed in: something that renders all that it can have an effect on. The longest prefix counts.
_EVERYTHING = {
    **_SERVER["server"],
    "model": _SERVER["production"]["model"],
    "istio": _SERVER["istio, classic sidecars"]["istio"],
    "gatewayAPI": _SERVER["inference pool"]["gatewayAPI"],
    "metrics": {part: {"enabled": True} for part in ("podMonitor", "prometheusRule", "dashboards")},
}
_BASES = {
    "": _EVERYTHING,
    "autoscaling": _SERVER["keda"],
    "replicaCount": {},
    "metrics.serviceMonitor": _SERVER["monitoring"],
    "istio.destinationRule.hashHeader": _SERVER["istio, hashed"],
    "istio.loadReports.namespace": _SERVER["istio, load reports"],
    "model.existingClaim": _SERVER["development"],
    "model.hostPath": HOST_PATH,
    "model.manifest": _SERVER["several models"],
    "model.image": IMAGE_VOLUME,
    "tls": _SERVER["mutual tls"],
    "identity": _SERVER["mutual tls"],
    "callerLimits": _SERVER["mutual tls"],
    "tests.clientCertificateSecret": _SERVER["mutual tls, tested"],
}
# What a value is changed to. Others are changed by their sort: another text, one more, the other truth.
_CHANGES = {
    "preset": "production",
    "workload": "StatefulSet",
    "image.digest": "sha256:" + "a" * 64,
    "toolsImage.digest": "sha256:" + "a" * 64,
    "model.source": "existingClaim",
    "model.file": "other.gguf",
    "model.manifest": {"large": {"file": "other.gguf"}},
    "model.volume.size": "1Gi",
    "model.volume.accessModes": ["ReadWriteMany"],
    "model.download.url": "https://other.example/m.gguf",
    "model.download.sha256": "c" * 64,
    "model.hostPath.path": "/other",
    "model.image.reference": "registry.example/other:2",
    "server.kvCacheMemory": "1G",
    "server.kvType": "f16",
    "server.logFormat": "json",
    "server.logLevel": "error",
    "server.mesh": "linkerd",
    "server.extraEnv": [],
    "tls.minVersion": "1.3",
    "tls.clientAuth": "optional",
    "identity.policy": "models any",
    "tracing.endpoint": "http://other:4318",
    "tracing.sampler": "always_on",
    "tracing.samplerRatio": 0.7,
    "service.type": "NodePort",
    "resources": {"requests": {"cpu": 1}},
    "strategy.type": "Recreate",
    "tolerations": [{"operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
    "topologySpreadConstraints": [],
    "autoscaling.kind": "hpa",
    "autoscaling.kvCacheUsage": 0.5,
    "autoscaling.keda.prometheusAddress": "http://other:9090",
    "networkPolicy.extraIngress": [{}],
    "networkPolicy.extraEgress": [{}],
    "metrics.serviceMonitor.interval": "1m",
    "metrics.podMonitor.interval": "1m",
    "metrics.prometheusRule.disabled": ["LaminaAbsent"],
    "metrics.prometheusRule.additionalRules": [{"alert": "Mine", "expr": "1"}],
    "istio.dataPlane": "ambient",
    "istio.destinationRule.loadBalancing": "consistentHash",
    "istio.peerAuthentication.mode": "PERMISSIVE",
    "istio.virtualService.gateways": ["other/gateway"],
    "istio.authorizationPolicy.clients": ["other/*"],
    "istio.authorizationPolicy.scrapers": ["other/*"],
    "istio.sidecar.egressHosts": ["other/*"],
    "gatewayAPI.httpRoute.parentRefs": [{"name": "other"}],
    "gatewayAPI.inferencePool.failureMode": "FailOpen",
    "extraObjects": ["kind: ConfigMap"],
}
# What has to change with a value above for the whole to stay valid.
_TOGETHER = {"model.source": {"model": {"existingClaim": "models"}}}


def _leaves(values: dict, path: tuple[str, ...] = ()):
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _changed(key: str, now: object) -> object:
    if key in _CHANGES:
        return _CHANGES[key]
    if key.endswith("pullPolicy"):
        return "Never"
    match now:
        case bool():
            return not now
        case int() | None:
            return (now or 0) + 1
        case list():
            return ["other"]
        case dict():
            return {"other": "value"}
        case _:
            return "other"


def _merged(below: dict, above: dict) -> dict:
    both = {
        key: _merged(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
        for key, value in above.items()
    }
    return {**below, **both}


def _with(values: dict, path: tuple[str, ...], value: object) -> dict:
    if len(path) == 1:
        return {**values, path[0]: value}
    below = values.get(path[0])
    return {**values, path[0]: _with(below if isinstance(below, dict) else {}, path[1:], value)}


def _value(values: dict, path: tuple[str, ...], default: object) -> object:
    for name in path:
        if not isinstance(values, dict) or name not in values:
            return default
        values = values[name]
    return values


def _base(key: str) -> str:
    return max((prefix for prefix in _BASES if key.startswith(prefix)), key=len)


def _rendered(charts: Charts, folder: Path, instances: dict[str, dict]) -> dict[str, str]:
    """What each instance renders: all are dependencies of one chart, since a hundred runs of helm take their time."""
    shutil.copytree(HELM / CHART, folder / "charts" / CHART)
    version = yaml.safe_load((HELM / CHART / "Chart.yaml").read_text())["version"]
    dependencies = [{"name": CHART, "version": version, "alias": alias} for alias in instances]
    (folder / "Chart.yaml").write_text(
        json.dumps({"apiVersion": "v2", "name": "parent", "version": "1.0.0", "dependencies": dependencies})
    )
    result: subprocess.CompletedProcess[str] = charts.run("template", "release", str(folder), values=instances)
    assert result.returncode == 0, result.stderr
    parts: dict[str, list[str]] = {alias: [] for alias in instances}
    for document in result.stdout.split("\n---\n# Source: parent/charts/"):
        alias, _, text = document.removeprefix("---\n# Source: parent/charts/").partition("/")
        # Helm calls the chart by its alias.
        parts[alias].append(text.replace(alias, CHART).strip())
    return {alias: "\n---\n".join(sorted(texts)) for alias, texts in parts.items()}


def test_no_value_is_without_effect(charts: Charts, tmp_path: Path):
    defaults = yaml.safe_load((HELM / CHART / "values.yaml").read_text())
    bases = {prefix: f"base{number}" for number, prefix in enumerate(_BASES)}
    instances = {bases[prefix]: values for prefix, values in _BASES.items()}
    changed = {}
    for number, (path, default) in enumerate(_leaves(defaults)):
        key = ".".join(path)
        values = _BASES[_base(key)]
        changed[key] = f"changed{number:03}"
        value = _changed(key, _value(values, path, default))
        instances[changed[key]] = _merged(_with(values, path, value), _TOGETHER.get(key, {}))
    controls = {prefix: f"control{number}" for number, prefix in enumerate(_BASES)}
    instances.update({controls[prefix]: values for prefix, values in _BASES.items()})
    rendered = _rendered(charts, tmp_path / "parent", instances)
    assert all(rendered[controls[prefix]] == rendered[bases[prefix]] for prefix in _BASES), "nothing but values differs"
    without = [key for key, alias in changed.items() if rendered[alias] == rendered[bases[_base(key)]]]
    assert not without
