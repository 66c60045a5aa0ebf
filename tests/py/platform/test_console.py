"""The page's Python console, in the Pyodide that the built site carries."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "tests/py/pyodide"


@pytest.fixture(scope="module")
def told(built_site, require):
    """Return what the console answered, by case."""
    node = shutil.which("node")
    require("site", present=node is not None, why="Node.js runs Pyodide")
    (folder,) = (built_site / "assets").glob("pyodide-*")
    command = [node, HERE / "run.mjs", folder, ROOT / "py", HERE / "console.py"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


def test_values_and_names(told):
    assert told["expression"] == {"output": "", "result": "2", "error": None}
    assert told["statement"]["result"] is None
    assert told["kept"]["result"] == "40"
    assert told["underscore"]["result"] == "42"
    assert told["semicolon"]["result"] is None
    assert told["structure"]["result"] == "{'labels': ['b', 'a'], 'scores': [0.75, 0.25]}"


def test_output_and_await(told):
    assert told["print"] == {"output": "out\nerr\n", "result": "'value'", "error": None}
    assert told["await"]["result"] == "0.5"
    assert told["asked"] == [["a", "b"]]


def test_errors_show_the_typed_lines_only(told):
    error = told["traceback"]["error"]
    assert error.startswith("Traceback (most recent call last):")
    assert error.endswith("ZeroDivisionError: division by zero")
    assert "return 1 / 0" in error
    assert error.count("File ") == 2
    assert "pyodide" not in error
    assert "_base.py" not in error
    assert told["syntax"]["error"].endswith("SyntaxError: '(' was never closed")
    assert "Traceback" not in told["syntax"]["error"]
    assert "NoRoute (no_route): Nothing may answer.\nChoose another mode" in told["typed"]["error"]
    assert told["exit"]["error"].endswith("SystemExit: 3")
    assert told["interrupt"]["error"].endswith("KeyboardInterrupt")
    assert told["own cancel"]["error"].endswith("CancelledError")
    assert told["bad repr"]["error"].endswith("ValueError: no")
    assert told["partial"]["output"] == "before\n"
    assert told["partial"]["error"].endswith("RuntimeError: after")
    assert told["not text"] == "invalid_input"


def test_what_is_told_is_bounded(told):
    for name, field in (("much output", "output"), ("much result", "result"), ("much error", "error")):
        text = told[name][field]
        assert len(text) < 100_100
        assert text.endswith("(the rest was left out)")
    assert told["after all"] == {"output": "20\n", "result": None, "error": None}


def test_cancelling_ends_the_awaited_call_and_keeps_the_names(told):
    assert told["cancel"] == [True, "1"]


def test_two_runs_at_once_do_not_mix_their_output(told):
    assert told["at once"] == ["a\nb\n", "c\n"]
