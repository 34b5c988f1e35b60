"""Starts a server behind the pair and says where; for `python -i`, see README.md."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path

from lamina_server import LaminaServer, binary_path
from pods import CallerPod, ServerPod
from trace_sink import TraceSink
from trust_domain import TrustDomain

folder = Path(tempfile.mkdtemp(prefix="lamina-mesh-"))
domain = TrustDomain(folder / "domain")
traces = TraceSink()
server = LaminaServer(binary_path())
atexit.register(server.stop)
pod = ServerPod(server, domain, folder / "server", traces=traces.port)
atexit.register(pod.stop)
caller = CallerPod([pod], "frontend", folder / "caller", traces=traces.port)
atexit.register(caller.stop)

print(f"""
  {caller.url}            a caller in the mesh: curl {caller.url}/v1/models
  https://127.0.0.1:{pod.port}           the server's sidecar; certificates are in {folder}/domain
  {pod.sidecar.admin_url}   its admin interface
  {folder}   configurations and logs
  traces.spans(TRACE)  what has been traced
""")
