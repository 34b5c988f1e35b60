"""The scripts that the charts put into pods, run here: with a real shell, a real curl and a real server."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority
from charts import HELM
from lamina_server import LaminaServer

FILES = HELM / "lamina-llm-serve" / "files"
MODEL = b"GGUF" + bytes(200_000)
TOKEN = "a-token-of-the-hub"

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("curl", "flock", "sha256sum")), reason="needs curl, flock and sha256sum"
)


class Origin(http.server.SimpleHTTPRequestHandler):
    """Serves one model: with a token, and in ranges, as a hub does."""

    requests: list[str | None] = []

    def do_GET(self) -> None:
        Origin.requests.append(self.headers["Range"])
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.send_error(401)
            return
        begin = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0]) if self.headers["Range"] else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(MODEL) - 1}/{len(MODEL)}")
        self.send_header("Content-Length", str(len(MODEL) - begin))
        self.end_headers()
        self.wfile.write(MODEL[begin:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    Origin.requests = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/model.gguf"
    server.shutdown()
    server.server_close()


@pytest.fixture
def download(origin: str, tmp_path: Path):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    environment = {
        **os.environ,
        "MODEL_URL": origin,
        "MODEL_SHA256": hashlib.sha256(MODEL).hexdigest(),
        "MODEL_FILE": str(tmp_path / "models/a/m.gguf"),
        "TOKEN_FILE": str(token),
    }
    environment = {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}
    command = ["sh", str(FILES / "download.sh")]
    return functools.partial(
        subprocess.Popen, command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ), environment


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=50)
    return process.returncode, output


def test_pods_that_share_a_volume_fetch_once(download):
    start, environment = download
    results = [finish(process) for process in [start(env=environment) for _ in range(3)]]
    assert [code for code, _ in results] == [0, 0, 0], results
    assert Path(environment["MODEL_FILE"]).read_bytes() == MODEL
    assert Origin.requests == [None]
    assert sum("is there" in output for _, output in results) == 2


def test_a_download_goes_on_where_it_stopped(download):
    start, environment = download
    partial = Path(environment["MODEL_FILE"] + ".partial")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(MODEL[:150_000])
    assert finish(start(env=environment))[0] == 0
    assert Origin.requests == ["bytes=150000-"]
    assert Path(environment["MODEL_FILE"]).read_bytes() == MODEL
    assert not partial.exists()


def test_a_wrong_digest_leaves_nothing(download):
    start, environment = download
    code, output = finish(start(env={**environment, "MODEL_SHA256": "0" * 64}))
    assert code == 1
    assert "does not have the SHA-256" in output
    folder = Path(environment["MODEL_FILE"]).parent
    assert [path.name for path in folder.iterdir()] == ["m.gguf.lock"]


def test_a_refused_download_fails_without_the_token_in_its_output(download, tmp_path: Path):
    start, environment = download
    wrong = tmp_path / "wrong"
    wrong.write_text("another-token")
    code, output = finish(start(env={**environment, "TOKEN_FILE": str(wrong)}))
    assert code != 0
    assert "another-token" not in output
    assert not Path(environment["MODEL_FILE"]).exists()


def script(name: str, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {
        "URL": url,
        "KEY_FILE": "",
        "EXPECTED_STATUS": "200",
        "CURL_OPTIONS": "",
        "NO_PROXY": "*",
        **environment,
    }
    return subprocess.run(
        ["sh", str(FILES / "tests" / name)], env={**os.environ, **variables}, capture_output=True, text=True, timeout=50
    )


def test_the_completion_test_sees_an_answer(server: LaminaServer):
    result = script("completion.sh", server.url)
    assert result.returncode == 0, result.stderr
    assert script("completion.sh", server.url, EXPECTED_STATUS="401").returncode == 1


def test_the_completion_test_with_keys(start_server, tmp_path: Path):
    keys, key = tmp_path / "keys", tmp_path / "key"
    keys.write_text("helm:a-key-for-this-test\n")
    key.write_text("a-key-for-this-test")
    keys.chmod(0o600)
    server = start_server("--api-key-file", str(keys))
    assert script("completion.sh", server.url, EXPECTED_STATUS="401").returncode == 0
    result = script("completion.sh", server.url, KEY_FILE=str(key))
    assert result.returncode == 0, result.stderr
    assert "a-key-for-this-test" not in result.stdout + result.stderr


def test_the_refusal_test_tells_refusal_from_absence(server: LaminaServer):
    answered = script("refusal.sh", server.url)
    assert answered.returncode == 1
    assert "answered 200" in answered.stderr
    absent = script("refusal.sh", "http://127.0.0.1:1")
    assert absent.returncode == 1
    assert "that is no refusal" in absent.stderr


def test_the_refusal_test_with_mutual_tls(start_server, tmp_path: Path):
    authority = Authority(tmp_path / "authority")
    own, client = authority.issue(names="IP:127.0.0.1"), authority.issue(names="DNS:client")
    server = start_server(
        *("--tls-certificate", str(own.certificate), "--tls-key", str(own.key)),
        *("--tls-client-ca", str(authority.root.certificate)),
        verify=authority.root.certificate,
        client_certificate=client,
    )
    result = script("refusal.sh", server.url)
    assert result.returncode == 0, result.stdout + result.stderr
