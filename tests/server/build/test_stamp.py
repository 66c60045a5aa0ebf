"""When a build can be left out, and when it cannot."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build import stamp
from nearside_server.build.checkout import Checkout

OPTIONS: dict[str, Any] = {"compress": True}


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "LICENSE",
        "py/nearside/__init__.py",
        "static/index.html",
        "static/new.txt",
        "web/app/main.js",
        "web/app/new.js",
        "web/build.mjs",
        "web/package-lock.json",
    ],
)
def test_a_changed_source_changes_the_hash(checkout: Checkout, path: str) -> None:
    before = stamp.inputs_hash(checkout, OPTIONS)
    assert stamp.inputs_hash(checkout, OPTIONS) == before
    with (checkout.root / path).open("a") as file:
        file.write(" ")
    assert stamp.inputs_hash(checkout, OPTIONS) != before


def test_a_moved_source_changes_the_hash(checkout: Checkout) -> None:
    before = stamp.inputs_hash(checkout, OPTIONS)
    (checkout.web / "app" / "later.js").rename(checkout.web / "app" / "sooner.js")
    assert stamp.inputs_hash(checkout, OPTIONS) != before


def test_options_change_the_hash(checkout: Checkout) -> None:
    assert stamp.inputs_hash(checkout, OPTIONS) != stamp.inputs_hash(checkout, {"compress": False})


@pytest.mark.parametrize("path", ["web/app/main.test.js", "py/nearside/__pycache__/x.pyc", "README.md"])
def test_what_is_not_in_the_site_does_not(checkout: Checkout, path: str) -> None:
    before = stamp.inputs_hash(checkout, OPTIONS)
    (checkout.root / path).parent.mkdir(exist_ok=True)
    (checkout.root / path).write_text("x")
    assert stamp.inputs_hash(checkout, OPTIONS) == before


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "assets").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("page")
    (tmp_path / "site" / "assets" / "app.js").write_text("code")
    return tmp_path / "site"


def test_a_stamp_holds_for_its_inputs_and_site(site: Path, tmp_path: Path) -> None:
    stamps = tmp_path / "stamps"
    assert not stamp.is_current(site, "abc", stamps)
    stamp.write_stamp(site, "abc", stamps)
    assert stamp.is_current(site, "abc", stamps)
    assert not stamp.is_current(site, "abd", stamps)
    assert not stamp.is_current(tmp_path / "other", "abc", stamps)


@pytest.mark.parametrize("change", ["edit", "same size", "delete", "add", "all gone"])
def test_a_touched_site_is_built_again(site: Path, tmp_path: Path, change: str) -> None:
    stamp.write_stamp(site, "abc", tmp_path / "stamps")
    file = site / "assets" / "app.js"
    if change == "edit":
        file.write_text("other code")
    elif change == "same size":
        file.write_text("edoc")
        os.utime(file, ns=(1, 1))
    elif change == "delete":
        file.unlink()
    elif change == "add":
        (site / "new.txt").write_text("")
    else:
        site.rename(tmp_path / "elsewhere")
    assert not stamp.is_current(site, "abc", tmp_path / "stamps")


def test_a_damaged_stamp_does_not_count(site: Path, tmp_path: Path) -> None:
    stamp.write_stamp(site, "abc", tmp_path / "stamps")
    (written,) = (tmp_path / "stamps").iterdir()
    for damage in ("", "[]", "{}", '{"inputs": "abc"}'):
        written.write_text(damage)
        assert not stamp.is_current(site, "abc", tmp_path / "stamps")
