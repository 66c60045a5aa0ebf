"""`nearside eval SUITE --data DIR [--json]`: measure a task on a data set, beside its floors."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import importlib
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from nearside.errors import InvalidOption
from nearside.platform.cpython import connect

SUITES = {
    "similarity": "scores of sentence pairs against people's (Spearman's correlation)",
    "search": "the order of documents against judged queries (nDCG@10, MRR@10)",
    "intents": "a classifier taught with 1, 4, 8 and 16 examples a label (accuracy)",
    "qa": "whether the sentence that answers a question holds the answer",
    "summaries": "the sentence that sums a text up against people's summaries (ROUGE)",
    "sentiment": "for or against, without examples and taught (accuracy)",
}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser of `nearside eval`."""
    parser = commands.add_parser("eval", help="measure a task on a data set")
    parser.add_argument(
        "suite",
        choices=tuple(SUITES),
        metavar="SUITE",
        help="; ".join(f"{name}: {what}" for name, what in SUITES.items()),
    )
    parser.add_argument("--data", type=Path, required=True, help="a folder with one folder per suite")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N cases")
    parser.add_argument("--model", metavar="ID", help="a model other than the starter's")


def run(args: argparse.Namespace) -> int:
    """Measure and print. Raises typed errors (bad data, no model), which the command line shows with status
    2."""
    if args.limit is not None and args.limit < 1:
        raise InvalidOption(f"--limit is {args.limit}.", hint="Give a whole number from 1.")
    started = time.perf_counter()
    figures = asyncio.run(_measure(args))
    figures["seconds"] = round(time.perf_counter() - started, 1)
    print(json.dumps(figures) if args.json else table(figures))
    return 0


async def _measure(args: argparse.Namespace) -> dict[str, Any]:
    suite = importlib.import_module(f"nearside_server.evaluation.{args.suite}")

    def tell(done: int, total: int) -> None:
        print(f"\r{done} of {total} texts", end="\n" if done == total else "", file=sys.stderr, flush=True)

    async with connect() as client:
        on_progress = tell if sys.stderr.isatty() else None
        figures: dict[str, Any] = await suite.evaluate(client, args.data, args.limit, args.model, on_progress)
    return {name: _plain(value) for name, value in figures.items()}


def _plain(value: Any) -> Any:
    """A figure as JSON knows it: 4 decimals, null for what is not a number."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def table(figures: dict[str, Any]) -> str:
    """The figures as lines for a person: name, value and interval."""
    lines = [
        f"{figures['suite']}, n = {figures['n']}, {figures['model']['id']} ({figures['model']['dtype']})"
    ]
    for name, value in figures.items():
        span = figures.get(f"{name}_interval")
        if span is not None:
            lines.append(f"  {name:24}{_number(value)}   95 %: {_number(span[0])} to {_number(span[1])}")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "      -" if value is None else f"{value:7.4f}"
