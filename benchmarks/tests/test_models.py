"""Generated model files: the right dimensions, the same bytes every time, and the server loads them."""

import subprocess
from pathlib import Path

import gguf
import pytest

from lamina_bench.model_files import write_model
from lamina_bench.paths import lamina_binary
from lamina_bench.shapes import SHAPES, ModelName, RopeScaling, Shape

TINY = Shape("tiny", "nothing", 128, 2, 4, 2, 32, 256, 2304, 256, 500_000, RopeScaling(32, 1, 4, 8192))


def test_shapes_have_the_parameters_of_their_models():
    assert SHAPES["135M"].parameters == pytest.approx(134.5e6, rel=0.01)
    assert SHAPES["1B"].parameters == pytest.approx(1.236e9, rel=0.01)


def test_rope_factors_rise_from_one_to_the_factor():
    factors = SHAPES["1B"].rope_factors()
    assert (factors[0], factors[-1], len(factors)) == (1, 32, 32)
    assert factors == sorted(factors)
    assert SHAPES["135M"].rope_factors() == []


def test_unknown_models_are_refused_with_those_there_are():
    assert ModelName.parse("1B-Q4_K_M") == ModelName("1B", "Q4_K_M")
    with pytest.raises(ValueError, match="known: 135M-F16"):
        ModelName.parse("135M-Q4_K_M")


@pytest.mark.parametrize("kind", ["F16", "Q8_0", "Q4_0"])
def test_the_server_loads_a_generated_file(tmp_path: Path, kind: str):
    path, again = tmp_path / f"tiny-{kind}.gguf", tmp_path / "again.gguf"
    write_model(TINY, kind, path)
    write_model(TINY, kind, again)
    assert path.read_bytes() == again.read_bytes()
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    assert list(tensors["blk.1.ffn_down.weight"].shape) == [256, 128]
    assert tensors["token_embd.weight"].tensor_type.name == kind
    command = [str(lamina_binary()), "bench", "--model", str(path), "-p", "20", "-n", "2", "-r", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
