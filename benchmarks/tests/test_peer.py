"""Fetching and unpacking the peer's sources, with an archive that is made up."""

import tarfile
from pathlib import Path

import pytest

from lamina_bench import peer
from lamina_bench.peer import PACKAGE, VERSION, fetch, unpack

NAME = f"{PACKAGE.replace('-', '_')}-{VERSION}"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    sources = tmp_path / NAME / "vendor/llama.cpp"
    (sources / "src").mkdir(parents=True)
    (sources / "CMakeLists.txt").write_text("project")
    (sources / "src/last.cpp").write_text("code")
    path = tmp_path / f"{NAME}.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tmp_path / NAME, arcname=NAME)
    return path


def test_what_an_interruption_left_is_unpacked_anew(tmp_path: Path, archive: Path):
    folder = tmp_path / "cache"
    # As an interruption leaves it that came after the first file, before and after the folder got its name.
    (folder / NAME / "vendor/llama.cpp").mkdir(parents=True)
    (folder / NAME / "vendor/llama.cpp/CMakeLists.txt").write_text("proj")
    (folder / "unpacking" / NAME).mkdir(parents=True)
    source = unpack(archive, folder)
    assert (source / "CMakeLists.txt").read_text() == "project"
    assert (source / "src/last.cpp").read_text() == "code"
    assert sorted(path.name for path in folder.iterdir()) == [NAME]


def test_what_is_complete_is_left_alone(tmp_path: Path, archive: Path):
    source = unpack(archive, tmp_path / "cache")
    (source / "built").touch()
    assert unpack(archive, tmp_path / "cache") == source
    assert (source / "built").exists()


def test_a_damaged_archive_is_fetched_again(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch):
    commands = []
    monkeypatch.setattr(peer.subprocess, "run", lambda command, **_: commands.append(command))
    assert fetch(tmp_path) == archive
    assert len(commands) == 1 and not archive.exists()
