"""The `nearside` command: reads the command line and hands over to one module per sub-command.

A sub-command's module has `register(subparsers)`, which adds its parser, and `run(args) -> int`, which
returns the exit status. Only the module that was asked for is imported, so that `nearside serve` does not
pay for what `nearside build` needs.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

from nearside_server import __version__
from nearside_server.errors import ServerError, UsageError

# name -> one line for `nearside --help`; the module is nearside_server.cli.<name>
COMMANDS = {
    "build": "assemble the site: runtime, page and starter model",
    "serve": "serve the built site",
    "eval": "measure a task on a data set",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `nearside` command with `argv` (default: the process's arguments); return the exit status.

    0 success, 1 a sub-command's own failure (such as a missed threshold), 2 a wrong command line or a
    typed error, 130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), None)
    try:
        module = _load(name) if name in COMMANDS else None
        args = _parser(name, module).parse_args(arguments)
        if module is None:
            _parser(None, None).print_help()
            return 2
        return int(module.run(args))
    except KeyboardInterrupt:
        print("nearside: Interrupted.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("nearside"):
            raise
        print(describe(_missing(name, error.name)), file=sys.stderr)
        return 2
    except Exception as error:
        if not _is_typed(error):
            raise
        print(describe(error), file=sys.stderr)
        return 2


def describe(error: Exception) -> str:
    """Return a typed error as the lines that a person reads."""
    text = f"nearside: {getattr(error, 'message', None) or error}"
    hint = getattr(error, "hint", None)
    return f"{text}\n  {hint}" if hint else text


def _missing(command: str | None, package: str) -> UsageError:
    """Return the error for a Python package that a sub-command needs and that is not installed."""
    return UsageError(
        f"`nearside {command}` needs the Python package {package}, which is not installed.",
        hint="pip install 'nearside[build]' brings all that building takes.",
    )


def _load(name: str | None) -> ModuleType:
    """Import the module of the sub-command `name`."""
    return importlib.import_module(f"nearside_server.cli.{name}")


def _parser(name: str | None, module: ModuleType | None) -> argparse.ArgumentParser:
    """Return the parser: the sub-command `name` in full, the others by name and help only."""
    parser = argparse.ArgumentParser(prog="nearside", description="Hybrid AI for the web.")
    parser.add_argument("-v", "--version", action="version", version=f"nearside {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command, summary in COMMANDS.items():
        if module is not None and command == name:
            module.register(commands)
        else:
            commands.add_parser(command, help=summary)
    return parser


def _is_typed(error: Exception) -> bool:
    """Say whether `error` is one of ours: the server's, or the engine's when that was imported."""
    if isinstance(error, ServerError):
        return True
    engine = sys.modules.get("nearside.errors")
    return engine is not None and isinstance(error, engine.NearsideError)
