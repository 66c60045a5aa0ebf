"""Tokens to text while they come: what is given out is never taken back."""

from __future__ import annotations

from nearside.ports.tokenizers import Tokenizer

_BROKEN = "\ufffd"


class TextStream:
    """The text of tokens that come one by one: the pieces together are `tokenizer.decode` of all of them, and
    a character whose bytes are spread over several tokens comes with the last of these.

    Each piece is what a token adds to the text of the few tokens before it, so that decoders which treat the
    beginning of a text in their own way (they drop its first space) do so once only."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._bytes = _byte_tokens(tokenizer)
        self._before: list[int] = []  # tokens that are given out, as context
        self._shown = ""  # their text
        self._new: list[int] = []  # tokens that are not

    def add(self, token: int) -> str:
        """What can be shown now that `token` is there; "" while a character is not complete."""
        self._new.append(token)
        # Byte tokens in a row count as broken altogether if only one of them is: wait for the last. (Tokens
        # that are hidden do not end the row.)
        if self._bytes and (token in self._bytes or not self._tokenizer.decode([token])):
            return ""
        return self._piece(last=False)

    def end(self) -> str:
        """The rest."""
        return self._piece(last=True) if self._new else ""

    def _piece(self, *, last: bool) -> str:
        text = self._tokenizer.decode([*self._before, *self._new])
        if not last and (text.endswith(_BROKEN) or not text.startswith(self._shown)):
            return ""
        piece = text[len(self._shown) :]
        if self._shown and piece:
            # The new tokens alone are context enough, once they have a text of their own.
            alone = self._tokenizer.decode(self._new)
            if alone and not last:
                self._before, self._shown, self._new = self._new, alone, []
                return piece
        self._before, self._new, self._shown = [*self._before, *self._new], [], text
        return piece


def _byte_tokens(tokenizer: Tokenizer) -> frozenset[int]:
    """The ids of SentencePiece's tokens for single bytes, none where the vocabulary has no such tokens."""
    if tokenizer.id_of("<0x0A>") is None:
        return frozenset()
    ids = (tokenizer.id_of(f"<0x{byte:02X}>") for byte in range(256))
    return frozenset(id for id in ids if id is not None)
