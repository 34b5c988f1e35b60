"""`doctor`: what an operator is told before the server runs, and beside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from certificates import Authority
from sidecar import Sidecar

IDENTITY = "spiffe://cluster.local/ns/prod/sa/lamina"


def _doctor(binary: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    result = subprocess.run(
        [str(binary), "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, **environment},
    )
    assert not result.stderr, result.stderr
    return result.returncode, result.stdout


def _findings(output: str, area: str) -> list[dict]:
    return [finding for finding in json.loads(output)["findings"] if finding["area"] == area]


def test_a_sound_configuration(binary: Path, tmp_path: Path):
    certificate = Authority(tmp_path / "ca").issue(f"DNS:lamina.example,URI:{IDENTITY}", usage="serverAuth")
    keys = tmp_path / "keys"
    keys.write_text("alice:secret-1\n")
    keys.chmod(0o400)
    certificate.key.chmod(0o400)
    arguments = ["--host", "0.0.0.0", "--port", "0", "--api-key-file", str(keys)]
    arguments += ["--tls-certificate", str(certificate.certificate), "--tls-key", str(certificate.key)]
    with Sidecar() as sidecar:
        code, output = _doctor(
            binary, *arguments, *sidecar.istio_flags, "--json", POD_NAMESPACE="prod", SERVICE_ACCOUNT="lamina"
        )
    assert code == 0, output
    assert json.loads(output)["counts"]["error"] == 0
    assert _findings(output, "mesh")[0]["seen"].endswith("its proxy lets traffic through")
    assert _findings(output, "workload")[0]["seen"] == "POD_NAMESPACE=prod SERVICE_ACCOUNT=lamina"
    (served,) = _findings(output, "certificates")
    assert served["level"] == "ok"
    assert IDENTITY in served["seen"] and "lamina.example" in served["seen"]
    assert re.search(r"\(\d+ days? left\)", served["seen"])
    (key,) = _findings(output, "api keys")
    assert key == {"area": "api keys", "level": "ok", "seen": "1 key"}
    assert "lamina-tiny" in _findings(output, "model")[0]["seen"]
    assert _findings(output, "memory")[0]["level"] == "ok"


def test_each_error_says_what_to_do(binary: Path, tmp_path: Path):
    authority = Authority(tmp_path / "ca")
    one, other = authority.issue("DNS:a"), authority.issue("DNS:b")
    arguments = ["--mesh", "istio", "--port", "15090", "--model", str(tmp_path / "missing.gguf")]
    arguments += ["--tls-certificate", str(one.certificate), "--tls-key", str(other.key)]
    code, output = _doctor(binary, *arguments, "--json", "--istio-status-port", "1", "--istio-agent-port", "1")
    assert code == 1
    errors = {finding["area"]: finding for finding in json.loads(output)["findings"] if finding["level"] == "error"}
    assert "port 15090 belongs to Istio" in errors["listening"]["seen"]
    assert "the key does not belong" in errors["certificates"]["seen"]
    assert "missing.gguf" in errors["model"]["seen"]
    assert _findings(output, "mesh")[0]["level"] == "warning"


def test_beside_a_running_server(binary: Path, server):
    code, output = _doctor(binary, "--port", str(server.port))
    assert code == 0, output
    assert "somebody listens already" in output
    assert output.splitlines()[-1].startswith("no errors, ")


def test_a_wrong_option_is_a_wrong_option(binary: Path):
    result = subprocess.run([str(binary), "doctor", "--max-sequences", "0"], capture_output=True, text=True, timeout=50)
    assert result.returncode == 64
    assert "--max-sequences must be 1 to 1024" in result.stderr
