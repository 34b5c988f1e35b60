"""TLS and client certificates of the real binary: what Python's ssl, requests, curl and openssl s_client make of it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
import requests
from certificates import Authority, Certificate, openssl
from lamina_server import LaminaServer, wait_until

REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
CHAT = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
AGENT = "spiffe://cluster.local/ns/prod/sa/agent"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Certificate:
    return authority.issue("DNS:localhost,IP:127.0.0.1")


@pytest.fixture(scope="module")
def secure(binary: Path, authority: Authority, certificate: Certificate):
    server = serve(LaminaServer, binary, authority, certificate)
    yield server
    server.stop()


def flags(certificate: Certificate) -> list[str]:
    return ["--tls-certificate", str(certificate.certificate), "--tls-key", str(certificate.key)]


def serve(start, binary: Path, authority: Authority, certificate: Certificate, *more: str, **arguments) -> LaminaServer:
    return start(binary, *flags(certificate), *more, verify=authority.root.certificate, **arguments)


@pytest.fixture
def start_secure(start_server, authority: Authority, certificate: Certificate):
    def start(*more: str, client: Certificate | None = None, certificate: Certificate = certificate, **arguments):
        return start_server(
            *flags(certificate), *more, verify=authority.root.certificate, client_certificate=client, **arguments
        )

    return start


def context(authority: Authority, client: Certificate | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(authority.root.certificate))
    if client:
        made.load_cert_chain(client.certificate, client.key)
    return made


def exchange(server: LaminaServer, made: ssl.SSLContext, name: str = "localhost") -> tuple[bytes, ssl.SSLSocket]:
    """Sends a request and reads to the end. The socket is closed, but still knows what was agreed on."""
    with server.connect() as plain, made.wrap_socket(plain, server_hostname=name) as connection:
        connection.sendall(REQUEST)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return answer, connection


# What is spoken


def test_serves_the_api(secure: LaminaServer) -> None:
    assert secure.url.startswith("https://")
    answer = secure.post("/v1/chat/completions", CHAT)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert secure.metric("lamina_tls_handshakes_total", result="ok") > 0
    assert secure.metric("lamina_tls_certificate_expiry_timestamp_seconds") > 1.7e9


def test_streams(secure: LaminaServer) -> None:
    answer = secure.post("/v1/chat/completions", {**CHAT, "stream": True}, stream=True)
    lines = [line for line in answer.iter_lines() if line]
    assert lines[-1] == b"data: [DONE]"
    assert len(lines) > 3


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(secure: LaminaServer, authority: Authority, version: ssl.TLSVersion) -> None:
    made = context(authority)
    made.minimum_version = made.maximum_version = version
    answer, connection = exchange(secure, made)
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_least_version(start_secure) -> None:
    server = start_secure("--tls-min-version", "1.3")
    refused = s_client(server, "-tls1_2")
    assert "alert protocol version" in refused
    assert "Cipher    : TLS_" in s_client(server, "-tls1_3") or "TLSv1.3" in s_client(server, "-tls1_3")


def s_client(server: LaminaServer, *options: str, stdin: bytes = b"") -> str:
    result = openssl("s_client", "-connect", f"127.0.0.1:{server.port}", *options, stdin=stdin, check=False)
    return result.stdout.decode(errors="replace") + result.stderr.decode(errors="replace")


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(secure: LaminaServer, version: str) -> None:
    output = s_client(secure, version, "-cipher", "ALL:@SECLEVEL=0")
    assert "Cipher is (NONE)" in output
    assert "alert protocol version" in output


def test_weak_cipher_suites_are_refused(secure: LaminaServer) -> None:
    suites = openssl("ciphers", "-tls1_2", "ALL:eNULL:COMPLEMENTOFALL:@SECLEVEL=0").stdout.decode().strip().split(":")
    assert len(suites) > 50
    taken = []
    for suite in suites:
        if suite.startswith("TLS_"):
            continue
        output = s_client(secure, "-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0")
        if "Cipher is (NONE)" not in output:
            taken.append(suite)
    # The certificate has an ECDSA key.
    assert sorted(taken) == [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    ]


def test_a_renegotiation_is_refused(secure: LaminaServer) -> None:
    output = s_client(secure, "-tls1_2", stdin=b"R\n")
    assert "no renegotiation" in output


def test_application_protocols(secure: LaminaServer) -> None:
    assert "ALPN protocol: http/1.1" in s_client(secure, "-alpn", "h2,http/1.1")
    assert "No ALPN negotiated" in s_client(secure)
    assert "alert no application protocol" in s_client(secure, "-alpn", "h2")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_sessions_are_resumed(secure: LaminaServer, tmp_path: Path, version: str) -> None:
    session = tmp_path / "session"
    assert "New, TLS" in s_client(secure, version, "-sess_out", str(session), "-ign_eof", stdin=REQUEST)
    assert "Reused, TLS" in s_client(secure, version, "-sess_in", str(session), "-ign_eof", stdin=REQUEST)
    assert secure.metric("lamina_tls_handshakes_total", result="resumed") > 0


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl(secure: LaminaServer, authority: Authority) -> None:
    url = f"https://localhost:{secure.port}/v1/models"
    for option in ["--http1.1", "--http2"]:
        result = subprocess.run(
            ["curl", "--silent", "--show-error", option, "--cacert", str(authority.root.certificate), url],
            capture_output=True,
            timeout=30,
            check=True,
        )
        assert json.loads(result.stdout)["object"] == "list"


def test_a_plain_request_gets_a_plain_answer(secure: LaminaServer) -> None:
    with secure.connect() as connection:
        connection.sendall(REQUEST)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"https://" in answer
    wait_until(lambda: secure.metric("lamina_tls_handshakes_total", result="plain_http") > 0, "the metric counts it")


def test_certificates_by_name(start_secure, authority: Authority, certificate: Certificate) -> None:
    other = authority.issue("DNS:other.example,DNS:*.wild.example")
    server = start_secure(*flags(other))
    for name, shown in [("localhost", "localhost"), ("other.example", "other.example"), ("a.wild.example", "other.example")]:
        with server.connect() as plain, context(authority).wrap_socket(plain, server_hostname=name) as connection:
            assert ("DNS", shown) in connection.getpeercert()["subjectAltName"]


def test_a_client_that_vanishes_leaves_nothing(secure: LaminaServer) -> None:
    before = secure.metric("process_open_fds")
    for size in [0, 1, 5, 50]:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", secure.port)) as connection:
                connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".ljust(size, b"\0")[:size])
    wait_until(lambda: secure.metric("process_open_fds") <= before + 2, "the descriptors are closed")
    assert secure.get("/readyz").status_code == 200


# Client certificates


def test_clients_must_show_a_certificate(start_secure, authority: Authority) -> None:
    agent = authority.workload(AGENT)
    server = start_secure("--tls-client-ca", str(authority.root.certificate), client=agent)
    assert server.post("/v1/chat/completions", CHAT).status_code == 200
    wait_until(lambda: f'"client_identity":"{AGENT}"' in server.output.replace('": "', '":"'), "the log names the client")
    assert alert(server, authority, None) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def alert(server: LaminaServer, authority: Authority, client: Certificate | None) -> str:
    """The alert a client gets, in OpenSSL's words."""
    with pytest.raises(ssl.SSLError) as failure:
        exchange(server, context(authority, client))
    return failure.value.reason


def test_wrong_certificates_get_the_right_alert(start_secure, authority: Authority, tmp_path: Path) -> None:
    agent, revoked = authority.workload(AGENT), authority.workload(f"{AGENT}-revoked")
    revocations = authority.revoke(revoked)
    server = start_secure(
        *("--tls-client-ca", str(authority.root.certificate), "--tls-crl", str(revocations)), client=agent
    )
    stranger = Authority(tmp_path / "stranger", "Stranger")
    assert alert(server, authority, stranger.workload(AGENT)) == "TLSV1_ALERT_UNKNOWN_CA"
    assert alert(server, authority, authority.issue(days=-1)) == "SSLV3_ALERT_CERTIFICATE_EXPIRED"
    assert alert(server, authority, revoked) == "SSLV3_ALERT_CERTIFICATE_REVOKED"
    assert alert(server, authority, authority.issue(usage="serverAuth")) == "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"
    for result in ["certificate_unknown_ca", "certificate_expired", "certificate_revoked", "certificate_invalid"]:
        assert server.metric("lamina_tls_handshakes_total", result=result) == 1
    assert "TLS handshake failed" in server.output


def test_only_some_identities_may_use_the_server(start_secure, authority: Authority) -> None:
    agent = authority.workload(AGENT)
    server = start_secure(
        *("--tls-client-ca", str(authority.root.certificate), "--tls-client-auth", "optional"),
        *("--allow-identity", "spiffe://cluster.local/ns/prod/*", "--allow-identity", "ci.example.com"),
        client=agent,
    )
    assert server.post("/v1/chat/completions", CHAT).status_code == 200
    for other, status in [
        (authority.issue("DNS:ci.example.com"), 200),
        (authority.workload("spiffe://cluster.local/ns/production/sa/agent"), 403),
        (authority.workload("spiffe://other/ns/prod/sa/agent"), 403),
        (authority.issue(f"URI:{AGENT},URI:spiffe://cluster.local/x"), 403),
        (None, 403),
    ]:
        paths = (str(other.certificate), str(other.key)) if other else None
        answer = requests.get(f"{server.url}/v1/models", verify=authority.root.certificate, cert=paths, timeout=20)
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["error"]["code"] == "identity_not_allowed"
    # Probes have no certificates.
    assert requests.get(f"{server.url}/readyz", verify=authority.root.certificate, timeout=20).status_code == 200


# Changing certificates


def test_a_reload_under_load_drops_nothing(start_secure, authority: Authority, tmp_path: Path) -> None:
    """Kubernetes exchanges a secret's files by pointing a link at another folder."""
    secret = tmp_path / "secret"

    def publish(number: int, made: Certificate) -> None:
        folder = tmp_path / f"data-{number}"
        folder.mkdir()
        shutil.copy(made.certificate, folder / "tls.crt")
        shutil.copy(made.key, folder / "tls.key")
        link = tmp_path / f"link-{number}"
        link.symlink_to(folder)
        link.rename(secret)

    publish(0, authority.issue("DNS:localhost,IP:127.0.0.1", common_name="generation 0"))
    server = start_secure(certificate=Certificate(secret / "tls.crt", secret / "tls.key"))
    ends = threading.Event()
    failures: list[str] = []
    answers = [0] * 4

    def client(index: int) -> None:
        # Half of them keep their connection, half make a new one each time.
        session = requests.Session() if index % 2 else requests
        while not ends.is_set():
            try:
                answer = session.get(f"{server.url}/v1/models", verify=authority.root.certificate, timeout=20)
                if answer.status_code != 200:
                    failures.append(f"{answer.status_code}")
            except requests.RequestException as error:
                failures.append(repr(error))
            answers[index] += 1

    def shown() -> str:
        with server.connect() as plain, context(authority).wrap_socket(plain, server_hostname="localhost") as connection:
            return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]

    clients = [threading.Thread(target=client, args=(index,)) for index in range(len(answers))]
    for thread in clients:
        thread.start()
    for number in [1, 2]:
        publish(number, authority.issue("DNS:localhost,IP:127.0.0.1", common_name=f"generation {number}"))
        if number == 1:
            server.process.send_signal(signal.SIGHUP)
        wait_until(lambda number=number: shown() == f"generation {number}", f"generation {number} is shown", 15)
    # A bad pair changes nothing, and the log says why.
    (tmp_path / "data-2" / "tls.key").write_bytes(authority.root.key.read_bytes())
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "does not belong to the first certificate" in server.output, "the log says what is wrong")
    assert shown() == "generation 2"
    ends.set()
    for thread in clients:
        thread.join()
    assert failures == []
    assert all(count > 5 for count in answers)


# What is wrong with the options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tls-certificate", "a.pem"], "each certificate needs its key"),
        (["--tls-client-ca", "a.pem"], "--tls-client-ca needs --tls-certificate"),
        (["--tls-certificate", "a", "--tls-key", "b", "--tls-client-auth", "required"], "needs --tls-client-ca"),
        (["--tls-certificate", "a", "--tls-key", "b", "--tls-min-version", "1.1"], "must be one of 1.2, 1.3, not '1.1'"),
        (["--allow-identity", "spiffe://a/b", "--mesh", "off"], "need --tls-client-ca, --trusted-proxy or a mesh"),
        (["--tls-certificate", "/no/such.pem", "--tls-key", "b"], "/no/such.pem: no such file or directory"),
    ],
)
def test_half_of_the_options_is_refused(binary: Path, options: list[str], said: str) -> None:
    result = subprocess.run([binary, "serve", "--port", "0", *options], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode != 0
    assert said in result.stderr
