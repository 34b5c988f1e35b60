"""The configuration of the sidecar beside a caller: plain HTTP in, mTLS out to the sidecars of servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from envoy_parts import RUNTIME, certificates, cluster, listener, protocol, sidecar_http, typed
from trust_domain import TrustDomain, Workload

# What Istio retries where nobody has said otherwise.
ISTIO_RETRIES = {"retry_on": "connect-failure,refused-stream,unavailable,cancelled", "num_retries": 2}


@dataclass(frozen=True)
class ClientSidecar:
    """What Istio makes of a pod that calls one service, and of a VirtualService and a DestinationRule for it."""

    workload: Workload
    domain: TrustDomain
    # Whose certificate the servers must show, and the inbound ports of their sidecars.
    server: Workload
    ports: list[int]
    # Of the VirtualService; 0s is none.
    timeout: str = "0s"
    idle_timeout: str = "0s"
    retries: dict = field(default_factory=lambda: ISTIO_RETRIES)
    # Of the DestinationRule: maxRequestsPerConnection, of which 0 is any number, and fields of the cluster, such as a
    # policy of load balancing.
    requests_per_connection: int = 0
    destination: dict = field(default_factory=dict)
    traces: int | None = None

    def configuration(self, folder: Path) -> dict:
        """The listener `outbound` (15001)."""
        route = {"cluster": "servers", "timeout": self.timeout, "idle_timeout": self.idle_timeout}
        manager = sidecar_http(
            "outbound",
            [{"match": {"prefix": "/"}, "route": {**route, "retry_policy": self.retries}}],
            service=self.workload.name,
            traces=self.traces,
            log=folder / "outbound.log",
        )
        clusters = [self._servers()]
        if self.traces:
            clusters.append(cluster("traces", [self.traces]))
        return {
            "node": {"id": f"sidecar~127.0.0.1~{self.workload.name}", "cluster": self.workload.name},
            "layered_runtime": RUNTIME,
            "static_resources": {"listeners": [listener("outbound", manager)], "clusters": clusters},
        }

    def _servers(self) -> dict:
        tls = typed(
            "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            sni="outbound_.80_._.lamina.llm.svc.cluster.local",
            common_tls_context=certificates(self.workload, self.domain, {"exact": self.server.identity}),
        )
        # Between sidecars the protocol is the caller's, unless a mesh says otherwise (h2UpgradePolicy).
        as_called = {"http_protocol_options": {}, "http2_protocol_options": {}}
        return cluster(
            "servers",
            self.ports,
            transport_socket={"name": "tls", "typed_config": tls},
            **protocol(
                use_downstream_protocol_config=as_called,
                common_http_protocol_options={"max_requests_per_connection": self.requests_per_connection},
            ),
            **self.destination,
        )
