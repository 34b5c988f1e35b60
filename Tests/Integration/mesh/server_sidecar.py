"""The configuration of the sidecar in front of a server: STRICT mTLS in, plain HTTP/1.1 out to the application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envoy_parts import RUNTIME, certificates, cluster, http, listener, protocol, sidecar_http, typed
from pilot_agent import SIDECAR_ADDRESS
from trust_domain import TRUST_DOMAIN, TrustDomain, Workload


@dataclass(frozen=True)
class ServerSidecar:
    """What Istio's injector and control plane make of a pod that serves HTTP (appProtocol: http)."""

    workload: Workload
    domain: TrustDomain
    app_port: int
    agent_port: int
    # 0 is any free one. A sidecar that takes another's place has that one's ports.
    inbound_port: int = 0
    status_port: int = 0
    # APPEND_FORWARD is Istio's default: what the caller wrote into x-forwarded-client-cert stays in front.
    forwards: str = "APPEND_FORWARD"
    # Where the collector of traces listens; None: no tracing.
    traces: int | None = None
    # False: nothing hides an error of the application's.
    retries: bool = True

    def configuration(self, folder: Path) -> dict:
        """Listeners `inbound` (15006) and `status` (15021, which kubelet and the application ask)."""
        clusters = [self._application(), cluster("agent", [self.agent_port])]
        if self.traces:
            clusters.append(cluster("traces", [self.traces]))
        ready = [{"match": {"path": "/healthz/ready"}, "route": {"cluster": "agent"}}]
        return {
            "node": {"id": f"sidecar~127.0.0.1~{self.workload.name}", "cluster": self.workload.name},
            "layered_runtime": RUNTIME,
            "static_resources": {
                "listeners": [self._inbound(folder), listener("status", http("status", ready), self.status_port)],
                "clusters": clusters,
            },
        }

    def _inbound(self, folder: Path) -> dict:
        route = {"cluster": "application", "timeout": "0s"}
        if self.retries:
            route["retry_policy"] = {"retry_on": "reset-before-request", "num_retries": 2}
        manager = sidecar_http(
            "inbound",
            [{"match": {"prefix": "/"}, "route": route}],
            service=self.workload.name,
            traces=self.traces,
            log=folder / "inbound.log",
            forward_client_cert_details=self.forwards,
            set_current_client_cert_details={"subject": True, "uri": True, "dns": True},
        )
        tls = typed(
            "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            require_client_certificate=True,
            common_tls_context={
                "alpn_protocols": ["h2", "http/1.1"],
                **certificates(self.workload, self.domain, {"prefix": f"spiffe://{TRUST_DOMAIN}/"}),
            },
        )
        return listener("inbound", manager, self.inbound_port, tls)

    def _application(self) -> dict:
        # Its own address as the source is how the application tells the sidecar from others.
        source = {"source_address": {"address": SIDECAR_ADDRESS, "port_value": 0}}
        options = protocol(explicit_http_config={"http_protocol_options": {}})
        return cluster("application", [self.app_port], upstream_bind_config=source, **options)
