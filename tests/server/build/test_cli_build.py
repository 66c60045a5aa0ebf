"""The command line of `nearside build`, and what it prints."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from nearside_server import cli
from nearside_server.build import checkout as places
from nearside_server.build.checkout import Checkout
from nearside_server.build.console import Console, size


def test_it_builds_and_then_says_that_nothing_is_to_do(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nearside_server.cli import build

    monkeypatch.setattr(build, "find_checkout", lambda: checkout)
    command = ["build", "--no-compress", "--out", str(tmp_path / "site")]
    assert cli.main(command) == 0
    said = capsys.readouterr().err
    assert "page and runtime: " in said
    assert said.endswith("Built.\n")
    assert "\r" not in said
    assert cli.main(command) == 0
    assert "up to date" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--jobs", "0"], "--jobs must be 1 or more"),
        (["--wheels", "/no/such/folder"], "is not a folder"),
        (["--starter-dtypes", "q4"], "--starter-dtypes takes a list"),
        (["--starter-dtypes", ","], "--starter-dtypes takes a list"),
    ],
)
def test_wrong_options(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", *words]) == 2
    assert said in capsys.readouterr().err


def test_an_installed_package_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(places, "__file__", str(tmp_path / "site-packages" / "checkout.py"))
    assert cli.main(["build"]) == 2
    assert "nearside serve" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_progress_in_place() -> None:
    stream = Terminal()
    console = Console(stream)
    console.step("numpy")
    console.progress(1_500_000, 3_000_000)
    console.done("3.0 MB fetched")
    lines = stream.getvalue().split("\n")
    assert len(lines) == 2
    drawn = [part.strip() for part in lines[0].split("\r") if part.strip()]
    assert drawn[:2] == ["numpy ...", "numpy: 1.5 MB of 3.0 MB"]
    assert drawn[2].startswith("numpy: 3.0 MB fetched (0.0 s)")


def test_elsewhere_a_step_is_one_line() -> None:
    stream = io.StringIO()
    console = Console(stream)
    console.step("numpy")
    console.progress(1, None)
    console.done("done")
    assert stream.getvalue() == "  numpy: done (0.0 s)\n"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (22_938_259, "22.9 MB")]
)
def test_sizes(number: int, text: str) -> None:
    assert size(number) == text
