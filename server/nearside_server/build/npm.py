"""The parts that come from npm: installed when missing, and checked against the pins."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

from nearside_server.build.console import Console
from nearside_server.build.errors import MissingInput, ToolFailed, WrongVersion
from nearside_server.build.pins import NPM

RECORD: Final = ".package-lock.json"  # npm writes it last: a half-finished installation has none


def program(name: str) -> str:
    """Return the path of the program `name`; raises MissingInput when it is not on PATH."""
    path = shutil.which(name)
    if path is None:
        raise MissingInput(
            f"The build needs {name}, which is not on PATH.",
            hint="Install Node.js 20 or newer, which brings node and npm.",
        )
    return path


def run(command: list[str], *, cwd: Path) -> str:
    """Run `command` and return what it printed; raises ToolFailed with the end of its messages."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-2_000:]
        raise ToolFailed(f"{Path(command[0]).name} {command[1]} ended with status {done.returncode}:\n{said}")
    return done.stdout


def ensure_modules(web: Path, console: Console) -> Path:
    """Return web/node_modules, installed from the lock file unless it is already what that says.

    Raises WrongVersion when an installed package is not the pinned one, ToolFailed when npm fails.
    """
    modules = web / "node_modules"
    if not _as_locked(web):
        console.step("npm packages")
        run([program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=web)
        console.done("installed")
    for name, version in NPM.items():
        found = installed_version(modules, name)
        if found != version:
            raise WrongVersion(f"{name} {version} is needed in web/node_modules, found {found or 'none'}.")
    return modules


def installed_version(modules: Path, name: str) -> str | None:
    """Return the version of the npm package `name` in `modules`, None when it is not there."""
    try:
        return str(json.loads((modules / name / "package.json").read_text("utf-8"))["version"])
    except FileNotFoundError:
        return None


def installed_record(modules: Path) -> bytes:
    """Return npm's own record of what is installed: it changes with every package."""
    return (modules / RECORD).read_bytes()


def _as_locked(web: Path) -> bool:
    """Say whether every package of web/package-lock.json is installed in the version it names."""
    try:
        installed = json.loads(installed_record(web / "node_modules"))["packages"]
    except FileNotFoundError:
        return False
    locked = json.loads((web / "package-lock.json").read_text("utf-8"))["packages"]
    return all(
        installed.get(path, {}).get("version") == entry["version"]
        for path, entry in locked.items()
        if path and not entry.get("optional")  # the root itself, and what is for other platforms
    )
