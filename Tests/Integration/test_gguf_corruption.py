"""Cut and altered model files end in a clear error, or work; they never crash the program."""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from gguf import GGUFReader
from lamina_server import MODELS

MODEL = MODELS / "lamina-tiny-q4_0.gguf"
BATCHES = 8
PER_BATCH = 48
# A header in which every length is a lie must cost neither time nor memory.
ADDRESS_SPACE_BYTES = 16 << 30
SECONDS = 30


@dataclass
class Case:
    """One damaged file and what is done to it."""

    name: str
    data: bytes
    must_fail: bool = False


@cache
def _good() -> bytes:
    return MODEL.read_bytes()


@cache
def _data_start() -> int:
    """Where the header ends and the weights begin."""
    return int(GGUFReader(MODEL).data_offset)


def _with(position: int, replacement: bytes) -> bytes:
    good = _good()
    return good[:position] + replacement + good[position + len(replacement) :]


def _cut(chance: random.Random) -> Case:
    # The last bytes may be padding; everything before them is needed.
    end = len(_good()) - 64
    length = chance.randrange(_data_start() if chance.random() < 0.7 else end)
    return Case(f"cut to {length} bytes", _good()[:length], must_fail=True)


def _flip(chance: random.Random) -> Case:
    position = chance.randrange(_data_start())
    bit = 1 << chance.randrange(8)
    return Case(f"bit {bit:#x} flipped at {position}", _with(position, bytes([_good()[position] ^ bit])))


def _giant(chance: random.Random) -> Case:
    """A number that counts, measures or points, made absurd."""
    value = chance.choice([2**64 - 1, 2**63, 2**63 - 1, 2**32, 2**31 - 1, len(_good()), 2**40, 0])
    position = chance.randrange(_data_start() - 8)
    return Case(f"the eight bytes at {position} say {value:#x}", _with(position, struct.pack("<Q", value)))


def _noise(chance: random.Random) -> Case:
    position = chance.randrange(_data_start())
    length = min(chance.randrange(1, 400), len(_good()) - position)
    return Case(f"{length} random bytes at {position}", _with(position, chance.randbytes(length)))


def _splice(chance: random.Random) -> Case:
    """A piece of the header taken out: all that follows is misplaced."""
    position = chance.randrange(32, _data_start())
    length = chance.randrange(1, 64)
    return Case(f"{length} bytes missing at {position}", _good()[:position] + _good()[position + length :])


def _weights(chance: random.Random) -> Case:
    """Damage to weights is no error anyone could see; it must only not crash."""
    position = chance.randrange(_data_start(), len(_good()) - 400)
    return Case(f"random weights at {position}", _with(position, chance.choice([b"\xff", b"\x7f", b"\x00"]) * 400))


KINDS: list[Callable[[random.Random], Case]] = [_cut, _cut, _flip, _flip, _giant, _noise, _splice, _weights]


def _run(binary: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["prlimit", f"--as={ADDRESS_SPACE_BYTES}", str(binary), *arguments], capture_output=True, timeout=SECONDS
    )


def _problems(binary: Path, case: Case, folder: Path) -> list[str]:
    """What `show` and `generate` did wrong with one damaged file."""
    path = folder / f"{abs(hash(case.name))}.gguf"
    path.write_bytes(case.data)
    problems = []
    for command in (
        ["show", str(path)],
        ["generate", "--model", str(path), "--max-tokens", "1", "--temperature", "0", "Hello"],
    ):
        try:
            result = _run(binary, *command)
        except subprocess.TimeoutExpired:
            problems.append(f"{case.name}: {command[0]} ran for more than {SECONDS} s")
            continue
        message = result.stderr.decode(errors="replace").strip()
        told = f"{case.name}: {command[0]} ended with {result.returncode}: {message[-400:]}"
        # 128 and above: what a shell makes of a death by signal.
        is_crash = result.returncode < 0 or result.returncode >= 128
        is_silent = result.returncode != 0 and "error" not in message.lower()
        is_wrongly_accepted = result.returncode == 0 and case.must_fail
        if is_crash or is_silent or is_wrongly_accepted or len(message) > 4000:
            problems.append(told)
    path.unlink()
    return problems


def _check(binary: Path, cases: list[Case], folder: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        problems = [one for found in pool.map(lambda case: _problems(binary, case, folder), cases) for one in found]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damaged_files_never_crash(binary: Path, tmp_path: Path, batch: int):
    chance = random.Random(batch)
    _check(binary, [KINDS[index % len(KINDS)](chance) for index in range(PER_BATCH)], tmp_path)


def test_every_cut_through_the_first_fields_is_refused(binary: Path, tmp_path: Path):
    _check(binary, [Case(f"cut to {length} bytes", _good()[:length], True) for length in range(40)], tmp_path)


def test_wrong_kinds_of_file_are_refused(binary: Path, tmp_path: Path):
    _check(
        binary,
        [
            Case("empty", b"", True),
            Case("text", b"This is no model.\n" * 100, True),
            Case("big-endian magic", _with(0, b"FUGG"), True),
            Case("version 1", _with(4, struct.pack("<I", 1)), True),
            Case("version 99", _with(4, struct.pack("<I", 99)), True),
            Case("no tensors", _with(8, struct.pack("<Q", 0)), False),
            Case("tensors without end", _with(8, struct.pack("<Q", 2**64 - 1)), True),
            Case("metadata without end", _with(16, struct.pack("<Q", 2**64 - 1)), True),
            Case("zeroes", bytes(100_000), True),
            Case("all ones after the magic", b"GGUF" + struct.pack("<I", 3) + b"\xff" * 100_000, True),
        ],
        tmp_path,
    )


def test_an_error_names_the_file_and_the_place(binary: Path, tmp_path: Path):
    path = tmp_path / "cut.gguf"
    path.write_bytes(_good()[: _data_start() // 2])
    result = _run(binary, "show", str(path))
    message = result.stderr.decode()
    assert result.returncode not in (0, None)
    assert "cut.gguf" in message
    assert any(character.isdigit() for character in message), "the offset"
