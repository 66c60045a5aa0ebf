"""The parts that come from npm: installed when missing, and checked against the pins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from nearside_server.build.console import Console
from nearside_server.build.errors import MissingInput, ToolFailed, WrongVersion
from nearside_server.build.pins import NPM


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
    """Return web/node_modules, installed from the lock file when missing, with the pinned versions in it.

    Raises WrongVersion when an installed package is not the pinned one, ToolFailed when npm fails.
    """
    modules = web / "node_modules"
    # npm writes this file last: a half-finished installation has none
    if not (modules / ".package-lock.json").is_file():
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


def modules_stamp(modules: Path) -> bytes:
    """Return npm's record of what is installed, empty when nothing is (changes with every package)."""
    record = modules / ".package-lock.json"
    return record.read_bytes() + os.fsencode(str(modules)) if record.is_file() else b""
