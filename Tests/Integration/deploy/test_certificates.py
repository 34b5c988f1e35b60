"""The local authority and the certificate it signs."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from installation import INFRASTRUCTURE, ROOT

SCRIPT = INFRASTRUCTURE / "scripts" / "certificates.sh"
MESH = yaml.safe_load((ROOT / "helm" / "service-mesh" / "values.yaml").read_text())


def make(folder: Path) -> str:
    return subprocess.run([str(SCRIPT), str(folder)], check=True, capture_output=True, text=True).stdout


def openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make(folder)
    return folder


def test_the_certificate_is_for_every_hostname_of_the_mesh(folder: Path):
    labels = MESH["gateway"]["hosts"] + [route["host"] for route in MESH["routes"]]
    for label in labels:
        host = f"{label}.{MESH['domain']}"
        checked = openssl(
            "verify", "-CAfile", str(folder / "ca.pem"), "-verify_hostname", host, str(folder / "server.pem")
        )
        assert checked.returncode == 0, f"{host}: {checked.stderr}"


def test_what_is_there_stays(folder: Path):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "Making" not in make(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_keys_are_for_their_owner_alone(folder: Path):
    for path in folder.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_authority_cannot_sign_for_other_domains(folder: Path, tmp_path: Path):
    key, request, certificate = (str(tmp_path / name) for name in ("key", "csr", "pem"))
    extensions = tmp_path / "extensions"
    extensions.write_text("subjectAltName=DNS:bank.example\n")
    openssl(
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        key,
        "-subj",
        "/CN=bank.example",
        "-out",
        request,
    )
    openssl(
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        str(folder / "ca.pem"),
        "-CAkey",
        str(folder / "ca.key"),
        "-out",
        certificate,
        "-extfile",
        str(extensions),
    )
    refused = openssl("verify", "-CAfile", str(folder / "ca.pem"), certificate)
    assert refused.returncode != 0 and "permitted subtree violation" in refused.stderr


def test_a_certificate_of_another_authority_or_for_other_names_is_made_again(folder: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    make(copy)
    (copy / "ca.pem").write_bytes((folder / "ca.pem").read_bytes())
    (copy / "ca.key").write_bytes((folder / "ca.key").read_bytes())
    said = make(copy)
    assert "Making a certificate for" in said and "authority for" not in said
    assert openssl("verify", "-CAfile", str(copy / "ca.pem"), str(copy / "server.pem")).returncode == 0
