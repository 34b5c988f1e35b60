"""The servers that are compared: our own, which answers with what it read, and proxies in front of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from envoy_process import EnvoyProcess
from lamina_server import REPOSITORY, free_port, wait_until

ENVOY = """
static_resources:
  listeners:
  - name: front
    address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: front
          http_protocol_options: {{ accept_http_10: true, default_host_for_http_10: a }}
          local_reply_config: {{ body_format: {{ text_format: "envoy: %RESPONSE_CODE% %RESPONSE_CODE_DETAILS%" }} }}
          route_config:
            virtual_hosts:
            - {{ name: all, domains: ["*"], routes: [ {{ match: {{ prefix: / }}, route: {{ cluster: us }} }} ] }}
          http_filters:
          - name: router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
  - name: us
    type: STATIC
    load_assignment:
      cluster_name: us
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {backend} }} }} }}
"""

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_max_body_size 8m; proxy_ignore_client_abort on;
    upstream us {{ server 127.0.0.1:{backend}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://us; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


@dataclass(frozen=True)
class Server:
    """One that listens on 127.0.0.1."""

    name: str
    port: int
    # Whether it answers what it has read after the client closed its sending side.
    answers_half_closed: bool = True


@contextlib.contextmanager
def echo_server() -> Iterator[Server]:
    """Our HTTP server with a handler that answers with the request."""
    path = os.environ.get("LAMINA_ECHO_SERVER", REPOSITORY / ".build/release/lamina-echo-server")
    with subprocess.Popen([path, "--max-connections", "4096"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Listening on "), f"the echo server printed {line!r}"
            yield Server("lamina", int(line.rsplit(":", 1)[1]))
        finally:
            process.terminate()


def nginx_program() -> str | None:
    # /usr/sbin is not on every user's PATH.
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextlib.contextmanager
def nginx(backend: int, folder: Path) -> Iterator[Server]:
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(port=port, backend=backend, folder=folder))
    with _running([str(nginx_program()), "-c", str(configuration), "-p", str(folder)], port):
        yield Server("nginx", port)


@contextlib.contextmanager
def envoy(backend: int, folder: Path) -> Iterator[Server]:
    process = EnvoyProcess("front", yaml.safe_load(ENVOY.format(backend=backend)), folder)
    try:
        yield Server("envoy", process.port("front"), answers_half_closed=False)
    finally:
        process.stop()


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            wait_until(lambda: process.poll() is not None or _listens(port), f"{command[0]} listens", seconds=20)
            assert process.poll() is None, f"{command[0]} ended: {process.stdout and process.stdout.read()!r}"
            yield
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
