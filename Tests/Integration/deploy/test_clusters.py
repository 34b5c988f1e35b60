"""setup, status and teardown of the cluster targets, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from installation import ENVIRONMENTS, Installation, Result, components

CLOUD = {"LAMINA_TARGET": "eks", "LAMINA_KUBE_CONTEXT": "production-cluster"}


TARGETS = ["colima-k3s", "linux-k3s"]


@pytest.fixture(params=TARGETS)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """A machine with nothing on it."""
    return Installation(tmp_path, request.param)


@pytest.fixture(scope="module", params=TARGETS)
def first_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, Result]:
    installation = Installation(tmp_path_factory.mktemp(request.param), request.param)
    return installation, installation.run("setup")


@pytest.fixture
def installed(first_run: tuple[Installation, Result], tmp_path: Path) -> Installation:
    """A machine on which setup has run."""
    return first_run[0].copy(tmp_path)


def test_setup_installs_everything_in_order(first_run: tuple[Installation, Result]):
    installation, result = first_run
    assert result.code == 0, result.errors
    assert result.installed() == components()
    assert set(installation.releases()) == set(components())


def test_the_second_run_changes_nothing(installed: Installation):
    second = installed.run("setup")
    assert second.code == 0, second.errors
    # The certificate's secret is applied every time, which changes it only where the certificate is new.
    assert [call for call in second.changes if not call.startswith("kubectl apply")] == []
    assert second.output.count("is up to date") == len(components())


def test_a_run_after_a_failure_goes_on_where_it_was(installation: Installation):
    failed = installation.run("setup", STAND_IN_FAIL="upgrade --install monitoring")
    assert failed.code != 0
    before = components()[: components().index("monitoring")]
    assert failed.installed() == [*before, "monitoring"]
    assert set(installation.releases()) == set(before)
    again = installation.run("setup")
    assert again.code == 0, again.errors
    assert again.installed() == components()[len(before) :]


def test_a_failure_of_the_cluster_leaves_nothing_half_done(installation: Installation):
    making = {"colima-k3s": "colima start", "linux-k3s": "curl --fail"}[installation.target]
    assert installation.run("setup", STAND_IN_FAIL=making).code != 0
    assert installation.releases() == {}
    again = installation.run("setup")
    assert again.code == 0, again.errors
    assert again.installed() == components()


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(installation: Installation):
    result = installation.run("setup", "--dry-run")
    assert result.code == 0, result.errors
    assert result.changes == []
    assert not installation.lamina_state.exists()
    for name in components():
        assert f"helm upgrade --install {name} " in result.output
    removal = installation.run("teardown", "--dry-run", "--purge")
    assert removal.code == 0 and removal.changes == []


def test_one_component_alone(installed: Installation):
    result = installed.run("setup", "--only", "lamina-llm-serve", "--image", "registry.example/lamina:9")
    assert result.code == 0, result.errors
    assert result.installed() == ["lamina-llm-serve"]
    found = installed.values("lamina-llm-serve")
    assert any(values.get("image") == {"repository": "registry.example/lamina", "tag": "9"} for values in found)


def test_changed_values_reach_their_component_alone(installed: Installation):
    result = installed.run("setup", "--env", "testing")
    assert result.code == 0, result.errors
    assert "lamina-llm-serve" in result.installed()
    assert "istio-base" not in result.installed()


def test_status_before_setup_fails(installation: Installation):
    assert installation.run("status").code == 1


def test_status_tells_what_is_missing(installed: Installation):
    assert installed.run("status").code == 0
    installed.release("observability").unlink()
    result = installed.run("status")
    assert result.code == 1
    assert "observability" in result.output and "not installed" in result.output


def test_teardown_keeps_data_and_purge_does_not(installed: Installation):
    kept = installed.run("teardown")
    assert kept.code == 0, kept.errors
    assert installed.releases() == {}
    assert (installed.state / "secrets" / "lamina-system" / "lamina-api-keys").exists()
    assert not any(call.startswith(("kubectl delete", "colima delete", "k3s-uninstall")) for call in kept.calls)
    installed.run("setup")
    purged = installed.run("teardown", "--purge")
    assert purged.code == 0, purged.errors
    assert list(installed.state.glob("namespaces/*")) == []
    end = {"colima-k3s": "colima delete lamina", "linux-k3s": "k3s-uninstall.sh"}[installed.target]
    assert any(call.startswith(end) for call in purged.calls)
    # And what is gone can be taken away again.
    assert installed.run("teardown", "--purge").code == 0


def test_teardown_leaves_what_others_installed(installed: Installation):
    release = installed.release("monitoring")
    release.write_text(release.read_text().replace("lamina-infrastructure", "by hand:"))
    (installed.state / "namespaces" / "observability").write_text("observability somebody")
    result = installed.run("teardown", "--purge")
    assert result.code == 0, result.errors
    assert installed.releases() == {"monitoring": "monitoring"}
    assert "it stays" in result.errors
    assert (installed.state / "namespaces" / "observability").exists()


@pytest.mark.parametrize(
    ("status", "advice"), [("pending-install", "helm uninstall istiod"), ("pending-upgrade", "helm rollback istiod")]
)
def test_a_stuck_release_is_named_with_its_cure(installed: Installation, status: str, advice: str):
    release = installed.release("istiod")
    release.write_text(release.read_text().replace("deployed", status))
    result = installed.run("setup")
    assert result.code == 1
    assert advice in result.errors


def test_a_cluster_of_somebody_else_is_used_but_not_deleted(tmp_path: Path):
    linux = Installation(tmp_path, "linux-k3s")
    linux.run("setup", "--only", "cluster")
    (linux.k3s / "config.yaml.d" / "lamina.yaml").unlink()
    assert linux.run("setup").code == 0
    result = linux.run("teardown", "--purge")
    assert result.code == 0, result.errors
    assert not any(call.startswith("k3s-uninstall") for call in result.calls)


def test_secrets_are_random_and_stay(installed: Installation):
    secrets = {path: path.read_text() for path in installed.state.glob("secrets/*/*")}
    assert {path.name for path in secrets} == {"grafana-admin", "lamina-api-keys"}
    assert all(len(text) == 43 for text in secrets.values())
    assert len(set(secrets.values())) == len(secrets)
    result = installed.run("setup", "--env", "testing")
    assert result.code == 0, result.errors
    assert {path: path.read_text() for path in installed.state.glob("secrets/*/*")} == secrets
    for text in secrets.values():
        assert not any(text in call for call in result.calls)


def test_namespaces_are_made_with_their_labels_and_others_are_left_alone(installation: Installation):
    theirs = installation.state / "namespaces" / "monitoring"
    theirs.parent.mkdir()
    theirs.write_text("monitoring ")
    result = installation.run("setup")
    assert result.code == 0, result.errors
    assert "namespace monitoring was there before" in result.errors
    assert theirs.read_text() == "monitoring "
    assert (
        "namespace lamina-system with istio-injection: enabled, pod-security.kubernetes.io/enforce: restricted"
        in result.output
    )


def test_clouds_need_a_context_and_an_image(tmp_path: Path):
    cloud = Installation(tmp_path, "cloud")
    (cloud.state / "cluster").write_text("Running")
    assert "LAMINA_TARGET" in cloud.run("setup").errors
    assert "LAMINA_KUBE_CONTEXT" in cloud.run("setup", LAMINA_TARGET="gke").errors
    assert "--image" in cloud.run("setup", **CLOUD).errors
    result = cloud.run("setup", "--env", "production", "--image", "registry.example/lamina:9", **CLOUD)
    assert result.code == 0, result.errors
    assert "metallb" not in cloud.releases() and "lamina-llm-serve" in cloud.releases()
    assert any("--context production-cluster" in call for call in result.calls)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "staging"], "there is no environment 'staging'"),
        (["--env"], "--env needs a value"),
        (["--only", "everything"], "there is no component 'everything'"),
        (["--purge"], "setup does not know '--purge'"),
        (["now"], "setup does not know 'now'"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, arguments: list[str], message: str):
    result = Installation(tmp_path, "linux-k3s").run("setup", *arguments)
    assert result.code == 1
    assert message in result.errors
    assert result.calls == []


def test_an_old_or_missing_tool_is_named(tmp_path: Path):
    installation = Installation(tmp_path, "colima-k3s")
    (installation.bin / "helm").unlink()
    (installation.bin / "helm").write_text("#!/bin/sh\necho v3.1.0\n")
    (installation.bin / "helm").chmod(0o755)
    assert "helm is 3.1.0; 3.14.0 or later is needed" in installation.run("setup").errors
    (installation.bin / "colima").unlink()
    assert "there is no colima on the PATH" in installation.run("setup").errors


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_installs(tmp_path: Path, environment: str):
    installation = Installation(tmp_path, "linux-k3s")
    result = installation.run("setup", "--env", environment)
    assert result.code == 0, result.errors
    assert installation.releases()["lamina-llm-serve"] == "lamina-system"


def test_help_needs_nothing(tmp_path: Path):
    result = Installation(tmp_path, "linux-k3s").run("teardown", "--help")
    assert result.code == 0
    assert "--purge" in result.output and "Removes what setup.sh installed" in result.output
    assert "--address-pool" not in result.output
