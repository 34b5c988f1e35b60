"""What the charts tell Istio: who may reach whom, and that nothing cuts or repeats a stream."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from charts import NAMES, Charts, Resource, one
from variants import VARIANTS

SERVER = VARIANTS["lamina-llm-serve"]
CASES = [(chart, variant) for chart in NAMES for variant in VARIANTS[chart]]


def pod_metadata(resources: list[Resource]) -> dict:
    workload = next(resource for resource in resources if resource["kind"] in ("Deployment", "StatefulSet"))
    return workload["spec"]["template"]["metadata"]


def policies(resources: list[Resource]) -> list[Resource]:
    return [resource for resource in resources if resource["kind"] == "AuthorizationPolicy"]


def test_nothing_ends_or_repeats_a_stream(charts: Charts):
    for variant in ("istio, native sidecars", "istio, ambient"):
        route = one(charts.render("lamina-llm-serve", SERVER[variant]), "VirtualService")["spec"]["http"][0]
        assert route["timeout"] == "0s"
        assert route["retries"] == {"attempts": 0}
    rule = one(charts.render("lamina-llm-serve", SERVER["gateway api"]), "HTTPRoute")["spec"]["rules"][0]
    assert rule["timeouts"] == {"request": "0s"}
    host = charts.render("service-mesh", VARIANTS["service-mesh"]["host server"])
    route = one(host, "VirtualService", "llm-host")["spec"]["http"][0]
    assert (route["timeout"], route["retries"]) == ("0s", {"attempts": 0})


def test_shedding_takes_no_pod_out(charts: Charts):
    policy = one(charts.render("lamina-llm-serve", SERVER["istio, native sidecars"]), "DestinationRule")["spec"][
        "trafficPolicy"
    ]
    assert policy["tls"] == {"mode": "ISTIO_MUTUAL"}
    outliers = policy["outlierDetection"]
    assert outliers["consecutive5xxErrors"] == outliers["consecutiveGatewayErrors"] == 0
    assert outliers["splitExternalLocalOriginErrors"] and outliers["consecutiveLocalOriginFailures"] > 0
    assert outliers["maxEjectionPercent"] < 100


def test_a_classic_sidecar_waits_for_the_last_stream(charts: Charts):
    values = {**SERVER["istio, classic sidecars"], "shutdown": {"delaySeconds": 20}}
    annotations = pod_metadata(charts.render("lamina-llm-serve", values))["annotations"]
    config = json.loads(annotations["proxy.istio.io/config"])
    assert config["proxyMetadata"] == {"EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true", "MINIMUM_DRAIN_DURATION": "25s"}
    assert config["holdApplicationUntilProxyStarts"] is True
    # The init container that downloads has no sidecar yet.
    assert annotations["traffic.sidecar.istio.io/excludeOutboundPorts"] == "443"


def test_a_native_sidecar_needs_no_such_thing(charts: Charts):
    metadata = pod_metadata(charts.render("lamina-llm-serve", SERVER["istio, native sidecars"]))
    assert metadata["labels"]["sidecar.istio.io/inject"] == "true"
    assert metadata["annotations"]["sidecar.istio.io/nativeSidecar"] == "true"
    assert "proxy.istio.io/config" not in metadata["annotations"]


def test_ambient_pods_have_no_sidecar(charts: Charts):
    resources = charts.render("lamina-llm-serve", SERVER["istio, ambient"])
    assert pod_metadata(resources)["labels"]["istio.io/dataplane-mode"] == "ambient"
    assert not [resource for resource in resources if resource["kind"] == "Sidecar"]


@pytest.mark.parametrize(
    ("variant", "mode"),
    [
        ("istio, native sidecars", "istio"),
        ("istio, classic sidecars", "istio"),
        ("istio, ambient", "ambient"),
        ("defaults", None),
    ],
)
def test_the_server_is_told_of_its_mesh(charts: Charts, variant: str, mode: str | None):
    resources = charts.render("lamina-llm-serve", SERVER[variant])
    arguments = one(resources, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert [argument for argument in arguments if argument.startswith("--mesh")] == ([f"--mesh={mode}"] if mode else [])


def test_the_server_knows_its_own_identity(charts: Charts):
    """What policies call it is what X-Forwarded-Client-Cert has to be addressed to."""
    values = {**SERVER["istio, native sidecars"], "serviceAccount": {"name": "llm"}}
    resources = charts.render("lamina-llm-serve", values)
    arguments = one(resources, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--spiffe-id=spiffe://cluster.local/ns/llm/sa/llm" in arguments


def test_sidecars_are_scraped_where_they_answer(charts: Charts):
    monitor = one(charts.render("lamina-llm-serve", SERVER["istio, native sidecars"]), "PodMonitor")["spec"]
    endpoint = monitor["podMetricsEndpoints"][0]
    # Discovery finds ports that a container declares: ours, and not the agent's.
    assert (endpoint["port"], endpoint["path"]) == ("http", "/stats/prometheus")
    for found, asked in (("10.0.0.7:8080", "10.0.0.7:15020"), ("[fd00::7]:8080", "[fd00::7]:15020")):
        rule = endpoint["relabelings"][0]
        assert re.sub(f"^{rule['regex']}$", rule["replacement"].replace("$1", r"\1"), found) == asked


@pytest.mark.parametrize(("chart", "variant"), CASES)
def test_policies_allow_identities_and_not_everybody(charts: Charts, chart: str, variant: str):
    """Only the gateway takes requests of people, who have no identity; and only for its hosts."""
    for policy in policies(charts.render(chart, VARIANTS[chart][variant])):
        for rule in policy["spec"].get("rules", []):
            if policy["metadata"]["name"] == "gateway":
                assert policy["spec"]["selector"]["matchLabels"] == {"istio": "gateway"}
                assert rule["to"][0]["operation"]["hosts"]
                continue
            sources = [source["source"] for source in rule["from"]]
            assert sources
            for source in sources:
                assert source["principals"] and "*" not in source["principals"]


def test_denial_is_the_default(charts: Charts):
    server = one(
        charts.render("lamina-llm-serve", SERVER["istio, native sidecars"]), "AuthorizationPolicy", "default-deny"
    )
    assert "rules" not in server["spec"] and "action" not in server["spec"]
    mesh = charts.render("service-mesh")
    assert one(mesh, "AuthorizationPolicy", "default-deny")["spec"] == {}
    assert one(mesh, "PeerAuthentication")["spec"] == {"mtls": {"mode": "STRICT"}}


def test_only_named_accounts_use_the_api(charts: Charts):
    values = {**SERVER["istio, native sidecars"], "tests": {"enabled": False}}
    policy = policies(charts.render("lamina-llm-serve", values))[1]["spec"]
    assert [rule["from"][0]["source"]["principals"] for rule in policy["rules"]] == [
        ["cluster.local/ns/agents/sa/planner", "cluster.local/ns/istio-gateway/sa/*"],
        ["cluster.local/ns/monitoring/sa/prometheus"],
    ]
    assert policy["rules"][0]["to"][0]["operation"]["notPaths"] == ["/metrics"]
    assert policy["rules"][1]["to"][0]["operation"]["paths"] == ["/metrics"]


def test_the_gateway_knows_the_hosts_of_every_route(charts: Charts):
    resources = charts.render("service-mesh", VARIANTS["service-mesh"]["host server"])
    servers = one(resources, "Gateway")["spec"]["servers"]
    routed = {host for r in resources if r["kind"] == "VirtualService" for host in r["spec"]["hosts"]}
    assert servers[0]["tls"] == {"httpsRedirect": True}
    for server in servers:
        assert routed | {"llm.example.org"} == set(server["hosts"])


def test_charts_agree_on_each_other(charts: Charts):
    """Names of services in one chart's values are what another chart's values make them."""
    monitoring = yaml.safe_load((charts.path("monitoring") / "values.yaml").read_text())
    observability = yaml.safe_load((charts.path("observability") / "values.yaml").read_text())
    mesh = yaml.safe_load((charts.path("service-mesh") / "values.yaml").read_text())
    stack = monitoring["kube-prometheus-stack"]
    services = {
        "grafana": (stack["grafana"]["fullnameOverride"], "monitoring"),
        "prometheus": (f"{stack['fullnameOverride']}-prometheus", "monitoring"),
        "jaeger": (observability["jaeger"]["fullnameOverride"], "observability"),
        "kiali": (observability["kiali-server"]["deployment"]["instance_name"], "observability"),
    }
    assert {route["host"]: (route["service"], route["namespace"]) for route in mesh["routes"]} == services
    external = observability["kiali-server"]["external_services"]
    sources = {source["name"]: source["url"] for source in stack["grafana"]["additionalDataSources"]}
    assert external["prometheus"]["url"] == "http://{}.{}:9090".format(*services["prometheus"])
    assert external["grafana"]["internal_url"] == "http://{}.{}".format(*services["grafana"])
    assert external["tracing"]["internal_url"] == "http://{}.{}:16685".format(*services["jaeger"])
    assert sources["Jaeger"] == "http://{}.{}:16686".format(*services["jaeger"])
    assert sources["Loki"] == monitoring["vector"]["customConfig"]["sinks"]["loki"]["endpoint"]
