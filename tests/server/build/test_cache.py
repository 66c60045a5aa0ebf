"""Files that appear whole or not at all, and what is thrown away again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nearside_server.build import cache


def test_a_file_appears_whole(tmp_path: Path) -> None:
    cache.put(tmp_path / "a" / "b", b"content")
    cache.put(tmp_path / "a" / "b", b"newer")
    assert (tmp_path / "a" / "b").read_bytes() == b"newer"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_failed_write_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(tmp_path / "b", b"content")

    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        cache.put(tmp_path / "b", b"newer")
    assert (tmp_path / "b").read_bytes() == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_what_was_not_used_for_long_is_removed(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).write_text("x")
        (tmp_path / f"{name} folder").mkdir()
        (tmp_path / f"{name} folder" / "file").write_text("x")
    for name in ("old", "old folder"):
        os.utime(tmp_path / name, (1, 1))
    cache.prune(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "new folder"]
    cache.prune(tmp_path / "none")


def test_threads_may_write_the_same_path_at_once(tmp_path: Path) -> None:
    target = tmp_path / "same"
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: cache.put(target, b"content" * 10_000), range(400)))
    assert target.read_bytes() == b"content" * 10_000
    assert list(tmp_path.iterdir()) == [target]
