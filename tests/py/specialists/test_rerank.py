"""rerank with a cross-encoder: scores, order, what is cut."""

import asyncio

import numpy as np
import pytest

from nearside.errors import UnsupportedModel
from nearside.specialists import rerank
from nearside.tasks.rerank import checked


def near(model, *given, on_progress=None):
    return asyncio.run(rerank.near(model, checked(*given), on_progress))


def counting(model, word):
    """The logit is how often a word's token is in the document, less 2."""
    (id,) = model.tokenizer.encode([word], special=False)[0]

    def run(ids):
        end = list(ids).index(3)
        return {"logits": np.float32([list(ids[end:]).count(id) - 2])}

    model.lane.outputs = run
    return model


def test_documents_come_best_first_with_score_and_logit(function_model):
    model = counting(function_model("bert_rerank", None, kind="classify"), "cloud")
    docs = ["the cloud", "cloud cloud cloud", "browser", " ", "cloud of the cloud", "browser"]
    made = near(model, "which cloud?", docs)
    assert [one.index for one in made.results] == [1, 4, 0, 2, 5, 3]
    assert [one.logit for one in made.results] == [1, 0, -1, -2, -2, None]
    assert [one.score for one in made.results[:5]] == pytest.approx(
        [1 / (1 + np.exp(-x)) for x in (1, 0, -1, -2, -2)]
    )
    assert made.results[5].score == 0  # blank: not read
    assert [one.text for one in made.results] == [docs[one.index] for one in made.results]
    assert [one.index for one in near(model, "which cloud?", docs, 2).results] == [1, 4]
    assert (made.usage.texts, made.usage.cached) == (7, 1)
    assert made.usage.tokens == sum(feeds["input_ids"].size for feeds in model.lane.runs[:4])


def test_no_documents_and_progress(function_model):
    model = counting(function_model("bert_rerank", None, kind="classify"), "cloud")
    heard = []
    assert near(model, "cloud", [], on_progress=lambda *told: heard.append(told)).results == ()
    assert heard == [(0, 0)]
    heard.clear()
    near(model, "cloud", ["cloud", "", "cloud", "storage"], on_progress=lambda *told: heard.append(told))
    assert heard[-1] == (4, 4)
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


def test_a_long_document_is_as_good_as_its_best_window(function_model):
    model = counting(function_model("bert_rerank", None, kind="classify"), "cloud")
    end = near(model, "cloud", ["browser " * 80 + "cloud cloud cloud"])
    assert end.results[0].logit == 1
    assert max(feeds["input_ids"].shape[1] for feeds in model.lane.runs) == 32
    middle = near(model, "cloud", ["browser " * 40 + "cloud cloud cloud" + " browser" * 40])
    assert middle.results[0].logit == 1  # no seam goes through it


def test_a_long_query_leaves_half_of_the_window(function_model):
    model = counting(function_model("bert_rerank", None, kind="classify"), "cloud")
    made = near(model, "document " * 100, ["browser " * 80 + "cloud"])
    assert made.results[0].logit == -1
    assert max(feeds["input_ids"].shape[1] for feeds in model.lane.runs) == 32
    assert [feeds["token_type_ids"].sum() for feeds in model.lane.runs][:2] == [16, 16]


def test_two_outputs_are_a_probability(function_model):
    model = function_model(
        "bert_rerank",
        lambda ids: {"logits": np.float32([1, 3])},
        kind="classify",
        id2label={"0": "no", "1": "yes"},
    )
    (one,) = near(model, "cloud", ["browser"]).results
    odds = np.exp([1, 3])
    assert one.score == pytest.approx(odds[1] / odds.sum())
    assert one.logit == 2


@pytest.mark.parametrize("config", [{}, {"id2label": {"0": "a", "1": "b", "2": "c"}}])
def test_a_classifier_with_more_outputs_is_refused(function_model, config):
    model = function_model("bert_rerank", lambda ids: {"logits": np.float32([1, 3, 2])}, **config)
    with pytest.raises(UnsupportedModel, match="reranking"):
        near(model, "cloud", ["browser"])


def test_saturated_scores_keep_the_order_of_their_logits(function_model):
    model = function_model(
        "bert_rerank", lambda ids: {"logits": np.float32([100 + len(ids)])}, kind="classify"
    )
    made = near(model, "cloud", ["a", "the document", "browser and model and clouds"])
    assert [one.index for one in made.results] == [2, 1, 0]
