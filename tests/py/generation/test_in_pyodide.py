"""Sampling and masks in Pyodide: a seed draws the same tokens there, and the same tokens are allowed."""

import asyncio
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "pyodide"


def test_both_runtimes_draw_and_allow_the_same(built_site, require):
    node = shutil.which("node")
    require("site", present=node is not None, why="Node.js runs Pyodide")
    (folder,) = (built_site / "assets").glob("pyodide-*")
    command = [node, HERE / "run.mjs", folder, HERE.parents[2] / "py", HERE / "sampling.py"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-1500:]
    there = json.loads(ended.stdout)
    spec = importlib.util.spec_from_file_location("sampling", HERE / "sampling.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    here = asyncio.run(module.scenario())
    assert there["drawn"] == here["drawn"]
    assert there["masks"] == here["masks"]
    # The Python side of a token: 1.5 ms are for all of it, the choice of candidates in the worker included.
    assert max(there["times"][name] for name in here["drawn"]) < 1.5
