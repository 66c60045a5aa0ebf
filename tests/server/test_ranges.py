"""Byte ranges: resumed downloads get exactly the missing part, and never a part of something else."""

import pytest

from nearside_server.errors import RangeNotSatisfiable
from nearside_server.http.ranges import parse_range

MODEL = "/models/nearside/tiny/onnx/model_quantized.onnx"
SIZE = 256 * 100_000
BIG = bytes(range(256)) * 100_000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-99", (0, 100)),
        ("bytes=99-", (99, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=10-1000", (10, 100)),
        ("Bytes = 10-19", (10, 20)),
        # Malformed, or not what is offered: the whole file.
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=20-10", None),
        ("bytes=a-b", None),
        ("bytes=+1-2", None),
        ("bytes=1_0-20", None),
        ("bytes=0x1-2", None),
        ("bytes=\u0661-2", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("0-1", None),
        ("bytes=1-99999999999999999999999", None),
    ],
)
def test_parse(header, expected):
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-0", 0), ("bytes=-5", 0)]
)
def test_parse_outside(header, size):
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_range(header, size)
    assert caught.value.size == size


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (1_000_001, 9_000_003), (SIZE - 1, SIZE), (262_144, 524_288)]
)
def test_a_range(server, start, end):
    answer = server.ask(MODEL, Range=f"bytes={start}-{end - 1}")
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.body == BIG[start:end]


def test_the_parts_make_the_whole(server):
    whole = server.ask(MODEL)
    assert (whole.status, whole.body, whole.headers["accept-ranges"]) == (200, BIG, "bytes")
    first = server.ask(MODEL, Range="bytes=0-4999999")
    rest = server.ask(MODEL, Range="bytes=5000000-", If_Range=first.headers["etag"])
    assert rest.status == 206
    assert first.body + rest.body == BIG


def test_a_range_past_the_end(server):
    answer = server.ask(MODEL, Range=f"bytes={SIZE}-")
    assert (answer.status, answer.code) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("condition", ['"other"', "Wed, 21 Oct 2026 07:28:00 GMT", "W/{etag}"])
def test_another_version_is_sent_whole(server, condition):
    etag = server.ask(MODEL).headers["etag"]
    answer = server.ask(MODEL, Range="bytes=5-", If_Range=condition.format(etag=etag))
    assert (answer.status, answer.body) == (200, BIG)


def test_ranges_are_of_the_plain_form(server, site):
    plain = (site / "index.html").read_bytes()
    answer = server.ask("/", Range="bytes=10-19", Accept_Encoding="br, gzip")
    assert (answer.status, answer.body) == (206, plain[10:20])
    assert "content-encoding" not in answer.headers
    compressed = server.ask("/", Accept_Encoding="br")
    assert compressed.headers["accept-ranges"] == "none"
    mixed = server.ask("/", Range="bytes=10-19", If_Range=compressed.headers["etag"], Accept_Encoding="br")
    assert (mixed.status, mixed.body) == (200, compressed.body)


def test_lists_of_ranges_get_the_whole(server, site):
    answer = server.ask("/", Range="bytes=0-1,4-5")
    assert (answer.status, answer.body) == (200, (site / "index.html").read_bytes())


def test_what_is_known_is_not_sent_again(server):
    etag = server.ask("/sw.js").headers["etag"]
    assert server.ask("/sw.js", Range="bytes=0-1", If_None_Match=etag).status == 304


def test_head_ignores_ranges(server):
    answer = server.ask(MODEL, "HEAD", Range="bytes=0-1")
    assert (answer.status, answer.headers["content-length"]) == (200, str(SIZE))
