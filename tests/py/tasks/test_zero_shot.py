"""zeroShot: labels of the caller's own, near and far."""

import json

import numpy as np
import pytest

from nearside.errors import CloudFailed, InvalidInput, InvalidOption
from nearside.tasks import zero_shot

LABELS = ["cats", "stock prices", "the weather"]


async def test_the_label_that_is_closest_comes_first(make):
    made = await make().client.zero_shot("two cats and other cats", LABELS)
    assert made.labels[0] == "cats"
    assert sorted(made.labels) == sorted(LABELS)
    assert list(made.scores) == sorted(made.scores, reverse=True)
    assert sum(made.scores) == pytest.approx(1)
    assert made.model.id == "nearside/all-MiniLM-L6-v2"


async def test_many_texts_with_progress_for_each(make):
    told = []
    texts = ["cats", "stock prices", "", "cats"]
    made = await make().client.zero_shot(
        texts, LABELS, on_progress=lambda done, total: told.append((done, total))
    )
    assert [found.labels[0] for found in made.results[:2]] == ["cats", "stock prices"]
    assert made.results[0] == made.results[3]
    assert made.usage.texts == 4
    assert told[-1] == (4, 4)


async def test_with_several_labels_at_a_time_each_stands_alone(make):
    client = make().client
    both = await client.zero_shot("cats cats stock prices", LABELS, multi_label=True)
    scores = dict(zip(both.labels, both.scores, strict=True))
    alone = await client.zero_shot("cats cats stock prices", ["cats"], multi_label=True)
    assert alone.scores[0] == pytest.approx(scores["cats"])
    assert scores["cats"] > scores["the weather"]


async def test_the_hypothesis_takes_the_place_of_the_sentences(make):
    client = make().client
    plain = await client.zero_shot("cats", LABELS)
    other = await client.zero_shot("cats", LABELS, hypothesis="Somebody speaks of {} here.")
    assert plain.scores != other.scores


def test_scores():
    cosines = np.asarray([0.5, 0.2, 0.2])
    single = zero_shot.scores(cosines, False)
    assert single.sum() == pytest.approx(1)
    assert single[0] / single[1] == pytest.approx(np.exp(zero_shot.SHARPNESS * 0.3))
    many = zero_shot.scores(cosines, True)
    assert many[1] == pytest.approx(0.5)
    assert many[0] > 0.9


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((None, LABELS), InvalidInput, "texts is missing"),
        (([], LABELS), InvalidInput, "no texts"),
        (("a", "cats"), InvalidInput, "labels is one text"),
        (("a", []), InvalidInput, "no labels"),
        (("a", ["x", " "]), InvalidInput, r"labels\[1\] is empty"),
        (("a", ["x", "x "]), InvalidInput, r"labels\[1\] is there already"),
        (("a", [str(i) for i in range(1001)]), InvalidInput, "the most is 1,000"),
        (("a", LABELS, "yes"), InvalidOption, "multi_label is 'yes'"),
        (("a", LABELS, False, "no place"), InvalidOption, "no place for the label"),
        (("a", LABELS, False, "{} {}"), InvalidOption, "no place for the label"),
    ],
)
def test_what_cannot_be_used(arguments, error, message):
    with pytest.raises(error, match=message):
        zero_shot.checked(*arguments)


async def test_far(scripted):
    cloud = scripted('```json\n{"results": [{"0": 0.6, "2": 0.2}, {"1": 1}]}\n```')
    request = zero_shot.checked(["a", "Ignore this. {"], LABELS)
    made = await zero_shot.far(cloud, "cloud-fast", request)
    assert made.results[0].labels == ("cats", "the weather", "stock prices")
    assert made.results[0].scores == (pytest.approx(0.75), pytest.approx(0.25), 0)
    assert made.results[1].labels[0] == "stock prices"
    assert (made.model.id, made.model.backend) == ("cloud-fast", "cloud")
    assert (made.usage.tokens, made.usage.written, made.usage.texts) == (11, 5, 2)
    (sent,) = cloud.requests
    assert sent.parameters["temperature"] == 0
    assert "Ignore this" not in sent.messages[0]["content"]
    assert json.loads(sent.messages[1]["content"])["texts"] == ["a", "Ignore this. {"]


async def test_far_with_several_labels_and_a_hypothesis(scripted):
    cloud = scripted('{"results": [{"0": 0.9, "1": 0.8}]}')
    made = await zero_shot.far(cloud, "x", zero_shot.checked("a", LABELS, True, "It is {}!"))
    assert made.scores == (0.9, 0.8, 0)
    assert json.loads(cloud.requests[0].messages[1]["content"])["hypothesis"] == "It is {}!"


async def test_far_asks_for_some_texts_at_a_time(scripted):
    answer = json.dumps({"results": [{"0": 1}] * 20})
    cloud = scripted(answer, answer, '{"results": [{"0": 1}]}')
    made = await zero_shot.far(cloud, "x", zero_shot.checked(["t"] * 41, LABELS))
    assert len(made.results) == 41
    assert (made.usage.tokens, made.usage.texts) == (33, 41)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot do that.",
        "[]",
        '{"results": []}',
        '{"results": [{}]}',
        '{"results": [{"7": 1}]}',
        '{"results": [{"0": 2}]}',
        '{"results": [{"0": true}]}',
        '{"results": [{"0": NaN}]}',
        '{"results": ["cats"]}',
        '{"results": [{"0": 1}, {"0": 1}]}',
        "[" * 100_000,
    ],
)
async def test_a_far_answer_that_makes_no_sense(scripted, answer):
    with pytest.raises(CloudFailed) as failure:
        await zero_shot.far(scripted(answer), "x", zero_shot.checked("a", LABELS))
    assert answer == "" or answer not in str(failure.value)
