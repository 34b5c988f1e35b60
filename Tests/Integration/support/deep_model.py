"""Makes a slow model of the embedded one: its layers many times over, a longer context. What it says is nonsense."""

from __future__ import annotations

import re
from pathlib import Path

from gguf import GGUFReader, GGUFWriter
from lamina_server import MODELS

_LAYER = re.compile(r"blk\.(\d+)\.(.*)")


def write_deep_model(path: Path, times: int, context: int) -> None:
    """A GGUF file in which each layer comes so many times, for contexts of so many tokens."""
    reader = GGUFReader(MODELS / "lamina-tiny-q8_0.gguf")
    writer = GGUFWriter(path, arch="llama")
    layers = int(reader.fields["llama.block_count"].contents())
    changed = {"llama.block_count": layers * times, "llama.context_length": context}
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        value = changed.get(name, field.contents())
        writer.add_key_value(name, value, field.types[0], field.types[-1] if len(field.types) > 1 else None)
    for tensor in reader.tensors:
        layer = _LAYER.fullmatch(tensor.name)
        for copy in range(times if layer else 1):
            name = f"blk.{int(layer[1]) + copy * layers}.{layer[2]}" if layer else tensor.name
            writer.add_tensor(name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
