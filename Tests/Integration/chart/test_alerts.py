"""The alerts, as Prometheus' own tool reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from charts import Charts, one

UNIT_TESTS = Path(__file__).with_name("alerts_test.yaml")


@pytest.fixture
def rules(charts: Charts, tmp_path: Path) -> Path:
    """The rendered rules, in the form of Prometheus' own rule files."""
    values = {"metrics": {"prometheusRule": {"enabled": True}}}
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(one(charts.render("lamina-llm-serve", values), "PrometheusRule")["spec"]))
    return path


def run(promtool: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(promtool), *arguments], capture_output=True, text=True, timeout=50)


def test_rules_are_valid(promtool: Path, rules: Path):
    result = run(promtool, "check", "rules", "--lint=all", "--lint-fatal", str(rules))
    assert result.returncode == 0, result.stdout + result.stderr


def test_alerts_fire_when_they_should(promtool: Path, rules: Path):
    tests = rules.with_name("tests.yaml")
    tests.write_text(UNIT_TESTS.read_text().replace("RULES", str(rules)))
    result = run(promtool, "test", "rules", str(tests))
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_alert_says_what_to_do(rules: Path):
    alerts = [rule for group in yaml.safe_load(rules.read_text())["groups"] for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        assert alert["labels"]["severity"] in ("critical", "warning")
        assert set(alert["annotations"]) == {"summary", "description"}
        assert 'namespace="llm",pod=~"release-lamina-llm-serve-.+"' in alert["expr"]
        assert "SELECTOR" not in alert["expr"]
