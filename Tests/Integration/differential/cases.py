"""Requests for the differential test: well-formed ones, and ones bent the way request smugglers bend them.

A case is one or two requests and behind them a canary. Whoever reads the canary as a request of its own has found the
ends of those before it; whoever takes part of a body for a request is caught by what the bodies hold.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

CANARY = b"GET /canary HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

CONTROLS = [b"\x00", b"\x01", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"\xff", b"\x85", b"\xa0"]
LINE_ENDS = [b"\n", b"\r", b"\n\r", b"\r\r\n", b"\r\n\r", b"\x0b\r\n", b" \r\n", b"\x00\r\n", b"\x85", b"\xe2\x80\xa8"]
CODINGS = [
    b"Chunked", b"CHUNKED", b"chunked ", b"\tchunked", b"chunked\t", b"chunked,", b",chunked", b"chunked, chunked",
    b"chunked,identity", b"identity", b"identity, chunked", b"gzip, chunked", b"chunked, gzip", b"xchunked",
    b"chunkedx", b"chunked;q=1", b'"chunked"', b"chun\x00ked", b"chunked\x00", b"\x0bchunked", b"chunked\x0b",
    b"\xa0chunked", b"", b"'chunked'", b"chunked\r\n , identity", b"\r\n chunked", b"cow", b"x-gzip",
    b"deflate,chunked",
]  # fmt: skip
LENGTHS = [
    b"+%d", b"-%d", b"0x%x", b"%d ", b"\t%d", b"0%d", b"000000000000000000000%d", b"%d,%d", b"%d, %d", b"%d;a",
    b"%d.0", b"%de0", b"%d\x00", b"\x0b%d", b"%d_0", b"1_%d", b"", b" ", b"a", b"%d a", b"0", b"1", b"-0",
    b"18446744073709551616", b"9223372036854775807", b"9223372036854775808", b"4294967296",
    b"99999999999999999999999", b"\xb2", b"\xd9\xa3",
]  # fmt: skip
CHUNK_SIZES = [
    b"0x%x", b"+%x", b"-%x", b" %x", b"%x ", b"\t%x", b"%x\t", b"0%x", b"0000000000000000%x",
    b"00000000000000000000%x", b"%x;", b"%x;a", b"%x ;a=b", b"%x; a=b", b'%x;a="b"', b'%x;a="b;c"', b"%x;a=b;c",
    b"%x;\x00", b"%x;\n", b"%x;\r", b"%x,a", b"%x a", b"%xg", b"%x.", b"g", b"", b"f%x", b"ffffffff%x",
    b"fffffffffffffff%x", b"10000000000000000%x", b"7fffffffffffffff", b"8000000000000000", b"ffffffffffffffff",
    b"%X", b"%x;" + b"e" * 60, b"%x\x0b", b"_%x", b"%x_0",
]  # fmt: skip
HOSTS = [
    b"", b"a b", b"a,b", b"a/b", b"user@a", b"a:80", b"a:80:80", b"a:", b"a:x", b"[::1]", b"[::1", b"::1", b"a\x00b",
    b"a\tb", b"a%20b", b"a%", b"\xc3\xa9", b"a?b", b"a#b", b"a\\b", b"a<b", b'a"b', b"A.B", b".", b"a..b", b"-",
    b"_a", b"*", b"a'b", b"a{b", b"a|b", b"a^b", b"a`b", b"1.2.3.4.5", b"localhost:99999",
]  # fmt: skip
TARGETS = [
    b"*", b"//x", b"//x/y", b"?x", b"x", b"http:/x", b"http://", b"http:///x", b"http://b", b"http://b/x",
    b"http://b?x", b"HTTP://b/x", b"https://b/x", b"ftp://b/x", b"http://u@b/x", b"http://b:81/x", b"http://b:x/y",
    b"b:80", b"/#f", b"/a#f?x", b"/%zz", b"/%", b"/%0", b"/%00", b"/%2e%2e/x", b"/../x", b"/a/../x", b"/./x",
    b"/a/..", b"/a/.", b"/\xc3\xa9", b"/\xff", b"/%ff", b"/a\x00b", b"/a\tb", b"/a\x0bb", b"/a b", b"/a\\b", b'/a"b',
    b"/a<b>", b"/a{b}", b"/a|b", b"/a^b", b"/a`b", b"/;x", b"/a//b", b"/%2f", b"/a?b?c", b"/a?b#c", b"/?%zz",
    b"/" + b"a" * 3000, b"/a%2Fb", b"/~a", b"/a;b=c",
]  # fmt: skip
VERSIONS = [
    b"HTTP/1.0", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/2", b"HTTP/3", b"HTTP/1", b"HTTP/1.",
    b"HTTP/.1", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1.01", b"http/1.1", b"Http/1.1", b"HTTP /1.1", b"HTTP/1.1 ",
    b"HTTP/1.1\t", b"HTTP/ 1.1", b"HTTP/1 .1", b"HTTP/1,1", b"HTTP/-1.1", b"HTTP/+1.1", b"HTTP/11", b"HTTPS/1.1",
    b"XHTTP/1.1", b"HTTP/1.1x", b"HTTP\\1.1", b"", b"\xef\xbc\x91", b"ICY", b"HTTP/1.1 HTTP/1.1", b"HTTP/1.\x00",
]  # fmt: skip
METHODS = [
    b"get", b"Get", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"PROPFIND", b"M-SEARCH", b"A", b"G(T",
    b"G\x00T", b"GE\tT", b"", b"GET:", b"G@T", b"\xffET", b"GET\x0b", b"!#$%&'*+-.^_`|~", b"X" * 40, b"CONNECT",
    b"1", b"GE/T", b"PRI",
]  # fmt: skip
FIELD_NAMES = [
    b"", b" ", b"X Y", b"X\tY", b"X(Y", b"X@Y", b"X/Y", b"X[Y]", b'X"Y"', b"X\x00Y", b"X\x7fY", b"X\xffY", b"X_Y",
    b"X.Y", b"!#$%&'*+-.^_`|~", b":X", b"X\r", b"X\n", b"X:", b"X=", b"X;", b"X,", b"X{", b"X\\", b"X?", b"X<",
    b"N" * 300, b"\xa0X",
]  # fmt: skip
FIELDS = [
    (b"Connection", b"close"), (b"Connection", b"keep-alive"), (b"Connection", b"close, keep-alive"),
    (b"Connection", b"Content-Length"), (b"Connection", b"Transfer-Encoding"), (b"Connection", b"X"),
    (b"Proxy-Connection", b"close"), (b"Expect", b"100-continue"), (b"Expect", b"100-Continue"), (b"Expect", b"cow"),
    (b"Expect", b""), (b"Upgrade", b"h2c"), (b"Upgrade", b"websocket"), (b"TE", b"trailers"), (b"Trailer", b"X"),
    (b"Content-Type", b"text/plain"), (b"Cookie", b"a=b; c=d"), (b"Accept", b"*/*"), (b"X", b""),
    (b"X", b"a" * 2000), (b"Transfer_Encoding", b"chunked"), (b"Content_Length", b"3"), (b"X-Content-Length", b"3"),
    (b"Keep-Alive", b"timeout=5"), (b"HTTP2-Settings", b"AAMAAABkAARAAAAAAAIAAAAA"), (b"Range", b"bytes=0-"),
    (b"Content-Encoding", b"gzip"), (b"X", b"caf\xc3\xa9"), (b"X", b"caf\xe9"), (b"X", b"a\tb"), (b"X", b'"a\\"b"'),
]  # fmt: skip


@dataclass
class Request:
    """A request in pieces, so that each can be bent."""

    method: bytes = b"GET"
    target: bytes = b"/"
    version: bytes = b"HTTP/1.1"
    fields: list[bytes] = field(default_factory=lambda: [b"Host: a"])
    line_end: bytes = b"\r\n"
    head_end: bytes = b"\r\n"
    body: bytes = b""
    before: bytes = b""
    line: bytes | None = None

    def set(self, name: bytes, line: bytes) -> None:
        """Puts a line in the place of the field of that name, or behind all others."""
        for index, each in enumerate(self.fields):
            if each.lower().startswith(name.lower() + b":"):
                self.fields[index] = line
                return
        self.fields.append(line)

    def written(self) -> bytes:
        line = self.line if self.line is not None else b" ".join([self.method, self.target, self.version])
        head = b"".join(each + self.line_end for each in [line, *self.fields])
        return self.before + head + self.head_end + self.body


@dataclass(frozen=True)
class Case:
    """The bytes of a connection, and what was done to them."""

    data: bytes
    tricks: tuple[str, ...]


def _content(chance: random.Random) -> bytes:
    return chance.choice([b"abc", b"0123456789", SMUGGLED, b"0\r\n\r\n", b"\r\n", b"a=b&c", SMUGGLED + SMUGGLED])


def _plain(chance: random.Random) -> Request:
    request = Request(target=b"/%d" % chance.randrange(1000))
    for name, value in chance.choices(FIELDS, k=chance.choice([0, 0, 0, 1, 2])):
        request.fields.append(name + b": " + value)
    return request


def _with_length(chance: random.Random) -> Request:
    request = _plain(chance)
    request.method = b"POST"
    request.body = _content(chance)
    request.set(b"Content-Length", b"Content-Length: %d" % len(request.body))
    return request


def _chunk(size: bytes, data: bytes, end: bytes = b"\r\n") -> bytes:
    return size + b"\r\n" + data + end


def _chunked(chance: random.Random) -> Request:
    request = _plain(chance)
    request.method = b"POST"
    request.set(b"Transfer-Encoding", b"Transfer-Encoding: chunked")
    for _ in range(chance.choice([0, 1, 1, 2])):
        data = _content(chance)
        request.body += _chunk(b"%x" % len(data), data)
    request.body += b"0\r\n\r\n"
    return request


# What is done to a request. Each function bends one thing.


def _bend_coding(request: Request, chance: random.Random) -> None:
    coding = chance.choice(CODINGS)
    colon = chance.choice([b": ", b": ", b":", b" : ", b"\t:", b":\t", b":\x0b", b"\x00: "])
    request.set(b"Transfer-Encoding", b"Transfer-Encoding" + colon + coding)


def _second_coding(request: Request, chance: random.Random) -> None:
    first = b"Transfer-Encoding: " + chance.choice([*CODINGS, b"chunked"])
    request.fields.insert(chance.randrange(len(request.fields) + 1), first)


def _both_framings(request: Request, chance: random.Random) -> None:
    length = chance.choice([0, 3, 4, len(request.body), len(request.body) + len(CANARY)])
    place = chance.randrange(len(request.fields) + 1)
    request.fields.insert(place, chance.choice([b"Content-Length: %d", b"content-length:%d"]) % length)
    if chance.random() < 0.5:
        request.set(b"Transfer-Encoding", b"Transfer-Encoding: chunked")


def _bend_length(request: Request, chance: random.Random) -> None:
    form = chance.choice(LENGTHS)
    length = form % ((len(request.body),) * form.count(b"%"))
    colon = chance.choice([b": ", b": ", b":", b" : ", b"\t:", b":\t", b":\x0b"])
    request.set(b"Content-Length", b"Content-Length" + colon + length)


def _second_length(request: Request, chance: random.Random) -> None:
    length = chance.choice([len(request.body), len(request.body), 0, 3, len(request.body) + 1])
    request.fields.insert(chance.randrange(len(request.fields) + 1), b"Content-Length: %d" % length)


def _bend_chunk(request: Request, chance: random.Random) -> None:
    form, data = chance.choice(CHUNK_SIZES), _content(chance)
    size = form % ((len(data),) * form.count(b"%"))
    line_end = chance.choice([b"\r\n"] * 4 + LINE_ENDS)
    data_end = chance.choice([b"\r\n"] * 4 + [b"", b"\n", b"\r", b"x\r\n", b"\r\n\r\n", b"\rx"])
    end = chance.choice(
        [b"0\r\n\r\n"] * 4 + [b"0\n\n", b"0\r\n\n", b"00\r\n\r\n", b"0;a=b\r\n\r\n", b"0\r\nX\r\n\r\n", b"0 \r\n\r\n"]
    )
    request.set(b"Transfer-Encoding", b"Transfer-Encoding: chunked")
    request.body = size + line_end + data + data_end + end


def _bend_trailer(request: Request, chance: random.Random) -> None:
    trailers = [
        b"X: y", b"X:", b"Content-Length: 3", b"Transfer-Encoding: chunked", b"Host: b", b"X : y", b" X: y", b"X: y\r\n z",
        b"X", b": y", b"X: \x00", b"X: y\nZ: w", b"GET /smuggled HTTP/1.1", b"Connection: close", b"X: " + b"y" * 3000,
    ]  # fmt: skip
    request.set(b"Transfer-Encoding", b"Transfer-Encoding: chunked")
    request.body = b"3\r\nabc\r\n0\r\n" + chance.choice(trailers) + b"\r\n\r\n"


def _bend_host(request: Request, chance: random.Random) -> None:
    how = chance.randrange(5)
    if how == 0:
        request.fields = [each for each in request.fields if not each.lower().startswith(b"host:")]
    elif how == 1:
        request.fields.append(chance.choice([b"Host: a", b"host: b", b"Host:"]))
    elif how == 2:
        request.set(
            b"Host", chance.choice([b"Host : a", b"Host:a", b"Host:\ta \t", b"host: a", b"HOST: a", b"Host: a\r\n b"])
        )
    else:
        request.set(b"Host", b"Host: " + chance.choice(HOSTS))


def _bend_target(request: Request, chance: random.Random) -> None:
    request.target = chance.choice(TARGETS)


def _bend_version(request: Request, chance: random.Random) -> None:
    request.version = chance.choice(VERSIONS)


def _bend_method(request: Request, chance: random.Random) -> None:
    request.method = chance.choice(METHODS)


def _bend_line(request: Request, chance: random.Random) -> None:
    parts = [request.method, request.target, request.version]
    separators = [b"  ", b"\t", b" \t", b"\x0b", b"\x0c", b"\xa0", b"\r", b"", b"\x00"]
    before = chance.choice([b"", b"", b" ", b"\t", b"\x00", b"\xef\xbb\xbf"])
    first, second = chance.choice([b" ", *separators]), chance.choice([b" ", *separators])
    request.line = before + parts[0] + first + parts[1] + second + parts[2]


def _bend_line_ends(request: Request, chance: random.Random) -> None:
    how = chance.randrange(4)
    end = chance.choice(LINE_ENDS)
    if how == 0:
        request.line_end = end
    elif how == 1:
        request.head_end = chance.choice([b"\n", b"\r", b" \r\n", b"\r\r\n", b"\x00\r\n"])
    elif how == 2:
        place = chance.randrange(len(request.fields))
        request.fields[place] += end + chance.choice(
            [b"X: y", b"Transfer-Encoding: chunked", b"Content-Length: 3", b""]
        )
    else:
        request.line = b" ".join([request.method, request.target, request.version]) + end + b"X: y"


def _bend_field(request: Request, chance: random.Random) -> None:
    how = chance.randrange(6)
    place = chance.randrange(len(request.fields) + 1)
    if how == 0:
        request.fields.insert(place, chance.choice(FIELD_NAMES) + chance.choice([b": y", b":y", b" : y", b"\t: y"]))
    elif how == 1:
        request.fields.insert(place, b"X: y" + chance.choice(CONTROLS) + b"z")
    elif how == 2:
        request.fields.insert(
            place, chance.choice([b"X: y\r\n z", b"X: y\r\n\tz", b"X:\r\n y", b" X: y", b"\tX: y", b"X: y\r\n \r\n z"])
        )
    elif how == 3:
        request.fields.insert(place, chance.choice([b"X", b"X y", b":", b": y", b"=", b"\x00"]))
    elif how == 4:
        request.fields.insert(
            place, b"X: " + chance.choice([b" y", b"\ty", b"y ", b"y\t ", b"\x0by", b"y\x0c", b"\xa0y"])
        )
    else:
        request.fields.extend(b"X%d: y" % number for number in range(chance.choice([20, 90, 120, 140, 300])))


def _bend_start(request: Request, chance: random.Random) -> None:
    request.before = chance.choice(
        [b"\r\n", b"\r\n\r\n", b"\n", b"\n\n", b"\r", b"\r\n" * 4, b"\r\n" * 5, b"\r\n" * 9, b" \r\n", b"\r\r\n"]
    )


TRICKS: list[Callable[[Request, random.Random], None]] = [
    _bend_coding, _bend_coding, _second_coding, _both_framings, _both_framings, _bend_length, _bend_length, _second_length,
    _bend_chunk, _bend_chunk, _bend_trailer, _bend_host, _bend_target, _bend_version, _bend_method, _bend_line, _bend_line_ends,
    _bend_line_ends, _bend_field, _bend_field, _bend_start,
]  # fmt: skip


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """One byte dropped, doubled, replaced or put in."""
    place = chance.randrange(len(data))
    byte = chance.choice(
        [b"\r", b"\n", b"\x00", b" ", b"\t", b":", b",", b";", b"0", b"1", b"a", b"/", b"%", b"\xff", b"\x7f", b"\r\n"]
    )
    how = chance.randrange(4)
    if how == 0:
        return data[:place] + data[place + 1 :]
    if how == 1:
        return data[:place] + data[place : place + 1] * 2 + data[place + 1 :]
    return data[:place] + byte + data[place + (how == 2) :]


def _case(chance: random.Random) -> Case:
    data, tricks = b"", []
    for _ in range(chance.choice([1, 1, 1, 2])):
        request = chance.choice([_plain, _with_length, _chunked])(chance)
        for trick in chance.sample(TRICKS, k=chance.choice([0, 1, 1, 1, 1, 2])):
            trick(request, chance)
            tricks.append(trick.__name__.strip("_"))
        data += request.written()
    if chance.random() < 0.2:
        data = _mutated(data, chance)
        tricks.append("mutated")
    return Case(data + CANARY, tuple(tricks))


def generate(count: int, seed: int) -> list[Case]:
    """The same cases for the same seed."""
    chance = random.Random(seed)
    return [_case(chance) for _ in range(count)]
