"""Traces on their way to a collector: one tree for each completion, and no harm where the collector is away."""

from __future__ import annotations

import pytest
from lamina_server import LaminaServer, StartServer, wait_until
from trace_sink import Span, TraceSink

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
HEADERS = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
CHAT = {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0, "max_tokens": 4}
PHASES = ["tokenize", "queue", "prefill", "decode"]
NEVER = "3600000"


@pytest.fixture
def sink():
    sink = TraceSink()
    yield sink
    sink.close()
    assert sink.problems == []


def _environment(sink: TraceSink, **others: str) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, "OTEL_BSP_SCHEDULE_DELAY": "20", **others}


def _tree(sink: TraceSink) -> tuple[Span, Span, list[Span]]:
    """The request's span, the generation's below it, and the phases below that."""
    wait_until(lambda: len(sink.spans(TRACE)) == 2 + len(PHASES), "all spans of the trace have come")
    spans = sink.spans(TRACE)
    (request,) = [span for span in spans if span.parent == PARENT]
    (generation,) = [span for span in spans if span.parent == request.identifier]
    phases = [span for span in spans if span.parent == generation.identifier]
    return request, generation, sorted(phases, key=lambda span: PHASES.index(span.name))


@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_is_one_tree(start_server: StartServer, sink: TraceSink, stream: bool):
    server = start_server(environment=_environment(sink, OTEL_SERVICE_NAME="under-test"))
    body = {**CHAT, "stream": stream, "stream_options": {"include_usage": True}} if stream else CHAT
    response = server.post("/v1/chat/completions", body, headers=HEADERS)
    assert response.status_code == 200
    request, generation, phases = _tree(sink)
    assert (request.kind, request.name, request.service) == ("SERVER", "POST /v1/chat/completions", "under-test")
    assert response.headers["traceparent"] == f"00-{TRACE}-{request.identifier}-01"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["lamina.request_id"] == response.headers["x-request-id"]
    assert (generation.kind, generation.attributes["gen_ai.operation.name"]) == ("INTERNAL", "chat")
    assert generation.attributes["gen_ai.usage.output_tokens"] == 4
    assert [phase.name for phase in phases] == PHASES
    # One inside the other, and one after the other.
    assert request.start <= generation.start and generation.end <= request.end
    assert generation.start <= phases[0].start and phases[-1].end <= generation.end
    for earlier, later in zip(phases, phases[1:], strict=False):
        assert earlier.start <= earlier.end <= later.start
    assert phases[-1].start <= phases[-1].end


def test_what_waits_is_sent_when_the_server_ends(start_server: StartServer, sink: TraceSink):
    server = start_server(environment=_environment(sink, OTEL_BSP_SCHEDULE_DELAY=NEVER))
    server.get("/v1/models", headers=HEADERS)
    assert sink.spans(TRACE) == []
    server.stop()
    assert [span.name for span in sink.spans(TRACE)] == ["GET /v1/models"]


def test_a_caller_that_does_not_record_is_followed(start_server: StartServer, sink: TraceSink):
    server = start_server(environment=_environment(sink, OTEL_BSP_SCHEDULE_DELAY=NEVER))
    answer = server.get("/v1/models", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
    assert answer.headers["traceparent"].endswith("-00")
    server.get("/livez", headers=HEADERS)
    server.stop()
    assert sink.spans(TRACE) == []


def test_a_sampler_of_the_environment_decides(start_server: StartServer, sink: TraceSink):
    environment = _environment(sink, OTEL_TRACES_SAMPLER="traceidratio", OTEL_TRACES_SAMPLER_ARG="0")
    server = start_server(environment=environment)
    answer = server.get("/v1/models", headers=HEADERS)
    assert answer.headers["traceparent"].endswith("-00")
    server.stop()
    assert sink.spans(TRACE) == []


def test_a_collector_that_is_away_costs_its_spans_and_no_answer(start_server: StartServer, sink: TraceSink):
    environment = _environment(sink, OTEL_BSP_MAX_QUEUE_SIZE="4", OTEL_BSP_EXPORT_TIMEOUT="100")
    sink.close()
    server = start_server(environment=environment)
    for _ in range(20):
        assert server.post("/v1/chat/completions", {**CHAT, "max_tokens": 1}, headers=HEADERS).status_code == 200
    lost = ("dropped", "failed")
    wait_until(
        lambda: all(server.metric("lamina_trace_spans_total", outcome=outcome) > 0 for outcome in lost),
        "spans are dropped where the queue is full, and fail where they were sent",
    )
    assert server.metric("lamina_trace_spans_total", outcome="exported") == 0
    wait_until(lambda: "spans could not be exported" in server.output, "the log says so")
    server.stop()


def test_what_the_environment_says_wrong_is_told(start_server: StartServer, sink: TraceSink):
    environment = _environment(sink, OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_TRACES_SAMPLER="sometimes")
    server = start_server(environment=environment)
    assert "OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc', but traces are sent as http/json" in server.output
    assert "OTEL_TRACES_SAMPLER can be one of always_on, " in server.output


def test_without_an_endpoint_nothing_is_recorded(server: LaminaServer):
    answer = server.get("/v1/models")
    assert answer.headers["traceparent"].endswith("-00")
    assert "lamina_trace_" not in server.get("/metrics").text
