"""Single entries out of a remote archive, by range requests."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build.downloads import Web
from nearside_server.build.errors import DownloadFailed, NoRanges
from nearside_server.build.ranges import RangeFile, read_entries

WANTED = {"a/first.whl": b"first" * 5_000, "z/last.whl": random.Random(7).randbytes(90_000)}


@pytest.fixture(scope="module")
def archive() -> bytes:
    """A zip of 4 MB: two wanted entries, much else, and a long directory."""
    out = io.BytesIO()
    noise = random.Random(1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a/first.whl", WANTED["a/first.whl"])
        for number in range(2_000):
            zipped.writestr(f"noise/{number:06}", noise.randbytes(2_000), zipfile.ZIP_STORED)
        zipped.writestr("z/last.whl", WANTED["z/last.whl"], zipfile.ZIP_STORED)
    return out.getvalue()


def test_only_the_directory_and_the_wanted_entries_are_fetched(files: Any, archive: bytes) -> None:
    files.content["/x.whl"] = archive
    seen: list[tuple[int, int | None]] = []
    found = dict(
        read_entries(
            Web(), f"{files.url}/x.whl", WANTED, progress=lambda done, total: seen.append((done, total))
        )
    )
    assert found == WANTED
    assert len(archive) > 4_000_000
    assert files.sent < 600_000
    assert len(files.requests) <= 5
    assert seen[-1][0] == seen[-1][1]


def test_a_server_without_ranges_is_a_typed_error(files: Any, archive: bytes) -> None:
    files.content["/x.whl"], files.ranges = archive, False
    with pytest.raises(NoRanges, match="cannot be read in pieces"):
        list(read_entries(Web(), f"{files.url}/x.whl", WANTED))
    assert len(files.requests) == 1


def test_a_server_that_sends_another_range_is_a_typed_error(files: Any, archive: bytes) -> None:
    files.content["/x.whl"], files.shift = archive, 1
    with pytest.raises(NoRanges, match="another range"):
        list(read_entries(Web(), f"{files.url}/x.whl", WANTED))


@pytest.mark.parametrize("whole_answers", [0, 1, 2, 3])
def test_a_truncated_answer_is_a_typed_error(files: Any, archive: bytes, whole_answers: int) -> None:
    files.content["/x.whl"] = archive
    files.cut = [10**9] * whole_answers + [0]
    with pytest.raises(DownloadFailed):
        list(read_entries(Web(), f"{files.url}/x.whl", WANTED))


def test_what_is_no_archive_is_a_typed_error(files: Any) -> None:
    files.content["/x.whl"] = b"<html>not found</html>" * 1_000
    with pytest.raises(DownloadFailed, match="not a whole zip"):
        list(read_entries(Web(), f"{files.url}/x.whl", WANTED))


def test_entries_that_are_not_there_are_left_out(files: Any, archive: bytes) -> None:
    files.content["/x.whl"] = archive
    assert dict(read_entries(Web(), f"{files.url}/x.whl", {"no/such"})) == {}


def test_an_archive_on_disk_is_read_directly(tmp_path: Path, archive: bytes) -> None:
    path = tmp_path / "with space.whl"
    path.write_bytes(archive)
    assert dict(read_entries(Web(), path.as_uri(), WANTED)) == WANTED


def test_a_range_file_reads_like_a_file(files: Any) -> None:
    content = random.Random(3).randbytes(300_000)
    files.content["/x"] = content
    remote, local = RangeFile(Web(), f"{files.url}/x"), io.BytesIO(content)
    moves = random.Random(4)
    for _ in range(40):
        whence = moves.choice([io.SEEK_SET, io.SEEK_END])
        offset = moves.randrange(300_000) * (-1 if whence == io.SEEK_END else 1)
        count = moves.choice([0, 1, 22, 5_000, 120_000])
        assert remote.seek(offset, whence) == local.seek(offset, whence)
        assert remote.read(count) == local.read(count)
        assert remote.tell() == local.tell()
