"""The HTTP client of the commands: through a real proxy, to servers with certificates."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from certificates import Authority, Certificate
from lamina_server import wait_until

# Loopback addresses are spared by proxies of the environment. To connect, this one is loopback too.
ANY = "0.0.0.0"
USER, PASSWORD = "agent", "p@ss:word"
CREDENTIALS = "agent:p%40ss%3Aword"
PROXY_VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b'{"status":"ok"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Web(NamedTuple):
    port: int
    seen: list[tuple[str, dict[str, str]]]


def serve(context: ssl.SSLContext | None = None) -> Iterator[Web]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Web(server.server_address[1], server.seen)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    yield from serve()


class Certificates(NamedTuple):
    authority: Path
    server: Certificate


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate for model.test and 0.0.0.0, and the authority it is from."""
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    return Certificates(authority.root.certificate, authority.issue(f"DNS:model.test,IP:{ANY}"))


@pytest.fixture
def secure_web(certificates: Certificates) -> Iterator[Web]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server.certificate, certificates.server.key)
    yield from serve(context)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of proxy.py, which wants a user and a password."""
    port_file = tmp_path_factory.mktemp("proxy") / "port"
    command = [
        sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", "0", "--port-file", str(port_file),
        "--num-workers", "1", "--num-acceptors", "1", "--log-level", "ERROR", "--basic-auth", f"{USER}:{PASSWORD}",
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
    process = subprocess.Popen(command, env=environment)
    try:
        wait_until(lambda: port_file.exists() and port_file.read_text().strip(), "the proxy tells its port", 30)
        yield int(port_file.read_text())
    finally:
        process.terminate()
        process.wait(timeout=30)


def health(binary: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
    return subprocess.run(
        [str(binary), "health", *arguments], capture_output=True, text=True, timeout=50, env={**clean, **environment}
    )


def test_a_proxy_with_a_password_leads_to_http(binary: Path, web: Web, proxy: int):
    url = f"http://{ANY}:{web.port}/health"
    result = health(binary, "--url", url, http_proxy=f"http://{CREDENTIALS}@127.0.0.1:{proxy}")
    assert (result.returncode, result.stdout) == (0, '{"status":"ok"}\n'), result.stderr
    path, fields = web.seen[0]
    assert path == "/health"
    assert any(name.lower() == "via" for name in fields), "it did not come through the proxy"
    assert all(name.lower() != "proxy-authorization" for name in fields)


def test_a_proxy_without_its_password_is_named(binary: Path, web: Web, proxy: int):
    for wrong in ["", "agent:wrong-secret@"]:
        url = f"http://{ANY}:{web.port}/health"
        result = health(binary, "--url", url, http_proxy=f"http://{wrong}127.0.0.1:{proxy}")
        assert result.returncode == 1
        assert f"the proxy http://127.0.0.1:{proxy} wants a user and a password" in result.stderr
        assert "wrong-secret" not in result.stderr
    assert not web.seen


def test_a_tunnel_leads_to_https(binary: Path, secure_web: Web, certificates: Certificates, proxy: int):
    result = health(
        binary, "--url", f"https://{ANY}:{secure_web.port}/health", "--ca-file", str(certificates.authority),
        https_proxy=f"http://{CREDENTIALS}@127.0.0.1:{proxy}",
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, '{"status":"ok"}\n'), result.stderr
    assert len(secure_web.seen) == 1


def test_a_tunnel_wants_the_password_too(binary: Path, secure_web: Web, proxy: int):
    url = f"https://{ANY}:{secure_web.port}/health"
    result = health(binary, "--url", url, HTTPS_PROXY=f"http://127.0.0.1:{proxy}")
    assert result.returncode == 1
    assert f"the proxy http://127.0.0.1:{proxy} wants a user and a password" in result.stderr


def test_no_proxy_and_loopback_go_straight(binary: Path, web: Web):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        refused = health(binary, "--url", f"http://{ANY}:{web.port}/health", http_proxy=dead)
        assert refused.returncode == 1
        assert f"cannot connect to the proxy {dead}" in refused.stderr
        spared = health(binary, "--url", f"http://{ANY}:{web.port}/health", http_proxy=dead, NO_PROXY="0.0.0.0/8")
        assert spared.returncode == 0, spared.stderr
        loopback = health(binary, "--url", f"http://127.0.0.1:{web.port}/health", http_proxy=dead)
        assert loopback.returncode == 0, loopback.stderr


def test_a_certificate_of_an_unknown_authority_is_refused(binary: Path, secure_web: Web):
    result = health(binary, "--url", f"https://{ANY}:{secure_web.port}/health")
    assert result.returncode == 1
    assert ANY in result.stderr and "certificate with --ca-file" in result.stderr
    assert not secure_web.seen


def test_the_name_in_the_certificate_may_be_another_where_it_is_said(
    binary: Path, secure_web: Web, certificates: Certificates
):
    url, trust = f"https://127.0.0.1:{secure_web.port}/health", ["--ca-file", str(certificates.authority)]
    refused = health(binary, "--url", url, *trust)
    assert refused.returncode == 1
    assert "127.0.0.1: IP address mismatch: the certificate is for model.test" in refused.stderr
    assert "--server-name" in refused.stderr
    assert health(binary, "--url", url, *trust, "--server-name", "other.test").returncode == 1
    assert health(binary, "--url", url, *trust, "--server-name", "model.test").returncode == 0


def test_a_key_comes_from_a_file_and_stays_with_its_server(binary: Path, web: Web, tmp_path: Path):
    key = tmp_path / "key"
    key.write_text("secret-key\n")
    base = f"http://127.0.0.1:{web.port}"
    assert health(binary, "--url", f"{base}/moved//here", "--api-key-file", str(key)).returncode == 0
    assert [fields.get("Authorization") for _, fields in web.seen] == ["Bearer secret-key"] * 2
    web.seen.clear()
    other = f"{base}/moved/http://{ANY}:{web.port}/there"
    assert health(binary, "--url", other, LAMINA_API_KEY="secret-key").returncode == 0
    assert [fields.get("Authorization") for _, fields in web.seen] == ["Bearer secret-key", None]


@pytest.mark.parametrize("text", ["", "two words\n", "x" * 20_000])
def test_a_key_file_holds_one_key(binary: Path, web: Web, tmp_path: Path, text: str):
    key = tmp_path / "key"
    key.write_text(text)
    result = health(binary, "--url", f"http://127.0.0.1:{web.port}/", "--api-key-file", str(key))
    assert result.returncode != 0
    assert "--api-key-file" in result.stderr
    assert not web.seen
