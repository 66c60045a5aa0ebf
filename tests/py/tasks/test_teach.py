"""teach: learning from examples, and what was learned as a file."""

import asyncio
import json

import numpy as np
import pytest

from nearside.errors import InvalidInput, UnsupportedModel
from nearside.models.classifiers import from_file
from nearside.ports.fakes import FakeRuntime
from nearside.tasks import logistic, teach

EXAMPLES = [
    ("my parcel did not arrive", "delivery"),
    ("where is my parcel", "delivery"),
    ("the invoice is wrong", "billing"),
    ("charge on my invoice", "billing"),
    ("the screen is broken", "repair"),
]


async def learned(make, examples=EXAMPLES, **options):
    """Teach on the fakes; return the model, the cache and the classifier."""
    ports = make(**options)
    core = ports.client._core
    model = await core.manager.get(core.default_model)
    classifier, usage = await teach.fit(model, core.vectors, teach.checked(examples))
    return model, core.vectors, classifier, usage


async def test_what_is_like_the_examples_gets_their_label(make):
    model, cache, classifier, _ = await learned(make)
    assert classifier.labels == ("billing", "delivery", "repair")
    assert (classifier.examples, classifier.model) == (5, "nearside/all-MiniLM-L6-v2")
    told = []
    made = await teach.classify(
        model, cache, classifier, ["a wrong invoice", "a parcel", "broken screen"], lambda *n: told.append(n)
    )
    assert [found.labels[0] for found in made.results] == ["billing", "delivery", "repair"]
    assert all(sum(found.scores) == pytest.approx(1) for found in made.results)
    assert all(list(found.scores) == sorted(found.scores, reverse=True) for found in made.results)
    assert told[-1] == (3, 3)


async def test_the_same_examples_always_give_the_same_classifier(make):
    _, _, one, _ = await learned(make)
    _, _, other, _ = await learned(make)
    assert one.to_file("x") == other.to_file("x")


async def test_a_label_s_own_words_teach_too(make):
    model, cache, classifier, usage = await learned(
        make, [("aaa", "open_account"), ("bbb", "lostCard"), ("ccc", "B2")]
    )
    assert usage.texts == 5
    made = await teach.classify(model, cache, classifier, ["open an account", "lost card"])
    assert [found.labels[0] for found in made.results] == ["open_account", "lostCard"]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("book_flight", "book flight"),
        ("bookFlight", "book Flight"),
        ("a/b-c.d", "a b c d"),
        ("B2", ""),
        ("0", ""),
        ("客服", "客服"),
        ("--", ""),
    ],
)
def test_a_label_as_a_person_would_say_it(label, words):
    assert teach.phrase(label) == words


async def test_another_model_s_vectors_are_refused(make):
    _, _, classifier, _ = await learned(make)
    ports = make(FakeRuntime(models=["other/model"]), default_model="other/model")
    other = await ports.client._core.manager.get("other/model")
    with pytest.raises(UnsupportedModel, match=r"taught with nearside/all-MiniLM-L6-v2, not other/model"):
        await teach.classify(other, ports.client._core.vectors, classifier, ["a"])


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (None, "no list"),
        ("abc", "no list"),
        ([], "no examples"),
        ([("a", "x"), ("b", "x")], "one label"),
        (["ab", "cd"], r"examples\[0\] is no pair"),
        ([("a", "x", "y")], r"examples\[0\] is no pair"),
        ([("a", "x"), ("b", " ")], r"label of examples\[1\] is empty"),
        ([("a", "x"), ("", "y")], r"text of examples\[1\] is empty"),
        ([("a", "x"), (3, "y")], r"text of examples\[1\] is a value of type int"),
        ([("a", "x"), ("b", 3)], r"label of examples\[1\] is a value of type int"),
        ([("a", "x" * 501)], "too long"),
        ([("a", str(i)) for i in range(1001)], "1,001 labels"),
        ([("a", "b")] * 50_001, "50,001 examples"),
    ],
)
def test_what_cannot_be_used(examples, message):
    with pytest.raises(InvalidInput, match=message):
        teach.checked(examples)


async def test_it_can_be_cancelled_between_steps(make, monkeypatch):
    ports = make()
    core = ports.client._core
    model = await core.manager.get(core.default_model)
    monkeypatch.setattr(logistic, "_STEPS", 10**9)
    monkeypatch.setattr(logistic, "_CLOSE", 0.0)
    monkeypatch.setattr(logistic, "_direction", lambda slope, past: slope * np.float32(1e-9))
    job = asyncio.ensure_future(teach.fit(model, core.vectors, teach.checked(EXAMPLES)))
    for _ in range(300):
        await asyncio.sleep(0)
    assert not job.done()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


async def test_regression_is_where_the_slope_is_none():
    chance = np.random.default_rng(1)
    rows = chance.standard_normal((60, 5)).astype(np.float32)
    owners = (rows[:, 0] > 0).astype(np.intp) + (rows[:, 1] > 1)
    weights, bias = await logistic.regression(rows, owners, 3)
    assert (weights.dtype, weights.shape, bias.shape) == (np.float32, (3, 5), (3,))
    scores = rows @ weights.T + bias
    odds = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    share = (20 / np.bincount(owners))[owners]
    odds[np.arange(60), owners] -= 1
    slope = (odds * share[:, None]).T @ (rows - rows.mean(axis=0)) + logistic.PENALTY * weights
    assert np.abs(slope).max() < 0.5
    assert (scores.argmax(axis=1) == owners).mean() > 0.8


async def test_every_label_weighs_the_same():
    rows = np.asarray([[1, 0]] * 30 + [[0, 1]], np.float32)
    _, bias = await logistic.regression(rows, np.asarray([0] * 30 + [1], np.intp), 2)
    weights, _ = await logistic.regression(rows, np.asarray([0] * 30 + [1], np.intp), 2)
    middle = weights @ np.asarray([0.5, 0.5], np.float32) + bias
    assert abs(middle[0] - middle[1]) < 0.6


async def test_a_file_is_read_again(make):
    model, cache, classifier, _ = await learned(make)
    name, again = from_file(classifier.to_file("Mail"))
    assert name == "Mail"
    assert (again.labels, again.examples, again.model, again.key) == (
        classifier.labels,
        classifier.examples,
        classifier.model,
        classifier.key,
    )
    assert np.array_equal(again.weights, classifier.weights)
    assert np.array_equal(again.bias, classifier.bias)
    one = await teach.classify(model, cache, classifier, ["a parcel"])
    assert (await teach.classify(model, cache, again, ["a parcel"])).results == one.results


def _without(field):
    return lambda given: given.pop(field)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda given: given.update(format="x"), "not the file of a classifier"),
        (lambda given: given.update(version=2), "has the version 2"),
        (lambda given: given.update(labels=["a", "a", "b"]), "labels"),
        (lambda given: given.update(labels=["a"]), "labels"),
        (lambda given: given.update(labels=["a", 1, "c"]), "labels"),
        (lambda given: given.update(labels=["a", "b"]), "weights"),
        (lambda given: given.update(dimensions=0), "dimensions"),
        (lambda given: given.update(dimensions=10**9), "dimensions"),
        (lambda given: given.update(dimensions=True), "dimensions"),
        (lambda given: given.update(examples=-1), "examples"),
        (lambda given: given.update(name=3), "name"),
        (lambda given: given.update(model="x"), "model"),
        (lambda given: given.update(model={"id": "", "key": "k"}), "model"),
        (lambda given: given.update(weights="!!!"), "weights"),
        (lambda given: given.update(weights=[1]), "weights"),
        (lambda given: given.update(bias="AACAfwAAgH8AAIB/"), "weights"),
        *(
            (_without(field), field)
            for field in ("labels", "dimensions", "examples", "weights", "bias", "name")
        ),
    ],
)
async def test_a_damaged_file_is_refused(make, change, message):
    _, _, classifier, _ = await learned(make)
    given = json.loads(classifier.to_file("Mail"))
    change(given)
    with pytest.raises(InvalidInput, match=message.replace("bias", "bias|weights")):
        from_file(json.dumps(given))


@pytest.mark.parametrize("text", [None, b"{}", "", "{", "[]", "3", "[" * 100_000])
def test_what_is_no_file(text):
    with pytest.raises(InvalidInput):
        from_file(text)
