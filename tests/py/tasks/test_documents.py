"""documents: kept whole or not at all, found by words and meaning, in step with other tabs, with the help."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest

from nearside import help as helping
from nearside.engine.scheduler import SessionLane
from nearside.errors import InvalidInput, InvalidOption, ModelCrashed, NotFound, StorageFull
from nearside.models.manager import ModelManager
from nearside.models.vectors import VectorCache
from nearside.ports.fakes import MODEL, FakeDatabase, FakeRuntime, FakeStore, FakeTokenizers, ManualClock
from nearside.tasks.documents import MAX_ID, MAX_NAME, Documents
from nearside.types import Span

CATS = "Cats nap on warm windowsills while it rains outside."
BREAD = "Sourdough bread needs a lively starter, flour and salt."
TIDES = "The harbour master wrote the tides into a ledger."
OTHER = "org/other"


@pytest.fixture
def tab():
    """Return a function that opens one more tab over a database (a new one unless given)."""

    def build(database=None, runtime=None, **options):
        runtime = runtime or FakeRuntime((MODEL, OTHER), **options)
        clock = ManualClock()
        manager = ModelManager(
            runtime,
            FakeTokenizers(),
            FakeStore(),
            lambda session, reopen: SessionLane(session, reopen, runtime.max_replicas, clock, 60.0),
        )
        database = FakeDatabase() if database is None else database
        made = SimpleNamespace(
            runtime=runtime,
            manager=manager,
            clock=clock,
            database=database,
            documents=Documents(database, clock),
            cache=VectorCache(),
        )

        async def add(name, text, *, model=MODEL, **more):
            loaded = await manager.get(model)
            return await made.documents.add(loaded, made.cache, name, text, **more)

        async def search(query, *args, model=MODEL, collection="own", **more):
            loaded = await manager.get(model)
            return await made.documents.search(
                loaded, made.cache, query, *args, collection=collection, **more
            )

        made.add, made.search = add, search
        return made

    return build


async def names(documents):
    return [info.name for info in await documents.list()]


def found(results):
    return [hit.name for hit in results.results]


async def test_a_document_is_added_listed_read_found_and_deleted(tab):
    one = tab()
    info, usage = await one.add("cats.txt", CATS)
    assert (info.name, info.kind, info.characters, info.passages) == ("cats.txt", "text", len(CATS), 1)
    assert (info.added, info.current) == (one.clock.now(), True)
    assert (usage.texts, usage.cached) == (1, 0)
    assert usage.tokens > 0
    assert await one.documents.list() == [info]
    assert await one.documents.get(info.id) == (info, CATS)
    (hit,) = (await one.search("where do CATS nap")).results
    assert (hit.id, hit.name, hit.text, hit.start, hit.end) == (info.id, "cats.txt", CATS, 0, len(CATS))
    assert 0 < hit.score <= 1
    assert hit.highlights == (Span(0, 4), Span(5, 8))
    assert await one.documents.delete(info.id) is True
    assert await one.documents.delete(info.id) is False
    assert await one.documents.list() == []
    assert (await one.search("cats")).results == ()
    with pytest.raises(NotFound):
        await one.documents.get(info.id)


async def test_the_best_passage_of_all_documents_comes_first(tab):
    one = tab()
    for name, text in (("cats", CATS), ("bread", BREAD), ("tides", TIDES)):
        await one.add(name, text)
    assert found(await one.search("bread with a lively starter"))[0] == "bread"
    assert found(await one.search("the tides in a ledger"))[0] == "tides"
    everything = (await one.search("a cat")).results
    assert [hit.score for hit in everything] == sorted((hit.score for hit in everything), reverse=True)
    assert len((await one.search("a cat", 2)).results) == 2
    assert (await one.search("cats")).model.id == MODEL


async def test_long_texts_are_cut_and_found_by_passage_with_offsets(tab):
    one = tab(max_tokens=300)
    text = (
        "  " + "Nothing of note happened here today. " * 60 + "Then the zebra came. " + "And it left. " * 60
    )
    info, _ = await one.add("long", text)
    assert info.passages > 3
    hit = (await one.search("zebra", 1)).results[0]
    assert "zebra" in hit.text
    assert text[hit.start : hit.end] == hit.text
    marked = hit.highlights[0]
    assert hit.text[marked.start : marked.end] == "zebra"
    counts = one.runtime.runs
    assert max(len(ids) for _, ids in counts) <= 128 + 2


async def test_markdown_is_not_cut_across_a_heading(tab):
    text = "# One\n\nshort\n\n## Two\n\nalso short\n"
    one = tab(max_tokens=300)
    assert (await one.add("plain.txt", text))[0].passages == 1
    for name, kind in (("notes.md", None), ("notes.MARKDOWN", None), ("notes", "markdown")):
        info, _ = await one.add(name, text, kind=kind)
        assert (info.kind, info.passages) == ("markdown", 2)
    assert (await one.add("notes.md", text, kind="text"))[0].kind == "text"
    (hit, *_) = (await one.search("also two")).results
    assert hit.text == "## Two\n\nalso short"


async def test_the_oldest_comes_first_even_when_they_are_added_at_once(tab):
    one = tab()
    for number in range(12):
        await one.add(f"{number}", f"text {number}")
    await one.clock.advance(5)
    await one.add("late", "late")
    assert await names(one.documents) == [*map(str, range(12)), "late"]


async def test_the_same_id_is_replaced_whole_and_keeps_its_place(tab):
    one = tab()
    first, _ = await one.add("a", CATS, id="x")
    await one.add("b", TIDES)
    await one.clock.advance(5)
    second, _ = await one.add("c", BREAD, id="x")
    assert await names(one.documents) == ["c", "b"]
    assert second.added == first.added
    assert (await one.documents.get("x"))[1] == BREAD
    assert found(await one.search("bread starter"))[0] == "c"
    assert all("Cats" not in hit.text for hit in (await one.search("cats")).results)


async def test_the_same_again_costs_nothing(tab):
    one = tab()
    info, _ = await one.add("a", CATS, id="x")
    runs, writes = len(one.runtime.runs), len(one.database.writes)
    told = []
    again, usage = await one.add("a", CATS, id="x", on_progress=lambda *count: told.append(count))
    assert (again, usage.tokens, usage.texts, usage.cached) == (info, 0, 1, 1)
    assert told == [(1, 1)]
    assert (len(one.runtime.runs), len(one.database.writes)) == (runs, writes)
    renamed, usage = await one.add("other name", CATS, id="x")
    assert (renamed.name, usage.tokens) == ("other name", 0)
    assert found(await one.search("cats")) == ["other name"]
    assert (await one.documents.get("x")) == (renamed, CATS)
    as_markdown, _ = await one.add("other name", CATS, id="x", kind="markdown")
    assert as_markdown.kind == "markdown"


async def test_after_an_edit_only_new_passages_are_computed(tab):
    database = FakeDatabase()
    one = tab(database, max_tokens=300)
    parts = [f"# Part {n}\n\nThis part is about the number {n} alone.\n" for n in range(6)]
    await one.add("a.md", "\n".join(parts), id="x")
    fresh = tab(database, max_tokens=300)  # a reload: nothing in memory
    parts[3] = "# Part 3\n\nThis part is new.\n"
    _, usage = await fresh.add("a.md", "\n".join(parts), id="x")
    assert (usage.texts, usage.cached) == (6, 5)
    assert len(fresh.runtime.runs) == 1


async def test_vectors_outlive_the_tab(tab):
    database = FakeDatabase()
    await tab(database).add("cats", CATS)
    fresh = tab(database)
    results = await fresh.search("cats nap")
    assert found(results) == ["cats"]
    assert len(fresh.runtime.runs) == 1, "the query alone"
    assert (results.usage.texts, results.usage.cached) == (2, 1)


@pytest.mark.parametrize("error", [StorageFull("full"), RuntimeError("a defect")])
async def test_a_write_that_fails_changes_nothing(tab, error):
    one = tab()
    before, _ = await one.add("a", CATS, id="x")
    one.database.errors = [error, error]
    with pytest.raises(type(error)):
        await one.add("b", BREAD, id="x")
    with pytest.raises(type(error)):
        await one.add("c", TIDES)
    assert await one.documents.list() == [before]
    assert (await one.documents.get("x")) == (before, CATS)
    assert found(await one.search("bread")) == ["a"]
    await one.add("b", BREAD, id="x")
    assert await names(one.documents) == ["b"]


async def test_a_model_that_fails_changes_nothing(tab):
    one = tab()
    await one.search("warm up")
    one.runtime.crashes = 5
    with pytest.raises(ModelCrashed):
        await one.add("a", CATS)
    assert await one.documents.list() == []
    one.runtime.crashes = 0
    await one.add("a", CATS)
    assert await names(one.documents) == ["a"]


async def test_a_cancelled_addition_changes_nothing_and_does_not_block_the_next(tab, settle):
    one = tab()
    await one.search("warm up")
    one.runtime.hold()
    adding = asyncio.create_task(one.add("a", " ".join(f"word{n}" for n in range(100)), id="x"))
    await settle()
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    one.runtime.let()
    assert await one.documents.list() == []
    assert one.database.writes == []
    await one.add("b", CATS, id="x")
    assert await names(one.documents) == ["b"]


async def test_an_addition_is_one_write_of_all_its_entries(tab):
    one = tab()
    await one.add("a", CATS)
    (changes,) = one.database.writes
    assert len(changes) == 2
    with_vectors = [change for change in changes if change.blob]
    assert [len(change.blob) for change in with_vectors] == [4 * 256]


async def test_of_two_calls_for_one_document_the_later_has_the_last_word(tab, settle):
    one = tab()
    await one.search("warm up")
    one.runtime.hold()
    first = asyncio.create_task(one.add("first", CATS + " " + TIDES, id="x"))
    second = asyncio.create_task(one.add("second", BREAD, id="x"))
    await settle()
    one.runtime.let()
    await asyncio.gather(first, second)
    assert (await one.documents.get("x"))[1] == BREAD
    adding = asyncio.create_task(one.add("third", TIDES, id="x"))
    await settle(1)
    assert await one.documents.delete("x") is True
    await adding
    assert await one.documents.list() == []


async def test_two_tabs_see_each_other_and_lose_nothing(tab):
    database = FakeDatabase()
    one, other = tab(database), tab(database)
    await one.add("a", CATS, id="a")
    assert found(await other.search("cats")) == ["a"]
    await one.add("b", BREAD, id="b")
    assert found(await other.search("bread starter"))[0] == "b"
    await other.add("a, edited", TIDES, id="a")
    assert found(await one.search("tides ledger"))[0] == "a, edited"
    assert (await one.documents.get("a"))[1] == TIDES
    await one.documents.delete("b")
    assert await names(other.documents) == ["a, edited"]
    assert len((await other.search("bread")).results) == 1
    await asyncio.gather(
        *(one.add(f"one {n}", f"one {n}", id=f"o{n}") for n in range(20)),
        *(other.add(f"other {n}", f"other {n}", id=f"t{n}") for n in range(20)),
    )
    assert len(await one.documents.list()) == len(await other.documents.list()) == 41
    assert len((await one.search("one", 100)).results) == 41


async def test_a_search_reads_only_what_changed(tab):
    database = FakeDatabase()
    one, other = tab(database), tab(database)
    for number in range(10):
        await one.add(f"{number}", f"text {number}", id=f"{number}")
    await one.search("text")
    before = database.reads
    await one.search("another")
    assert database.reads == before
    await other.add("new", "text new", id="3")
    before = database.reads
    assert "text new" in [hit.text for hit in (await one.search("new")).results]
    assert database.reads - before == 10 + 1, "the short list, and the one that is new"


async def test_a_document_that_another_tab_replaces_while_it_is_read(tab, monkeypatch):
    database = FakeDatabase()
    one, other = tab(database), tab(database)
    await one.add("a", CATS, id="x")
    original = database.get
    changed = False

    async def get(collection, key):
        nonlocal changed
        if not changed:
            changed = True
            await other.add("b", BREAD, id="x")
        return await original(collection, key)

    monkeypatch.setattr(database, "get", get)
    info, text = await one.documents.get("x")
    assert (info.name, text) == ("b", BREAD)


async def test_another_model_s_vectors_are_not_used(tab):
    database = FakeDatabase()
    one = tab(database, dimensions=256)
    info, _ = await one.add("cats", CATS, id="x")
    await one.add("bread", BREAD, id="y", model=OTHER)
    assert [one.current for one in await one.documents.list()] == [False, True]
    results = (await one.search("cats", model=OTHER)).results
    assert {hit.name for hit in results} == {"cats", "bread"}
    by_words = next(hit for hit in results if hit.name == "cats")
    assert 0 < by_words.score <= 0.5, "the words alone"
    assert found(await one.search("windows", model=OTHER)) == ["bread"], "no word, no vector"
    again, usage = await one.add("cats", CATS, id="x", model=OTHER)
    assert (again.current, again.added, usage.cached) == (True, info.added, 0)
    best = (await one.search("cats", model=OTHER)).results[0]
    assert best.name == "cats"
    assert best.score > by_words.score


async def test_vectors_that_were_damaged_are_left_out(tab):
    database = FakeDatabase()
    await tab(database).add("cats", CATS, id="x")
    entry = database.writes[0][1]
    await database.write([type(entry)(entry.collection, entry.key, entry.value, entry.blob[:-3])])
    one = tab(database)
    assert found(await one.search("cats")) == ["cats"]
    assert found(await one.search("dogs")) == []


async def test_equal_passages_are_equally_close(tab):
    one = tab()
    for number in range(9):
        await one.add(f"{number}", CATS)
    scores = {hit.score for hit in (await one.search("nap on warm windowsills")).results}
    assert len(scores) == 1


async def test_progress_counts_passages(tab):
    one = tab(max_tokens=20)
    told = []
    text = " ".join(f"word{n}" for n in range(100))
    info, _ = await one.add("a", text, on_progress=lambda *count: told.append(count))
    assert told[-1] == (info.passages, info.passages)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    told.clear()
    await one.search("word7", on_progress=lambda *count: told.append(count))
    assert told[-1] == (info.passages, info.passages)


async def test_odd_texts(tab):
    one = tab()
    text = "日本語のテキスト 😀 \ud83d lone. किताब"
    info, _ = await one.add(" \ud800 name ", text, id="ключ/😀")
    assert info.characters == len(text)
    assert (await one.documents.get("ключ/😀"))[1] == text.replace("\ud83d", "\ufffd")
    assert (await one.search("日本語")).results[0].highlights[0] == Span(0, 3)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": None}, InvalidInput),
        ({"name": 5}, InvalidInput),
        ({"name": " "}, InvalidInput),
        ({"name": "x" * (MAX_NAME + 1)}, InvalidInput),
        ({"text": None}, InvalidInput),
        ({"text": ["a"]}, InvalidInput),
        ({"text": " \n"}, InvalidInput),
        ({"text": "x" * 10_000_001}, InvalidInput),
        ({"id": ""}, InvalidInput),
        ({"id": 7}, InvalidInput),
        ({"id": "x" * (MAX_ID + 1)}, InvalidInput),
        ({"id": "\ud800"}, InvalidInput),
        ({"id": "help/about"}, InvalidInput),
        ({"kind": "pdf"}, InvalidOption),
        ({"kind": 1}, InvalidOption),
    ],
)
async def test_what_cannot_be_added(tab, given, error):
    one = tab()
    with pytest.raises(error):
        await one.add(**{"name": "a", "text": "b", **given})
    assert one.database.writes == []


async def test_what_cannot_be_asked_for(tab):
    one = tab()
    for query, more in (("", {}), (None, {}), (" ", {})):
        with pytest.raises(InvalidInput):
            await one.search(query, **more)
    for more in ({"top_k": 0}, {"top_k": "3"}, {"collection": "all"}, {"collection": 3}):
        with pytest.raises(InvalidOption):
            await one.search("cats", **more)
    for id in (None, "", 3, "x" * 201):
        with pytest.raises(InvalidInput):
            await one.documents.get(id)
        with pytest.raises(InvalidInput):
            await one.documents.delete(id)


async def test_the_help_is_found_but_not_listed_nor_deleted(tab):
    one = tab(max_tokens=300)
    await one.add("cats", CATS)
    hits = (await one.search("export a classifier as one file", collection="help")).results
    assert hits
    assert all(hit.id.startswith("help/") for hit in hits)
    assert hits[0].id == "help/classifiers"
    info, text = await one.documents.get("help/classifiers")
    assert text[hits[0].start : hits[0].end] == hits[0].text
    assert (info.id, info.kind, info.name) == ("help/classifiers", "markdown", hits[0].name)
    assert await names(one.documents) == ["cats"]
    assert await one.documents.delete("help/classifiers") is False
    assert (await one.search("classifier", collection="help")).results
    with pytest.raises(NotFound):
        await one.documents.get("help/nothing")


async def test_own_and_help_together(tab):
    one = tab(max_tokens=300)
    await one.add("cats", CATS)
    both = (await one.search("cats nap on warm windowsills", 50, collection=None)).results
    assert both[0].name == "cats"
    assert any(hit.id.startswith("help/") for hit in both)
    own = (await one.search("cats nap on warm windowsills")).results
    assert (own[0].score, len(own)) == (both[0].score, 1), "the help does not weigh on the visitor's own"


async def test_the_help_s_vectors_are_made_once_and_kept(tab):
    database = FakeDatabase()
    one = tab(database, max_tokens=300)
    assert not one.runtime.runs
    told = []
    results = await one.search("modes", collection="help", on_progress=lambda *count: told.append(count))
    made = len(one.runtime.runs)
    assert made > len(helping.texts())
    assert told[-1] == (made - 1, made - 1)
    assert (results.usage.texts, results.usage.cached) == (made, 0)
    again = await one.search("offline", collection="help")
    assert len(one.runtime.runs) == made + 1
    assert again.usage.cached == made - 1
    fresh = tab(database, max_tokens=300)
    after = await fresh.search("modes", collection="help")
    assert len(fresh.runtime.runs) == 1
    assert after.usage.cached == made - 1
    assert [hit.text for hit in after.results] == [hit.text for hit in results.results]
    await fresh.search("modes", collection="help", model=OTHER)
    assert len(fresh.runtime.runs) == 1 + made
    assert len(await database.list("help")) == 1, "one model's vectors are kept"


async def test_help_without_room(tab):
    one = tab(max_tokens=300)
    one.database.errors = [StorageFull("full")]
    assert (await one.search("modes", collection="help")).results
    assert one.database.writes == []


async def test_help_that_is_cancelled_goes_on_where_it_stopped(tab, settle):
    one = tab(max_tokens=300)
    await one.manager.get(MODEL)
    one.runtime.hold()
    searching = asyncio.create_task(one.search("modes", collection="help"))
    await settle()
    one.runtime.let(5)
    await settle()
    searching.cancel()
    await asyncio.gather(searching, return_exceptions=True)
    one.runtime.let()
    results = await one.search("modes", collection="help")
    assert results.usage.cached >= 4


async def test_vectors_are_stored_as_they_were_made(tab):
    one = tab()
    await one.add("cats", CATS)
    loaded = await one.manager.get(MODEL)
    blob = next(change.blob for change in one.database.writes[0] if change.blob)
    assert np.array_equal(np.frombuffer(blob, "<f4"), one.cache.get(loaded.key, CATS))
