"""embed: the right vectors for any text, each made once, or a typed error."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nearside
from nearside.errors import InvalidInput, InvalidOption, UnsupportedModel
from nearside.ports.fakes import FakeRuntime
from nearside.retrieval.chunking import slices
from nearside.tasks.embed import MAX_CHARACTERS, checked_text, checked_texts


async def test_a_text_and_a_list_of_one_are_the_same(make):
    client = make().client
    one, many = await client.embed("a cat"), await client.embed(["a cat"])
    assert one.embeddings.shape == (1, 256)
    assert one.embeddings.dtype == np.float32
    assert np.array_equal(one.embeddings, many.embeddings)


async def test_every_vector_has_length_1_and_its_text_s_place(make):
    client = make().client
    texts = [f"text number {i} {'word ' * (i % 7)}" for i in range(40)]
    together = (await client.embed(texts)).embeddings
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(40), abs=1e-6)
    alone = make().client
    for i in (0, 6, 39):
        assert np.array_equal((await alone.embed(texts[i])).embeddings[0], together[i])


async def test_nothing_gives_no_vectors(make):
    made = await make().client.embed([])
    assert made.embeddings.shape == (0, 256)
    assert (made.usage.tokens, made.usage.texts, made.usage.cached) == (0, 0, 0)


async def test_an_empty_text_has_the_vector_that_the_model_gives_it(make):
    ports = make()
    made = await ports.client.embed(["", "   "])
    assert np.linalg.norm(made.embeddings, axis=1) == pytest.approx([1, 1], abs=1e-6)
    assert [len(ids) for _, ids in ports.runtime.runs] == [2, 2]  # the special tokens


async def test_one_text_per_call_and_the_longest_first(make):
    ports = make()
    await ports.client.embed(["one", "one two three", "one two", "one two three four"])
    assert [len(ids) for _, ids in ports.runtime.runs] == [6, 5, 4, 3]


async def test_one_call_of_the_tokenizer_for_short_texts(make):
    ports = make()
    await ports.client.embed("warm up")
    ports.tokenizers.tokenizer.calls.clear()
    await ports.client.embed([f"text {i}" for i in range(50)])
    assert len(ports.tokenizers.tokenizer.calls) == 1


async def test_usage_counts_what_the_model_read(make):
    client = make().client
    first = (await client.embed(["one two", "three", "three"])).usage
    assert (first.tokens, first.texts, first.cached) == (7, 3, 1)
    again = (await client.embed(["one two", "four"])).usage
    assert (again.tokens, again.texts, again.cached) == (3, 2, 1)


async def test_which_model_answered(make):
    used = (await make().client.embed("x")).model
    assert (used.id, used.dtype, used.backend) == ("nearside/all-MiniLM-L6-v2", "int8", "cpu")
    assert len(used.sha256) == 64


async def test_writing_into_an_answer_does_not_change_the_next(make):
    client = make().client
    made = await client.embed(["a", "b"])
    expected = made.embeddings.copy()
    made.embeddings[:] = 0
    assert np.array_equal((await client.embed(["a", "b"])).embeddings, expected)
    single = await client.embed("a")
    single.embeddings[:] = 0
    assert np.array_equal((await client.embed("a")).embeddings[0], expected[0])


async def test_models_do_not_share_vectors(make):
    ports = make(FakeRuntime(["a/one", "a/two"]))
    await ports.client.embed("text", model="a/one")
    assert (await ports.client.embed("text", model="a/two")).usage.cached == 0


async def test_a_long_text_is_the_weighted_mean_of_its_windows(make):
    ports = make()  # 16 tokens, of which 2 are special
    text = "One two three four five six. Seven eight nine ten eleven. Twelve thirteen fourteen."
    made = await ports.client.embed(text)
    windows = [ids for _, ids in ports.runtime.runs]
    assert len(windows) == 2
    assert max(map(len, windows)) <= 16
    assert made.usage.tokens == sum(map(len, windows))
    parts = (await make().client.embed(["One two three four five six.", text[29:]])).embeddings
    mean = parts[0] * 9 + parts[1] * 12
    assert made.embeddings[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


async def test_the_last_words_of_a_long_text_count(make):
    client = make().client
    start = "Some words that are the same in both. " * 30
    one, other = (await client.embed([start + "zebra", start + "quantum"])).embeddings
    assert not np.allclose(one, other)


async def test_windows_of_long_texts_are_not_made_twice(make):
    ports = make()
    text = "One two three four five six. Seven eight nine ten eleven. Twelve thirteen fourteen."
    await ports.client.embed(text)
    ports.runtime.runs.clear()
    made = await ports.client.embed([text + "  ", "new"])  # another text with the same windows
    assert len(ports.runtime.runs) == 1
    assert made.usage.tokens == 3


async def test_texts_of_white_space_only(make):
    made = await make().client.embed([" " * 100_000, "\n" * 30_000, "word"])
    assert np.linalg.norm(made.embeddings, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)


async def test_windows_that_come_out_too_long_are_cut_again(make):
    """A tokenizer that needs more tokens for a text than for its parts."""
    ports = make()
    tokenizer = ports.tokenizers.tokenizer
    honest = tokenizer.encode
    tokenizer.count = lambda texts: [len(ids) for ids in honest(texts, special=False)]
    tokenizer.encode = lambda texts: [np.repeat(ids, 2) if len(ids) > 8 else ids for ids in honest(texts)]
    await ports.client.embed(" ".join(f"w{i}" for i in range(100)))
    assert max(len(ids) for _, ids in ports.runtime.runs) <= 16
    assert len({id for _, ids in ports.runtime.runs for id in ids}) == 102


async def test_nothing_is_cut_off_in_silence(make):
    """A tokenizer that counts nothing, so that no cut can help."""
    ports = make()
    ports.tokenizers.tokenizer.count = lambda texts: [0] * len(texts)
    with pytest.raises(UnsupportedModel, match="16 tokens at a time"):
        await ports.client.embed("word " * 100)


async def test_progress_counts_texts_and_ends(make):
    client = make().client
    told = []
    await client.embed(["a", "b", "a", "c"], on_progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (4, 4)
    assert {total for _, total in told} == {4}
    told.clear()
    await client.embed(["a", "b"], on_progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 2)]
    told.clear()
    await client.embed([], on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 0)]


async def test_a_cancelled_job_keeps_what_it_made(make, settle):
    ports = make()
    ports.runtime.hold()
    texts = [f"text {i}" for i in range(100)]
    job = asyncio.create_task(ports.client.embed(texts))
    await settle()
    ports.runtime.let(30)
    await settle(300)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    ports.runtime.let()
    assert (await ports.client.embed(texts)).usage.cached >= 28


async def test_pooling_in_numpy_where_the_graph_does_not(make):
    runtime = FakeRuntime(outputs=("last_hidden_state",), card={"pooling": "mean"})
    inside, outside = make(), make(runtime)
    texts = ["one two three", "four"]
    assert (await inside.client.embed(texts)).embeddings == pytest.approx(
        (await outside.client.embed(texts)).embeddings, abs=1e-6
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (None, "texts is missing"),
        (5, "texts is a value of type int"),
        (b"bytes", "texts is a value of type bytes"),
        ({"a": 1}, "texts is a value of type dict"),
        ({"a"}, "texts is a value of type set"),
        (["fine", None], r"texts\[1\] is missing"),
        (["fine", 5.5], r"texts\[1\] is a value of type float"),
        ([["nested"]], r"texts\[0\] is a value of type list"),
        ("x" * (MAX_CHARACTERS + 1), r"texts has 10,000,001 characters"),
        (["", "x" * (MAX_CHARACTERS + 1)], r"texts\[1\] has"),
    ],
)
async def test_what_is_no_text_is_refused_before_anything_is_loaded(make, texts, message):
    ports = make()
    with pytest.raises(InvalidInput, match=message):
        await ports.client.embed(texts)
    assert ports.runtime.opened == []


@pytest.mark.parametrize(
    ("text", "ready"),
    [
        ("plain", "plain"),
        ("é 日本 😀 שלום", "é 日本 😀 שלום"),
        ("\ud83d", "\ufffd"),
        ("a\udc00b\ud800", "a\ufffdb\ufffd"),
        ("\ud83d\ude00", "\ufffd\ufffd"),  # two halves in Python are two mistakes, not an emoji
        ("\x00", "\x00"),
    ],
)
def test_lone_surrogates_are_replaced_one_for_one(text, ready):
    assert checked_text(text, "text") == ready


@given(st.text(st.characters(), max_size=50))
def test_a_checked_text_can_be_encoded_and_is_as_long(text):
    ready = checked_text(text, "text")
    ready.encode("utf-8")
    assert len(ready) == len(text)


def test_sequences_of_texts():
    assert checked_texts("one") == ["one"]
    assert checked_texts(("one", "two")) == ["one", "two"]
    assert checked_texts([np.str_("one")]) == ["one"]


@pytest.mark.parametrize(
    ("lengths", "groups"),
    [
        ([], []),
        ([5], [[0]]),
        ([50_000, 50_000, 1], [[0, 1], [2]]),
        ([1, 300_000, 1], [[0, 1], [2]]),
        ([100_000], [[0]]),
        ([0] * 3, [[0, 1, 2]]),
    ],
)
def test_texts_are_read_in_slices(lengths, groups):
    assert [list(group) for group in slices(["x" * length for length in lengths])] == groups


async def test_the_engine_answers_while_many_texts_are_tokenized(make, settle):
    ports = make()
    await ports.client.embed("warm up")
    ports.tokenizers.tokenizer.calls.clear()
    turns = []

    async def others():
        while True:
            turns.append(len(ports.tokenizers.tokenizer.calls))
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    ports.runtime.hold()
    job = asyncio.create_task(ports.client.embed([f"{i} " + "x" * 90_000 for i in range(10)]))
    await settle(100)
    assert len(ports.tokenizers.tokenizer.calls) >= 10
    job.cancel()
    other.cancel()
    assert len(set(turns)) > 3  # they had their turns between the slices


def prefixed(**options):
    """A runtime whose model wants prefixes."""
    prompts = '{"prompts": {"query": "ask ", "passage": "tell "}}'
    return FakeRuntime(
        files={"tokenizer.json": "{}", "config_sentence_transformers.json": prompts}, **options
    )


async def test_a_kind_puts_its_prefix_before_the_text(make):
    ports = make(prefixed())
    plain = await ports.client.embed(["ask a cat", "tell a cat", "a cat"])
    for kind, row in (("query", 0), ("passage", 1), (None, 2)):
        made = await make(prefixed()).client.embed("a cat", kind=kind)
        assert np.array_equal(made.embeddings[0], plain.embeddings[row])
        many = await make(prefixed()).client.embed(["a cat", "a dog"], kind=kind)
        assert np.array_equal(many.embeddings[0], plain.embeddings[row])


async def test_kinds_do_not_share_vectors(make):
    client = make(prefixed()).client
    one = await client.embed(["a cat", "x"], kind="query")
    other = await client.embed(["a cat", "x"], kind="passage")
    assert not np.allclose(one.embeddings, other.embeddings)
    assert other.usage.cached == 0
    assert (await client.embed(["a cat", "x"], kind="query")).usage.cached == 2


async def test_every_window_of_a_long_text_has_the_prefix(make):
    ports = make(prefixed())
    first = (await make(prefixed()).client.embed("tell")).embeddings  # its id, by way of the runs
    text = "One two three four five six. Seven eight nine ten eleven. Twelve thirteen fourteen."
    await ports.client.embed(text, kind="passage")
    (tell,) = {ids[1] for _, ids in ports.runtime.runs}
    assert len(ports.runtime.runs) == 2
    assert tell == ports.tokenizers.tokenizer.encode(["tell"])[0][1]
    assert max(len(ids) for _, ids in ports.runtime.runs) <= 16
    assert first.shape == (1, 256)


async def test_searches_ask_with_the_query_s_prefix_and_keep_passages(make):
    for call in (
        lambda client: client.search("cats", ["a cat sat", "dogs"]),
        lambda client: client.rerank("cats", ["a cat sat", "dogs"]),
        lambda client: client.answer("cats", "A cat sat here. Dogs ran off."),
    ):
        ports = make(prefixed())
        await call(ports.client)
        first = {ids[1] for _, ids in ports.runtime.runs}
        encode = ports.tokenizers.tokenizer.encode
        ask, tell = (encode([word])[0][1] for word in ("ask", "tell"))
        assert [ids[1] for _, ids in ports.runtime.runs].count(ask) == 1
        assert first == {ask, tell}


async def test_documents_are_passages_and_what_is_known_of_them_is_not_read_again(make):
    ports = make(prefixed())
    encode = ports.tokenizers.tokenizer.encode
    ask, tell = (encode([word])[0][1] for word in ("ask", "tell"))
    client = ports.client
    text = "A cat sat here and there and everywhere. Dogs ran off into the wide woods behind it."
    await client.documents.add("notes.txt", text, id="one")
    assert {ids[1] for _, ids in ports.runtime.runs} == {tell}
    again = make(prefixed(), database=ports.database)  # another visit: nothing in memory
    count = (await again.client.documents.add("notes.txt", text + " Birds flew.", id="one")).usage
    assert count.cached > 0
    again.runtime.runs.clear()
    await again.client.documents.search("cats")
    assert {ids[1] for _, ids in again.runtime.runs} == {ask}


async def test_dimensions_cut_and_normalise(make):
    client = make().client
    whole = (await client.embed(["a cat", "a dog"])).embeddings
    cut = (await client.embed(["a cat", "a dog"], dimensions=10)).embeddings
    assert cut.shape == (2, 10)
    assert cut.dtype == np.float32
    expected = whole[:, :10] / np.linalg.norm(whole[:, :10], axis=1, keepdims=True)
    assert cut == pytest.approx(expected, abs=1e-6)
    assert (await client.embed(["a cat", "a dog"])).embeddings.shape == (2, 256)  # the cache has all of it
    assert (await client.embed("a cat", dimensions=256)).embeddings == pytest.approx(whole[:1], abs=1e-6)
    assert (await client.embed([], dimensions=10)).embeddings.shape == (0, 10)


@pytest.mark.parametrize("dimensions", [0, -1, 1.5, "8", True, 257])
async def test_impossible_dimensions_are_refused(make, dimensions):
    with pytest.raises(InvalidOption, match="dimensions"):
        await make().client.embed("a cat", dimensions=dimensions)


@pytest.mark.parametrize("kind", ["document", "", 1])
async def test_unknown_kinds_are_refused(make, kind):
    with pytest.raises(InvalidOption, match="kind"):
        await make().client.embed("a cat", kind=kind)


@pytest.mark.parametrize("name", ["bert_embed", "xlmr_embed", "nomic_embed"])
def test_a_batch_of_one_is_as_a_batch_of_many(arch_models, name):
    """Whatever the texts, their order, and what was embedded before."""

    async def run(texts):
        async with nearside.connect([arch_models], dtype="fp32") as client:
            many = (await client.embed(texts, model=f"arch/{name}")).embeddings
        async with nearside.connect([arch_models], dtype="fp32") as client:
            alone = [(await client.embed(text, model=f"arch/{name}")).embeddings for text in texts]
        assert many.shape[0] == len(texts)
        if texts:
            assert np.einsum("nd,nd->n", many, np.concatenate(alone)).min() >= 0.9999

    @settings(max_examples=8, deadline=None)
    @given(st.lists(st.text(st.characters(codec=None), max_size=60), max_size=6))
    def check(texts):
        asyncio.run(run(texts))

    check()
