"""Wrong values are refused, with a message that names the key."""

from __future__ import annotations

import pytest
from charts import NAMES, Charts

_DOWNLOAD = {"enabled": True, "url": "https://models.example/m.gguf", "sha256": "b" * 64}
_MANIFEST = {"source": "volume", "manifest": {"a": {"file": "a.gguf"}, "b": {"file": "b.gguf"}}}

SERVER = [
    ({"replicas": 2}, "replicas"),
    ({"replicaCount": "two"}, "replicaCount"),
    ({"preset": "huge"}, "preset"),
    ({"workload": "DaemonSet"}, "workload"),
    ({"image": {"tag": "latest"}}, "image.tag"),
    ({"image": {"digest": "abc"}}, "image.digest"),
    ({"image": {"repository": ""}}, "image.repository"),
    ({"server": {"thread": 2}}, "thread"),
    ({"server": {"threads": 0}}, "server.threads"),
    ({"server": {"logLevel": "loud"}}, "server.logLevel"),
    ({"server": {"kvCacheMemory": "much"}}, "server.kvCacheMemory"),
    ({"server": {"kvType": "q4_0"}}, "server.kvType"),
    ({"server": {"mesh": "consul"}}, "server.mesh"),
    ({"server": {"extraEnv": [{"value": "x"}]}}, "name"),
    ({"service": {"port": 70000}}, "service.port"),
    ({"securityContext": {"runAsUser": 0}}, "securityContext.runAsUser"),
    ({"securityContext": {"runAsUser": 1337}}, "securityContext.runAsUser"),
    ({"securityContext": {"privileged": True}}, "privileged"),
    ({"model": {"file": "model.gguf"}}, "model.file"),
    ({"model": {"source": "existingClaim", "existingClaim": "models"}}, "model.file"),
    ({"model": {"source": "existingClaim", "file": "m.gguf"}}, "model.existingClaim"),
    ({"model": {**_MANIFEST, "file": "m.gguf"}}, "model.manifest"),
    ({"model": {"manifest": _MANIFEST["manifest"]}}, "model.source"),
    ({"model": {**_MANIFEST, "name": "c"}}, "model.name"),
    ({"model": _MANIFEST}, "model.name"),
    ({"model": {**_MANIFEST, "manifest": {"a": {"file": "/etc/a.gguf"}}}}, "model.manifest.a.file"),
    ({"model": {**_MANIFEST, "manifest": {"a": {"path": "a.gguf"}}}}, "path"),
    ({"model": {"source": "volume", "file": "/etc/passwd"}}, "model.file"),
    ({"model": {"source": "volume", "file": "../m.gguf"}}, "model.file"),
    ({"model": {"source": "hostPath", "file": "m.gguf"}}, "model.hostPath.path"),
    ({"model": {"source": "image", "file": "m.gguf", "image": {"reference": "a/b:latest"}}}, "model.image.reference"),
    (
        {"model": {"source": "volume", "file": "m.gguf", "download": {**_DOWNLOAD, "sha256": ""}}},
        "model.download.sha256",
    ),
    (
        {"model": {"source": "volume", "file": "m.gguf", "download": {**_DOWNLOAD, "url": "ftp://x"}}},
        "model.download.url",
    ),
    ({"model": {"download": _DOWNLOAD}}, "model.download.enabled"),
    ({"tls": {"clientAuth": "required", "existingSecret": "tls"}}, "tls.clientCASecret"),
    ({"tls": {"clientAuth": "optional", "clientCASecret": "ca"}}, "tls.existingSecret"),
    ({"identity": {"allowed": ["CN=a"]}}, "identity.allowed"),
    ({"identity": {"allowed": [""]}}, "identity.allowed.0"),
    ({"callerLimits": {"tokensPerMinute": -1}}, "callerLimits.tokensPerMinute"),
    ({"tracing": {"endpoint": "jaeger:4317"}}, "tracing.endpoint"),
    ({"tracing": {"samplerRatio": 10}}, "tracing.samplerRatio"),
    ({"resources": {"limit": {"memory": "1Gi"}}}, "limit"),
    ({"resources": {"limits": {"memory": "1GB"}}}, "resources.limits.memory"),
    ({"autoscaling": {"kind": "vpa"}}, "autoscaling.kind"),
    ({"autoscaling": {"kind": "keda"}}, "autoscaling.keda.prometheusAddress"),
    ({"autoscaling": {"minReplicas": 5}}, "autoscaling.minReplicas"),
    ({"istio": {"dataPlane": "sidecar"}}, "istio.dataPlane"),
    ({"istio": {"authorizationPolicy": {"clients": ["*"]}}}, "istio.authorizationPolicy.clients"),
    ({"istio": {"peerAuthentication": {"mode": "DISABLE"}}}, "istio.peerAuthentication.mode"),
    ({"istio": {"enabled": True}, "tls": {"existingSecret": "tls"}}, "tls.existingSecret"),
    ({"istio": {"enabled": True}, "metrics": {"serviceMonitor": {"enabled": True}}}, "metrics.serviceMonitor.enabled"),
    ({"metrics": {"prometheusRule": {"disabled": ["Other"]}}}, "metrics.prometheusRule.disabled"),
    ({"gatewayAPI": {"httpRoute": {"enabled": True}}}, "gatewayAPI.httpRoute.parentRefs"),
    ({"gatewayAPI": {"inferencePool": {"enabled": True}}}, "gatewayAPI.inferencePool.endpointPicker"),
    ({"replicaCount": 2, "model": {"source": "volume", "file": "m.gguf"}}, "model.volume.accessModes"),
]
OTHERS = [
    ("metallb", {"addressPools": [{"name": "a"}]}, "addresses"),
    ("metallb", {"addressPools": [{"name": "a", "addresses": ["192.168.1.7"]}]}, "addressPools.0.addresses"),
    ("metallb", {"pools": []}, "pools"),
    ("service-mesh", {"mtls": "DISABLE"}, "mtls"),
    ("service-mesh", {"gateway": {"selector": {}, "tlsSecret": ""}}, "gateway.tlsSecret"),
    ("service-mesh", {"routes": [{"host": "a", "namespace": "b", "service": "c", "port": 80}]}, "labels"),
    ("service-mesh", {"allow": [{"name": "all", "namespace": "a", "principals": []}]}, "allow.0.principals"),
    ("service-mesh", {"hostServer": {"enabled": True}}, "hostServer.address"),
    ("monitoring", {"grafana": {}}, "grafana"),
    ("monitoring", {"kube-prometheus-stack": {"grafana": {"adminPassword": "admin"}}}, "grafana.adminPassword"),
    ("monitoring", {"kube-prometheus-stack": {"grafana": {"admin": {"existingSecret": ""}}}}, "admin.existingSecret"),
    ("monitoring", {"tests": {"image": {"tag": "latest"}}}, "tests.image.tag"),
    ("observability", {"kiali-server": {"auth": {"strategy": "anonymous"}}}, "kiali-server.auth.strategy"),
    ("observability", {"traces": {"size": "much"}}, "traces.size"),
]
CASES = [("lamina-llm-serve", values, key) for values, key in SERVER] + OTHERS


@pytest.mark.parametrize(("chart", "values", "key"), CASES, ids=[f"{chart} {key}" for chart, _, key in CASES])
def test_a_wrong_value_is_refused_by_name(charts: Charts, chart: str, values: dict, key: str):
    result = charts.template(chart, values)
    assert result.returncode != 0
    assert key in result.stderr


@pytest.mark.parametrize("chart", NAMES)
def test_a_parent_chart_may_set_its_own(charts: Charts, chart: str):
    assert charts.template(chart, {"global": {"any": "thing"}, "enabled": True}).returncode == 0
