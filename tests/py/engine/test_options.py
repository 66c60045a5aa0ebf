"""The options of every call that say when and how urgently: `timeout` and `background`."""

import asyncio

import pytest

from nearside.errors import DeadlineExceeded, InvalidOption
from nearside.ports.fakes import FakeRuntime

TEXTS = [f"text number {number}" for number in range(12)]


async def test_a_call_that_takes_too_long_fails_with_a_record(make):
    ports = make(FakeRuntime())
    await ports.client.models.preload("nearside/all-MiniLM-L6-v2")
    ports.runtime.hold()
    with pytest.raises(DeadlineExceeded, match=r"embed took longer than 0.01 seconds") as caught:
        await ports.client.embed("a text", timeout=0.01)
    assert caught.value.retryable
    ports.runtime.let()
    assert [record["outcome"] for record in await ports.client.records.list()] == ["deadline_exceeded"]
    assert (await ports.client.embed("a text", timeout=30)).embeddings.shape == (1, 256)


async def test_the_other_side_is_not_asked_after_the_deadline(make):
    from nearside.ports.fakes import FakeCloud

    cloud = FakeCloud("[]")
    ports = make(FakeRuntime(), cloud=cloud)
    await ports.client.models.preload("nearside/all-MiniLM-L6-v2")
    ports.runtime.hold()
    with pytest.raises(DeadlineExceeded):
        await ports.client.summarize("A text. And more of it.", timeout=0.01, consent=True, mode="balanced")
    assert cloud.asked == []


async def test_what_runs_in_the_background_lets_others_go_first(make, settle):
    ports = make(FakeRuntime())
    await ports.client.models.preload("nearside/all-MiniLM-L6-v2")
    ports.runtime.hold()
    first = [asyncio.create_task(ports.client.embed(text)) for text in TEXTS[:2]]  # these hold both places
    await settle()
    patient = asyncio.create_task(ports.client.embed("one that can wait", background=True))
    await settle()
    urgent = asyncio.create_task(ports.client.embed("one that somebody waits for now"))
    await settle()
    ports.runtime.let(3)
    await asyncio.wait([urgent], timeout=5)
    assert urgent.done() and not patient.done()
    ports.runtime.let()
    await asyncio.gather(patient, *first)


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"timeout": -1}, {"timeout": True}, {"timeout": "5"}, {"background": 1}]
)
async def test_impossible_values_are_refused(make, options):
    with pytest.raises(InvalidOption, match=next(iter(options))):
        await make().client.embed("a text", **options)


async def test_the_model_that_the_visitor_chose_for_a_task_answers(make):
    ports = make(FakeRuntime(models=["nearside/all-MiniLM-L6-v2", "org/other"]))
    await ports.client.settings.change({"models.summarize": "org/other"})
    made = await ports.client.summarize("A text. And more of it.")
    assert made.model.id == "org/other"
    assert (await ports.client.summarize("A text.", model="nearside/all-MiniLM-L6-v2")).model.id.startswith(
        "nearside"
    )
    await ports.client.settings.change({"models.summarize": None})
    assert (await ports.client.summarize("A text.")).model.id == "nearside/all-MiniLM-L6-v2"
    with pytest.raises(InvalidOption, match="model id"):
        await ports.client.settings.change({"models.summarize": "no id"})
