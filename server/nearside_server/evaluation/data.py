"""Reading evaluation sets: JSON lines in `DIR/<set>/<name>.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nearside_server.errors import UsageError


class BadData(UsageError):
    """The data folder lacks a file, or a file does not have the fields that it should have."""

    code = "bad_data"
    hint = "--data takes a folder with one folder per suite, such as similarity/pairs.jsonl."


def read_lines(
    folder: Path, name: str, fields: Mapping[str, type | tuple[type, ...]]
) -> list[dict[str, Any]]:
    """The objects of a JSON lines file, each with at least `fields` of these types; blank lines are skipped.

    Raises `BadData` when the file cannot be read, has no lines, or a line is not such an object (with its
    number)."""
    path = folder / name
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path} cannot be read: {error}.") from error
    items = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            items.append(_item(line, fields, f"{path}:{number}"))
    if not items:
        raise BadData(f"{path} is empty.")
    return items


def _item(line: str, fields: Mapping[str, type | tuple[type, ...]], place: str) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except ValueError as error:
        raise BadData(f"{place} is not JSON: {error}.") from error
    if not isinstance(item, dict):
        raise BadData(f"{place} holds no JSON object.")
    for field, kind in fields.items():
        if field not in item:
            raise BadData(f"{place} has no {field!r}.")
        if not isinstance(item[field], kind) or isinstance(item[field], bool):
            raise BadData(f"{place} has {field} = {item[field]!r:.60}.")
    return item
