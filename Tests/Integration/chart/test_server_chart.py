"""What the chart of lamina-llm-serve makes of its values."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from charts import Charts, one, pods
from variants import VARIANTS

CHART = "lamina-llm-serve"
VARIANT = VARIANTS[CHART]


def pod(charts: Charts, values: dict | None = None) -> dict:
    """The server's pod."""
    return next(
        spec for name, spec in pods(charts.render(CHART, values)) if "/" in name and not name.startswith("Pod/")
    )


def server(charts: Charts, values: dict | None = None) -> dict:
    """The server's container."""
    return pod(charts, values)["containers"][0]


def test_the_default_serves_the_embedded_model(charts: Charts):
    container = server(charts)
    assert not [argument for argument in container["args"] if argument.startswith("--model")]
    assert "volumeMounts" not in container
    assert container["args"][:3] == ["serve", "--host=0.0.0.0", "--port=8080"]


def test_every_argument_is_a_flag_of_the_binary(charts: Charts, binary: Path):
    text = subprocess.run([str(binary), "serve", "--help"], capture_output=True, text=True, timeout=20).stdout
    for variant, values in VARIANT.items():
        for argument in server(charts, values)["args"][1:]:
            assert f"{argument.partition('=')[0]} " in text, variant


def test_a_claim_is_mounted_read_only(charts: Charts):
    spec = pod(charts, {"model": {"source": "existingClaim", "existingClaim": "models", "file": "llama/model.gguf"}})
    assert "--model=/models/llama/model.gguf" in spec["containers"][0]["args"]
    assert spec["containers"][0]["volumeMounts"] == [{"name": "models", "mountPath": "/models", "readOnly": True}]
    assert spec["volumes"][0]["persistentVolumeClaim"] == {"claimName": "models", "readOnly": True}


def test_a_download_writes_and_the_server_only_reads(charts: Charts):
    spec = pod(charts, VARIANT["a shared volume"])
    download = spec["initContainers"][0]
    assert {"name": "models", "mountPath": "/models"} in download["volumeMounts"]
    assert {"name": "models", "mountPath": "/models", "readOnly": True} in spec["containers"][0]["volumeMounts"]
    # The token is a file: an environment would show it to whoever may describe pods.
    assert not [entry for entry in download["env"] if "valueFrom" in entry]


def test_a_volume_outlives_the_release(charts: Charts):
    claim = one(charts.render(CHART, VARIANT["production"]), "PersistentVolumeClaim")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    stateful = one(charts.render(CHART, VARIANT["stateful set"]), "StatefulSet")["spec"]
    assert stateful["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert stateful["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "fast"


def test_secrets_are_mounted_so_that_changes_arrive(charts: Charts):
    spec = pod(charts, {"apiKeys": {"existingSecret": "some-keys"}})
    container = spec["containers"][0]
    assert "--api-key-file=/etc/lamina/api-keys/keys" in container["args"]
    mount = {"name": "api-keys", "mountPath": "/etc/lamina/api-keys", "readOnly": True}
    assert container["volumeMounts"] == [mount], "without subPath, which would never change"
    assert spec["volumes"] == [{"name": "api-keys", "secret": {"secretName": "some-keys", "defaultMode": 0o440}}]


def test_a_full_name_keeps_its_endings(charts: Charts):
    resources = charts.render(CHART, {"fullnameOverride": "n" * 63, **VARIANT["stateful set"]})
    names = [(resource["kind"], resource["metadata"]["name"]) for resource in resources]
    assert all(len(name) <= 63 for _, name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({}, 135),
        ({"preset": "production"}, 915),
        ({"shutdown": {"delaySeconds": 30, "drainSeconds": 900}}, 940),
        ({"shutdown": {"drainSeconds": 0}}, 15),
    ],
)
def test_the_grace_period_outlasts_the_drain(charts: Charts, values: dict, seconds: int):
    spec = pod(charts, values)
    arguments = dict(argument.partition("=")[::2] for argument in spec["containers"][0]["args"])
    delay, drain = int(arguments["--drain-delay"]), int(arguments["--drain-timeout"])
    assert spec["terminationGracePeriodSeconds"] == seconds == delay + drain + 10


def test_slow_loading_is_given_time(charts: Charts):
    for values, seconds in (({"startup": {"seconds": 1800}}, 1800), ({"preset": "production"}, 3600)):
        resources = charts.render(CHART, values)
        deployment = one(resources, "Deployment")["spec"]
        probe = deployment["template"]["spec"]["containers"][0]["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] >= seconds
        assert deployment["progressDeadlineSeconds"] > seconds


@pytest.mark.parametrize(
    ("resources", "threads"),
    [
        ({"requests": {"cpu": 4}}, "4"),
        ({"requests": {"cpu": "2500m"}}, "2"),
        ({"requests": {"cpu": "100m"}}, "1"),
        ({"requests": {"cpu": 2}, "limits": {"cpu": 4}}, None),
        ({"requests": {"memory": "1Gi"}}, None),
    ],
)
def test_threads_follow_the_request_where_no_limit_bounds_them(charts: Charts, resources: dict, threads: str | None):
    arguments = server(charts, {"resources": resources})["args"]
    assert [a.partition("=")[2] for a in arguments if a.startswith("--threads=")] == ([threads] if threads else [])


def test_a_preset_gives_way_to_values(charts: Charts):
    preset = server(charts, {"preset": "production"})
    assert preset["resources"] == {"requests": {"cpu": "12", "memory": "96Gi"}, "limits": {"memory": "96Gi"}}
    assert "--kv-cache-memory=32G" in preset["args"]
    own = {"requests": {"memory": "64Gi"}}
    values = {"preset": "production", "resources": own, "server": {"kvCacheMemory": "8G"}}
    container = server(charts, values)
    assert container["resources"] == own
    assert "--kv-cache-memory=8G" in container["args"]


def test_the_service_leads_to_the_pods(charts: Charts):
    resources = charts.render(CHART)
    labels = one(resources, "Deployment")["spec"]["template"]["metadata"]["labels"]
    service = one(resources, "Service")["spec"]
    assert service["selector"].items() <= labels.items()
    assert service["ports"][0]["appProtocol"] == "http"
    # The pods of `helm test` must not receive the Service's traffic.
    for test in (resource for resource in resources if resource["kind"] == "Pod"):
        assert not service["selector"].items() <= test["metadata"]["labels"].items()


def test_the_service_monitor_finds_one_service(charts: Charts):
    values = {**VARIANT["stateful set"], "metrics": {"serviceMonitor": {"enabled": True}}}
    resources = charts.render(CHART, values)
    wanted = one(resources, "ServiceMonitor")["spec"]["selector"]["matchLabels"].items()
    services = [r for r in resources if r["kind"] == "Service" and wanted <= r["metadata"]["labels"].items()]
    assert [service["metadata"]["name"] for service in services] == ["release-lamina-llm-serve"]


def test_probes_with_tls(charts: Charts):
    assert server(charts, VARIANT["tls"])["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"
    container = server(charts, VARIANT["mutual tls"])
    # The kubelet has no certificate to show.
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert "--unix-socket=/run/lamina/probes.sock" in container[probe]["exec"]["command"]
    assert "--unix-socket=/run/lamina/probes.sock" in container["args"]
    assert {"name": "run", "mountPath": "/run/lamina"} in container["volumeMounts"]


def test_tests_that_would_be_refused_are_not_made(charts: Charts):
    def tests(variant: str) -> set[str]:
        names = [r["metadata"]["name"] for r in charts.render(CHART, VARIANT[variant]) if r["kind"] == "Pod"]
        return {name.rpartition("-test-")[2] for name in names}

    assert tests("defaults") == {"readiness", "completion", "metrics"}
    assert tests("mutual tls") == {"refusal"}
    assert tests("mutual tls, tested") == {"readiness", "completion", "metrics", "refusal"}
    assert tests("istio, native sidecars") == {"readiness", "completion", "metrics", "refusal"}
    assert tests("istio, hashed") == {"readiness", "completion", "metrics"}, "PERMISSIVE refuses nobody"
    assert tests("recreate, and nothing around it") == set()


def test_pods_are_told_apart_from_other_releases(charts: Charts):
    """What selects pods selects those of this release, and is within what the pods have."""
    resources = charts.render(CHART, {**VARIANT["istio, native sidecars"], "autoscaling": {"kind": "hpa"}})
    labels = one(resources, "Deployment")["spec"]["template"]["metadata"]["labels"].items()
    for kind in ("PodDisruptionBudget", "NetworkPolicy", "PeerAuthentication", "Telemetry", "PodMonitor", "Sidecar"):
        spec = one(resources, kind)["spec"]
        selector = (
            spec.get("selector") or spec.get("podSelector") or {"matchLabels": spec["workloadSelector"]["labels"]}
        )
        assert ("app.kubernetes.io/instance", "release") in selector["matchLabels"].items() <= labels, kind


def test_an_autoscaler_owns_the_number_of_pods(charts: Charts):
    for kind in ("hpa", "keda"):
        assert "replicas" not in one(charts.render(CHART, VARIANT[kind]), "Deployment")["spec"]


def test_an_inference_pool_takes_the_route(charts: Charts):
    resources = charts.render(CHART, VARIANT["inference pool"])
    assert one(resources, "InferencePool")["spec"] == {
        "selector": {
            "matchLabels": {"app.kubernetes.io/name": "lamina-llm-serve", "app.kubernetes.io/instance": "release"}
        },
        "targetPorts": [{"number": 8080}],
        "endpointPickerRef": {"name": "picker", "port": {"number": 9002}, "failureMode": "FailClose"},
    }
    backend = one(resources, "HTTPRoute")["spec"]["rules"][0]["backendRefs"][0]
    assert (backend["kind"], backend["name"]) == ("InferencePool", "release-lamina-llm-serve")


def test_traces_are_configured_by_the_names_of_open_telemetry(charts: Charts):
    environment = {entry["name"]: entry.get("value") for entry in server(charts, VARIANT["server"])["env"]}
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://jaeger:4318"
    assert environment["OTEL_SERVICE_NAME"] == "llama"
    assert environment["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
    assert environment["OTEL_TRACES_SAMPLER_ARG"] == "0.5"
    assert not [entry for entry in server(charts)["env"] if entry["name"].startswith("OTEL_")]
