"""Whole files over HTTP: verified, taken up again where they broke, never half there."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build.downloads import Web, shown
from nearside_server.build.errors import DownloadFailed, NotOnIndex, WrongHash

BODY = bytes(range(256)) * 4_000  # 1 MB
HASH = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "file.whl"


def only(target: Path) -> bool:
    """Say whether nothing but `target` lies in its folder."""
    return [path.name for path in target.parent.iterdir()] in ([], [target.name])


def test_a_file_arrives_whole_and_progress_reaches_its_size(files: Any, target: Path) -> None:
    files.content["/file"] = BODY
    seen: list[tuple[int, int | None]] = []
    Web().download(f"{files.url}/file", target, HASH, progress=lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert sorted(seen) == seen
    assert only(target)


def test_a_wrong_hash_names_the_file_and_leaves_nothing(files: Any, target: Path) -> None:
    files.content["/file"] = BODY + b"!"
    with pytest.raises(WrongHash, match=r"file\.whl") as caught:
        Web().download(f"{files.url}/file", target, HASH)
    assert HASH in caught.value.message
    assert not target.exists()
    assert only(target)


def test_a_broken_download_goes_on_where_it_broke(files: Any, target: Path) -> None:
    files.content["/file"], files.cut = BODY, [300_000, 300_000]
    Web().download(f"{files.url}/file", target, HASH)
    assert target.read_bytes() == BODY
    assert [wanted for _, wanted in files.requests] == ["", "bytes=300000-", "bytes=600000-"]
    assert files.sent == len(BODY)


def test_without_ranges_a_broken_download_starts_again(files: Any, target: Path) -> None:
    files.content["/file"], files.cut, files.ranges = BODY, [300_000], False
    Web().download(f"{files.url}/file", target, HASH)
    assert target.read_bytes() == BODY
    assert files.sent == len(BODY) + 300_000


def test_a_download_that_keeps_breaking_is_an_error(files: Any, target: Path) -> None:
    files.content["/file"], files.cut = BODY, [10, 10, 10]
    with pytest.raises(DownloadFailed, match="broke off") as caught:
        Web().download(f"{files.url}/file", target, HASH)
    assert caught.value.retryable
    assert not target.exists()
    assert only(target)


def test_a_file_that_is_not_there_is_asked_for_once(files: Any, target: Path) -> None:
    with pytest.raises(NotOnIndex, match="404"):
        Web().download(f"{files.url}/file", target, HASH)
    assert len(files.requests) == 1


def test_a_server_that_is_not_there_is_a_typed_error(target: Path) -> None:
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DownloadFailed, match="cannot be reached"):
            Web().download(f"http://127.0.0.1:{taken.getsockname()[1]}/file", target, HASH)


def test_silence_is_a_typed_error(target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/file"
        with pytest.raises(DownloadFailed):
            Web().download(url, target, HASH, timeout=0.05, attempts=1)


def test_a_login_in_the_address_is_used_and_not_shown(files: Any, target: Path) -> None:
    files.content["/file"], files.login = BODY, "me:s3cret"
    url = files.url.replace("//", "//me:s3cret@")
    Web().download(f"{url}/file", target, HASH)
    assert target.read_bytes() == BODY
    with pytest.raises(NotOnIndex) as caught:
        Web().download(f"{url}/other", target, HASH)
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize("url", ["ftp://host/file", "/etc/passwd", "data:,x"])
def test_other_schemes_are_refused(url: str, target: Path) -> None:
    with pytest.raises(DownloadFailed, match="not an http"):
        Web().download(url, target, HASH)


def test_file_addresses_work(target: Path, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(BODY)
    Web().download((tmp_path / "source").as_uri(), target, HASH)
    assert target.read_bytes() == BODY
    with pytest.raises(NotOnIndex):
        Web().download((tmp_path / "none").as_uri(), target, HASH)


def test_shown_hides_the_login_only() -> None:
    assert shown("https://a:b@host:8/x?y#z") == "https://host:8/x?y#z"
    assert shown("https://host/x") == "https://host/x"
