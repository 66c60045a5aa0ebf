"""The `tokenizers` package (Rust), with truncation and padding switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tokenizers
from numpy.typing import NDArray

from nearside.errors import ModelCorrupt
from nearside.ports.tokenizers import Encoding, Tokenizer


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

    def encode_with_offsets(self, texts: Sequence[str], *, special: bool = True) -> list[Encoding]:
        """See `nearside.ports.tokenizers.Tokenizer.encode_with_offsets`."""
        return [
            Encoding(
                np.asarray(made.ids, np.int64),
                np.asarray(made.offsets, np.int64).reshape(-1, 2),
                np.asarray(made.special_tokens_mask, np.bool_),
            )
            for made in self._tokenizer.encode_batch(list(texts), add_special_tokens=special)
        ]

    def decode(self, ids: Sequence[int] | NDArray[np.int64], *, special: bool = False) -> str:
        """See `nearside.ports.tokenizers.Tokenizer.decode`."""
        return self._tokenizer.decode([int(id) for id in ids], skip_special_tokens=not special)

    def id_of(self, token: str) -> int | None:
        """See `nearside.ports.tokenizers.Tokenizer.id_of`."""
        return self._tokenizer.token_to_id(token)

    def vocabulary(self) -> list[str | None]:
        """See `nearside.ports.tokenizers.Tokenizer.vocabulary`."""
        known = self._tokenizer.get_vocab(with_added_tokens=True)
        made: list[str | None] = [None] * (max(known.values(), default=-1) + 1)
        for token, id in known.items():
            made[id] = token
        return made
