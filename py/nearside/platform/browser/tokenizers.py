"""`@huggingface/tokenizers`, which lies beside Python in the engine worker as `nearside_bridge`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyodide.ffi import JsException, to_js

from nearside.errors import ModelCorrupt
from nearside.ports.tokenizers import Tokenizer


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
            return BrowserTokenizer(
                self._bridge, self._bridge.loadTokenizer(text, files.get("tokenizer_config.json", "{}"))
            )
        except JsException as cause:
            raise ModelCorrupt("The model's tokenizer.json cannot be read.") from cause


class BrowserTokenizer:
    """One tokenizer, by its handle in the bridge."""

    def __init__(self, bridge: Any, handle: int) -> None:
        self._bridge = bridge
        self._handle = handle

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

    def _call(self, texts: Sequence[str], special: bool) -> tuple[Any, Any]:
        answer = self._bridge.encode(self._handle, to_js(list(texts)), special)
        return answer[0].to_py(), answer[1].to_py()
