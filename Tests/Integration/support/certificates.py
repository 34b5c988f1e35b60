"""Certificates made by the openssl command, for one test each."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

OPENSSL = shutil.which("openssl")


def openssl(*arguments: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Runs the command; its output is text for humans, and says why where it fails."""
    assert OPENSSL, "the tests of TLS need the command openssl"
    result = subprocess.run([OPENSSL, *arguments], input=stdin, capture_output=True, timeout=60, check=False)
    if check and result.returncode != 0:
        pytest.fail(f"openssl {' '.join(arguments)}: {result.stderr.decode()}")
    return result


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in PEM files."""

    certificate: Path
    key: Path


class Authority:
    """An authority of its own, with the files that `openssl ca` keeps."""

    def __init__(self, folder: Path, name: str = "Test root") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.txt").write_text("")
        (folder / "crlnumber").write_text("01\n")
        self.root = Certificate(folder / "root.pem", folder / "root.key")
        self._count = 0
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", str(self.root.key), "-out", str(self.root.certificate)),
        )

    def issue(
        self, names: str = "", common_name: str = "test", usage: str = "serverAuth,clientAuth", days: int = 2
    ) -> Certificate:
        """A certificate with these subject alternative names; one of negative days has expired."""
        self._count += 1
        made = Certificate(self.folder / f"{self._count}.pem", self.folder / f"{self._count}.key")
        request = self.folder / f"{self._count}.csr"
        openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
            *("-subj", f"/CN={common_name}", "-keyout", str(made.key), "-out", str(request)),
        )
        extensions = self.folder / "extensions"
        lines = ["basicConstraints=critical,CA:FALSE", f"extendedKeyUsage={usage}"]
        extensions.write_text("\n".join([*lines, f"subjectAltName={names}"] if names else lines))
        configuration = self.folder / "ca.cnf"
        configuration.write_text(
            f"[ca]\ndefault_ca=this\n[this]\ndatabase={self.folder}/index.txt\nnew_certs_dir={self.folder}\nrand_serial=yes\n"
            f"default_md=sha256\npolicy=any\nunique_subject=no\ncrlnumber={self.folder}/crlnumber\ndefault_crl_days=2\n"
            "[any]\ncommonName=supplied\n"
        )
        dates = ["-days", str(days)]
        if days < 0:
            dates = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"]
        self._ca(
            *("-batch", "-notext", "-in", str(request), "-out", str(made.certificate)),
            *("-extfile", str(extensions), *dates),
        )
        return made

    def workload(self, uri: str) -> Certificate:
        return self.issue(f"URI:{uri}", common_name="workload", usage="clientAuth")

    def revoke(self, *revoked: Certificate) -> Path:
        """A list of revoked certificates."""
        for one in revoked:
            self._ca("-revoke", str(one.certificate))
        path = self.folder / "revoked.pem"
        self._ca("-gencrl", "-out", str(path))
        return path

    def _ca(self, *arguments: str) -> None:
        openssl(
            *("ca", "-config", str(self.folder / "ca.cnf")),
            *("-cert", str(self.root.certificate), "-keyfile", str(self.root.key), *arguments),
        )
