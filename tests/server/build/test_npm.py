"""When npm is run, and what it must have left."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nearside_server.build import npm
from nearside_server.build.console import Console
from nearside_server.build.errors import MissingInput, ToolFailed, WrongVersion
from nearside_server.build.pins import NPM

# What `npm ci` does, told in a few lines; it notes how it was called.
FAKE = """#!/bin/sh
echo "$@" >> calls
test -f fail && echo "npm error: $(cat fail)" >&2 && exit 7
rm -rf node_modules
cp -r prepared node_modules
"""
LOCKED = {
    "": {"name": "nearside-web"},
    **{f"node_modules/{name}": {"version": version} for name, version in NPM.items()},
    "node_modules/lit": {"version": "3.3.3"},
    "node_modules/@esbuild/other-platform": {"version": "0.28.2", "optional": True},
}


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A web folder without node_modules, and an npm that installs what `prepared` holds."""
    web = tmp_path / "web"
    prepare(web / "prepared")
    (web / "package-lock.json").write_text(json.dumps({"packages": LOCKED}))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "npm").write_text(FAKE)
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return web


def prepare(folder: Path, **versions: str) -> None:
    """Write what `npm ci` would install, other `versions` instead of the locked ones."""
    installed = {}
    for path, entry in LOCKED.items():
        if path and "optional" not in entry:
            name = path.removeprefix("node_modules/")
            installed[path] = {"version": versions.get(name, entry["version"])}
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "package.json").write_text(json.dumps(installed[path]))
    (folder / ".package-lock.json").write_text(json.dumps({"packages": installed}))


def calls(web: Path) -> list[str]:
    return (web / "calls").read_text().splitlines() if (web / "calls").exists() else []


def test_missing_packages_are_installed_once(web: Path, quiet: Console) -> None:
    for _ in range(2):
        assert npm.ensure_modules(web, quiet) == web / "node_modules"
    assert calls(web) == ["ci --ignore-scripts --no-audit --no-fund"]


def test_a_half_finished_installation_is_done_again(web: Path, quiet: Console) -> None:
    npm.ensure_modules(web, quiet)
    (web / "node_modules" / ".package-lock.json").rename(web / "gone")
    with pytest.raises(FileNotFoundError):
        npm.installed_record(web / "node_modules")
    npm.ensure_modules(web, quiet)
    assert len(calls(web)) == 2


def test_a_package_behind_the_lock_file_is_installed_again(web: Path, quiet: Console) -> None:
    prepare(web / "node_modules", lit="3.3.2")
    npm.ensure_modules(web, quiet)
    assert len(calls(web)) == 1


def test_a_lock_file_that_left_the_pins_stops(web: Path, quiet: Console) -> None:
    locked = LOCKED | {"node_modules/pyodide": {"version": "314.0.4"}}
    (web / "package-lock.json").write_text(json.dumps({"packages": locked}))
    prepare(web / "prepared", pyodide="314.0.4")
    with pytest.raises(WrongVersion, match=r"pyodide 314\.0\.3 is needed .* found 314\.0\.4"):
        npm.ensure_modules(web, quiet)


def test_what_npm_says_is_passed_on(web: Path, quiet: Console) -> None:
    (web / "fail").write_text("no network")
    with pytest.raises(ToolFailed, match=r"npm ci ended with status 7:\nnpm error: no network"):
        npm.ensure_modules(web, quiet)


def test_without_npm(web: Path, quiet: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingInput, match="needs npm") as caught:
        npm.ensure_modules(web, quiet)
    assert caught.value.hint is not None
    assert "Node.js 20" in caught.value.hint
