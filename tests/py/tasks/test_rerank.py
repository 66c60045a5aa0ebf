"""rerank: the caller's texts in a better order."""

import pytest

from nearside.errors import InvalidInput, InvalidOption
from nearside.tasks import rerank

DOCS = ["Stock prices fell.", "", "A cat on the windowsill.", "Dogs chase cats."]
LONG = "Nothing of note happened here. " * 12 + "Then the zebra came. " + "And it left. " * 12


async def test_all_texts_come_back_best_first(make):
    made = await make().client.rerank("cat on a windowsill", DOCS)
    assert made.results[0].index == 2
    assert sorted(found.index for found in made.results) == [0, 1, 2, 3]
    assert all(found.text == DOCS[found.index] for found in made.results)
    scores = [found.score for found in made.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert made.results[-1].index == 1
    assert made.results[-1].score == 0
    assert made.usage.texts == 5


async def test_top_k(make):
    client = make().client
    assert len((await client.rerank("cat", DOCS, top_k=2)).results) == 2
    assert len((await client.rerank("cat", DOCS, top_k=9)).results) == 4


async def test_a_long_text_is_as_good_as_its_best_part(make):
    told = []
    made = await make().client.rerank(
        "zebra", [*DOCS, LONG], on_progress=lambda done, total: told.append((done, total))
    )
    assert made.results[0].index == 4
    assert told[-1][0] == told[-1][1] > 5


async def test_equal_texts_have_equal_scores(make):
    made = await make().client.rerank("cat", ["a cat", "a dog", "a cat"])
    assert [found.index for found in made.results] == [0, 2, 1]
    assert made.results[0].score == made.results[1].score


async def test_nothing_to_order(make):
    assert (await make().client.rerank("cat", [])).results == ()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("", DOCS), InvalidInput, "query is empty"),
        ((None, DOCS), InvalidInput, "query is missing"),
        (("a", "b"), InvalidInput, "docs is one text"),
        (("a", [1]), InvalidInput, r"docs\[0\]"),
        (("a", DOCS, 0), InvalidOption, "top_k is 0"),
        (("a", DOCS, 1.5), InvalidOption, "top_k is 1.5"),
        (("a", DOCS, float("nan")), InvalidOption, "top_k is NaN"),
        (("a", DOCS, True), InvalidOption, "top_k is True"),
    ],
)
def test_what_cannot_be_used(arguments, error, message):
    with pytest.raises(error, match=message):
        rerank.checked(*arguments)
