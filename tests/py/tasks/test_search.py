"""search: the right documents and places, read once, with typed errors."""

import asyncio
import math

import pytest

from nearside.errors import InvalidInput, InvalidOption, ModelCrashed
from nearside.ports.fakes import FakeRuntime
from nearside.retrieval import fusion
from nearside.types import Span

DOCS = [
    "The stock market fell sharply on Monday.",
    "A cat sleeps on the warm windowsill.",
    "Dogs chase cats around the garden.",
    "Recipes for a quick dinner.",
]


def indices(found):
    return [hit.index for hit in found.results]


async def test_the_best_document_comes_first(make):
    found = await make().client.search("cat on a windowsill", DOCS)
    assert indices(found)[0] == 1
    assert sorted(indices(found)) == [0, 1, 2, 3]
    scores = [hit.score for hit in found.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


async def test_a_hit_is_the_whole_document_with_its_words_marked(make):
    hit = (await make().client.search("CATS", DOCS, top_k=1)).results[0]
    assert (hit.index, hit.text) == (2, DOCS[2])
    assert (hit.start, hit.end) == (0, len(DOCS[2]))
    assert [hit.text[mark.start : mark.end] for mark in hit.highlights] == ["cats"]
    assert hit.highlights == (Span(11, 15),)


@pytest.mark.parametrize(("top_k", "count"), [(1, 1), (2, 2), (4, 4), (100, 4), (3.0, 3)])
async def test_top_k(make, top_k, count):
    assert len((await make().client.search("cat", DOCS, top_k=top_k)).results) == count


async def test_no_documents_or_blank_ones(make):
    client = make().client
    assert (await client.search("cat", [])).results == ()
    assert (await client.search("cat", ["", "  \n"])).results == ()
    assert indices(await client.search("cat", ["", "a cat", " "])) == [1]
    assert (await client.search("cat", [], passages=True)).results == ()


async def test_words_that_most_documents_have_are_not_marked(make):
    docs = [f"the {word} and the rest" for word in ("cat", "dog", "train", "bread", "sea")]
    client = make().client

    async def marks(query, count):
        hit = (await client.search(query, docs[:count])).results[0]
        return [hit.text[mark.start : mark.end] for mark in hit.highlights]

    assert await marks("the cat", 5) == ["cat"]
    assert await marks("the", 5) == ["the", "the"]  # when there is nothing else
    assert await marks("the cat", 4) == ["the", "cat", "the"]  # four texts say nothing about a language


async def test_the_same_document_twice_is_found_twice(make):
    found = await make().client.search("cat", ["a cat", "a dog", "a cat"])
    assert indices(found)[:2] == [0, 2]
    assert found.results[0].score == found.results[1].score


LONG = (
    "Nothing of note happened in the first part. " * 6 + "Then the zebra came. " + "And left again soon. " * 6
)


async def test_a_long_document_is_as_good_as_its_best_part(make):
    found = await make().client.search("zebra", [*DOCS, LONG], top_k=1)
    hit = found.results[0]
    assert (hit.index, hit.text) == (4, LONG)
    assert "zebra" in LONG[hit.start : hit.end]
    assert hit.end - hit.start < len(LONG) / 3
    assert [LONG[mark.start : mark.end] for mark in hit.highlights] == ["zebra"]


async def test_passages_are_places_in_documents(make):
    docs = [*DOCS, LONG, "  padded text  "]
    found = await make().client.search("zebra", docs, top_k=50, passages=True)
    assert found.results[0].index == 4
    assert len([hit for hit in found.results if hit.index == 4]) > 3
    for hit in found.results:
        assert hit.text == docs[hit.index][hit.start : hit.end]
        assert hit.text == hit.text.strip() != ""
    assert "zebra" in found.results[0].text
    mark = found.results[0].highlights[0]
    assert found.results[0].text[mark.start : mark.end] == "zebra"


async def test_a_second_query_reads_nothing_but_itself(make):
    ports = make()
    first = await ports.client.search("cat", DOCS)
    assert (first.usage.texts, first.usage.cached) == (5, 0)
    ports.runtime.runs.clear()
    ports.tokenizers.tokenizer.calls.clear()
    second = await ports.client.search("dinner tonight", list(DOCS))
    assert len(ports.runtime.runs) == 1
    assert ports.tokenizers.tokenizer.calls == [("dinner tonight",)]
    assert (second.usage.texts, second.usage.cached, second.usage.tokens) == (5, 4, 4)
    assert indices(second)[0] == 3
    third = await ports.client.search("cat", DOCS)
    assert third.results == first.results
    assert (third.usage.cached, third.usage.tokens) == (5, 0)


async def test_other_documents_are_not_taken_for_those_read_before(make):
    client = make().client
    await client.search("cat", DOCS)
    changed = [*DOCS[:3], "A cat and a cat and a cat."]
    assert indices(await client.search("cat", changed))[0] == 3
    assert indices(await client.search("cat", DOCS))[0] == 1


async def test_only_so_many_corpora_are_kept(make):
    ports = make()
    for i in range(6):
        await ports.client.search("cat", [f"document {i}"])
    ports.tokenizers.tokenizer.calls.clear()
    await ports.client.search("cat", ["document 5"])
    assert ports.tokenizers.tokenizer.calls == []
    await ports.client.search("cat", ["document 0"])  # cut again, but its vector is still known
    assert ports.tokenizers.tokenizer.calls == [("document 0",)]


async def test_passages_and_documents_are_kept_apart(make):
    client = make().client
    whole = await client.search("zebra", [LONG], top_k=1)
    passage = await client.search("zebra", [LONG], top_k=1, passages=True)
    assert whole.results[0].text == LONG
    assert passage.results[0].text != LONG


async def test_two_searches_over_the_same_new_documents_read_them_once(make, settle):
    ports = make()
    ports.runtime.hold()
    docs = [f"document number {i}" for i in range(30)]
    told = []
    one = asyncio.create_task(ports.client.search("one", docs))
    await settle()
    two = asyncio.create_task(
        ports.client.search("two", docs, on_progress=lambda done, total: told.append((done, total)))
    )
    await settle()
    ports.runtime.let()
    await asyncio.gather(one, two)
    assert len(ports.runtime.runs) == 32
    assert told[-1] == (30, 30)


async def test_when_the_first_of_two_is_cancelled_the_second_goes_on(make, settle):
    ports = make()
    ports.runtime.hold()
    docs = [f"document number {i}" for i in range(30)]
    one = asyncio.create_task(ports.client.search("one", docs))
    await settle()
    two = asyncio.create_task(ports.client.search("two", docs))
    await settle()
    ports.runtime.let(12)
    await settle(200)
    one.cancel()
    await settle()
    ports.runtime.let()
    assert len((await two).results) == 10
    assert len(ports.runtime.runs) <= 36


async def test_progress_counts_pieces_and_ends(make):
    client = make().client
    told = []
    await client.search("cat", DOCS, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (4, 4)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    told.clear()
    await client.search("dog", DOCS, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(4, 4)]


async def test_a_query_is_read_before_the_documents_are_done(make, settle):
    ports = make()
    await ports.client.embed("warm up")
    ports.runtime.runs.clear()
    ports.runtime.hold()
    search = asyncio.create_task(ports.client.search("query", [f"a longer document {i}" for i in range(100)]))
    await settle()
    ports.runtime.let(4)
    await settle()
    assert any(len(ids) == 3 for _, ids in ports.runtime.runs)  # the query, among the first calls
    ports.runtime.let()
    await search


async def test_words_count_and_so_do_meanings(make):
    client = make().client
    docs = ["xylophone", "completely different"]
    by_word = await client.search("Xylophone?", docs)
    assert indices(by_word)[0] == 0
    assert by_word.results[1].score < 0.2 < by_word.results[0].score


async def test_the_weight_of_the_meaning_is_one_constant(make, monkeypatch):
    """The page's ranking is made here: another constant, another order."""
    docs = ["alpha beta gamma", "alpha alpha alpha alpha"]
    results = {}
    for weight in (0.0, 1.0):
        monkeypatch.setattr(fusion, "MEANING", weight)
        results[weight] = indices(await make().client.search("alpha beta zeta", docs))
    assert results[1.0] != results[0.0] or results[0.0] == [0, 1]


async def test_other_scripts(make):
    docs = ["猫が好きです。", "東京は日本の首都です。", "Привет, мир", "שלום עולם", "😀😀 emoji"]
    client = make().client
    for query, index in (("日本の首都", 1), ("猫", 0), ("МИР", 2), ("עולם", 3), ("emoji", 4)):
        hit = (await client.search(query, docs)).results[0]
        assert hit.index == index
        assert hit.highlights


async def test_lone_surrogates_come_back_as_they_were_given(make):
    docs = ["half \ud83d an emoji zebra", "other"]
    hit = (await make().client.search("zebra \udc00", docs, passages=True)).results[0]
    assert hit.text == docs[0]
    assert [hit.text[mark.start : mark.end] for mark in hit.highlights] == ["zebra"]


@pytest.mark.parametrize("top_k", [0, -1, 2.5, math.nan, math.inf, "10", None, True, [1]])
async def test_impossible_top_k(make, top_k):
    ports = make()
    with pytest.raises(InvalidOption, match="top_k is"):
        await ports.client.search("cat", DOCS, top_k=top_k)
    assert ports.runtime.opened == []


@pytest.mark.parametrize("passages", ["yes", 1, None])
async def test_passages_is_yes_or_no(make, passages):
    with pytest.raises(InvalidOption, match="passages"):
        await make().client.search("cat", DOCS, passages=passages)


@pytest.mark.parametrize(
    ("query", "docs", "message"),
    [
        ("", DOCS, "query is empty"),
        (" \n", DOCS, "query is empty"),
        (None, DOCS, "query is missing"),
        (["cat"], DOCS, "query is a value of type list"),
        ("cat", "one text", "docs is one text"),
        ("cat", None, "docs is missing"),
        ("cat", [*DOCS, None], r"docs\[4\] is missing"),
        ("cat", [3], r"docs\[0\] is a value of type int"),
    ],
)
async def test_what_cannot_be_searched(make, query, docs, message):
    with pytest.raises(InvalidInput, match=message):
        await make().client.search(query, docs)


async def test_a_failure_is_the_error_itself_and_the_next_search_works(make):
    ports = make(FakeRuntime())
    ports.runtime.crashes = 10**6
    with pytest.raises(ModelCrashed):
        await ports.client.search("cat", DOCS)
    ports.runtime.crashes = 0
    assert indices(await ports.client.search("cat", DOCS))[0] == 1
