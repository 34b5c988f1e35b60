"""The server and its sidecar, from the sidecar's start to its end."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lamina_server import MODELS, StartServer, free_port, wait_until
from pilot_agent import PilotAgent, istio_flags
from pods import ServerPod, StartPod


def _proxy(pod: ServerPod) -> dict:
    return pod.app.get("/readyz").json()["mesh"]


def test_a_sidecar_that_is_not_named_is_found(start_server: StartServer, start_pod: StartPod):
    """The usual order of a classic sidecar: the server is there first."""
    agent, status_port = PilotAgent(), free_port()
    server = start_server(*istio_flags(status_port, agent.port))
    assert server.get("/readyz").status_code == 200, "without a proxy nothing is missing"
    pod = start_pod(server, agent=agent, status_port=status_port)
    wait_until(lambda: _proxy(pod)["proxy"] == "ready", "the sidecar is found")
    assert _proxy(pod)["mode"] == "istio"
    assert server.metric("lamina_mesh_info", mode="istio") == 1


def test_a_job_ends_its_sidecar(binary: Path, start_istio_pod: StartPod):
    """Kubernetes would wait for a classic sidecar for ever, and the job would never be complete."""
    pod = start_istio_pod()
    sidecar = istio_flags(pod.sidecar.port("status"), pod.agent.port)
    model = str(MODELS / "lamina-tiny-q8_0.gguf")
    job = subprocess.run(
        [str(binary), "generate", "--model", model, "--max-tokens", "2", "--quit-proxy", *sidecar, "Hello"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert job.returncode == 0, job.stderr
    assert job.stdout
    assert pod.agent.quit_requests == 1
    wait_until(lambda: not pod.sidecar.is_running, "Envoy has ended")
