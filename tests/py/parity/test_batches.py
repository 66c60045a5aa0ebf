"""A text's result never depends on its neighbours: a list gives what each of its texts gives alone, in the
order of the list, on real graphs."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearside import connect

texts = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=40),
        st.sampled_from(["", " ", "Angela Merkel visited Paris.", "café 👩‍👩‍👧 שלום", "the cloud " * 60]),
    ),
    min_size=1,
    max_size=5,
)


def same(one, other):
    assert [pair[:-1] for pair in one] == [pair[:-1] for pair in other]
    assert [pair[-1] for pair in one] == pytest.approx([pair[-1] for pair in other], abs=1e-4)


async def entities(client, many):
    made = await client.extract_entities(many, model="arch/bert_ner")
    for text, found in zip(many, made.results, strict=True):
        assert all(text[one.start : one.end] == one.text != "" for one in found)
        assert [one.start for one in found] == sorted(one.start for one in found)
    return [[(one.text, one.type, one.start, one.end, one.score) for one in found] for found in made.results]


async def zero_shot(client, many):
    made = await client.zero_shot(many, ["sport", "politics", "the sea"], model="arch/bert_nli")
    return [sorted(zip(one.labels, one.scores, strict=True)) for one in made.results]


async def rerank(client, many):
    made = await client.rerank("Who visited Paris?", many, model="arch/bert_rerank")
    scores = [one.score for one in made.results]
    assert scores == sorted(scores, reverse=True)
    assert all(many[one.index] == one.text for one in made.results)
    return [[(one.score,)] for one in sorted(made.results, key=lambda one: one.index)]


@pytest.mark.parametrize("task", [entities, zero_shot, rerank])
def test_a_batch_of_one_is_as_a_batch_of_many(arch_models, task):
    async def compare(many):
        async with connect([arch_models], dtype="fp32") as client:
            for alone, together in zip(
                [(await task(client, [text]))[0] for text in many], await task(client, many), strict=True
            ):
                same(alone, together)

    @settings(max_examples=12, deadline=None)
    @given(texts)
    def check(many):
        asyncio.run(compare(many))

    check()
