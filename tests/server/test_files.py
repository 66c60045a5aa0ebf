"""Files of the site over HTTP: types, caching, encodings, validators."""

import gzip
import hashlib

import brotli
import pytest


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/docs/", "text/html; charset=utf-8"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/nearside.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icons/icon.svg", "image/svg+xml"),
        ("/assets/app-0123456789.css", "text/css; charset=utf-8"),
        ("/assets/run-0123456789/core.mjs", "text/javascript; charset=utf-8"),
        ("/assets/run-0123456789/core.wasm", "application/wasm"),
        ("/assets/run-0123456789/part.whl", "application/zip"),
        ("/models/nearside/tiny/onnx/model_quantized.onnx", "application/octet-stream"),
        ("/models/nearside/tiny/config.json", "application/json"),
    ],
)
def test_content_type(server, path, expected):
    answer = server.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (200, expected)
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "no-cache"),
        ("/engine.html", "no-cache"),
        ("/sw.js", "no-cache"),
        ("/nearside.js", "no-cache"),
        ("/assets/app-0123456789.js", "public, max-age=31536000, immutable"),
        ("/models/nearside/tiny/onnx/model_quantized.onnx", "no-cache"),
        ("/models/index.json", "no-cache"),
        ("/config.json", "no-cache"),
    ],
)
def test_cache_control(server, path, expected):
    assert server.ask(path).headers["cache-control"] == expected


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("deflate", None),
        ("", None),
        ("br;q=0", None),
        ("br;q=0.5, identity", None),
        ("br;q=x", None),
    ],
)
def test_encoding(server, site, accept, encoding):
    plain = (site / "index.html").read_bytes()
    answer = server.ask("/", Accept_Encoding=accept)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert decode(answer.body) == plain
    assert answer.headers["content-length"] == str(len(answer.body))


def test_a_file_without_compressed_copies_does_not_vary(server):
    answer = server.ask("/sw.js", Accept_Encoding="br, gzip")
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


def test_etags_are_strong_and_differ_by_encoding(server, site):
    digest = hashlib.sha256((site / "index.html").read_bytes()).hexdigest()
    assert server.ask("/").headers["etag"] == f'"{digest}"'
    assert server.ask("/", Accept_Encoding="br").headers["etag"] == f'"{digest}-br"'
    assert server.ask("/", Accept_Encoding="gzip").headers["etag"] == f'"{digest}-gzip"'
    assert "last-modified" not in server.ask("/").headers


@pytest.mark.parametrize("encoding", ["identity", "br"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_not_modified(server, encoding, form):
    known = server.ask("/", Accept_Encoding=encoding)
    answer = server.ask("/", Accept_Encoding=encoding, If_None_Match=form.format(known.headers["etag"]))
    assert (answer.status, answer.body) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-security-policy"):
        assert answer.headers[name] == known.headers[name]


def test_a_copy_in_another_encoding_is_not_the_same(server):
    compressed = server.ask("/", Accept_Encoding="br").headers["etag"]
    assert server.ask("/", If_None_Match=compressed).status == 200
    assert server.ask("/", If_None_Match='"other"').status == 200


@pytest.mark.parametrize(
    "path", ["/", "/assets/app-0123456789.js", "/config.json", "/healthz", "/models/index.json"]
)
def test_head_has_the_headers_of_get_and_no_body(server, path):
    get, head = server.ask(path, Accept_Encoding="br"), server.ask(path, "HEAD", Accept_Encoding="br")
    assert (head.status, head.body) == (200, b"")
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in get.headers.items() if k != "date"
    }


def test_an_empty_file(server):
    answer = server.ask("/assets/empty-0123456789.txt")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_the_query_does_not_matter(server):
    assert server.ask("/sw.js?v=1").body == server.ask("/sw.js").body


def test_status_endpoints(server):
    assert server.ask("/healthz").json == {"status": "ok", "version": "0.1.0"}
    assert server.ask("/config.json").json == {
        "version": "0.1.0",
        "hub": "https://huggingface.co",
        "provider": False,
    }
    etag = server.ask("/config.json").headers["etag"]
    assert server.ask("/config.json", If_None_Match=etag).status == 304


def test_no_word_about_the_software(server):
    assert "server" not in server.ask("/").headers
