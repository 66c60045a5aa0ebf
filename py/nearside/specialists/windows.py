"""Texts that are longer than a model's window: where to cut their tokens, and how to run what comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Outputs, Want
from nearside.ports.tokenizers import Encoding
from nearside.retrieval.chunking import slices
from nearside.specialists.frame import Framed, Ids, feeds

Place = tuple[int, int]
"""Tokens from the first to before the second."""


def sliding(count: int, size: int, overlap: int) -> list[Place]:
    """Windows of `size` over `count` tokens, each of which begins with the last `overlap` of the one before;
    the last one may be shorter. One empty window where there are no tokens. (As `stride` of Rust's
    tokenizers.)"""
    if count <= size:
        return [(0, count)]
    step = max(size - overlap, 1)
    starts = range(0, count - size + step, step)
    return [(start, min(start + size, count)) for start in starts]


def even(count: int, size: int) -> list[Place]:
    """As few windows of at most `size` as cover `count` tokens without overlap, about equally long."""
    pieces = max(-(-count // size), 1)
    return [(count * i // pieces, count * (i + 1) // pieces) for i in range(pieces)]


def owned(windows: Sequence[Place]) -> list[Place]:
    """For each of overlapping windows the tokens that it speaks for, so that each token has one: where two
    windows overlap the seam is in the middle, as far from both ends as can be."""
    seams = [(left[1] + right[0]) // 2 for left, right in pairwise(windows)]
    return list(zip([windows[0][0], *seams], [*seams, windows[-1][1]], strict=True))


async def tokens_of(model: OpenModel, texts: Sequence[str]) -> list[Ids]:
    """The ids of each text without special tokens, int64 [n], with turns for others while it works."""
    made: list[Ids] = []
    for numbers in slices(texts):
        made += model.tokenizer.encode([texts[i] for i in numbers], special=False)
        await asyncio.sleep(0)
    return made


async def encodings_of(model: OpenModel, texts: Sequence[str]) -> list[Encoding]:
    """`tokens_of`, with the place of each token in its text."""
    made: list[Encoding] = []
    for numbers in slices(texts):
        made += model.tokenizer.encode_with_offsets([texts[i] for i in numbers], special=False)
        await asyncio.sleep(0)
    return made


async def run_longest_first(
    model: OpenModel,
    inputs: Sequence[Framed],
    outputs: Iterable[str],
    done: Callable[[int, Outputs], None],
    sizes: Sequence[int] | None = None,
) -> int:
    """Run a model over inputs, one per call and the longest first (int8 activations are scaled per tensor: in
    a padded batch a text's scores would depend on its neighbours). `done(i, outputs)` after each, by its
    place in `inputs`; with their `sizes` in tokens they are taken from there only when
    it is their turn. Returns how many tokens were read. Raises what running the model may raise."""
    lengths = [len(framed.ids) for framed in inputs] if sizes is None else sizes
    want: dict[str, Want] = dict.fromkeys(outputs, "all")
    if len(inputs) == 1:
        done(0, await model.lane.run(feeds(model, inputs[0]), want))
    elif inputs:
        order = sorted(range(len(inputs)), key=lambda i: -lengths[i])
        await model.lane.run_each(
            len(order),
            lambda number: feeds(model, inputs[order[number]]),
            want,
            lambda number, made: done(order[number], made),
        )
    return sum(lengths)
