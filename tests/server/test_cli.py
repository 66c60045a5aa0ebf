"""The `nearside` command: help, version, typed errors, lazy imports."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from nearside_server import __version__, cli
from nearside_server.errors import PortTaken, ServerError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("flag", ["-v", "--version"])
def test_version(capsys, flag):
    with pytest.raises(SystemExit) as caught:
        cli.main([flag])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"nearside {__version__}\n"


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert __version__ == project["project"]["version"]


def test_without_a_command(capsys):
    assert cli.main([]) == 2
    out = capsys.readouterr().out
    assert all(f"    {name}" in out for name in cli.COMMANDS)


def test_an_unknown_command(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["serv"])
    assert caught.value.code == 2
    assert "serv" in capsys.readouterr().err


class Failing:
    """A sub-command that raises what it is told to."""

    def __init__(self, error):
        self.error = error

    def register(self, subparsers):
        subparsers.add_parser("serve")

    def run(self, args):
        raise self.error


def fail(monkeypatch, error):
    monkeypatch.setattr(cli, "_load", lambda name: Failing(error))
    return cli.main(["serve"])


def test_a_typed_error_is_two_lines(monkeypatch, capsys):
    assert fail(monkeypatch, PortTaken("Port 1 is taken.", hint="Take another.")) == 2
    assert capsys.readouterr().err == "nearside: Port 1 is taken.\n  Take another.\n"


def test_an_engine_error_is_typed_too(monkeypatch, capsys):
    from nearside.errors import NearsideError

    assert fail(monkeypatch, NearsideError("The engine said no.", hint="Ask again.")) == 2
    assert capsys.readouterr().err.startswith("nearside: The engine said no.")


def test_a_bug_is_not_hidden(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        fail(monkeypatch, ZeroDivisionError())


def test_an_interruption(monkeypatch, capsys):
    assert fail(monkeypatch, KeyboardInterrupt()) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_missing_package_names_the_extra(monkeypatch, capsys):
    assert fail(monkeypatch, ModuleNotFoundError("No module named 'onnx'", name="onnx")) == 2
    assert "nearside[build]" in capsys.readouterr().err
    with pytest.raises(ModuleNotFoundError):
        fail(
            monkeypatch, ModuleNotFoundError("No module named 'nearside_server.x'", name="nearside_server.x")
        )


def test_errors_have_four_fields():
    def tree(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from tree(child)

    codes = [kind.code for kind in tree(ServerError) if kind.__module__ == ServerError.__module__]
    assert all(codes)
    assert PortTaken("m").to_wire() == {"code": "port_taken", "message": "m", "hint": None, "retryable": True}
    assert ServerError("m", hint="h", retryable=True).to_wire()["hint"] == "h"


def test_the_module_is_the_command():
    told = subprocess.run(
        [sys.executable, "-m", "nearside_server", "--version"], capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == f"nearside {__version__}"
