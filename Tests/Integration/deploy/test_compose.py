"""The Compose target: its files, and its scripts with a stand-in for Docker."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from compose_schema import compose_schema
from installation import INFRASTRUCTURE, Installation
from jsonschema import Draft201909Validator
from promtool import promtool_path

FOLDER = INFRASTRUCTURE / "targets" / "docker-compose"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
IMAGES = dict(
    line.split("=", 1) for line in (FOLDER / "images.env").read_text().splitlines() if line and line[0] != "#"
)


def test_the_file_is_valid():
    try:
        schema = compose_schema()
    except RuntimeError as error:
        pytest.skip(str(error))
    # The project's name is younger than the schema.
    known = {key: value for key, value in COMPOSE.items() if key != "name"}
    errors = [f"{list(error.path)}: {error.message}" for error in Draft201909Validator(schema).iter_errors(known)]
    assert errors == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_restricted_and_watched(name: str):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert name == "gateway" or "mem_limit" in service
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


def test_only_the_gateway_is_reachable_and_only_from_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"gateway", "vector"}
    for port in published["gateway"]:
        assert port.startswith("${LAMINA_BIND:-127.0.0.1}:")
    assert published["vector"] == ["127.0.0.1:24224:24224"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_images_are_pinned_and_named_once():
    for name, service in SERVICES.items():
        variable = re.fullmatch(r"\$\{([A-Z]+_IMAGE):\?\}", service["image"])
        assert variable, f"{name}: {service['image']}"
        assert variable[1] == "LAMINA_IMAGE" or variable[1] in IMAGES
    for image in IMAGES.values():
        assert re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:v?\d+\.\d+\.\d+(-alpine)?", image), image


def test_no_variable_has_a_default_that_lets_anybody_in():
    defaults = re.findall(r"\$\{(\w+):-([^}]*)\}", (FOLDER / "compose.yaml").read_text())
    assert {name for name, _ in defaults} == {
        "LAMINA_BIND",
        "LAMINA_HTTPS_PORT",
        "LAMINA_HTTP_PORT",
        "LAMINA_MODEL",
        "LAMINA_OTLP_ENDPOINT",
    }
    assert dict(defaults)["LAMINA_BIND"] == "127.0.0.1"
    for secret in COMPOSE["secrets"].values():
        assert set(secret) == {"file"}


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.yaml")), ids=lambda path: path.name)
def test_configuration_files_are_yaml(path: Path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_prometheus_scrapes_and_grafana_queries_services_that_are_there():
    scrapes = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]
    hosts = {target.split(":")[0] for scrape in scrapes for target in scrape["static_configs"][0]["targets"]}
    sources = yaml.safe_load((FOLDER / "grafana" / "datasources.yaml").read_text())["datasources"]
    hosts |= {re.match(r"http://([a-z]+):", source["url"])[1] for source in sources}
    assert hosts - {"localhost"} <= set(SERVICES)


def test_prometheus_takes_its_configuration_and_the_charts_rules(compose: Installation, tmp_path: Path):
    try:
        promtool = promtool_path()
    except RuntimeError as error:
        pytest.skip(f"promtool cannot be had here: {error}")
    compose.run("setup")
    rules = compose.lamina_state / "compose" / "rules.yaml"
    configuration = tmp_path / "prometheus.yaml"
    text = (FOLDER / "prometheus.yaml").read_text()
    configuration.write_text(text.replace("/etc/prometheus/rules.yaml", str(rules)))
    done = subprocess.run([str(promtool), "check", "config", str(configuration)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_placeholder_of_the_chart_is_left_in_the_rules(compose: Installation):
    compose.run("setup")
    rules = (compose.lamina_state / "compose" / "rules.yaml").read_text()
    assert yaml.safe_load(rules)["groups"]
    assert 'job="lamina-llm-serve"' in rules
    assert not re.search(r"\b[A-Z]{4,}(_[A-Z]+)+\b|SELECTOR", rules)


@pytest.fixture
def compose(tmp_path: Path) -> Installation:
    return Installation(tmp_path, "docker-compose")


def test_setup_twice_and_the_secrets_stay(compose: Installation):
    first = compose.run("setup", "--env", "testing")
    assert first.code == 0, first.errors
    folder = compose.lamina_state / "compose"
    secrets = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    assert set(secrets) == {"api-keys", "grafana-admin-password"}
    assert all(len(text) == 43 for text in secrets.values())
    second = compose.run("setup", "--env", "testing")
    assert second.code == 0, second.errors
    assert {path.name: path.read_text() for path in (folder / "secrets").iterdir()} == secrets
    assert not any(call.startswith("docker build") for call in second.calls)
    assert len([call for call in second.calls if " up " in call]) == 1
    for path in (*(folder / "secrets").iterdir(), compose.lamina_state / "certificates" / "server.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_services_get_all_their_variables(compose: Installation):
    compose.run("setup", "--env", "production")
    settings = (compose.lamina_state / "compose" / "stack.env").read_text()
    given = set(IMAGES) | set(re.findall(r"^(\w+)=", settings, re.M))
    needed = set(re.findall(r"\$\{(\w+):\?\}", (FOLDER / "compose.yaml").read_text()))
    assert needed <= given
    assert "LAMINA_MEMORY=96g" in settings


def test_a_run_after_a_failure_goes_on(compose: Installation):
    failed = compose.run("setup", STAND_IN_FAIL="docker build")
    assert failed.code != 0
    assert not any(" up " in call for call in failed.calls)
    again = compose.run("setup")
    assert again.code == 0, again.errors
    assert any(call.startswith("docker build") for call in again.calls)


def test_a_model_is_named_once(compose: Installation, tmp_path: Path):
    model = tmp_path / "models" / "some.gguf"
    model.parent.mkdir()
    assert "there is no file" in compose.run("setup", LAMINA_MODEL_FILE=str(model)).errors
    model.touch()
    assert compose.run("setup", LAMINA_MODEL_FILE=str(model)).code == 0
    assert compose.run("setup").code == 0
    settings = (compose.lamina_state / "compose" / "stack.env").read_text()
    assert f"LAMINA_MODELS={model.parent}\n" in settings and "LAMINA_MODEL=/models/some.gguf\n" in settings


def test_one_part_alone(compose: Installation):
    compose.run("setup")
    (call,) = [call for call in compose.run("setup", "--only", "tracing").calls if " up " in call]
    assert call.endswith(" jaeger") and "--profile tracing" in call and "--profile logging" not in call


def test_a_dry_run_changes_nothing(compose: Installation):
    for arguments in (("setup", "--dry-run"), ("teardown", "--dry-run", "--purge")):
        result = compose.run(*arguments)
        assert result.code == 0, result.errors
        assert result.changes == []
    assert not compose.lamina_state.exists()


def test_status_tells_what_is_not_healthy(compose: Installation):
    assert compose.run("status").code == 1
    compose.run("setup", STAND_IN_HEALTH="unhealthy")
    result = compose.run("status")
    assert result.code == 1
    assert "running unhealthy" in result.output
    compose.run("setup")
    assert compose.run("status").code == 0


def test_teardown_keeps_data_and_purge_does_not(compose: Installation):
    compose.run("setup")
    kept = compose.run("teardown")
    assert kept.code == 0, kept.errors
    assert not any("--volumes" in call for call in kept.calls)
    assert (compose.lamina_state / "compose" / "secrets" / "api-keys").exists()
    purged = compose.run("teardown", "--purge")
    assert any(call.endswith("--volumes") for call in purged.calls)
    assert not (compose.lamina_state / "compose").exists()
    assert compose.run("teardown", "--purge").code == 0
