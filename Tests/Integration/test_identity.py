"""Who calls, as certificates and proxies tell, and what follows from it, seen from outside."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import requests
from certificates import Authority
from lamina_server import LaminaServer, wait_until

CALLER = "spiffe://cluster.local/ns/chat/sa/frontend"
ADMIN = "spiffe://cluster.local/ns/admin/sa/root"
COMPLETION = {"prompt": "Once upon a time", "max_tokens": 4, "ignore_eos": True}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def xfcc(uri: str) -> dict[str, str]:
    """The field as a sidecar writes it."""
    us = "spiffe://cluster.local/ns/llm/sa/lamina"
    return {"X-Forwarded-Client-Cert": f'By={us};Hash={"0a" * 32};Subject="";URI={uri}'}


def _ask(server: LaminaServer, headers: dict[str, str] | None = None) -> requests.Response:
    return server.post("/v1/completions", COMPLETION, headers=headers or {})


def test_only_a_trusted_proxy_says_who_calls(server: LaminaServer, start_server) -> None:
    assert _ask(server, xfcc(CALLER)).status_code == 200
    assert server.metric("lamina_caller_requests_total", caller="anonymous") == 1
    field = "x-forwarded-client-cert"
    assert server.metric("lamina_forwarded_identities_total", field=field, result="ignored") == 1

    trusting = start_server("--trusted-proxy", "127.0.0.1")
    assert _ask(trusting, xfcc(CALLER)).status_code == 200
    assert trusting.metric("lamina_caller_requests_total", caller=CALLER) == 1
    assert trusting.metric("lamina_caller_generation_tokens_total", caller=CALLER) == 4
    wait_until(lambda: f'"client_identity":"{CALLER}"' in trusting.output, "the log names the caller")
    swallowed = xfcc(CALLER)["X-Forwarded-Client-Cert"]
    forged = _ask(trusting, {"X-Forwarded-Client-Cert": f'URI={ADMIN};Subject=",{swallowed}'})
    assert forged.status_code == 400
    assert forged.json()["error"]["code"] == "invalid_identity"
    assert ADMIN not in forged.text
    assert trusting.metric("lamina_forwarded_identities_total", field=field, result="malformed") == 1


def test_a_certificate_shown_to_us_counts_before_a_header(start_server, authority: Authority) -> None:
    made, client = authority.issue("DNS:localhost,IP:127.0.0.1"), authority.workload(CALLER)
    server = start_server(
        *("--tls-certificate", str(made.certificate), "--tls-key", str(made.key)),
        *("--tls-client-ca", str(authority.root.certificate), "--trusted-proxy", "127.0.0.1"),
        verify=authority.root.certificate,
        client_certificate=client,
    )
    assert _ask(server, xfcc(ADMIN)).status_code == 200
    assert server.metric("lamina_caller_requests_total", caller=CALLER) == 1
    assert ADMIN not in server.output


def test_a_policy_is_by_route_and_read_again(start_server, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text("inference spiffe://cluster.local/ns/chat/*\nmodels any\n")
    server = start_server("--trusted-proxy", "127.0.0.1", "--identity-policy", str(policy))
    assert _ask(server, xfcc(CALLER)).status_code == 200
    refused = _ask(server, xfcc(ADMIN))
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "identity_not_allowed"
    assert _ask(server).status_code == 403
    assert server.get("/v1/models").status_code == 200
    assert server.get("/readyz").status_code == 200
    assert server.metric("lamina_identity_refusals_total", route="/v1/completions") == 2

    policy.write_text(f"* {ADMIN}\nmistake any\n")
    server.process.send_signal(signal.SIGHUP)
    what = "identity policy"
    wait_until(lambda: server.metric("lamina_reloads_total", what=what, result="failed") == 1, "the mistake is found")
    assert _ask(server, xfcc(CALLER)).status_code == 200
    policy.write_text(f"* {ADMIN}\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: _ask(server, xfcc(ADMIN)).status_code == 200, "the new policy is in force")
    assert _ask(server, xfcc(CALLER)).status_code == 403


def test_a_caller_over_its_limit_is_told_when_to_come_again(start_server) -> None:
    server = start_server("--trusted-proxy", "127.0.0.1", "--caller-requests-per-minute", "2")
    answers = [_ask(server, xfcc(CALLER)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["x-envoy-ratelimited"] == "true"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 30
    assert answers[2].json()["error"]["code"] == "rate_limit_exceeded"
    assert _ask(server, xfcc(ADMIN)).status_code == 200
    assert server.metric("lamina_rate_limited_requests_total", limit="requests") == 1


@pytest.mark.parametrize("name", ["lamina", "tiny"])
def test_a_model_answers_to_its_aliases(start_server, name: str) -> None:
    server = start_server("--model-alias", "lamina", "--model-alias", "tiny")
    answer = server.post("/v1/completions", {**COMPLETION, "model": name})
    assert answer.json()["model"] == name
    assert server.metric("vllm:num_requests_waiting", model_name="lamina-tiny-q8_0") == 0
