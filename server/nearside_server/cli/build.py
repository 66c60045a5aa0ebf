"""`nearside build`: assemble the site from the source checkout."""

from __future__ import annotations

import argparse
from pathlib import Path

from nearside_server.build.checkout import find_checkout
from nearside_server.build.console import Console
from nearside_server.build.pipeline import Options, build_site
from nearside_server.errors import UsageError

STARTER_DTYPES = ("int8", "fp32", "fp16")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("build", help="assemble the site: runtime, page and starter model")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write it (default: into the package)"
    )
    parser.add_argument(
        "--wheels",
        type=Path,
        metavar="DIR",
        help="folder with Pyodide's wheels, asked before the network",
    )
    parser.add_argument("--no-compress", action="store_true", help="leave the .br and .gz copies out")
    parser.add_argument("--jobs", type=int, metavar="N", help="compressing threads (default: one per core)")
    parser.add_argument(
        "--starter-dtypes",
        default="int8",
        metavar="LIST",
        help=f"precisions of the starter model, of {','.join(STARTER_DTYPES)} (default: int8)",
    )


def run(args: argparse.Namespace) -> int:
    """Build the site; return 0. Raises the typed errors of the build."""
    checkout = find_checkout()
    site = args.out or checkout.site
    options = Options(compress=not args.no_compress, starter_dtypes=_dtypes(args.starter_dtypes))
    if args.jobs is not None and args.jobs < 1:
        raise UsageError("--jobs must be 1 or more.")
    if args.wheels is not None and not args.wheels.is_dir():
        raise UsageError(f"--wheels {args.wheels} is not a folder.")
    console = Console()
    console.note(f"Building the site of nearside {checkout.version}")
    built = build_site(checkout, site, options=options, console=console, wheels=args.wheels, jobs=args.jobs)
    console.note("Built." if built else f"Nothing to do: {site} is up to date.")
    return 0


def _dtypes(told: str) -> tuple[str, ...]:
    """Return the precisions of a comma list, in the order of STARTER_DTYPES; raises UsageError."""
    names = {name.strip() for name in told.split(",") if name.strip()}
    if not names or not names <= set(STARTER_DTYPES):
        raise UsageError(f"--starter-dtypes takes a list of {', '.join(STARTER_DTYPES)}, not {told!r}.")
    return tuple(name for name in STARTER_DTYPES if name in names)
