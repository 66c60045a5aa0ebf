"""The wheels that are installed later, in a bare Pyodide: what the site serves is all that it takes."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "pyodide"


@pytest.fixture(scope="module")
def installed(built_site, require):
    """Return what the scenario finds."""
    node = shutil.which("node")
    require("site", present=node is not None, why="Node.js runs Pyodide")
    (pyodide,) = (built_site / "assets").glob("pyodide-*")
    (core,) = (built_site / "assets").glob("python-*/*.whl")
    wheels = [
        f"/{path.relative_to(built_site).as_posix()}" for path in built_site.glob("assets/extras-*/*.whl")
    ]
    command = [node, HERE / "extras.mjs", pyodide, built_site, HERE / "extras.py"]
    command += [f"/{core.relative_to(built_site).as_posix()}", *sorted(wheels)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


def test_failures_are_typed_and_forgotten_and_leave_nothing_half_done(installed):
    assert installed["failures"] == [["offline", True], ["engine_failed", True], ["engine_failed", True]]
    assert installed["half"] is False


def test_callers_share_one_installation(installed):
    assert installed["requests"] == 3


def test_what_they_bring(installed):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert installed["rendered"] == "<user>Hello&lt;&amp;"
    assert installed["language"] == "de"
    assert installed["versions"] == {
        "jinja2": "3.1.6",
        "markupsafe": "3.0.3",
        "nearside-tasks": project["version"],
    }
    packages = [path.parent.name for path in (ROOT / "py/nearside").glob("*/__init__.py")]
    assert installed["packages"] == [
        name for name in ("generation", "speech", "specialists") if name in packages
    ]
