"""Several texts in one call: the same outputs as alone, in groups that keep to the budget."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.engine.batching import batches, can_batch, split, stack
from nearside.engine.scheduler import SessionLane
from nearside.platform.cpython.runtime import OnnxRuntime
from nearside.platform.cpython.store import FolderStore
from nearside.ports.fakes import ManualClock


def feeds_of(length, first=1):
    ids = np.arange(first, first + length, dtype=np.int64).reshape(1, -1)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


@pytest.mark.parametrize(
    ("backend", "inputs", "expected"),
    [
        ("webgpu", ("input_ids", "attention_mask"), True),
        ("webgpu", ("input_ids", "attention_mask", "token_type_ids"), True),
        ("webgpu", ("input_ids",), False),
        ("webgpu", ("input_ids", "attention_mask", "position_ids"), False),
        ("wasm", ("input_ids", "attention_mask"), False),
        ("cpu", ("input_ids", "attention_mask"), False),
    ],
)
def test_only_a_graphics_card_gets_batches(backend, inputs, expected):
    assert can_batch(backend, inputs) is expected


@given(st.lists(st.integers(1, 300), max_size=200), st.integers(1, 1000), st.integers(1, 20))
def test_groups_cover_all_calls_in_order_and_keep_to_the_budget(lengths, tokens, texts):
    lengths.sort(reverse=True)
    groups = list(batches(len(lengths), lambda number: feeds_of(lengths[number]), tokens, texts))
    assert [number for numbers, _ in groups for number in numbers] == list(range(len(lengths)))
    for numbers, group in groups:
        assert [one["input_ids"].size for one in group] == [lengths[number] for number in numbers]
        assert len(group) <= texts
        assert len(group) == 1 or max(lengths[number] for number in numbers) * len(group) <= tokens


def test_what_is_added_is_masked_out_and_taken_off_again():
    group = [feeds_of(4), feeds_of(2, first=7)]
    made = stack(group)
    assert made["input_ids"].tolist() == [[1, 2, 3, 4], [7, 8, 0, 0]]
    assert made["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    outputs = {"hidden": np.arange(24.0).reshape(2, 4, 3), "pooled": np.arange(8.0).reshape(2, 4)}
    first, second = split(outputs, group)
    assert first["hidden"].tolist() == outputs["hidden"][:1].tolist()
    assert second["hidden"].tolist() == outputs["hidden"][1:, :2].tolist()
    assert second["pooled"].tolist() == [[4, 5, 6, 7]]


class OnAGraphicsCard:
    """A real session that says that it runs on a graphics card, and counts its calls."""

    def __init__(self, session):
        self.session = session
        self.info = dataclasses.replace(session.info, backend="webgpu")
        self.files = session.files
        self.sizes = []

    async def run(self, feeds, want, keep=None, *, graph=None):
        self.sizes.append(feeds["input_ids"].shape)
        return await self.session.run(feeds, want, keep, graph=graph)

    async def close(self):
        await self.session.close()


async def test_a_real_model_gives_the_same_for_a_text_alone_and_in_a_batch(arch_models):
    runtime = OnnxRuntime(FolderStore([arch_models]), dtype="fp32")
    session = OnAGraphicsCard(await runtime.open("arch/bert_embed"))
    lane = SessionLane(session, None, 1, ManualClock())
    lengths = [30, 21, 20, 9, 3]
    given = [
        {
            name: np.ones((1, n), np.int64)
            if name == "attention_mask"
            else np.arange(n).reshape(1, -1) % 7 * (name == "input_ids")
            for name in session.info.inputs
        }
        for n in lengths
    ]
    made = {}
    await lane.run_each(len(given), given.__getitem__, {"last_hidden_state": "all"}, made.__setitem__)
    assert session.sizes == [(5, 30)]
    for number, one in enumerate(given):
        alone = await session.session.run(one, {"last_hidden_state": "all"})
        assert made[number]["last_hidden_state"].shape == alone["last_hidden_state"].shape
        assert np.abs(made[number]["last_hidden_state"] - alone["last_hidden_state"]).max() < 1e-5
    await lane.close()
