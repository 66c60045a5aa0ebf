"""zeroShot with a model for entailment: which output says what, pairs, templates, the window."""

import asyncio
import tracemalloc
from collections import deque

import numpy as np
import pytest

from nearside.errors import InvalidInput, UnsupportedModel
from nearside.specialists import zero_shot
from nearside.tasks.zero_shot import checked


def near(model, *given, on_progress=None, **options):
    return asyncio.run(zero_shot.near(model, checked(*given, **options), on_progress))


def names(*labels):
    return {"id2label": {str(i): label for i, label in enumerate(labels)}}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["entailment", "neutral", "contradiction"], (0, 2)),
        (["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], (2, 0)),
        (["Contradiction", "Entailment", "Neutral"], (1, 0)),
        (["entailment", "not_entailment"], (0, 1)),
        (["not_entailment", "entailment"], (1, 0)),
        (["LABEL_0", "LABEL_1", "LABEL_2"], (2, 0)),
    ],
)
def test_outcomes_by_name_in_any_case(function_model, labels, expected):
    made = zero_shot.outcomes_of(function_model("bert_nli", None, kind="classify", **names(*labels)))
    assert (made.entailment, made.contradiction) == expected


@pytest.mark.parametrize("labels", [["NEGATIVE", "POSITIVE"], ["LABEL_0"]])
def test_a_classifier_for_something_else_is_refused(function_model, labels):
    model = function_model("distilbert_sst2", None, kind="classify", **names(*labels))
    with pytest.raises(UnsupportedModel, match="entailment"):
        near(model, "a text", ["a", "b"])


def graph(model, rows):
    """Logits by the words of the hypothesis."""

    def run(ids):
        text = model.tokenizer.decode(ids)
        return {"logits": np.float32(next(row for word, row in rows.items() if word in text))}

    model.lane.outputs = run
    return model


def test_single_and_multi_label(function_model):
    model = graph(
        function_model("bert_nli", None, kind="classify"), {"browser": [1, 9, 0], "cloud": [2, 0, 3]}
    )
    made = near(model, "a text", ["browser", "cloud"])
    odds = np.exp([1, 2])
    assert made.labels == ("cloud", "browser")
    assert made.scores == pytest.approx((odds / odds.sum())[::-1].tolist())
    made = near(model, "a text", ["browser", "cloud"], multi_label=True)
    assert made.labels == ("browser", "cloud")
    assert made.scores == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))])
    alone = near(model, "a text", ["cloud"])  # one label only: entailment against contradiction
    assert alone.scores == pytest.approx([1 / (1 + np.exp(1))])


def test_the_pair_is_the_text_and_the_sentence_with_the_label(function_model):
    model = function_model("bert_nli", lambda ids: {"logits": np.float32([1, 2, 3])}, kind="classify")
    near(model, "the document", ["text"])
    near(model, "the document", ["text"], hypothesis="Is it {}?")
    encode = model.tokenizer._tokenizer.encode
    expected = [
        encode("the document", "This example is text."),
        encode("the document", "Is it text?"),
    ]
    assert [feeds["input_ids"][0].tolist() for feeds in model.lane.runs] == [one.ids for one in expected]
    assert [feeds["token_type_ids"][0].tolist() for feeds in model.lane.runs] == [
        one.type_ids for one in expected
    ]


def test_a_long_text_is_cut_and_the_label_is_not(function_model):
    model = function_model("bert_nli", lambda ids: {"logits": np.float32([1, 2, 3])}, kind="classify")
    near(model, "document " * 100, ["text", "works and cloud"])
    assert [feeds["input_ids"].shape[1] for feeds in model.lane.runs] == [32, 32]
    ends = [model.tokenizer.decode(feeds["input_ids"][0]) for feeds in model.lane.runs]
    assert ends[0].replace(" ", "").endswith("thisexampleistext.")
    assert ends[1].replace(" ", "").endswith("thisexampleisworksandcloud.")
    with pytest.raises(InvalidInput, match="too long"):
        near(model, "a text", ["cloud " * 40])


def test_texts_keep_their_order_and_are_read_once(function_model):
    model = function_model(
        "bert_nli", lambda ids: {"logits": np.float32([len(ids), 0, ids[-3] / 50])}, kind="classify"
    )
    heard = []
    texts = ["a", "the document of the text", "a"]
    made = near(model, texts, ["browser", "x"], on_progress=lambda done, total: heard.append((done, total)))
    assert len(model.lane.runs) == 4
    assert made.results[0] == made.results[2]
    assert made.results == tuple(near(model, text, ["browser", "x"]).results[0] for text in texts)
    assert (made.usage.texts, made.usage.cached) == (3, 1)
    assert made.usage.tokens == sum(feeds["input_ids"].size for feeds in model.lane.runs[:4])
    assert heard == [(1, 3), (3, 3)]


def test_many_labels_take_no_memory(function_model):
    """Every text with every label is read, but not put together before."""
    model = function_model(
        "bert_nli", lambda ids: {"logits": np.zeros(3, np.float32)}, kind="classify", max_tokens=512
    )
    model.lane.runs = deque(maxlen=1)
    texts = [f"cloud {number} " * 200 for number in range(20)]
    request = checked(texts, [f"label {number}" for number in range(200)])
    tracemalloc.start()
    asyncio.run(zero_shot.near(model, request))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15_000_000
