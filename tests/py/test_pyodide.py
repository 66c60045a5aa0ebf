"""The engine in Pyodide: with its Python and its event loop the answers are the same as in CPython."""

import asyncio
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "pyodide"


@pytest.fixture(scope="module")
def in_pyodide(built_site, require):
    """Return what the scenario gives in a bare Pyodide, the one that the built site carries."""
    node = shutil.which("node")
    require("site", present=node is not None, why="Node.js runs Pyodide")
    (folder,) = (built_site / "assets").glob("pyodide-*")
    command = [node, HERE / "run.mjs", folder, ROOT / "py", HERE / "scenario.py"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def in_cpython():
    """Return what the scenario gives here, through JSON as well."""
    spec = importlib.util.spec_from_file_location("scenario", HERE / "scenario.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return json.loads(json.dumps(asyncio.run(module.scenario())))


def test_every_answer_is_the_same(in_pyodide, in_cpython):
    assert len(in_cpython["answers"]) > 10
    for here, there in zip(in_cpython["answers"], in_pyodide["answers"], strict=True):
        assert here == there


def test_scheduling_works_on_both_loops(in_pyodide, in_cpython):
    expected = {
        "replicas": 2,
        "early": True,
        "reopened": 3,
        "cancelled": True,
        "gone": True,
        "best": 7,
        "records": ["ok", "model_gone", "ok", "cancelled", "ok"],
        "left": False,
    }
    assert in_cpython["concurrency"] == expected
    assert in_pyodide["concurrency"] == expected
