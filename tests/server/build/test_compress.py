"""The copies beside a site's files."""

from __future__ import annotations

import gzip
import hashlib
import random
from pathlib import Path

import brotli
import pytest

from nearside_server.build import compress

TEXT = b"One sentence to a vector. " * 4_000
NOISE = random.Random(2).randbytes(50_000)
LARGE = (TEXT * 45)[: compress.LARGE + 1]
DENSE = bytes(byte % 128 for byte in random.Random(3).randbytes(150_000))  # 7 bits of 8
ARCHIVE = random.Random(4).randbytes(150_000)
FILES = {
    "numpy.whl": ARCHIVE,
    "model.onnx": DENSE,
    "page.html": TEXT,
    "assets/image.bin": NOISE,
    "assets/big.wasm": LARGE,
    "empty.txt": b"",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "site"


def test_copies_hold_the_file_and_are_kept_where_they_save(site: Path, tmp_path: Path) -> None:
    entries = compress.compress_site(site, FILES, store=tmp_path / "store", jobs=2)
    assert [entry.path for entry in entries] == sorted(FILES)
    for entry in entries:
        content = FILES[entry.path]
        assert (entry.bytes, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        br, gz = site / f"{entry.path}.br", site / f"{entry.path}.gz"
        if content in (TEXT, LARGE, DENSE):
            assert brotli.decompress(br.read_bytes()) == gzip.decompress(gz.read_bytes()) == content
            assert (entry.br, entry.gz) == (br.stat().st_size, gz.stat().st_size)
        else:
            assert (entry.br, entry.gz) == (None, None)
            assert not br.exists()
            assert not gz.exists()


def test_the_store_is_used(site: Path, tmp_path: Path) -> None:
    first = compress.compress_site(site, FILES, store=tmp_path / "store", jobs=1)
    before = {path.name: path.stat().st_ino for path in (tmp_path / "store").iterdir()}
    assert len(before) == 2 * len(FILES) - 1, "brotli is not tried on an archive"
    assert compress.compress_site(site, FILES, store=tmp_path / "store", jobs=2) == first
    assert {path.name: path.stat().st_ino for path in (tmp_path / "store").iterdir()} == before


def test_a_changed_file_gets_new_copies(site: Path, tmp_path: Path) -> None:
    compress.compress_site(site, FILES, store=tmp_path / "store", jobs=1)
    (site / "page.html").write_bytes(TEXT + b"changed")
    compress.compress_site(site, FILES, store=tmp_path / "store", jobs=1)
    assert gzip.decompress((site / "page.html.gz").read_bytes()) == TEXT + b"changed"


def test_copies_are_the_same_at_every_build(site: Path, tmp_path: Path) -> None:
    compress.compress_site(site, FILES, store=tmp_path / "one", jobs=1)
    first = (site / "page.html.gz").read_bytes()
    compress.compress_site(site, FILES, store=tmp_path / "two", jobs=1)
    assert (site / "page.html.gz").read_bytes() == first
    assert first[4:8] == b"\0\0\0\0", "a gzip stream must not carry a date"


def test_progress_reaches_the_total(site: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    compress.compress_site(
        site, FILES, store=tmp_path / "s", jobs=2, progress=lambda done, total: seen.append((done, total))
    )
    total = sum(map(len, FILES.values()))
    assert seen[-1] == (total, total)


def test_without_copies_the_files_are_described(site: Path) -> None:
    entries = compress.describe(site, sorted(FILES))
    assert [(entry.path, entry.bytes, entry.br, entry.gz) for entry in entries] == [
        (name, len(content), None, None) for name, content in sorted(FILES.items())
    ]
    assert not list(site.rglob("*.gz"))
