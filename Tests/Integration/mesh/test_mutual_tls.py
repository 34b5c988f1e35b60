"""STRICT mTLS in front of the server: who is let in, and who is not."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path

import pytest
from certificates import Authority
from openai import OpenAI
from pods import CallerPod, ServerPod
from streaming import chat
from trust_domain import TrustDomain

CAPITAL = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
REFUSALS = (ssl.SSLError, ConnectionError)


def test_a_caller_in_the_mesh_is_answered(caller: CallerPod):
    transcript = chat(caller, CAPITAL)
    assert "Paris" in transcript.text
    assert transcript.is_done


def test_the_official_client_notices_nothing(caller: CallerPod):
    with OpenAI(base_url=f"{caller.url}/v1", api_key="none", max_retries=0, timeout=20) as client:
        model = client.models.list().data[0].id
        answer = client.chat.completions.create(model=model, messages=CAPITAL["messages"], temperature=0)
    assert "Paris" in (answer.choices[0].message.content or "")


def test_a_workload_without_a_sidecar_is_answered(pod: ServerPod, domain: TrustDomain):
    workload = domain.workload("chat", "frontend")
    assert pod.ask(domain.context(workload.certificate), "/v1/models").status == 200


def test_plain_http_is_refused(pod: ServerPod):
    with socket.create_connection(("127.0.0.1", pod.port), timeout=20) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""


def test_a_client_without_a_certificate_is_refused(pod: ServerPod, domain: TrustDomain):
    with pytest.raises(REFUSALS):
        pod.ask(domain.context(None), "/v1/models")


def test_a_certificate_of_another_authority_is_refused(pod: ServerPod, domain: TrustDomain, tmp_path: Path):
    forged = Authority(tmp_path / "forger").workload(domain.workload("chat", "frontend").identity)
    with pytest.raises(REFUSALS, match="unknown ca|Connection reset|EOF|Remote end closed"):
        pod.ask(domain.context(forged), "/v1/models")


def test_a_certificate_of_another_trust_domain_is_refused(pod: ServerPod, domain: TrustDomain):
    foreigner = domain.workload("chat", "frontend", trust_domain="elsewhere.example")
    with pytest.raises(REFUSALS):
        pod.ask(domain.context(foreigner.certificate), "/v1/models")
