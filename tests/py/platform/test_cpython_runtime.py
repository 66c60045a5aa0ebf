"""onnxruntime and `tokenizers` behind the ports: real graphs, broken ones, calls that are cut off."""

import asyncio
import hashlib
import json
import threading

import numpy as np
import pytest

import nearside
from nearside.errors import (
    InvalidInput,
    KeptLost,
    ModelCorrupt,
    ModelGone,
    UnknownModel,
    UnsupportedModel,
)
from nearside.platform.clock import SystemClock
from nearside.platform.cpython import store as store_module
from nearside.platform.cpython.probe import SystemProbe
from nearside.platform.cpython.runtime import OnnxRuntime, _best
from nearside.platform.cpython.store import FolderStore
from nearside.platform.cpython.tokenizers import RustTokenizers
from nearside.ports.runtime import Best, Keep


@pytest.fixture(autouse=True)
def no_installed_models(monkeypatch):
    """Leave out what this checkout and its environment offer."""
    monkeypatch.setattr(store_module, "entry_points", lambda group: [])
    monkeypatch.delenv("NEARSIDE_MODELS", raising=False)


def runtime(folder):
    return OnnxRuntime(FolderStore([folder]), threads=1)


async def test_the_whole_way_with_a_real_graph(models):
    async with nearside.connect([models], default_model="org/tiny") as client:
        made = await client.embed(["a cat sat", "a dog ran", "a cat sat a cat sat a cat sat a cat sat"])
        assert made.embeddings.shape == (3, 8)
        assert np.linalg.norm(made.embeddings, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
        assert made.usage.tokens == 5 + 5 + 16  # the third in two windows of at most 12
        found = await client.search("a train", ["a dog ran", "a train ran", "a cat sat"])
        assert found.results[0].index == 1
        (entry,) = await client.models.list()
        assert (entry.loaded, entry.dtype, entry.backend) == (True, "fp32", "cpu")


async def test_what_was_opened_is_described(models):
    session = await runtime(models).open("org/tiny")
    weights = (models / "org/tiny/onnx/model.onnx").read_bytes()
    info = session.info
    assert info.sha256 == hashlib.sha256(weights).hexdigest()
    assert info.revision == info.sha256[:12]
    assert (info.inputs, info.outputs) == (("input_ids", "attention_mask"), ("sentence_embedding",))
    assert set(session.files) == {"tokenizer.json", "config.json"}
    assert info.versions["onnxruntime"]
    await session.close()


async def test_progress(models):
    told = []
    session = await runtime(models).open("org/tiny", on_progress=told.append)
    assert [progress.phase for progress in told] == ["prepare", "ready"]
    await session.close()


async def test_int8_is_taken_before_fp32(models):
    folder = models / "org/tiny/onnx"
    (folder / "model_quantized.onnx").write_bytes((folder / "model.onnx").read_bytes())
    session = await runtime(models).open("org/tiny")
    assert session.info.dtype == "int8"
    await session.close()


async def test_the_event_loop_is_free_while_a_model_runs(models):
    session = await runtime(models).open("org/tiny")
    entered, leave = threading.Event(), threading.Event()
    native = session._sessions["model"]

    class Slow:
        def run(self, names, feeds):
            entered.set()
            leave.wait(30)
            return native.run(names, feeds)

    session._sessions = {"model": Slow()}
    feeds = {"input_ids": np.int64([[5]]), "attention_mask": np.int64([[1]])}
    call = asyncio.create_task(session.run(feeds, {"sentence_embedding": "all"}))
    await asyncio.to_thread(entered.wait, 30)
    assert not call.done()
    leave.set()
    assert (await call)["sentence_embedding"].shape == (1, 8)
    await session.close()


async def test_closing_fails_the_calls_that_run_and_that_wait(models):
    session = await runtime(models).open("org/tiny")
    entered, leave = threading.Event(), threading.Event()

    class Stuck:
        def run(self, names, feeds):
            entered.set()
            leave.wait(30)
            return [np.zeros((1, 8), np.float32)]

    session._sessions = {"model": Stuck()}
    feeds = {"input_ids": np.int64([[5]]), "attention_mask": np.int64([[1]])}
    calls = [asyncio.create_task(session.run(feeds, {"sentence_embedding": "all"})) for _ in range(3)]
    await asyncio.to_thread(entered.wait, 30)
    await session.close()
    failures = await asyncio.gather(*calls, return_exceptions=True)
    leave.set()
    assert [type(failure) for failure in failures] == [ModelGone] * 3
    with pytest.raises(ModelGone):
        await session.run(feeds, {"sentence_embedding": "all"})
    await session.close()


async def test_a_cancelled_call_is_cancelled_and_the_session_goes_on(models):
    session = await runtime(models).open("org/tiny")
    feeds = {"input_ids": np.int64([[5]]), "attention_mask": np.int64([[1]])}
    call = asyncio.create_task(session.run(feeds, {"sentence_embedding": "all"}))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await session.run(feeds, {"sentence_embedding": "all"}))["sentence_embedding"].shape == (1, 8)
    await session.close()


async def test_the_last_position_and_its_best(decoder):
    session = await runtime(decoder).open("org/counter")
    feeds = {"input_ids": np.int64([[1, 2, 4]]), "past_key_values.0": np.zeros((1, 0), np.float32)}
    everything = await session.run(feeds, {"logits": "all"})
    assert everything["logits"].shape == (1, 3, 5)
    last = await session.run(feeds, {"logits": "last"})
    assert last["logits"].tolist() == [[7, 10, 8, 11, 9]]
    best = await session.run(feeds, {"logits": Best(3)})
    assert best["logits.values"].tolist() == [11, 10, 9]
    assert best["logits.ids"].tolist() == [3, 1, 4]
    assert best["logits.ids"].dtype == np.int64
    await session.close()


def test_what_is_no_number_is_never_among_the_best():
    values, ids = _best(np.asarray([1, np.nan, 3, -np.inf], np.float32), Best(4))
    assert ids.tolist() == [2, 0, 3]
    assert values.tolist() == [3, 1, -np.inf]
    assert _best(np.full(5, np.nan, np.float32), Best(2))[1].tolist() == []


async def test_a_past_is_cut_to_the_length_that_is_asked_for(decoder):
    session = await runtime(decoder).open("org/counter")

    async def total(numbers, length=None, handle="talk"):
        keep = Keep(handle, "present.", "past_key_values.", length)
        made = await session.run({"input_ids": np.int64([numbers])}, {"logits": "last"}, keep)
        return float(made["logits"][0, 0])

    assert await total([1, 2, 4]) == 7
    assert await total([8], 3) == 15
    assert await total([1], 2) == 4
    for length, handle in ((4, "talk"), (1, "nobody")):
        with pytest.raises(KeptLost):
            await total([1], length, handle)
    assert await total([1], 1) == 2
    await session.close()


async def test_freeing_a_session_that_is_closed_meanwhile_cancels_nobody(decoder):
    session = await runtime(decoder).open("org/counter")
    gate = threading.Event()
    session._thread.submit(gate.wait, 5)
    freeing = asyncio.create_task(session.free("talk"))
    await asyncio.sleep(0)
    await session.close()
    gate.set()
    await asyncio.wait_for(freeing, 5)


async def test_what_is_kept_is_fed_again_until_it_is_freed(decoder):
    session = await runtime(decoder).open("org/counter")
    keep = Keep("talk", "present.", "past_key_values.")

    async def total(number, keep=keep):
        made = await session.run({"input_ids": np.int64([[number]])}, {"logits": "last"}, keep)
        assert set(made) == {"logits"}
        return made["logits"][0, 0]

    assert [await total(n) for n in (1, 2, 4)] == [1, 3, 7]
    assert await total(8, Keep("another", "present.", "past_key_values.")) == 8
    await session.free("talk")
    await session.free("never heard of")
    assert await total(16) == 16
    await session.close()


@pytest.mark.parametrize(
    "feeds",
    [
        {},
        {"input_ids": np.int64([[5]])},
        {"input_ids": np.int64([5]), "attention_mask": np.int64([1])},
        {"input_ids": np.float32([[5]]), "attention_mask": np.int64([[1]])},
    ],
)
async def test_feeds_that_the_model_refuses(models, feeds):
    session = await runtime(models).open("org/tiny")
    with pytest.raises(InvalidInput, match="org/tiny refused"):
        await session.run(feeds, {"sentence_embedding": "all"})
    await session.close()


@pytest.mark.parametrize("content", [b"", b"<!doctype html><title>404</title>", b"\x08\x08" + b"\x00" * 50])
async def test_weights_that_are_none(models, content):
    (models / "org/tiny/onnx/model.onnx").write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"model\.onnx"):
        await runtime(models).open("org/tiny")


async def test_weights_that_are_cut_short(models):
    path = models / "org/tiny/onnx/model.onnx"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelCorrupt):
        await runtime(models).open("org/tiny")


async def test_weights_that_are_not_those_of_the_card(models):
    card = {
        "id": "org/tiny",
        "dtypes": {"fp32": "onnx/model.onnx"},
        "files": [{"path": "onnx/model.onnx", "bytes": 1, "sha256": "00" * 32}],
    }
    (models / "org/tiny/model.json").write_text(json.dumps(card))
    with pytest.raises(ModelCorrupt, match="not the file that its card names"):
        await runtime(models).open("org/tiny")


async def test_a_folder_without_weights_that_can_be_run(models):
    (models / "org/tiny/onnx/model.onnx").rename(models / "org/tiny/onnx/model_bnb4.onnx")
    with pytest.raises(UnsupportedModel, match="no weights"):
        await runtime(models).open("org/tiny")


async def test_a_model_for_another_task(decoder):
    async with nearside.connect([decoder]) as client:
        with pytest.raises(UnsupportedModel, match="a model for writing; this needs one for embeddings"):
            await client.embed("a", model="org/counter")


async def test_no_model_at_all():
    async with nearside.connect() as client:
        with pytest.raises(UnknownModel, match="no folder at all"):
            await client.embed("a")
        assert await client.models.list() == []


async def test_threads_end_with_their_sessions(models):
    before = threading.active_count()
    async with nearside.connect([models], default_model="org/tiny") as client:
        await client.embed("a")
        assert any(thread.name.startswith("nearside-org/tiny") for thread in threading.enumerate())
    for _ in range(1000):
        if not any(thread.name.startswith("nearside-org/tiny") for thread in threading.enumerate()):
            break
        await asyncio.sleep(0.01)
    assert threading.active_count() <= before + 1  # asyncio keeps one of its own


def test_the_tokenizer_neither_truncates_nor_pads(models):
    files = {"tokenizer.json": (models / "org/tiny/tokenizer.json").read_text()}
    tokenizer = RustTokenizers().load(files)
    for texts in (["a cat sat a dog ran a train"], ["a", "a cat sat a dog ran"]):
        assert [len(ids) for ids in tokenizer.encode(texts)] == [len(text.split()) + 2 for text in texts]
        assert tokenizer.count(texts) == [len(text.split()) for text in texts]
    (ids,) = tokenizer.encode(["A cat"])
    assert (ids.tolist(), ids.dtype) == ([1, 4, 5, 2], np.int64)
    assert tokenizer.encode(["a cat"], special=False)[0].tolist() == [4, 5]
    assert tokenizer.encode([]) == tokenizer.count([]) == []


@pytest.mark.parametrize(
    "files", [{}, {"tokenizer.json": ""}, {"tokenizer.json": "{}"}, {"tokenizer.json": "<html>"}]
)
def test_a_broken_tokenizer(files):
    with pytest.raises(ModelCorrupt, match=r"tokenizer\.json"):
        RustTokenizers().load(files)


async def test_the_probe_tells_what_it_knows_and_no_more():
    facts = await SystemProbe().facts()
    assert facts["cores"] >= 1
    assert facts["memoryGiB"] is None or facts["memoryGiB"] > 0
    assert set(facts) == {"cores", "memoryGiB"}


async def test_the_clock():
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.monotonic() >= before
    assert clock.now() > 1_700_000_000
