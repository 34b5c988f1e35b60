"""Writes GGUF files of real shapes with random weights, the same ones every time."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import zlib
from pathlib import Path

import gguf
import numpy

from .paths import EMBEDDED_MODEL, cache_folder
from .shapes import SHAPES, ModelName, Shape

# Part of the folder's name: raise it when the files change.
FORMAT = 1
SEED = 20260401
CHUNK = 1 << 23  # weights made at a time: quantizing takes several times their memory


class ModelFiles:
    """The cached files of one folder."""

    def __init__(self, folder: Path | None = None, quantizer: Path | None = None):
        self.folder = folder or cache_folder() / f"models-{FORMAT}"
        self.quantizer = quantizer

    def path(self, name: ModelName) -> Path:
        """The file of a model, written if it is not there yet."""
        path = self.folder / name.file_name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_space(name)
            if name.type == "Q4_K_M":
                self._quantize(name, path)
            else:
                write_model(SHAPES[name.shape], name.type, path)
        return path

    def _check_space(self, name: ModelName) -> None:
        needed = name.bytes
        if name.type == "Q4_K_M" and not (self.folder / f"{name.shape}-F16.gguf").exists():
            needed += ModelName(name.shape, "F16").bytes
        free = shutil.disk_usage(self.folder).free
        print(f"==> {name.file_name}: {needed / 1e9:.2f} GB in {self.folder} ({free / 1e9:.0f} GB free)", flush=True)
        if needed > free * 0.95:
            raise RuntimeError(
                f"{self.folder} has {free / 1e9:.1f} GB free, and {name} needs {needed / 1e9:.1f} GB;"
                " LAMINA_BENCHMARK_CACHE names another folder"
            )

    def _quantize(self, name: ModelName, path: Path) -> None:
        """K types cannot be written from Python: the peer's own tool makes them of the F16 file."""
        if self.quantizer is None:
            raise RuntimeError(f"{name} is quantized by llama-quantize, and there is no build of the peer with it")
        source = self.path(ModelName(name.shape, "F16"))
        partial = path.with_suffix(".part")
        print(f"    {self.quantizer.name} {source.name} {name.type}", flush=True)
        command = [str(self.quantizer), str(source), str(partial), name.type, str(os.cpu_count() or 1)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
        if done.returncode != 0:
            raise RuntimeError(f"{self.quantizer.name} failed:\n{(done.stdout + done.stderr)[-2000:]}")
        partial.rename(path)


def write_model(shape: Shape, type_name: str, path: Path) -> None:
    """Writes one file. Tensors are made and written one after the other, so memory stays at the largest of them."""
    kind = gguf.GGMLQuantizationType[type_name]
    partial = path.with_suffix(".part")
    writer = gguf.GGUFWriter(partial, "llama")
    add_metadata(writer, shape, type_name)
    factors = numpy.array(shape.rope_factors(), dtype=numpy.float32)
    norms = ["output_norm.weight"]
    for layer in range(shape.layers):
        norms += [f"blk.{layer}.attn_norm.weight", f"blk.{layer}.ffn_norm.weight"]
    ones = numpy.ones(shape.embedding, dtype=numpy.float32)
    small = [(name, ones) for name in norms] + ([("rope_freqs.weight", factors)] if len(factors) else [])
    for name, values in small:
        writer.add_tensor_info(name, values.shape, values.dtype, values.nbytes)
    for name, rows, columns in shape.matrices():
        stored = gguf.quant_shape_to_byte_shape((rows, columns), kind)
        dtype = numpy.dtype(numpy.float16) if type_name == "F16" else numpy.dtype(numpy.uint8)
        dimensions = (rows, columns) if type_name == "F16" else stored
        size = rows * columns * 2 if type_name == "F16" else int(numpy.prod(stored))
        writer.add_tensor_info(name, dimensions, dtype, size, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, values in small:
        writer.write_tensor_data(values)
    write_matrices(writer, shape, kind)
    writer.close()
    partial.rename(path)


def write_matrices(writer: gguf.GGUFWriter, shape: Shape, kind: gguf.GGMLQuantizationType) -> None:
    started = said = time.monotonic()
    done = 0
    for name, rows, columns in shape.matrices():
        writer.write_tensor_data(random_matrix(name, rows, columns, kind))
        done += rows * columns
        now = time.monotonic()
        if now - said > 2 or done == shape.parameters:
            said, share, seconds = now, done / shape.parameters, now - started
            print(f"    {share:4.0%} of the weights, {seconds:.0f} s of about {seconds / share:.0f} s", flush=True)


def random_matrix(name: str, rows: int, columns: int, kind: gguf.GGMLQuantizationType) -> numpy.ndarray:
    """Normal numbers of variance 1/columns, as an initialisation has them, so that nothing overflows.

    They depend on the name alone: all types of a shape hold the same weights.
    """
    random = numpy.random.default_rng([SEED, zlib.crc32(name.encode())])
    scale = numpy.float32(1 / numpy.sqrt(columns))
    step = max(1, CHUNK // columns)
    pieces = []
    for first in range(0, rows, step):
        values = random.standard_normal((min(step, rows - first), columns), dtype=numpy.float32) * scale
        pieces.append(gguf.quants.quantize(values, kind))
    return pieces[0] if len(pieces) == 1 else numpy.concatenate(pieces)


def add_metadata(writer: gguf.GGUFWriter, shape: Shape, type_name: str) -> None:
    """The shape's dimensions, and a vocabulary of its size that begins with the embedded model's."""
    writer.add_name(f"Random {shape.name}")
    writer.add_description(f"The shape of {shape.origin} with random weights, for measuring speed.")
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_dimension)
    writer.add_value_length(shape.head_dimension)
    writer.add_rope_dimension_count(shape.head_dimension)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{type_name}"])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_tokenizer(writer, shape)


def add_tokenizer(writer: gguf.GGUFWriter, shape: Shape) -> None:
    fields = gguf.GGUFReader(EMBEDDED_MODEL).fields

    def value(key: str):
        return fields[key].contents()

    tokens, types = value("tokenizer.ggml.tokens"), value("tokenizer.ggml.token_type")
    missing = shape.vocabulary - len(tokens)
    writer.add_tokenizer_model(value("tokenizer.ggml.model"))
    writer.add_tokenizer_pre(value("tokenizer.ggml.pre"))
    writer.add_token_list(tokens + [f"<unused{index}>" for index in range(missing)])
    writer.add_token_types(types + [int(gguf.TokenType.NORMAL)] * missing)
    writer.add_token_merges(value("tokenizer.ggml.merges"))
    writer.add_bos_token_id(value("tokenizer.ggml.bos_token_id"))
    writer.add_eos_token_id(value("tokenizer.ggml.eos_token_id"))
    writer.add_pad_token_id(value("tokenizer.ggml.padding_token_id"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(value("tokenizer.chat_template"))
