"""Dashboards, alerts and autoscaling ask for metrics, labels and label values that a running server has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from certificates import Authority
from charts import HELM, Charts, one
from lamina_server import LaminaServer
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

DASHBOARDS = sorted((HELM / "lamina-llm-serve" / "files" / "dashboards").glob("*.json"))
SERIES = re.compile(r"\b((?:lamina|process|vllm)[a-z_:]+)(?:\{([^{}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!=|!~|=)"((?:[^"\\]|\\.)*)"')
# Labels that Prometheus adds to what it scrapes.
TARGET_LABELS = {"namespace", "pod", "container", "job", "le"}


@pytest.fixture(scope="module")
def scrape(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Metric]:
    """The metrics of a server that has all of them: with TLS of its own, traces, a mesh, and after a request."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    certificate = authority.issue(names="DNS:localhost,IP:127.0.0.1")
    server = LaminaServer(
        binary,
        *("--tls-certificate", str(certificate.certificate), "--tls-key", str(certificate.key), "--mesh", "istio"),
        # Nothing listens there: what is counted is that.
        environment={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        verify=authority.root.certificate,
    )
    try:
        assert server.post("/v1/completions", {"prompt": "Once", "max_tokens": 2}).status_code == 200
        families = text_string_to_metric_families(server.get("/metrics").text)
        return {sample_name: family for family in families for sample_name in _sample_names(family)}
    finally:
        server.stop()


def _sample_names(family: Metric) -> list[str]:
    if family.type == "histogram":
        return [f"{family.name}_{part}" for part in ("bucket", "sum", "count")]
    return [f"{family.name}_total"] if family.type == "counter" else [family.name]


def check_expression(expression: str, scrape: dict[str, Metric]) -> None:
    """Fails where a metric, a label or a label's value does not exist."""
    found = SERIES.findall(
        re.sub(r'"(?:[^"\\]|\\.)*"', lambda text: text[0].replace("{", "").replace("}", ""), expression)
    )
    assert found, f"no metric of ours in: {expression}"
    for name, matchers in found:
        assert name in scrape, f"{name} does not exist, in: {expression}"
        labels: dict[str, set[str]] = {}
        for sample in scrape[name].samples:
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
        for label, operator, value in MATCHER.findall(matchers):
            if label in TARGET_LABELS or not labels:
                continue
            assert label in labels, f"{name} has no label {label}, in: {expression}"
            if operator in ("=", "=~") and label in ("reason", "limit", "stage", "outcome", "result"):
                assert set(value.split("|")) <= labels[label], f"{name} has no {label} {value}, in: {expression}"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_dashboards(path: Path, scrape: dict[str, Metric]):
    dashboard = json.loads(path.read_text())
    expressions = [
        target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []) if panel["type"] != "row"
    ]
    assert len(expressions) > 10
    for expression in expressions:
        check_expression(expression, scrape)


def test_dashboards_are_whole():
    boards = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert len({board["uid"] for board in boards}) == len(boards)
    for board in boards:
        panels = board["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        assert all(panel["description"] for panel in panels if panel["type"] != "row")
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, f"{panel['title']} lies on another panel"
            assert place["x"] + place["w"] <= 24
            taken |= cells


def test_alerts(charts: Charts, scrape: dict[str, Metric]):
    rule = one(charts.render("lamina-llm-serve", {"metrics": {"prometheusRule": {"enabled": True}}}), "PrometheusRule")
    rules = [rule for group in rule["spec"]["groups"] for rule in group["rules"]]
    assert len(rules) >= 10
    for entry in rules:
        check_expression(entry["expr"], scrape)


def test_autoscaling(charts: Charts, scrape: dict[str, Metric]):
    keda = {"autoscaling": {"kind": "keda", "keda": {"prometheusAddress": "http://prometheus:9090"}}}
    for trigger in one(charts.render("lamina-llm-serve", keda), "ScaledObject")["spec"]["triggers"]:
        check_expression(trigger["metadata"]["query"], scrape)
    hpa = one(charts.render("lamina-llm-serve", {"autoscaling": {"kind": "hpa"}}), "HorizontalPodAutoscaler")
    for metric in hpa["spec"]["metrics"]:
        assert metric["pods"]["metric"]["name"] in scrape


@pytest.mark.parametrize(
    "wrong",
    [
        "rate(lamina_requests_lost_total[5m])",
        'lamina_requests_rejected_total{cause="queue_full"}',
        'lamina_requests_rejected_total{reason="bored"}',
        "up",
    ],
)
def test_a_wrong_name_is_found(wrong: str, scrape: dict[str, Metric]):
    with pytest.raises(AssertionError):
        check_expression(wrong, scrape)
