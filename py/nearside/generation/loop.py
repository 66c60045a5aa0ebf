"""The decode loop: a prompt goes in at once, then one token at a time, each one crossing to the model worker,
where the past stays."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Collection, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.errors import EngineFailed
from nearside.models.graphs import DECODER, ENCODER, MODEL, WITH_PAST
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Best, Feeds, Keep, Want

_PAST = "past_key_values."
_PRESENT = "present."

PREFILL = 256
"""The most tokens of a prompt that are read in one call: others have their turns in between, one who leaves
is heard, and the logits of all positions (600 kB each at a vocabulary of 150,000) do not fill the memory."""


class Chooser(Protocol):
    """Chooses the next token."""

    def want(self) -> Best:
        """What it must see of the logits."""
        ...

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        """One of `ids`, whose logits are `values`, best first. Called once for every token."""
        ...


class Greedy:
    """Always the likeliest token."""

    def want(self) -> Best:
        """The best one."""
        return Best(1)

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        """The first one."""
        return int(ids[0])


def new_handle() -> str:
    """A name for what one generation keeps in the model worker."""
    return secrets.token_hex(6)


def kept(handle: str, length: int | None = None) -> Keep:
    """What a decoder keeps from step to step; `length`: what of it a step goes on from."""
    return Keep(handle, _PRESENT, _PAST, length)


async def tokens(
    model: OpenModel,
    prompt: NDArray[np.int64],
    chooser: Chooser,
    *,
    handle: str,
    stop: Collection[int],
    limit: int,
    known: int = 0,
    feeds: Mapping[str, NDArray[Any]] | None = None,
) -> AsyncGenerator[int, None]:
    """Yield what follows `prompt` (int64 [n]), at most `limit` tokens. A token of `stop` ends it and is
    yielded, too. Of the prompt the first `known` tokens are in the past of `handle` already, and what comes
    after them there is dropped; `feeds` are further inputs of every step (an encoder's mask). The caller
    frees `handle`.

    The past then covers all tokens but the last one that was yielded. Raises what `Lane.run` raises, and
    `EngineFailed` when the model's logits are no numbers."""
    ids, past = prompt[known:].astype(np.int64), known
    if not ids.size or limit < 1:
        return
    while ids.size > PREFILL and _reads_in_parts(model):
        await step(model, ids[:PREFILL], past, None, handle=handle, feeds=feeds)
        ids, past = ids[PREFILL:], past + PREFILL
    for _ in range(limit):
        made = await step(model, ids, past, chooser.want(), handle=handle, feeds=feeds)
        past += ids.size
        if not made["logits.ids"].size:
            raise EngineFailed(f"{model.info.id} computes no numbers here ({model.info.backend}).")
        token = chooser.pick(made["logits.values"], made["logits.ids"])
        yield token
        if token in stop:
            return
        ids = np.asarray([token], np.int64)


async def step(
    model: OpenModel,
    ids: NDArray[np.int64],
    past: int,
    want: Want | None,
    *,
    handle: str,
    feeds: Mapping[str, NDArray[Any]] | None = None,
) -> dict[str, NDArray[Any]]:
    """One call of the decoder for `ids` after `past` tokens: "logits.values" and "logits.ids", or what else
    is wanted of its logits. What `handle` keeps beyond `past` tokens of a model without an encoder is
    dropped first; less raises `KeptLost`."""
    graphs = model.info.graphs
    name = DECODER if DECODER in graphs else MODEL
    if past and WITH_PAST in graphs:
        name = WITH_PAST
    inputs = graphs[name].inputs if name in graphs else model.info.inputs
    given = _feeds(inputs, ids, past)
    if feeds:
        given.update({key: value for key, value in feeds.items() if key in inputs})
    keep = kept(handle, past if past and ENCODER not in graphs else None)
    return await model.lane.run(given, {} if want is None else {"logits": want}, graph=name, keep=keep)


def _reads_in_parts(model: OpenModel) -> bool:
    """Whether the graph reads several tokens after a past: those made of two branches, or with a graph of its
    own for later steps, were exported for one token there."""
    return not {DECODER, WITH_PAST} & model.info.graphs.keys() and "use_cache_branch" not in model.info.inputs


def _feeds(inputs: Collection[str], ids: NDArray[np.int64], past: int) -> dict[str, NDArray[Any]]:
    """The inputs that every decoder takes, as far as this one has them."""
    size = ids.size
    made: dict[str, NDArray[Any]] = {"input_ids": ids.reshape(1, -1)}
    if "decoder_input_ids" in inputs:
        made = {"decoder_input_ids": ids.reshape(1, -1)}
    if "attention_mask" in inputs:
        made["attention_mask"] = np.ones((1, past + size), np.int64)
    if "position_ids" in inputs:
        made["position_ids"] = np.arange(past, past + size, dtype=np.int64).reshape(1, -1)
    if "use_cache_branch" in inputs:
        made["use_cache_branch"] = np.asarray([past > 0])
    if "num_logits_to_keep" in inputs:
        made["num_logits_to_keep"] = np.asarray(1, np.int64)
    return made


async def encode(model: OpenModel, feeds: Feeds, handle: str) -> None:
    """Run the encoder; its states stay in the model worker under `handle`, for the decoder's steps."""
    await model.lane.run(
        feeds, {}, graph="encoder", keep=Keep(handle, "last_hidden_state", "encoder_hidden_states")
    )
