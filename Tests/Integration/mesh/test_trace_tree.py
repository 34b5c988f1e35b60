"""One trace from the caller's sidecar to the engine: each span's parent is the one before it on the way."""

from __future__ import annotations

import pytest
from lamina_server import wait_until
from pods import CallerPod, ServerPod, StartCaller, StartPod
from streaming import chat
from trace_sink import Span, TraceSink

CAPITAL = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SERVICES = ["chat.frontend", "llm.lamina", "lamina-under-test"]
PHASES = ["tokenize", "queue", "prefill", "decode"]
# Two of Envoy, the request's and the generation's, and the phases.
SPANS = 4 + len(PHASES)


@pytest.fixture
def pod(traces: TraceSink, start_istio_pod: StartPod) -> ServerPod:
    exporter = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": traces.url,
        "OTEL_SERVICE_NAME": SERVICES[2],
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    return start_istio_pod(environment=exporter, traces=traces.port)


@pytest.fixture
def caller(pod: ServerPod, start_caller: StartCaller, traces: TraceSink) -> CallerPod:
    return start_caller(pod, traces=traces.port)


def _spans(traces: TraceSink, trace: str) -> list[Span]:
    wait_until(lambda: len(traces.spans(trace)) >= SPANS, f"{SPANS} spans of the trace are there")
    return traces.spans(trace)


def _children(spans: list[Span], parent: str) -> list[Span]:
    return [span for span in spans if span.parent == parent]


def test_a_callers_trace_goes_on_to_the_engine(caller: CallerPod, traces: TraceSink):
    # Envoy passes b3 through as it came: by the time it reaches the server its parent is wrong.
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "b3": f"{TRACE}-{PARENT}-1"}
    assert chat(caller, CAPITAL, headers).is_done
    spans = _spans(traces, TRACE)
    parent = PARENT
    for service in SERVICES:
        (span,) = _children(spans, parent)
        assert (span.service, span.kind) == (service, "SERVER")
        parent = span.identifier
    (generation,) = _children(spans, parent)
    assert generation.attributes["gen_ai.operation.name"] == "chat"
    assert generation.attributes["gen_ai.usage.output_tokens"] > 0
    phases = _children(spans, generation.identifier)
    assert [phase.name for phase in phases] == PHASES
    assert len(spans) == SPANS


def test_spans_lie_within_their_parents(caller: CallerPod, traces: TraceSink):
    assert chat(caller, CAPITAL, {"traceparent": f"00-{TRACE}-{PARENT}-01"}).is_done
    spans = {span.identifier: span for span in _spans(traces, TRACE)}
    # Of one process, one clock.
    ours = [span for span in spans.values() if span.service == SERVICES[2]]
    for span in ours:
        parent = spans[span.parent]
        assert span.start <= span.end
        if parent.service == SERVICES[2]:
            assert parent.start <= span.start and span.end <= parent.end, (span, parent)


def test_a_trace_begins_at_the_callers_sidecar(pod: ServerPod, caller: CallerPod, traces: TraceSink):
    answer = caller.post("/v1/chat/completions", CAPITAL)
    trace = answer.headers["traceparent"].split("-")[1]
    (root,) = _children(_spans(traces, trace), "")
    assert root.service == SERVICES[0]
    assert trace in pod.app.output, "the log line names the trace"
