"""When an answer is over: the tokens that end it, and texts that do."""

from __future__ import annotations

from collections.abc import Sequence

from nearside.errors import InvalidOption
from nearside.models.loaded import OpenModel

MOST_STOPS = 16


def end_tokens(model: OpenModel) -> frozenset[int]:
    """The ids that end an answer: those of generation_config.json, else of config.json, and the one that the
    tokenizer calls the end (in repositories whose configuration still names the base model's)."""
    named = model.json("generation_config.json").get("eos_token_id", model.config.get("eos_token_id"))
    ids = {int(id) for id in (named if isinstance(named, list) else [named]) if isinstance(id, int)}
    token = model.json("tokenizer_config.json").get("eos_token")
    text = token.get("content") if isinstance(token, dict) else token
    known = model.tokenizer.id_of(text) if isinstance(text, str) else None
    return frozenset(ids if known is None else {*ids, known})


def checked_stops(value: object) -> tuple[str, ...]:
    """The texts of the option `stop`: one or a list of them. Raises `InvalidOption`."""
    given = [value] if isinstance(value, str) else value
    if given is None:
        return ()
    texts = (
        [text for text in given if isinstance(text, str) and text] if isinstance(given, list | tuple) else []
    )
    if not isinstance(given, list | tuple) or len(texts) != len(given) or len(given) > MOST_STOPS:
        raise InvalidOption(
            f"stop is {value!r:.40}.", hint=f"Give a text, or up to {MOST_STOPS} texts, none of them empty."
        )
    return tuple(texts)


class StopTexts:
    """Ends a text that comes in pieces before the first of `stops`, wherever the pieces' borders are. What
    could be the beginning of one waits until it is known."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._waiting = ""
        self.stopped = False

    def add(self, piece: str) -> str:
        """What may be shown now; nothing once `stopped`."""
        if self.stopped:
            return ""
        text = self._waiting + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.stopped = True
            self._waiting = ""
            return text[: min(places)]
        held = max((overlap(text, stop) for stop in self._stops), default=0)
        self._waiting = text[len(text) - held :]
        return text[: len(text) - held]

    def end(self) -> str:
        """What waited and is no beginning after all."""
        waited, self._waiting = self._waiting, ""
        return waited


def overlap(text: str, sign: str) -> int:
    """How many characters at the end of `text` are the beginning of `sign`, and not all of it."""
    for size in range(min(len(text), len(sign) - 1), 0, -1):
        if text.endswith(sign[:size]):
            return size
    return 0
