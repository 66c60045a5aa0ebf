"""seq2seq: the rules of greedy decoding against transformers, tidied text, pieces, cancelling."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

import nearside
from nearside.errors import ModelCorrupt
from nearside.generation import seq2seq
from nearside.generation.loop import tokens
from nearside.generation.tidy import Tidied, tidy
from nearside.platform.cpython.runtime import _best

GOLDEN = Path(__file__).resolve().parents[2] / "fixtures" / "seq2seq" / "rules.json"
TABLES = json.loads(GOLDEN.read_text("utf-8"))
TEXT = "The library opens at nine. Everyone who lives in the town may borrow five of them for four weeks."


def model_of(config, generation=None):
    """Return as much of a model as its settings need."""
    return SimpleNamespace(
        config=config,
        max_tokens=32,
        info=SimpleNamespace(id="a/b"),
        json=lambda path: (generation or {}) if path == seq2seq.GENERATION else {},
    )


class TableLane:
    """A decoder whose logits depend on the token before, as in make_rules.py."""

    def __init__(self, logits):
        self.logits = np.asarray(logits, np.float32)

    async def run(self, feeds, want, *, graph=None, keep=None):
        values, ids = _best(self.logits[feeds["input_ids"][0, -1]].copy(), want["logits"])
        return {"logits.values": values, "logits.ids": ids}


@pytest.mark.parametrize("number", range(len(TABLES)))
async def test_the_rules_are_those_of_transformers(number):
    table = TABLES[number]
    graph = SimpleNamespace(inputs=("input_ids",))
    assert len(table["cases"]) == 17
    for case in table["cases"]:
        made = seq2seq.settings(model_of({}, case["settings"]))
        model = SimpleNamespace(
            info=SimpleNamespace(graphs={"decoder": graph}), lane=TableLane(table["logits"])
        )
        following = tokens(
            model,
            np.asarray([made.start]),
            seq2seq.Rules(made),
            handle="h",
            stop=made.stop,
            limit=made.max_length - 1,
        )
        assert [made.start, *[token async for token in following]] == case["ids"], case["settings"]


def test_the_tables_tell_the_rules_apart():
    """Each rule changes what one of the tables gives: none can be forgotten."""
    for number in range(1, 17):
        assert any(table["cases"][number]["ids"] != table["cases"][0]["ids"] for table in TABLES), number


def test_settings_come_from_the_file_and_without_one_from_config():
    config = {"decoder_start_token_id": 7, "eos_token_id": 3, "max_length": 9, "no_repeat_ngram_size": 2}
    old = seq2seq.settings(model_of(config))
    assert (old.start, old.stop, old.max_length, old.ngram) == (7, {3}, 9, 2)
    new = seq2seq.settings(model_of(config, {"max_length": 12, "min_length": 4, "forced_eos_token_id": 3}))
    assert (new.start, new.stop, new.max_length, new.ngram) == (7, {3}, 12, 0)
    assert (new.min_length, new.last) == (4, 3)


def test_what_a_model_says_of_one_task_goes_before():
    config = {
        "decoder_start_token_id": 0,
        "eos_token_id": 1,
        "task_specific_params": {"summarization": {"min_length": 5, "max_length": 20}},
    }
    model = model_of(config, {"max_length": 12})
    assert seq2seq.settings(model, "summarization").max_length == 20
    assert seq2seq.settings(model, "summarization").min_length == 5
    assert seq2seq.settings(model).max_length == 12
    assert seq2seq.settings(model, "translation").min_length == 0


def test_no_length_is_the_window_and_none_is_above_it():
    ids = {"decoder_start_token_id": 0, "eos_token_id": 1}
    assert seq2seq.settings(model_of(ids)).max_length == 32
    positions = {**ids, "max_position_embeddings": 16}
    assert seq2seq.settings(model_of(positions, {**ids, "max_length": 500})).max_length == 16


@pytest.mark.parametrize("broken", [{}, {"eos_token_id": 1}, {"decoder_start_token_id": 1}])
def test_a_model_that_does_not_say_how_to_begin_and_end(broken):
    with pytest.raises(ModelCorrupt):
        seq2seq.settings(model_of(broken))
    with pytest.raises(ModelCorrupt):
        seq2seq.settings(model_of({}, {"decoder_start_token_id": 0, "eos_token_id": 1, "max_length": "long"}))


def test_fewer_tokens_than_the_model_would_write():
    made = seq2seq.settings(model_of({}, {"decoder_start_token_id": 0, "eos_token_id": 1, "min_length": 20}))
    assert made.at_most(None) is made
    assert made.at_most(1000) is made
    assert (made.at_most(5).max_length, made.at_most(5).min_length) == (6, 6)


@given_by(st.text(" .,?!'nmst vre\nab", max_size=60), st.lists(st.integers(1, 5), min_size=60, max_size=60))
def test_a_text_in_pieces_is_tidied_as_the_whole(text, sizes):
    stream, made, place = Tidied(), "", 0
    for size in sizes:
        made += stream.add(text[place : place + size])
        assert tidy(text).startswith(made)
        place += size
    assert made + stream.end() == tidy(text)


def test_tidy():
    assert tidy("It is n't , is it ? No . I 'm sure , they 've ' gone !") == (
        "It isn't, is it? No. I'm sure, they've'gone!"
    )


async def test_tidied_only_where_the_tokenizer_says_so(arch_models, opened):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, "arch/marian")
        assert not seq2seq.tidies(model)
        ids = model.tokenizer.encode([TEXT])[0]
        plain = await seq2seq.write(model, ids, seq2seq.settings(model))
        files = {**model.files, "tokenizer_config.json": '{"clean_up_tokenization_spaces": true}'}
        told = await seq2seq.write(replace(model, files=files), ids, seq2seq.settings(model))
        assert told.text == tidy(plain.text)


@pytest.mark.parametrize("name", ["bart_summ", "bart_pair", "t5", "marian", "m2m100"])
async def test_pieces_are_together_the_text_and_the_handle_is_freed(arch_models, opened, name):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        (session,) = [one.session for one in model.lane._replicas]
        pieces = []
        made = await seq2seq.write(
            model, model.tokenizer.encode([TEXT])[0], seq2seq.settings(model), pieces.append
        )
        assert made.text == "".join(pieces)
        assert len(pieces) > 5
        assert made.written > 10
        await session.free("nobody")  # after what was freed before
        session._thread.submit(int).result()  # what was ordered before is done then
        assert not session._kept


async def test_leaving_stops_within_a_token_and_frees(arch_models, opened):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, "arch/bart_summ")
        (session,) = [one.session for one in model.lane._replicas]
        runs = []
        run = session.run

        async def counted(*arguments, **named):
            runs.append(arguments)
            return await run(*arguments, **named)

        session.run = counted
        ids = model.tokenizer.encode([TEXT])[0]
        async with aclosing(seq2seq.written_tokens(model, ids, seq2seq.settings(model))) as following:
            async for _ in following:
                break
        assert len(runs) == 2  # the encoder, and one step
        await session.free("nobody")  # after what was freed before
        session._thread.submit(int).result()  # what was ordered before is done then
        assert not session._kept
        heard = asyncio.Event()
        task = asyncio.ensure_future(
            seq2seq.write(model, ids, seq2seq.settings(model), lambda piece: heard.set())
        )
        await heard.wait()
        before = len(runs)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.05)
        assert len(runs) <= before + 1
        await session.free("nobody")  # after what was freed before
        session._thread.submit(int).result()  # what was ordered before is done then
        assert not session._kept


def test_a_text_that_is_too_long_keeps_its_end():
    ids = np.arange(10)
    assert seq2seq.fitted(ids, 10).tolist() == list(range(10))
    assert seq2seq.fitted(ids, 4).tolist() == [0, 1, 2, 9]
