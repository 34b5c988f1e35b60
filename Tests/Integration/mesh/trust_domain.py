"""SPIFFE certificates as a mesh hands them to its sidecars, in the files that Envoy watches."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

from certificates import Authority, Certificate

TRUST_DOMAIN = "cluster.local"


class Workload:
    """A service account with a certificate, which can be replaced while sidecars use it."""

    def __init__(self, authority: Authority, namespace: str, account: str, trust_domain: str = TRUST_DOMAIN):
        self._authority = authority
        self.identity = f"spiffe://{trust_domain}/ns/{namespace}/sa/{account}"
        self.name = f"{namespace}.{account}"
        self.secret = authority.folder / f"{self.name}.{trust_domain}.json"
        self.certificate = self.rotate()

    def rotate(self) -> Certificate:
        """Puts a new certificate and its key in place of the old ones, both at once."""
        # Istio's certificates have no common name; openssl needs one, and a comma in it is a trap for readers of XFCC.
        self.certificate = self._authority.issue(f"URI:{self.identity}", common_name=f"{self.name}, of the mesh")
        secret = {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
            "name": self.name,
            "tls_certificate": {
                "certificate_chain": {"inline_string": self.certificate.certificate.read_text()},
                "private_key": {"inline_string": self.certificate.key.read_text()},
            },
        }
        # Envoy looks again when a file is moved onto the path.
        made = self.secret.with_suffix(".new")
        made.write_text(json.dumps({"resources": [secret]}))
        made.rename(self.secret)
        return self.certificate


class TrustDomain:
    """An authority and the workloads that it vouches for."""

    def __init__(self, folder: Path):
        self._authority = Authority(folder, "Mesh root")
        self._workloads: dict[str, Workload] = {}

    @property
    def root(self) -> Path:
        return self._authority.root.certificate

    def workload(self, namespace: str, account: str, trust_domain: str = TRUST_DOMAIN) -> Workload:
        """The same one for the same names."""
        key = f"{trust_domain} {namespace} {account}"
        if key not in self._workloads:
            self._workloads[key] = Workload(self._authority, namespace, account, trust_domain)
        return self._workloads[key]

    def context(self, certificate: Certificate | None) -> ssl.SSLContext:
        """What a client in the mesh without a sidecar of its own speaks TLS with."""
        made = ssl.create_default_context(cafile=str(self.root))
        # A SPIFFE certificate names no host; that it is of this trust domain is checked.
        made.check_hostname = False
        if certificate:
            made.load_cert_chain(certificate.certificate, certificate.key)
        return made
