"""The port to a tokenizer: `@huggingface/tokenizers` in the browser, `tokenizers` in CPython. The two
agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A text as tokens: `ids` int64 [n]; `offsets` int64 [n, 2], where each token stands in the text, in code
    points (0, 0 for special tokens); `special` bool [n]: tokens that the text does not have, such as
    [CLS]."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    special: NDArray[np.bool_]


class Tokenizer(Protocol):
    """Text to token ids and back. Never truncates, never pads, whatever tokenizer.json says. Texts are
    well-formed (the engine replaces lone surrogates first)."""

    def encode(self, texts: Sequence[str], *, special: bool = True) -> list[NDArray[np.int64]]:
        """One int64 [length] array per text, in ONE call for the whole batch; `special` adds [CLS] and the
        like."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, special ones not counted, in ONE call for the whole batch."""
        ...

    def encode_with_offsets(self, texts: Sequence[str], *, special: bool = True) -> list[Encoding]:
        """`encode`, with the place of each token in its text, in ONE call for the whole batch."""
        ...

    def decode(self, ids: Sequence[int] | NDArray[np.int64], *, special: bool = False) -> str:
        """Token ids to text, as tokenizer.json's decoder says; special tokens are left out unless `special`.
        Bytes that are no UTF-8 (yet) become U+FFFD. Nothing is tidied up afterwards."""
        ...

    def id_of(self, token: str) -> int | None:
        """The id of a token of the vocabulary (special ones included), None when there is none."""
        ...

    def vocabulary(self) -> list[str | None]:
        """The token of every id as the vocabulary writes it ("##ing", "Ġthe", "▁le", "<0x0A>"), special and
        added ones included; None for an id that has none."""
        ...


class Tokenizers(Protocol):
    """Makes tokenizers."""

    def load(self, files: Mapping[str, str]) -> Tokenizer:
        """From the text of tokenizer.json (and tokenizer_config.json where there is one).

        Raises `ModelCorrupt` when there is no tokenizer.json or it cannot be read."""
        ...
