"""Versions, images and hostnames are stated in one place each, and what the image says of itself is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from installation import INFRASTRUCTURE, ROOT, component_lines

DOCKERFILE = (ROOT / "Dockerfile").read_text()
FILES = [path for path in sorted(INFRASTRUCTURE.rglob("*")) if path.is_file()]
RESOLVED = """{"pins" : [
    {
      "identity" : "swift-log",
      "kind" : "remoteSourceControl",
      "location" : "https://github.com/apple/swift-log.git",
      "state" : {
        "revision" : "4a5f",
        "version" : "1.16.2"
      }
    }
]}
"""


def statements(pattern: str) -> set[str]:
    """The files of infrastructure/ in which it stands, outside of comments."""
    return {
        str(path.relative_to(INFRASTRUCTURE))
        for path in FILES
        for line in path.read_text().splitlines()
        if re.search(pattern, line) and not line.lstrip().startswith("#")
    }


def test_the_domain_is_only_stated_by_the_mesh():
    domain = yaml.safe_load((ROOT / "helm" / "service-mesh" / "values.yaml").read_text())["domain"]
    assert statements(re.escape(domain)) == set()


def test_images_of_compose_are_stated_once():
    assert statements(r"docker\.io/(?!library/lamina-llm-serve)") == {"targets/docker-compose/images.env"}


def test_versions_of_charts_and_k3s_are_stated_once():
    versions = {line.split()[5] for line in component_lines() if len(line.split()) == 7}
    assert versions
    for version in versions:
        assert statements(rf"\b{re.escape(version)}\b") == {"components"}
    assert statements(r"\+k3s\d") == {"versions.env"}


def test_every_component_is_whole():
    for line in component_lines():
        fields = line.split()
        assert len(fields) in (5, 7), line
        assert fields[2] in ("restricted", "baseline", "privileged") and fields[3] in ("enabled", "disabled"), line
        assert len(fields) == 7 or (ROOT / fields[4] / "Chart.yaml").is_file(), line


def test_chart_and_binary_have_one_version():
    build = (ROOT / "Sources" / "LaminaServer" / "BuildInfo.swift").read_text()
    chart = yaml.safe_load((ROOT / "helm" / "lamina-llm-serve" / "Chart.yaml").read_text())
    assert re.search(r'version = "(.*)"', build)[1] == chart["appVersion"]


def test_the_image_runs_as_a_number_and_checks_itself():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER \d+:\d+$", last, re.M)
    assert re.search(r'^HEALTHCHECK .*\\\n +CMD \["lamina-llm-serve", "health"\]$', last, re.M)
    # Docker 24 and Podman 4, the oldest in versions.env, refuse a Dockerfile with it.
    assert "--start-interval" not in last
    assert re.search(r'^ENTRYPOINT \["lamina-llm-serve"\]$', last, re.M)
    assert not re.search(r"^(ENTRYPOINT|CMD) [^\[]", last, re.M)


def test_the_build_sees_what_the_dockerfile_copies():
    ignored = (ROOT / ".dockerignore").read_text()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M)
    for name in " ".join(copied).split():
        assert f"!{name}" in ignored, name


def test_the_bill_of_materials_lists_swift_and_debian(tmp_path: Path):
    (tmp_path / "Package.resolved").write_text(RESOLVED)
    dpkg = tmp_path / "dpkg-query"
    dpkg.write_text(
        r"#!/bin/sh" + "\n" + r"printf 'libssl3\t3.0.17\tpkg:deb/debian/libssl3@3.0.17?arch=amd64\n'" + "\n"
    )
    dpkg.chmod(0o755)
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "sbom"), "0.1.0", "6.3.1", str(tmp_path / "Package.resolved")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    bill = json.loads(done.stdout)
    assert bill["bomFormat"] == "CycloneDX"
    assert [component["purl"] for component in bill["components"]] == [
        "pkg:generic/swift@6.3.1",
        "pkg:swift/github.com/apple/swift-log@1.16.2",
        "pkg:deb/debian/libssl3@3.0.17?arch=amd64",
    ]


def test_every_exception_of_the_scanners_has_a_reason():
    exceptions = tomllib.loads((ROOT / "security" / "exceptions.toml").read_text())["exception"]
    for exception in exceptions:
        assert set(exception) == {"tool", "rule", "path", "reason"}
        assert len(exception["reason"]) > 20, exception


def test_the_capacity_table_is_what_the_binary_computes(binary: Path):
    command = [sys.executable, str(ROOT / "scripts" / "capacity-table"), "--check"]
    done = subprocess.run(
        command, env={"LAMINA_BINARY": str(binary), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("model", "gigabytes"), [("3.2 1B", 0.80), ("3.2 3B", 2.01), ("3 8B", 4.91), ("3 70B", 42.51)])
def test_the_shapes_are_as_large_as_the_published_files(model: str, gigabytes: float):
    row = re.search(
        rf"\| Llama {model} \| \w+ \| 8192 \| 1 \| ([\d.]+) ", (ROOT / "docs/deploy/production-70b.md").read_text()
    )
    # An embedding that is not the output matrix stays in the file: 0.3 and 0.6 GB of the two large ones.
    assert 0.9 * gigabytes < float(row[1]) * 1.073742 <= gigabytes + 0.05


def test_links_of_the_guides_lead_somewhere():
    pages = [*(ROOT / "docs" / "deploy").glob("*.md"), INFRASTRUCTURE / "README.md", ROOT / "SECURITY.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            if not target.startswith("https://"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
