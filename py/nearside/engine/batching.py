"""Several texts in one call, for graphics cards: there a call costs more than its tokens do. (On a processor
padding only costs, and int8 vectors would depend on their neighbours: see docs of `tasks.embed`.)"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.ports.runtime import Feeds, Outputs

TOKENS = 8192
"""The most tokens of one call, padding included: short texts fill a card's cores only together, and long ones
must not take its memory."""

TEXTS = 64
"""The most texts of one call."""

_PADDED = frozenset(("input_ids", "attention_mask", "token_type_ids"))


def can_batch(backend: str, inputs: Sequence[str]) -> bool:
    """Whether calls of a model are put together: only on a graphics card, and only where a mask says what is
    padding."""
    return backend == "webgpu" and "attention_mask" in inputs and _PADDED.issuperset(inputs)


def batches(
    count: int, feeds: Callable[[int], Feeds], tokens: int = TOKENS, texts: int = TEXTS
) -> Iterator[tuple[range, list[Feeds]]]:
    """Calls 0 to count - 1 (longest first, each a batch of one) in groups that are run together: the numbers,
    and the feeds of each."""
    start, group = 0, list[Feeds]()
    for number in range(count):
        given = feeds(number)
        longest = max(_length(one) for one in (*group, given))
        if group and (longest * (len(group) + 1) > tokens or len(group) == texts):
            yield range(start, number), group
            start, group = number, []
        group.append(given)
    if group:
        yield range(start, count), group


def stack(group: Sequence[Feeds]) -> Mapping[str, NDArray[np.int64]]:
    """Feeds of batches of one as one batch, int64 [n, longest]; what is added is masked out, and 0."""
    longest = max(_length(one) for one in group)
    made = {name: np.zeros((len(group), longest), np.int64) for name in group[0]}
    for row, given in enumerate(group):
        for name, array in given.items():
            made[name][row, : array.shape[1]] = array[0]
    return made


def split(outputs: Outputs, group: Sequence[Feeds]) -> list[Outputs]:
    """The outputs of a batch as those of batches of one: of what has a row for each token, only a text's own
    rows."""
    longest = max(_length(one) for one in group)

    def part(array: NDArray[Any], row: int, length: int) -> NDArray[Any]:
        own = array[row : row + 1]
        return own[:, :length] if own.ndim > 1 and own.shape[1] == longest and array.ndim == 3 else own

    return [
        {name: part(array, row, _length(given)) for name, array in outputs.items()}
        for row, given in enumerate(group)
    ]


def _length(feeds: Feeds) -> int:
    return int(feeds["input_ids"].shape[1])
