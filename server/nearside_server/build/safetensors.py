"""Reads weights in the safetensors format: a length, a JSON header, then the tensors.

Format: 8 bytes little-endian length of the header; the header maps a name to `dtype`, `shape` and
`data_offsets`, counted from the header's end (https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nearside_server.build.errors import BadModel

_DTYPES: Final = {"F32": np.float32, "F16": np.float16, "I64": np.int64}


def load(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the tensors by name, as views of `content`; raises BadModel when it is not such a file."""
    try:
        length = int.from_bytes(content[:8], "little")
        if 8 + length > len(content):
            raise ValueError("the header is cut off")
        header = json.loads(content[8 : 8 + length])
        header.pop("__metadata__", None)
        tensors = {}
        for name, entry in header.items():
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            flat = np.frombuffer(memoryview(content)[start:end], _DTYPES[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadModel(f"The weights are not a safetensors file that can be read: {error!r}.") from error
    return tensors
