"""The suites intents, qa, summaries and sentiment on sets small enough to work out."""

import asyncio
import importlib
import json

import pytest

from nearside_server.evaluation.data import BadData
from nearside_server.evaluation.intents import centroids, drawn
from nearside_server.evaluation.qa import holds, most_words
from nearside_server.evaluation.summaries import scores


def run(suite, client, data, limit=None, told=None):
    module = importlib.import_module(f"nearside_server.evaluation.{suite}")
    return asyncio.run(module.evaluate(client, data, limit, None, told))


def within(made, name):
    low, high = made[f"{name}_interval"]
    return low - 1e-9 <= made[name] <= high + 1e-9


def test_intents(client, data):
    made = run("intents", client, data)
    assert (made["suite"], made["n"], made["labels"]) == ("intents", 6, 2)
    assert made["accuracy_16"] == 1  # the test texts were taught
    assert made["centroid_accuracy_16"] == 1
    assert 0.5 <= made["accuracy_1"] <= 1
    assert all(within(made, f"accuracy_{shots}") for shots in (1, 4, 8, 16))
    assert run("intents", client, data, 2)["n"] == 2
    assert asyncio.run(client.classifiers.list()) == []


def test_the_examples_drawn():
    pairs = [(f"{label}{i}", label) for i in range(9) for label in "xyz"] + [("w0", "w")]
    chosen = drawn(pairs, 4, 0)
    labels = [label for _, label in chosen]
    assert sorted(labels) == sorted("xyz" * 4 + "w")
    assert len(set(chosen)) == 13
    assert set(drawn(pairs, 1, 0)) < set(chosen)
    assert drawn(pairs, 4, 0) == chosen
    assert set(drawn(pairs, 4, 1)) != set(chosen)


def test_the_nearest_centroid(client):
    made = asyncio.run(client.embed(["cat", "dog", "cat cat dog", "dog"])).embeddings
    assert centroids(made[:2], ["c", "d"], ["c", "d"], made[2:]) == ["c", "d"]


def test_qa(client, data):
    told = []
    made = run("qa", client, data, told=lambda *counts: told.append(counts))
    assert made["n"] == 2
    assert made["sentence_accuracy"] == 1
    assert made["words_sentence_accuracy"] == 1
    assert within(made, "embeddings_sentence_accuracy")
    assert told[-1] == (2, 2)
    assert run("qa", client, data, 1)["n"] == 1


def test_the_whole_answer_must_be_there():
    span = type("Span", (), {"start": 5, "end": 10})()
    assert holds(span, [{"text": "x", "start": 99}, {"text": "abcde", "start": 5}])
    assert not holds(span, [{"text": "abcdef", "start": 5}])
    assert not holds(span, [{"text": "ab", "start": 4}])
    assert not holds(span, [])
    assert most_words("a b c", ["a", "b a a", "c b"]) == 1


def test_summaries(client, data):
    made = run("summaries", client, data)
    assert made["n"] == 2
    assert made["lead1_rouge1"] >= 50  # the first text's reference is its first sentence
    assert all(within(made, prefix + name) for prefix in ("", "lead1_") for name in ("rouge1", "rougeL"))
    assert run("summaries", client, data, 1)["lead1_rouge1"] == 100
    assert scores("a b", ["x", "b a", "a c"]) == (100, 0, 50)


def test_sentiment(client, data):
    made = run("sentiment", client, data)
    assert (made["n"], made["examples"]) == (3, 3)
    assert made["accuracy"] == made["taught_accuracy"] == 1
    assert made["majority_accuracy"] == pytest.approx(2 / 3)
    (data / "sentiment" / "train.jsonl").unlink()
    assert "taught_accuracy" not in run("sentiment", client, data)


@pytest.mark.parametrize(
    ("suite", "file", "line", "message"),
    [
        ("intents", "train", {"text": "a", "label": "x"}, "one label only"),
        ("intents", "train", {"text": "a", "label": 3}, "label = 3"),
        ("qa", "questions", {"paragraph": 9, "question": "a", "answers": []}, "the paragraph 9"),
        ("qa", "questions", {"paragraph": 3, "question": "a", "answers": ["b"]}, "the answer 'b'"),
        ("qa", "questions", {"paragraph": 3, "question": "a", "answers": [{"text": "b"}]}, "the answer"),
        ("summaries", "texts", {"source": " ", "targets": ["a"]}, "without a text"),
        ("summaries", "texts", {"source": "a", "targets": [""]}, "without a reference"),
        ("sentiment", "test", {"text": "a", "label": 1}, "one label only"),
        ("sentiment", "test", {"text": "a"}, "has no 'label'"),
    ],
)
def test_data_that_makes_no_sense(client, data, suite, file, line, message):
    (data / suite / f"{file}.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(BadData, match=message):
        run(suite, client, data)
