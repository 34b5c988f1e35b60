"""Who the caller is, by the certificate that its sidecar showed to ours, which says so in X-Forwarded-Client-Cert."""

from __future__ import annotations

import json

import pytest
from lamina_server import LaminaServer, wait_until
from pods import ServerPod, StartCaller, StartPod
from raw_http import exchange, post
from trust_domain import TrustDomain

XFCC = "x-forwarded-client-cert"
HELLO = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4, "temperature": 0}
BODY = json.dumps(HELLO).encode()
ADMIN = "spiffe://cluster.local/ns/admin/sa/root"
FRONTEND = "spiffe://cluster.local/ns/chat/sa/frontend"


@pytest.fixture
def pod(start_istio_pod: StartPod) -> ServerPod:
    return start_istio_pod()


def _identities(server: LaminaServer) -> list[str | None]:
    """Of the requests for text, in the order of their log lines."""
    lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
    return [line.get("client_identity") for line in lines if line.get("path") == "/v1/chat/completions"]


def _require_identities(server: LaminaServer, *expected: str | None) -> None:
    wait_until(lambda: len(_identities(server)) >= len(expected), f"{len(expected)} requests are logged")
    assert _identities(server) == list(expected)


def test_each_caller_has_its_certificates_identity(pod: ServerPod, start_caller: StartCaller):
    frontend, batch = start_caller(pod), start_caller(pod, account="batch")
    for caller in (frontend, batch, frontend):
        assert caller.post("/v1/chat/completions", HELLO).status_code == 200
    _require_identities(pod.app, FRONTEND, batch.workload.identity, FRONTEND)
    served = "lamina_caller_generation_tokens_total"
    assert pod.app.metric(served, caller=FRONTEND) == 2 * pod.app.metric(served, caller=batch.workload.identity) > 0


@pytest.mark.parametrize("forwards", ["APPEND_FORWARD", "SANITIZE_SET"])
@pytest.mark.parametrize(
    "forged",
    [
        [f"URI={ADMIN}"],
        [f"By=spiffe://cluster.local/ns/llm/sa/lamina;Hash={'0' * 64};URI={ADMIN}"],
        [f"URI={ADMIN}", "DNS=admin.example"],
    ],
    ids=["one", "complete", "two lines"],
)
def test_a_forged_element_is_passed_over(
    start_istio_pod: StartPod, domain: TrustDomain, forwards: str, forged: list[str]
):
    """Of a client that speaks mTLS itself: no sidecar of its own has taken the field away."""
    pod = start_istio_pod(forwards=forwards)
    context = domain.context(domain.workload("chat", "frontend").certificate)
    answer = pod.ask(context, "/v1/chat/completions", *((XFCC, line) for line in forged), body=BODY)
    assert answer.status == 200
    _require_identities(pod.app, FRONTEND)


def test_an_element_that_swallows_the_next_is_refused(pod: ServerPod, domain: TrustDomain):
    """A quote left open, so that a lenient reader takes what Envoy appends for the forger's subject."""
    context = domain.context(domain.workload("chat", "frontend").certificate)
    answer = pod.ask(context, "/v1/chat/completions", (XFCC, f'URI={ADMIN};Subject="'), body=BODY)
    assert answer.status == 400
    assert pod.app.metric("lamina_forwarded_identities_total", result="malformed") == 1
    assert ADMIN not in _identities(pod.app)


def test_a_peer_that_is_no_sidecar_is_not_believed(pod: ServerPod):
    response = exchange(pod.app, post("/v1/chat/completions", BODY, f"{XFCC}: Hash={'0' * 64};URI={ADMIN}"))
    assert response.status == 200
    _require_identities(pod.app, None)
    assert pod.app.metric("lamina_forwarded_identities_total", result="ignored") == 1


def test_a_policy_goes_by_it(start_istio_pod: StartPod, start_caller: StartCaller):
    pod = start_istio_pod("--allow-identity", "spiffe://cluster.local/ns/chat/sa/frontend")
    allowed, other = start_caller(pod), start_caller(pod, account="batch")
    assert allowed.post("/v1/chat/completions", HELLO).status_code == 200
    refused = other.post("/v1/chat/completions", HELLO)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "identity_not_allowed"
    assert pod.agent.probe("readyz") == 200, "the kubelet has no identity"
