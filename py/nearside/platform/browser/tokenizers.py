"""`@huggingface/tokenizers`, which lies beside Python in the engine worker as `nearside_bridge`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyodide.ffi import JsException, to_js

from nearside.errors import ModelCorrupt
from nearside.ports.tokenizers import Encoding, Tokenizer

if TYPE_CHECKING:
    from nearside.models.offsets import Offsets


class BrowserTokenizers:
    """Makes tokenizers. `bridge`: the module `web/engine/bridge.js`."""

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge

    def load(self, files: Mapping[str, str]) -> Tokenizer:
        """See `nearside.ports.tokenizers.Tokenizers.load`."""
        text = files.get("tokenizer.json")
        if text is None:
            raise ModelCorrupt("The model has no tokenizer.json.")
        try:
            handle = self._bridge.loadTokenizer(text, files.get("tokenizer_config.json", "{}"))
        except JsException as cause:
            raise ModelCorrupt("The model's tokenizer.json cannot be read.") from cause
        return BrowserTokenizer(self._bridge, handle, text)


class BrowserTokenizer:
    """One tokenizer, by its handle in the bridge. `text`: its tokenizer.json."""

    def __init__(self, bridge: Any, handle: int, text: str) -> None:
        self._bridge = bridge
        self._handle = handle
        self._text = text
        self._offsets: Offsets | None = None

    def encode(self, texts: Sequence[str], *, special: bool = True) -> list[NDArray[np.int64]]:
        """See `nearside.ports.tokenizers.Tokenizer.encode`."""
        if len(texts) == 1:  # a query: one string and one array cross, no lists
            return [
                np.asarray(self._bridge.encodeOne(self._handle, texts[0], special).to_py()).astype(np.int64)
            ]
        ids, lengths = self._call(texts, special)
        flat = np.asarray(ids).astype(np.int64)
        ends = np.cumsum(lengths)
        return np.split(flat, ends[:-1]) if len(ends) else []

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `nearside.ports.tokenizers.Tokenizer.count`."""
        return [int(length) for length in self._call(texts, False)[1]]

    def encode_with_offsets(self, texts: Sequence[str], *, special: bool = True) -> list[Encoding]:
        """See `nearside.ports.tokenizers.Tokenizer.encode_with_offsets`. The library does not know the
        places; a part of the engine that comes with `ports.extras` finds them again from the tokens."""
        if self._offsets is None:
            from nearside.models.offsets import Offsets

            self._offsets = Offsets(self._text, self.vocabulary())
        encodings = []
        for text, ids in zip(texts, self.encode(texts, special=special), strict=True):
            offsets, extra = self._offsets.find(text, ids, special=special)
            encodings.append(Encoding(ids, offsets, extra))
        return encodings

    def decode(self, ids: Sequence[int] | NDArray[np.int64], *, special: bool = False) -> str:
        """See `nearside.ports.tokenizers.Tokenizer.decode`."""
        return str(self._bridge.decode(self._handle, to_js(np.asarray(ids, np.int32)), special))

    def id_of(self, token: str) -> int | None:
        """See `nearside.ports.tokenizers.Tokenizer.id_of`."""
        id: int | None = self._bridge.idOf(self._handle, token)
        return id

    def vocabulary(self) -> list[str | None]:
        """See `nearside.ports.tokenizers.Tokenizer.vocabulary`."""
        known: list[str | None] = json.loads(self._bridge.vocabulary(self._handle))
        return known

    def _call(self, texts: Sequence[str], special: bool) -> tuple[Any, Any]:
        answer = self._bridge.encode(self._handle, to_js(list(texts)), special)
        return answer[0].to_py(), answer[1].to_py()
