"""The port to a tokenizer: `@huggingface/tokenizers` in the browser, `tokenizers` in CPython. The two
agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Tokenizer(Protocol):
    """Text to token ids. Never truncates, never pads, whatever tokenizer.json says. Texts are well-formed
    (the engine replaces lone surrogates first)."""

    def encode(self, texts: Sequence[str], *, special: bool = True) -> list[NDArray[np.int64]]:
        """One int64 [length] array per text, in ONE call for the whole batch; `special` adds [CLS] and the
        like."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, special ones not counted, in ONE call for the whole batch."""
        ...


class Tokenizers(Protocol):
    """Makes tokenizers."""

    def load(self, files: Mapping[str, str]) -> Tokenizer:
        """From the text of tokenizer.json (and tokenizer_config.json where there is one).

        Raises `ModelCorrupt` when there is no tokenizer.json or it cannot be read."""
        ...
