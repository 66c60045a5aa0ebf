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
INTENTS = {
    "greeting": ["hello there friend", "hello good morning", "good morning friend"],
    "weather": ["rain and sun today", "is there rain", "sun and clouds today"],
}
QA = "A cat sleeps on the windowsill. Stock prices fell on Monday. Dogs chase cats."
SUMMARIES = [
    ("The library opens at nine o'clock sharp. It has many books to read. The end of it is near now.", 0),
    ("Nothing much to say here today. The harbour bridge was closed by the storm. Traffic stood still.", 1),
]
SENTIMENT = [("a positive and good film", 1), ("a negative and bad film", 0), ("good and positive", 1)]


def write(folder, name, items):
    """Write JSON lines, with a blank line at the end as some files have."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(item) + "\n" for item in items) + "\n", "utf-8")


@pytest.fixture
def data(tmp_path):
    """Return a data folder with every suite."""
    pairs = [{"s1": a, "s2": b, "score": score, "genre": "x"} for a, b, score in PAIRS]
    write(tmp_path / "similarity", "pairs.jsonl", pairs)
    docs = [{"id": id, "title": title, "text": text} for id, title, text in DOCS]
    write(tmp_path / "search", "docs.jsonl", docs)
    write(tmp_path / "search", "queries.jsonl", [{"id": id, "text": text} for id, text in QUERIES])
    write(tmp_path / "search", "qrels.jsonl", [{"q": q, "d": d, "code": code} for q, d, code in QRELS])
    for name in ("train", "test"):
        lines = [{"text": text, "label": label} for label, texts in INTENTS.items() for text in texts]
        write(tmp_path / "intents", f"{name}.jsonl", lines)
        lines = [{"text": text, "label": label} for text, label in SENTIMENT]
        write(tmp_path / "sentiment", f"{name}.jsonl", lines)
    write(tmp_path / "qa", "paragraphs.jsonl", [{"id": 3, "text": QA}])
    asked = [("What fell on Monday?", "Stock prices"), ("Where does the cat sleep?", "the windowsill")]
    questions = [
        {"paragraph": 3, "question": question, "answers": [{"text": text, "start": QA.index(text)}]}
        for question, text in asked
    ]
    write(tmp_path / "qa", "questions.jsonl", questions)
    lines = [
        {"title": "x", "source": source, "targets": ["other words", source.split(". ")[best]]}
        for source, best in SUMMARIES
    ]
    write(tmp_path / "summaries", "texts.jsonl", lines)
    return tmp_path


@pytest.fixture
def client():
    """Return a client over the fakes."""
    return Client(FakeRuntime(), FakeTokenizers(), FakeStore(), FakeProbe(), ManualClock())
