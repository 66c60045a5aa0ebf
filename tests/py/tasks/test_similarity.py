"""similarity: a cosine."""

import numpy as np
import pytest

from nearside.errors import InvalidInput


async def test_it_is_the_cosine_of_the_two_vectors(make):
    client = make().client
    made = await client.similarity("the cat sat", "the cat slept")
    a, b = (await client.embed(["the cat sat", "the cat slept"])).embeddings
    assert made.score == pytest.approx(float(np.dot(a, b)), abs=1e-6)
    assert isinstance(made.score, float)
    assert (made.usage.texts, made.usage.cached, made.usage.tokens) == (2, 0, 10)
    assert made.model.id == "nearside/all-MiniLM-L6-v2"


async def test_it_does_not_matter_which_comes_first(make):
    client = make().client
    one = await client.similarity("red apples", "green apples")
    other = await client.similarity("green apples", "red apples")
    assert one.score == pytest.approx(other.score)


async def test_a_text_is_exactly_as_close_to_itself_as_can_be(make):
    client = make().client
    made = await client.similarity("a text", "a text")
    assert made.score == 1.0
    assert made.usage.cached == 1


async def test_closer_texts_score_higher(make):
    client = make().client
    near = await client.similarity("a cat on a mat", "a cat on a hat")
    far = await client.similarity("a cat on a mat", "stock prices rose today")
    assert near.score > far.score


@pytest.mark.parametrize(
    ("pair", "name"), [((None, "b"), "a is missing"), (("a", 5), "b is a value of type int")]
)
async def test_both_must_be_texts(make, pair, name):
    with pytest.raises(InvalidInput, match=name):
        await make().client.similarity(*pair)


async def test_a_list_is_no_text(make):
    with pytest.raises(InvalidInput, match="a is a value of type list"):
        await make().client.similarity(["a"], "b")
