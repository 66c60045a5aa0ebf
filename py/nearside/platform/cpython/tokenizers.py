"""The `tokenizers` package (Rust), with truncation and padding switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tokenizers
from numpy.typing import NDArray

from nearside.errors import ModelCorrupt
from nearside.ports.tokenizers import Tokenizer


class RustTokenizers:
    """Makes tokenizers."""

    def load(self, files: Mapping[str, str]) -> Tokenizer:
        """See `nearside.ports.tokenizers.Tokenizers.load`."""
        text = files.get("tokenizer.json")
        if text is None:
            raise ModelCorrupt("The model has no tokenizer.json.")
        try:
            made = tokenizers.Tokenizer.from_str(text)
        except Exception as error:  # the package raises plain Exception
            raise ModelCorrupt(f"The model's tokenizer.json cannot be read: {error}.") from error
        made.no_truncation()
        made.no_padding()
        return RustTokenizer(made)


class RustTokenizer:
    """One tokenizer."""

    def __init__(self, tokenizer: tokenizers.Tokenizer) -> None:
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str], *, special: bool = True) -> list[NDArray[np.int64]]:
        """See `nearside.ports.tokenizers.Tokenizer.encode`."""
        if len(texts) == 1:
            made = [self._tokenizer.encode(texts[0], add_special_tokens=special)]
        else:
            made = self._tokenizer.encode_batch(list(texts), add_special_tokens=special)
        return [np.asarray(encoding.ids, np.int64) for encoding in made]

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `nearside.ports.tokenizers.Tokenizer.count`."""
        made = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in made]
