"""summarize with models that write: parts, styles, bounds, what is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearside
from nearside.errors import UnsupportedModel
from nearside.generation import seq2seq
from nearside.generation.summarize import Sentences, near
from nearside.tasks import summarize as task

SHORT = "The library opens at nine. Everyone who lives in the town may borrow five of them."
LONG = " ".join(f"The library number {number} opens at nine and closes at ten." for number in range(20))
MODELS = ["arch/bart_summ", "arch/bart_pair", "arch/t5", "arch/qwen3"]


@pytest.mark.parametrize("id", MODELS)
@pytest.mark.parametrize("text", [SHORT, LONG])
async def test_it_writes_and_is_heard(arch_models, id, text):
    heard, told = [], []
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.summarize(
            text, model=id, max_tokens=20, on_text=heard.append, on_progress=lambda *n: told.append(n)
        )
    assert made.summary
    assert "".join(heard) == made.summary
    assert made.sentences == ()
    assert made.model.id == id
    assert made.usage.texts == 1
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]
    if text is SHORT:
        assert told == [(1, 1)]
        assert 0 < made.usage.written <= 20
    elif id != "arch/qwen3":  # (whose window has room for all of it)
        assert len(told) > 3


async def test_what_is_read_is_the_prefix_and_the_text(arch_models, opened):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, "arch/t5")
        made = await client.summarize(SHORT, model="arch/t5")
        ids = model.tokenizer.encode(["summarize: " + SHORT])[0]
        settings = seq2seq.settings(model, "summarization")
        wanted = await seq2seq.write(model, ids, settings.with_least(min(12, ids.size // 4)))
    assert made.usage.tokens == wanted.read == ids.size
    assert made.summary == wanted.text


async def test_all_of_a_long_text_is_read(arch_models, opened):
    """The first pass reads each token of the text once, and special ones for every part."""
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, "arch/bart_summ")
        made = await client.summarize(LONG, model="arch/bart_summ")
        assert made.usage.tokens > model.tokenizer.count([LONG])[0]
        (session,) = [one.session for one in model.lane._replicas]
        await session.free("nobody")  # after what was freed before
        session._thread.submit(int).result()  # what was ordered before is done then
        assert not session._kept


@pytest.mark.parametrize("limit", [1, 5, 12])
@pytest.mark.parametrize("id", ["arch/bart_summ", "arch/qwen3"])
async def test_max_tokens_bounds_what_is_written(arch_models, id, limit):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.summarize(SHORT, model=id, max_tokens=limit)
    assert made.usage.written <= limit


async def test_a_model_for_something_else_is_refused(arch_models, opened):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        with pytest.raises(UnsupportedModel, match="marian"):
            await client.summarize(SHORT, model="arch/marian")
        with pytest.raises(UnsupportedModel):
            await near(await opened(client, "arch/bert_ner"), task.checked(SHORT))


TEXT = (
    "Dr. Smith came at 9 a.m. on Monday. He left. Nobody knows why! Then it rained; it was no. 5 of the year."
)


@pytest.mark.parametrize(
    ("most", "prefix", "wanted"),
    [
        (1, "", "Dr. Smith came at 9 a.m. on Monday."),
        (2, "", "Dr. Smith came at 9 a.m. on Monday. He left."),
        (2, "- ", "- Dr. Smith came at 9 a.m. on Monday.\n- He left."),
        (9, "", TEXT),
    ],
)
def test_the_first_sentences(most, prefix, wanted):
    assert Sentences(most, prefix)(f"  {TEXT} ", True) == (wanted, most < 4)


@given(
    st.lists(
        st.sampled_from(
            ["Dr.", "Smith", "came", "etc.", "About", "He", "left.", "Why?", "no.", "5", "a", "\n"]
        )
    ),
    st.integers(1, 3),
    st.sampled_from(["", "- "]),
)
def test_what_is_shown_is_never_taken_back(words, most, prefix):
    shape, shown, text = Sentences(most, prefix), "", ""
    for word in words:
        text += f"{word} "
        now, _ = shape(text, False)
        assert now.startswith(shown)
        shown = now
    final, _ = shape(text, True)
    assert final.startswith(shown)
