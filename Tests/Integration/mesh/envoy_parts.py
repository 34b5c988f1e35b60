"""Parts of an Envoy's configuration that both sidecars have."""

from __future__ import annotations

from pathlib import Path

from envoy_process import socket_address
from trust_domain import TrustDomain, Workload

_CONNECTION_MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ACCESS_LOG = (
    "%START_TIME% %REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% "
    "%DURATION% ms, attempts %UPSTREAM_REQUEST_ATTEMPT_COUNT%, from %DOWNSTREAM_PEER_URI_SAN%, to %UPSTREAM_HOST%\n"
)
# Spans leave after 50 ms, not after 5 s or five of them.
RUNTIME = {
    "layers": [
        {
            "name": "static",
            "static_layer": {
                "tracing.opentelemetry.flush_interval_ms": 50,
                "tracing.opentelemetry.min_flush_spans": 1,
            },
        }
    ]
}


def typed(message: str, **fields: object) -> dict:
    return {"@type": f"type.googleapis.com/{message}", **fields}


def listener(name: str, http: dict, port: int = 0, tls: dict | None = None) -> dict:
    """Listens on 127.0.0.1; its name finds the port again that 0 became."""
    chain = {"filters": [{"name": "http", "typed_config": http}]}
    if tls:
        chain["transport_socket"] = {"name": "tls", "typed_config": tls}
    return {"name": name, "stat_prefix": name, "address": socket_address(port), "filter_chains": [chain]}


def http(name: str, routes: list[dict], **more: object) -> dict:
    """A connection manager with these routes for every host."""
    router = typed("envoy.extensions.filters.http.router.v3.Router")
    virtual_host = {"name": name, "domains": ["*"], "routes": routes}
    # As Istio does, only the sidecar in front of the caller counts attempts: the one behind would overwrite the count.
    virtual_host["include_request_attempt_count"] = name == "outbound"
    return typed(
        _CONNECTION_MANAGER,
        stat_prefix=name,
        route_config={"virtual_hosts": [virtual_host]},
        http_filters=[{"name": "router", "typed_config": router}],
        **more,
    )


def sidecar_http(name: str, routes: list[dict], service: str, traces: int | None, log: Path, **more: object) -> dict:
    """What Istio sets on each sidecar's connection manager: no idle timeout, nobody is internal, an access log."""
    file = typed(
        "envoy.extensions.access_loggers.file.v3.FileAccessLog",
        path=str(log),
        log_format={"text_format_source": {"inline_string": _ACCESS_LOG}},
    )
    more |= {
        "use_remote_address": False,
        "internal_address_config": {},
        "generate_request_id": True,
        "stream_idle_timeout": "0s",
        "access_log": [{"name": "file", "typed_config": file}],
    }
    if traces:
        more["tracing"] = _tracing(service, traces)
    return http(name, routes, **more)


def _tracing(service: str, port: int) -> dict:
    uri = {"uri": f"http://127.0.0.1:{port}/v1/traces", "cluster": "traces", "timeout": "1s"}
    configuration = typed(
        "envoy.config.trace.v3.OpenTelemetryConfig", service_name=service, http_service={"http_uri": uri}
    )
    return {
        "random_sampling": {"value": 100},
        "provider": {"name": "envoy.tracers.opentelemetry", "typed_config": configuration},
    }


def cluster(name: str, ports: list[int], **more: object) -> dict:
    endpoints = [{"endpoint": {"address": socket_address(port)}} for port in ports]
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        **more,
    }


def protocol(**options: object) -> dict:
    """Options of the protocol spoken with a cluster, as the field they go into."""
    message = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {"typed_extension_protocol_options": {message: typed(message, **options)}}


def certificates(workload: Workload, domain: TrustDomain, accepts: dict) -> dict:
    """The workload's certificate, watched for rotation, and whose the other side's must be."""
    source = {"path_config_source": {"path": str(workload.secret)}, "resource_api_version": "V3"}
    return {
        "tls_certificate_sds_secret_configs": [{"name": workload.name, "sds_config": source}],
        "validation_context": {
            "trusted_ca": {"filename": str(domain.root)},
            "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": accepts}],
        },
    }
