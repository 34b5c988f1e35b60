"""Writes the inputs that fuzzing starts from: one folder per target, made from the cases that the tests know.

python3 Tests/Fuzz/write_seeds.py FOLDER
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

HOST = b"Host: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

REQUESTS = [
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"\r\n\r\nHEAD /v1/models?limit=2 HTTP/1.1\r\nHost: lamina:8080\r\nAccept:  text/html \t\r\nX-Empty:\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 002\r\n\r\nokGET /next HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n3;x=y\r\nabc\r\n0\r\nETag: t\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Expect: 100-continue\r\n\r\n1\r\na\r\n00\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n",
    b"GET http://other:81/x?y HTTP/1.1\r\n" + HOST + b"Connection: Foo , CLOSE\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    b"GET /a%2Fb/%C3%A9 HTTP/1.1\r\nhost: a\r\nUser-Agent: Zo\xc3\xab\r\nAccept: a\r\naccept: b\r\n\r\n",
    b"GET /../x HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Accept: a\r\n b\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
]

CHUNKED_BODIES = [
    b"0\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b'3;x=y\r\nabc\r\n00A ;q="a b"\r\n0123456789\r\n0\r\n\r\n',
    b"1\r\na\r\n1\r\nb\r\n0\r\nETag: t\r\nX-Sum:  1 \r\n\r\n",
    b"0\r\nContent-Length: 5\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"7fffffffffffffff;\r\n",
    b"0x1\r\na\r\n",
    b"2\nab\r\n0\r\n\r\n",
    b"2\r\nabc\r\n",
]

RESPONSES = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204\r\nServer: x\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\nHTTP/1.0 500 No\r\n\r\nuntil close",
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    b"HTTP/2 200\r\n\r\n",
    b"\x15\x03\x03\x00\x02\x02\x46",
]

EVENTS = [
    b"data: one\n\n",
    b"\xef\xbb\xbfevent: delta\r\nid: 7\r\ndata: a\r\ndata:b\r\n\r\n: ping\r\rdata\n\n",
    b'retry: 10\nid: a\x00b\ndata: {"x": 1}\n\ndata: [DONE]\n\n',
    b"data: unfinished",
]

TRACES = [
    b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
    b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03\nrojo=00f067aa0ba902b7, ,congo=t61rcWkgMzE",
    b"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more\n1a-2@b=x y,a_-*/=!~",
    b"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\na=1,a=2",
    b"00-00000000000000000000000000000000-0000000000000000-00\n=",
    b"80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90\n",
    b"64fe8b2a57d3eff7-e457b5a2e4d86bd1-d\n",
    b"80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1\n",
    b"0\n",
]

_VECTORS = REPOSITORY / "Tests/LaminaHTTPTests/Forwarded/xfcc-vectors.txt"
FORWARDED_CERTIFICATES = [
    *(line for line in _VECTORS.read_bytes().splitlines() if not line.startswith(b"#")),
    b"Hash=" + b"0a" * 32 + b';Subject="CN=a\\"b\\,c";Cert="-----BEGIN%20";DNS=a;DNS=b;URI=',
    b'URI=spiffe://a/b;Subject="\\\\"\nHash=' + b"AB" * 32 + b";URI=spiffe://a/c",
    b"agent.prod.serviceaccount.identity.linkerd.cluster.local",
]

JSON_TEXTS = [
    b'{"model": "a", "messages": [{"role": "user", "content": "\\u00e9\\ud83d\\ude00\\n"}], "n": 1, "stream": true}',
    b"[0, -0, 1.0, -1.5e-7, 9223372036854775807, 9223372036854775808, 1e308, 5e-324, null, false, []]",
    b'{"a": {"b": [{}]}, "a": 2, "": ""}',
    b' "\\"\\\\\\/\\b\\f\\n\\r\\t\xc3\xa9\x7f" ',
    b"[" * 70 + b"]" * 70,
    b'{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"10":10}',
]


def _text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def _entry(key: bytes, kind: int, value: bytes) -> bytes:
    return _text(key) + struct.pack("<I", kind) + value


def _array(kind: int, values: Iterable[bytes]) -> bytes:
    items = list(values)
    return struct.pack("<IQ", kind, len(items)) + b"".join(items)


def _gguf(metadata: list[bytes], tensors: list[tuple[bytes, list[int], int, int]], version: int = 3) -> bytes:
    """A file with tensors of (name, shape, type, bytes of data)."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata)) + b"".join(metadata)
    data = b""
    for name, shape, kind, size in tensors:
        head += _text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", each) for each in shape)
        head += struct.pack("<IQ", kind, len(data))
        data += bytes(size) + bytes(-size % 32)
    return head + bytes(-len(head) % 32) + data if tensors else head


def _models() -> list[bytes]:
    number = {kind: struct.Struct(code).pack for kind, code in {4: "<I", 5: "<i", 6: "<f", 10: "<Q", 12: "<d"}.items()}
    every_type = [
        _entry(b"a.u8", 0, b"\x01"),
        _entry(b"a.i16", 3, b"\x01\x02"),
        _entry(b"a.f32", 6, number[6](1.5)),
        _entry(b"a.bool", 7, b"\x01"),
        _entry(b"a.u64", 10, number[10](7)),
        _entry(b"a.f64", 12, number[12](0.5)),
        _entry(b"a.text", 8, _text("é".encode())),
        _entry(b"a.list", 9, _array(9, [_array(5, [number[5](-1)]), _array(7, [b"\0"])])),
        _entry(b"general.alignment", 4, number[4](64)),
    ]
    dimensions = {
        b"context_length": 64,
        b"embedding_length": 32,
        b"block_count": 1,
        b"feed_forward_length": 32,
        b"attention.head_count": 2,
        b"attention.head_count_kv": 1,
        b"rope.dimension_count": 16,
    }
    letters = [b"<unk>", b"<s>", b"</s>", *(b"<0x%02X>" % byte for byte in range(32, 40)), b"a", b"b", b"ab"]
    kinds = [2, 3, 3, *[6] * 8, 1, 1, 1]
    model = [
        _entry(b"general.architecture", 8, _text(b"llama")),
        *(_entry(b"llama." + key, 4, number[4](value)) for key, value in dimensions.items()),
        _entry(b"llama.attention.layer_norm_rms_epsilon", 6, number[6](1e-5)),
        _entry(b"tokenizer.ggml.model", 8, _text(b"llama")),
        _entry(b"tokenizer.ggml.tokens", 9, _array(8, map(_text, letters))),
        _entry(b"tokenizer.ggml.scores", 9, _array(6, (number[6](-place) for place in range(len(letters))))),
        _entry(b"tokenizer.ggml.token_type", 9, _array(5, map(number[5], kinds))),
        _entry(b"tokenizer.ggml.bos_token_id", 4, number[4](1)),
        _entry(b"tokenizer.ggml.eos_token_id", 4, number[4](2)),
        _entry(b"tokenizer.chat_template", 8, _text(b"{% for m in messages %}{{ m.content }}{% endfor %}")),
    ]
    byte_level = [
        _entry(b"tokenizer.ggml.model", 8, _text(b"gpt2")),
        _entry(b"tokenizer.ggml.pre", 8, _text(b"llama-bpe")),
        _entry(b"tokenizer.ggml.tokens", 9, _array(8, map(_text, [b"a", b"b", b"ab", "Ġ".encode()]))),
        _entry(b"tokenizer.ggml.token_type", 9, _array(5, map(number[5], [1, 1, 1, 1]))),
        _entry(b"tokenizer.ggml.merges", 9, _array(8, [_text(b"a b")])),
    ]
    weights = [(b"token_embd.weight", [32, len(letters)], 8, 34 * len(letters)), (b"output_norm.weight", [32], 0, 128)]
    return [
        _gguf([], []),
        _gguf(every_type, [(b"t", [4], 0, 16)]),
        _gguf([], [(b"a", [32, 2], 2, 36), (b"b", [256], 12, 144)], version=2),
        _gguf(model, weights),
        _gguf(byte_level, []),
    ]


MANIFESTS = [
    (REPOSITORY / "models/models.yaml").read_bytes(),
    b"models:\n  'a b':\n    path: a.gguf\n    aliases: [c, \"d\\u00e9\", 'it''s']\n    max_context: 512 # tokens\n",
    b"---\nmodels:\n  a:\n    path: a\n    aliases:\n    - b\n    - c\n    backend: ~\ndefaults:\n  conversational: b\n",
    b"models:\n  a: {path: b}\n",
    b"models: &m\n  a: *m\n",
    b"models:\n  - - - a: |\n",
]


def _templates() -> list[bytes]:
    table = json.loads((REPOSITORY / "Tests/Integration/templates/constructs.json").read_text())
    sources = [example["template"] for example in table["rendered"]] + table["refused"] + table["malformed"]
    sources.append((REPOSITORY / "models/recipe/chat_template.jinja").read_text())
    return [source.encode() for source in sources]


def main(folder: Path) -> None:
    seeds = {
        "request": REQUESTS,
        "chunked": CHUNKED_BODIES,
        "response": RESPONSES,
        "events": EVENTS,
        "trace": TRACES,
        "xfcc": FORWARDED_CERTIFICATES,
        "json": JSON_TEXTS,
        "gguf": _models(),
        "template": _templates(),
        "manifest": MANIFESTS,
    }
    for target, inputs in seeds.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs):
            (folder / target / f"seed-{number:03}").write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
