"""The shapes of real models. Speed depends on these and on the weight types, not on the values of the weights."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class RopeScaling:
    """The frequency scaling of Llama 3.1 and later."""

    factor: float
    low_frequency_factor: float
    high_frequency_factor: float
    original_context: int


@dataclass(frozen=True)
class Shape:
    """The dimensions of a Llama-architecture model whose output matrix is its embedding."""

    name: str
    origin: str
    embedding: int
    layers: int
    heads: int
    kv_heads: int
    head_dimension: int
    feed_forward: int
    vocabulary: int
    context: int
    rope_base: float
    rope_scaling: RopeScaling | None = None

    def matrices(self) -> list[tuple[str, int, int]]:
        """Name, rows and columns of every matrix, in the order of the file."""
        queries, keys = self.heads * self.head_dimension, self.kv_heads * self.head_dimension
        matrices = [("token_embd.weight", self.vocabulary, self.embedding)]
        for layer in range(self.layers):
            prefix = f"blk.{layer}."
            matrices += [
                (prefix + "attn_q.weight", queries, self.embedding),
                (prefix + "attn_k.weight", keys, self.embedding),
                (prefix + "attn_v.weight", keys, self.embedding),
                (prefix + "attn_output.weight", self.embedding, queries),
                (prefix + "ffn_gate.weight", self.feed_forward, self.embedding),
                (prefix + "ffn_up.weight", self.feed_forward, self.embedding),
                (prefix + "ffn_down.weight", self.embedding, self.feed_forward),
            ]
        return matrices

    @property
    def parameters(self) -> int:
        """Weights in all matrices."""
        return sum(rows * columns for _, rows, columns in self.matrices())

    def rope_factors(self) -> list[float]:
        """What each rotary frequency is divided by; empty without scaling."""
        scaling = self.rope_scaling
        if scaling is None:
            return []
        longest = scaling.original_context / scaling.low_frequency_factor
        shortest = scaling.original_context / scaling.high_frequency_factor
        factors = []
        for index in range(0, self.head_dimension, 2):
            wavelength = 2 * math.pi * self.rope_base ** (index / self.head_dimension)
            if wavelength < shortest:
                factors.append(1.0)
            elif wavelength > longest:
                factors.append(scaling.factor)
            else:
                low, high = scaling.low_frequency_factor, scaling.high_frequency_factor
                smooth = (scaling.original_context / wavelength - low) / (high - low)
                factors.append(1 / ((1 - smooth) / scaling.factor + smooth))
        return factors


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("135M", "SmolLM2-135M", 576, 30, 9, 3, 64, 1536, 49152, 8192, 100_000),
        Shape("1B", "Llama-3.2-1B", 2048, 16, 32, 8, 64, 8192, 128256, 131072, 500_000, RopeScaling(32, 1, 4, 8192)),
    )
}

# Blocks of 256 do not divide rows of 576: a Q4_K_M file of the 135M shape would hold other types.
TYPES = {"135M": ("F16", "Q8_0", "Q4_0"), "1B": ("F16", "Q8_0", "Q4_0", "Q4_K_M")}
BITS_PER_WEIGHT = {"F16": 16, "Q8_0": 8.5, "Q4_0": 4.5, "Q4_K_M": 5.2}


@dataclass(frozen=True)
class ModelName:
    """A model file: a shape and a weight type."""

    shape: str
    type: str

    def __str__(self) -> str:
        return f"{self.shape} {self.type}"

    @property
    def file_name(self) -> str:
        return f"{self.shape}-{self.type}.gguf"

    @property
    def bytes(self) -> int:
        """About how large the file is."""
        return int(SHAPES[self.shape].parameters * BITS_PER_WEIGHT[self.type] / 8) + (8 << 20)

    @staticmethod
    def parse(text: str) -> ModelName:
        """Reads `1B-Q4_0`; raises ValueError, with the names there are, for any other text."""
        shape, _, kind = text.partition("-")
        if shape not in TYPES or kind not in TYPES[shape]:
            known = ", ".join(f"{shape}-{kind}" for shape, kinds in TYPES.items() for kind in kinds)
            raise ValueError(f"there is no model '{text}'; known: {known}")
        return ModelName(shape, kind)
