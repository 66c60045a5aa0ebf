"""SentencePiece's map of character sequences, and what a reader takes for one character."""

from __future__ import annotations

import base64
import struct
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


class Charsmap:
    """A `precompiled_charsmap`: a double array over UTF-8 bytes, and the texts it leads to."""

    def __init__(self, encoded: str) -> None:
        raw = base64.b64decode(encoded)
        (size,) = struct.unpack_from("<I", raw)
        self._units = struct.unpack_from(f"<{size // 4}I", raw, 4)
        self._texts = raw[4 + size :]
        self._found: dict[str, str | None] = {}

    def get(self, text: str) -> str | None:
        """What the shortest known beginning of `text` becomes, None where none is known."""
        if text not in self._found:
            self._found[text] = self._search(text.encode())
        return self._found[text]

    def _search(self, key: bytes) -> str | None:
        units, at = self._units, _offset(self._units[0])
        for byte in key:
            at ^= byte
            unit = units[at] if byte and at < len(units) else 0
            if not byte or unit & 0x800000FF != byte:
                return None
            at ^= _offset(unit)
            if unit >> 8 & 1:
                start = units[at] & 0x7FFFFFFF
                return self._texts[start : self._texts.index(0, start)].decode()
        return None


def _offset(unit: int) -> int:
    return unit >> 10 << ((unit & 512) >> 6)


def clusters(chars: list[str]) -> Iterable[str]:
    """What a reader takes for one character, as far as it can have less than 6 bytes."""
    cluster = ""
    for char in chars:
        if cluster and ((cluster, char) == ("\r", "\n") or (_extends(char) and not _ends(cluster[-1]))):
            cluster += char
            continue
        if cluster:
            yield cluster
        cluster = char
    if cluster:
        yield cluster


@lru_cache(maxsize=4096)
def _ends(char: str) -> bool:
    """Whether nothing can belong to the same as this character."""
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char not in "\u200c\u200d"


@lru_cache(maxsize=4096)
def _extends(char: str) -> bool:
    if char < "\u0300":
        return False
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in "\u200c\u200d"
        or 0x1F3FB <= ord(char) <= 0x1F3FF
    )
