"""Small data sets in the layout of the real ones, and a client over the fakes."""

import json

import pytest

from nearside.engine.client import Client
from nearside.ports.fakes import FakeProbe, FakeRuntime, FakeStore, FakeTokenizers, ManualClock

PAIRS = [
    ("a cat sleeps", "a cat sleeps", 5),
    ("a cat sleeps", "the cat sleeps now", 4),
    ("a cat sleeps", "a dog runs", 1.5),
    ("a cat sleeps", "stock prices rose", 0),
]
DOCS = [
    (10, "Cats", "A cat sleeps on the warm windowsill."),
    (11, "", "Stock prices fell on Monday."),
    (12, "Dogs", "Dogs chase cats around the garden."),
    (13, None, "A quick dinner for two."),
]
QUERIES = [(1, "cat windowsill"), (2, "stock prices"), (3, "nobody knows")]
QRELS = [(1, 10, 1), (1, 12, 3), (1, 11, -1), (2, 11, 2), (3, 13, 5)]


def write(folder, name, items):
    """Write JSON lines, with a blank line at the end as some files have."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(item) + "\n" for item in items) + "\n", "utf-8")


@pytest.fixture
def data(tmp_path):
    """Return a data folder with both suites."""
    pairs = [{"s1": a, "s2": b, "score": score, "genre": "x"} for a, b, score in PAIRS]
    write(tmp_path / "similarity", "pairs.jsonl", pairs)
    docs = [{"id": id, "title": title, "text": text} for id, title, text in DOCS]
    write(tmp_path / "search", "docs.jsonl", docs)
    write(tmp_path / "search", "queries.jsonl", [{"id": id, "text": text} for id, text in QUERIES])
    write(tmp_path / "search", "qrels.jsonl", [{"q": q, "d": d, "code": code} for q, d, code in QRELS])
    return tmp_path


@pytest.fixture
def client():
    """Return a client over the fakes."""
    return Client(FakeRuntime(), FakeTokenizers(), FakeStore(), FakeProbe(), ManualClock())
