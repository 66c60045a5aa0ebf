"""Taking out the spaces that a tokenizer leaves before punctuation marks: `clean_up_tokenization_spaces`, as
`transformers` does it, and the same while a text is still being written."""

from __future__ import annotations

_SPACED = (" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're")
_BEGINNINGS = frozenset(sign[1] for sign in _SPACED)
_LONGEST = max(map(len, _SPACED))


def tidy(text: str) -> str:
    """The text without the spaces before punctuation marks and English contractions (the replacements of
    `PreTrainedTokenizerBase.clean_up_tokenization`, one after the other)."""
    for spaced in _SPACED:
        text = text.replace(spaced, "'" if spaced == " ' " else spaced[1:])
    return text


def settled(text: str) -> int:
    """How much of the text can be tidied without knowing what follows: up to the last space that no
    replacement begins or ends with."""
    end = len(text)
    while True:
        end = text.rfind(" ", 0, end)
        if end <= 0:
            return 0
        after = text[end + 1 : end + _LONGEST]
        if after and after[0] not in _BEGINNINGS | {" "} and text[end - 1] not in "' ":
            return end


class Tidied:
    """A text that comes in pieces, tidied: what `add` and `end` give is together `tidy` of the whole."""

    def __init__(self) -> None:
        self._raw = ""
        self._given = ""

    def add(self, piece: str) -> str:
        """The next piece of the tidied text; what could still change waits."""
        self._raw += piece
        return self._new(tidy(self._raw[: settled(self._raw)]))

    def end(self) -> str:
        """The rest."""
        return self._new(tidy(self._raw))

    def _new(self, text: str) -> str:
        new = text[len(self._given) :]
        self._given = text
        return new
