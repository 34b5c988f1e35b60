"""Receives traces by OTLP over HTTP, in protobuf as Envoy sends them or in JSON, and shows them as trees."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format, message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

_IDENTIFIERS = ("traceId", "spanId", "parentSpanId")


@dataclass(frozen=True)
class Span:
    """One finished span; identifiers in hexadecimal, times in nanoseconds since 1970."""

    trace: str
    identifier: str
    parent: str
    name: str
    kind: str
    service: str
    start: int
    end: int
    attributes: dict


class TraceSink:
    """A collector on a free port of 127.0.0.1 that keeps all it gets, and what was wrong with the rest."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._spans: list[Span] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spans(self, trace: str) -> list[Span]:
        """What has come so far of a trace, in the order of the spans' beginnings."""
        with self._lock:
            return sorted((span for span in self._spans if span.trace == trace), key=lambda span: span.start)

    def _add(self, body: bytes, content_type: str) -> None:
        request = ExportTraceServiceRequest()
        if content_type == "application/json":
            json_format.ParseDict(_with_base64(json.loads(body)), request)
        else:
            request.ParseFromString(body)
        with self._lock:
            for resource in request.resource_spans:
                service = str(_attributes(resource.resource.attributes).get("service.name"))
                for scope in resource.scope_spans:
                    self._spans += [_span(span, service) for span in scope.spans]

    def _handler(sink) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Says nothing: what it keeps is what is tested."""

            def do_POST(self) -> None:
                body = self._body()
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                content_type = self.headers.get("Content-Type", "").partition(";")[0]
                try:
                    assert self.path == "/v1/traces", self.path
                    sink._add(body, content_type)
                    status = 200
                except (AssertionError, ValueError, json_format.Error, message.Error) as problem:
                    sink.problems.append(f"{self.path} {content_type}: {problem}")
                    status = 400
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                # No partial success to tell: an empty message, in either encoding.
                answer = b"{}" if content_type == "application/json" else b""
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def _body(self) -> bytes:
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers["Content-Length"]))
                body = b""
                while length := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(length)
                    self.rfile.readline()
                self.rfile.readline()
                return body

        return Handler


def _with_base64(document: dict) -> dict:
    """OTLP writes identifiers in hexadecimal where protobuf's JSON has base64."""
    for resource in document.get("resourceSpans", []):
        for scope in resource.get("scopeSpans", []):
            for span in scope.get("spans", []):
                for name in _IDENTIFIERS:
                    if span.get(name):
                        span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return document


def _span(span: SpanMessage, service: str) -> Span:
    return Span(
        trace=span.trace_id.hex(),
        identifier=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        kind=SpanMessage.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        service=service,
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
    )


def _attributes(pairs: list[KeyValue]) -> dict:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in pairs}
