"""classify: the whole distribution, options that count, long texts, order; and the far side."""

import asyncio
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nearside
from nearside.errors import CloudFailed, InvalidInput, InvalidOption
from nearside.ports.fakes import FakeCloud
from nearside.specialists import classify


def near(model, texts, on_progress=None, **options):
    return asyncio.run(classify.near(model, classify.checked(texts, **options), on_progress))


def graph(*logits):
    return lambda ids: {"logits": np.float32(logits)}


def by_length(ids):
    return {"logits": np.float32([len(ids), 0])}


def test_single_label_scores_sum_to_1(function_model):
    model = function_model("distilbert_sst2", graph(1, 3), kind="classify")
    made = near(model, "a text")
    assert made.labels == ("POSITIVE", "NEGATIVE")
    assert made.scores == pytest.approx([1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))])
    assert sum(made.scores) == pytest.approx(1)


def test_several_labels_at_a_time_stand_alone(function_model):
    model = function_model("bert_multi", graph(0, 2, -2, 1), kind="classify")
    made = near(model, "a text")
    assert made.labels == ("insult", "obscene", "toxic", "threat")
    assert made.scores == pytest.approx([1 / (1 + np.exp(-x)) for x in (2, 1, 0, -2)])


@pytest.mark.parametrize(
    ("config", "logits", "expected"),
    [
        ({"id2label": {"0": "LABEL_0"}}, [800], [1]),  # one logit: a sigmoid, of any size
        ({"id2label": {"0": "stars"}, "problem_type": "regression"}, [4.25], [4.25]),
        ({"id2label": None}, [0, 0], [0.5, 0.5]),
        ({"problem_type": "single_label_classification"}, [0, 1000], [1, 0]),
    ],
)
def test_what_makes_scores_of_logits(function_model, config, logits, expected):
    model = function_model("distilbert_sst2", graph(*logits), kind="classify", **config)
    made = near(model, "a text")
    assert made.scores == pytest.approx(expected)
    if config.get("id2label", 0) is None:
        assert made.labels == ("LABEL_0", "LABEL_1")


def test_top_k_and_threshold(function_model):
    model = function_model("bert_multi", graph(0, 2, -2, 1), kind="classify")
    assert near(model, "x", top_k=2).labels == ("insult", "obscene")
    assert near(model, "x", threshold=0.6).labels == ("insult", "obscene")
    assert near(model, "x", top_k=1, threshold=0.6).labels == ("insult",)
    assert near(model, "x", threshold=0.99).results[0].labels == ()  # it abstains
    assert near(model, "x", threshold=0.0, top_k=9.0).labels == near(model, "x").labels


def test_labels_keep_some_and_unknown_ones_are_refused(function_model):
    model = function_model("bert_multi", graph(0, 2, -2, 1), kind="classify")
    made = near(model, "x", labels=["Threat", "INSULT"])
    assert made.labels == ("INSULT", "Threat")
    assert made.scores == pytest.approx([1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))])
    with pytest.raises(InvalidOption, match="spam") as failure:
        near(model, "x", labels=["toxic", "spam"])
    assert "toxic, insult, threat, obscene" in failure.value.hint


def test_a_long_text_is_the_mean_of_its_windows_by_tokens(function_model):
    model = function_model(
        "distilbert_sst2",
        lambda ids: {"logits": np.float32([len(ids) - 8, 0])},
        kind="classify",
        max_tokens=9,
    )
    text = "cloud " * 11
    made = near(model, text)
    lengths = [feeds["input_ids"].shape[1] for feeds in model.lane.runs]
    count = model.tokenizer.count([text])[0]
    assert sum(lengths) == count + 2 * len(lengths) == made.usage.tokens
    assert (count, sorted(lengths)) == (11, [7, 8])  # of 9, as even as can be
    parts = [1 / (1 + np.exp(8 - n)) for n in lengths]
    mean = sum(part * (n - 2) for part, n in zip(parts, lengths, strict=True)) / count
    assert dict(zip(made.labels, made.scores, strict=True))["NEGATIVE"] == pytest.approx(mean)


def test_equal_texts_are_read_once_and_progress_is_per_text(function_model):
    model = function_model("distilbert_sst2", by_length, kind="classify")
    heard = []
    texts = ["a", "the library opens", "a", ""]
    made = near(model, texts, lambda done, total: heard.append((done, total)))
    assert len(model.lane.runs) == 3
    sizes = [feeds["input_ids"].size for feeds in model.lane.runs]
    assert sizes == sorted(sizes, reverse=True)
    assert (made.usage.texts, made.usage.cached, made.usage.tokens) == (4, 1, sum(sizes))
    assert made.results[0] == made.results[2]
    assert made.results[1].scores[0] > made.results[0].scores[0] > made.results[3].scores[0]
    assert heard[-1] == (4, 4)
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"texts": []}, InvalidInput),
        ({"texts": None}, InvalidInput),
        ({"texts": "x", "top_k": 0}, InvalidOption),
        ({"texts": "x", "top_k": "3"}, InvalidOption),
        ({"texts": "x", "threshold": 1.1}, InvalidOption),
        ({"texts": "x", "threshold": True}, InvalidOption),
        ({"texts": "x", "threshold": float("nan")}, InvalidOption),
        ({"texts": "x", "labels": []}, InvalidInput),
        ({"texts": "x", "labels": "spam"}, InvalidInput),
        ({"texts": "x", "labels": ["a", "a"]}, InvalidInput),
    ],
)
def test_wrong_options_are_refused(options, error):
    with pytest.raises(error):
        classify.checked(**options)


@pytest.mark.parametrize("name", ["distilbert_sst2", "bert_multi"])
def test_a_batch_of_one_is_as_a_batch_of_many(arch_models, name):
    """Whatever the texts, and in whatever order."""

    async def run(texts):
        async with nearside.connect([arch_models], dtype="fp32") as client:
            many = await client.classify(texts, model=f"arch/{name}")
            for text, result in zip(texts, many.results, strict=True):
                alone = await client.classify(text, model=f"arch/{name}")
                assert alone.results == (result,)

    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.text(st.characters(codec=None), max_size=40), min_size=1, max_size=5))
    def check(texts):
        asyncio.run(run(texts))

    check()


async def test_the_far_side_chooses_from_the_labels():
    cloud = FakeCloud(json.dumps({"results": [{"0": 0.25, "1": 0.75}, {"0": 1}]}))
    request = classify.checked(["a", "b"], threshold=0.5, labels=["spam", "ham"])
    made = await classify.far(cloud, "cloud-fast", request)
    assert [(one.labels, one.scores) for one in made.results] == [(("ham",), (0.75,)), (("spam",), (1.0,))]
    asked = json.loads(cloud.asked[0].messages[1]["content"])
    assert asked == {"labels": {"0": "spam", "1": "ham"}, "texts": ["a", "b"]}
    assert (made.model.id, made.model.backend, made.usage.texts) == ("cloud-fast", "cloud", 2)
    kept = await classify.far(cloud, "cloud-fast", classify.checked(["a", "b"], 1, None, ["spam", "ham"]))
    assert [one.labels for one in kept.results] == [("ham",), ("spam",)]


async def test_the_far_side_needs_labels():
    cloud = FakeCloud()
    with pytest.raises(InvalidOption, match="labels"):
        await classify.far(cloud, "cloud-fast", classify.checked("a"))
    assert not cloud.asked


@pytest.mark.parametrize(
    "answer", ["no", '{"results": [{"7": 1}]}', '{"results": [{"0": 0}]}', '{"results": []}']
)
async def test_nonsense_of_the_far_side_is_refused(answer):
    with pytest.raises(CloudFailed):
        await classify.far(FakeCloud(answer), "cloud-fast", classify.checked("a", labels=["x", "y"]))
