"""A new site takes the old one's place whole, or the old one stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nearside_server.build import swap
from nearside_server.build.errors import BuildRunning, DiskFull, NotASite


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "build.json").write_text("{}")
    (folder / "page.html").write_text(text)


def contents(site: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in site.iterdir()}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site that says `old`."""
    site = tmp_path / "parent" / "site"
    site.parent.mkdir()
    write(site, "old")
    return site


def siblings(site: Path) -> list[str]:
    return sorted(path.name for path in site.parent.iterdir())


def test_the_new_site_replaces_the_old(site: Path) -> None:
    (site / "gone.html").write_text("only in the old one")
    with swap.replacing(site) as new:
        write(new, "new")
        assert contents(site)["page.html"] == "old"
        assert new.parent == site.parent
    assert contents(site) == {"build.json": "{}", "page.html": "new"}
    assert siblings(site) == ["site"]


def test_a_first_site_needs_no_old_one(tmp_path: Path) -> None:
    with swap.replacing(tmp_path / "a" / "b" / "site") as new:
        write(new, "new")
    assert contents(tmp_path / "a" / "b" / "site")["page.html"] == "new"


def test_without_an_exchange_two_renames_do(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "_exchange", lambda one, other: False)
    with swap.replacing(site) as new:
        write(new, "new")
    assert contents(site)["page.html"] == "new"
    assert siblings(site) == ["site"]


@pytest.mark.parametrize("error", [ValueError("a failing step"), KeyboardInterrupt()])
def test_a_failing_step_leaves_the_old_site(site: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), swap.replacing(site) as new:
        write(new, "half")
        raise error
    assert contents(site)["page.html"] == "old"
    assert siblings(site) == ["site"]


def test_an_interrupted_second_rename_is_taken_back(site: Path) -> None:
    site.rename(site.with_name(".site.old"))
    write(site.with_name(".site.new"), "half")
    swap.recover(site)
    assert contents(site)["page.html"] == "old"
    assert siblings(site) == ["site"]


def test_a_folder_that_is_no_site_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(NotASite), swap.replacing(tmp_path):
        pytest.fail("must not begin")
    assert (tmp_path / "thesis.txt").read_text() == "all of it"
    with pytest.raises(NotASite), swap.replacing(tmp_path / "thesis.txt"):
        pytest.fail("must not begin")
    (tmp_path / "empty").mkdir()
    with swap.replacing(tmp_path / "empty") as new:
        write(new, "new")
    assert contents(tmp_path / "empty")["page.html"] == "new"


def test_a_locked_site_cannot_be_built_twice(site: Path, tmp_path: Path) -> None:
    with swap.locked(site, tmp_path / "locks"):
        with pytest.raises(BuildRunning) as caught, swap.locked(site, tmp_path / "locks"):
            pytest.fail("must not begin")
        assert caught.value.retryable
        with swap.locked(site.with_name("other"), tmp_path / "locks"):
            pass
    with swap.locked(site, tmp_path / "locks"):
        pass


WRITER = """
import sys, time
from pathlib import Path
from nearside_server.build import swap
site = Path(sys.argv[1])
with swap.locked(site, Path(sys.argv[2])), swap.replacing(site) as new:
    (new / "build.json").write_text("{}")
    (new / "page.html").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_a_killed_build_leaves_the_old_site_and_no_lock(site: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(site), str(tmp_path / "locks")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        with pytest.raises(BuildRunning), swap.locked(site, tmp_path / "locks"):
            pytest.fail("must not begin")
        writer.send_signal(signal.SIGKILL)
    assert contents(site)["page.html"] == "old"
    assert siblings(site) == [".site.new", "site"]
    with swap.locked(site, tmp_path / "locks"), swap.replacing(site) as new:
        assert list(new.iterdir()) == []
        write(new, "new")
    assert contents(site)["page.html"] == "new"
    assert siblings(site) == ["site"]


READER = """
import sys
from pathlib import Path
site, stop = map(Path, sys.argv[1:])
print("reading", flush=True)
while not stop.exists():
    site.stat()  # raises when there is no site
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there folders are exchanged in one step")
def test_a_reader_never_finds_the_site_missing(site: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", READER, str(site), str(tmp_path / "stop")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        for number in range(40):
            with swap.replacing(site) as new:
                write(new, str(number))
            time.sleep(0.001)
        (tmp_path / "stop").touch()
        _, said = reader.communicate(timeout=30)
    assert reader.returncode == 0, said


FULL = """
import resource, sys
from pathlib import Path
from nearside_server.build import swap
from nearside_server.build.errors import DiskFull
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
site = Path(sys.argv[1])
try:
    with swap.enough_room(), swap.replacing(site) as new:
        (new / "build.json").write_text("{}")
        (new / "big.wasm").write_bytes(bytes(2_000_000))
except DiskFull as error:
    print(error.code, error.retryable)
"""


def test_a_file_size_limit_leaves_the_old_site(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(site)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "disk_full True\n", done.stderr
    assert contents(site)["page.html"] == "old"
    assert siblings(site) == ["site"]


def test_a_full_disk_leaves_the_old_site(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system can only be mounted as root")
    try:
        write(disk / "site", "old")
        with pytest.raises(DiskFull), swap.enough_room(), swap.replacing(disk / "site") as new:
            (new / "big.wasm").write_bytes(bytes(2_000_000))
        assert contents(disk / "site")["page.html"] == "old"
        assert siblings(disk / "site") == ["site"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
