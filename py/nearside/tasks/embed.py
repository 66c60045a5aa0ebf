"""embed: texts to vectors. One text per call of the model (int8 activations are scaled per tensor, so that in
a padded batch a text's vector would depend on its neighbours), longest first, each text and window once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, UnsupportedModel
from nearside.models.loaded import LoadedModel, unit
from nearside.models.vectors import VectorCache
from nearside.ports.runtime import Outputs, Want
from nearside.retrieval.chunking import cut
from nearside.types import Embeddings, OnCount, Span, Usage, Vectors

MAX_CHARACTERS = 10_000_000
"""Longer texts are refused: cutting and counting alone would take minutes."""

_CERTAINLY_LONG = 40  # characters per token that no text reaches on average, except by long unbroken words


def checked_text(text: object, name: str) -> str:
    """The text, ready for the tokenizer: lone surrogates, which no encoding knows, become U+FFFD (one for
    one, so that offsets stay). Raises `InvalidInput` for anything but text and for more than
    `MAX_CHARACTERS`; `name` says where."""
    if not isinstance(text, str):
        raise InvalidInput(f"{name} is {_kind(text)}, not text.", hint="Give a string.")
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            f"{name} has {len(text):,} characters; the most is {MAX_CHARACTERS:,}.",
            hint="Cut it into several texts.",
        )
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in text)
    return text


def checked_texts(texts: object, name: str = "texts") -> list[str]:
    """A text or a sequence of texts as a list; see `checked_text`."""
    if isinstance(texts, str):
        return [checked_text(texts, name)]
    if not isinstance(texts, Sequence) or isinstance(texts, bytes | bytearray | memoryview):
        raise InvalidInput(f"{name} is {_kind(texts)}, not text or a list of texts.", hint="Give strings.")
    return [checked_text(text, f"{name}[{i}]") for i, text in enumerate(texts)]


def _kind(value: object) -> str:
    return "missing" if value is None else f"a value of type {type(value).__name__}"


async def embed(
    model: LoadedModel, cache: VectorCache, texts: list[str], on_progress: OnCount | None = None
) -> Embeddings:
    """The vectors of checked texts; see `Client.embed`."""
    rows, usage = await vectors(model, cache, texts, on_progress)
    return Embeddings(rows, usage, model.used)


async def vectors(
    model: LoadedModel, cache: VectorCache, texts: Sequence[str], on_progress: OnCount | None = None
) -> tuple[Vectors, Usage]:
    """float32 [n, dimensions], rows of length 1, and what it cost."""
    known = [cache.get(model.key, text) for text in texts]
    places: dict[str, list[int]] = {}
    for i, row in enumerate(known):
        if row is None:
            places.setdefault(texts[i], []).append(i)
    tokens = 0
    done = len(texts) - sum(map(len, places.values()))
    if on_progress is not None and (done or not texts):
        on_progress(done, len(texts))
    if places:
        wanted = list(places)

        def finished(number: int, vector: NDArray[np.float32]) -> None:
            nonlocal done
            cache.put(model.key, wanted[number], vector)
            for place in places[wanted[number]]:
                known[place] = vector
                done += 1
            if on_progress is not None:
                on_progress(done, len(texts))

        job = _Job(model, cache, wanted)
        tokens = job.tokens
        await job.run(finished)
    usage = Usage(tokens, len(texts), len(texts) - len(places))
    made = [row for row in known if row is not None]
    if not made:
        return np.zeros((0, model.card.dimensions or 0), np.float32), usage
    return np.stack(made), usage


class _Job:
    """Texts to be embedded: their windows as token ids, and the vectors of those that are done."""

    def __init__(self, model: LoadedModel, cache: VectorCache, texts: list[str]) -> None:
        self._model = model
        self._cache = cache
        self._ids: list[NDArray[np.int64]] = []  # of each window
        self._owner: list[int] = []  # the number of the text that a window belongs to
        self._pieces: dict[int, str] = {}  # the text of a window that is not a whole text
        self._windows: list[list[int]] = [[] for _ in texts]
        self._made: dict[int, NDArray[np.float32]] = {}
        self._tokenize(texts)
        self.tokens = sum(len(ids) for window, ids in enumerate(self._ids) if window not in self._made)

    def _tokenize(self, texts: list[str]) -> None:
        longest = self._model.max_tokens
        encode = self._model.tokenizer.encode
        short = [i for i, text in enumerate(texts) if len(text) <= longest * _CERTAINLY_LONG]
        long = [i for i, text in enumerate(texts) if len(text) > longest * _CERTAINLY_LONG]
        for i, ids in zip(short, encode([texts[i] for i in short]) if short else (), strict=True):
            if len(ids) <= longest:
                self._add(i, ids)
            else:
                long.append(i)
        limit = longest - self._model.special
        while long:  # a window can come out longer than its parts counted: then the text is cut more finely
            cuts = cut([texts[i] for i in long], limit, self._model.tokenizer.count)
            pieces = [
                (i, texts[i][span.start : span.end])
                for i, spans in zip(long, cuts, strict=True)
                for span in spans or (Span(0, 0),)  # white space only
            ]
            made = list(zip(pieces, encode([text for _, text in pieces]), strict=True))
            again = {i for (i, _), ids in made if len(ids) > longest}
            for (i, piece), ids in made:
                if i not in again:
                    self._add_piece(i, piece, ids)
            long, limit = sorted(again), limit * 3 // 4
            if long and limit < 1:
                raise UnsupportedModel(
                    f"{self._model.info.id} reads {longest} tokens at a time, and its tokenizer makes more of "
                    "what cannot be cut."
                )

    def _add(self, owner: int, ids: NDArray[np.int64]) -> None:
        self._windows[owner].append(len(self._ids))
        self._ids.append(ids)
        self._owner.append(owner)

    def _add_piece(self, owner: int, piece: str, ids: NDArray[np.int64]) -> None:
        window = len(self._ids)
        self._add(owner, ids)
        self._pieces[window] = piece
        known = self._cache.get(self._model.key, piece)
        if known is not None:
            self._made[window] = known

    async def run(self, finished: Callable[[int, NDArray[np.float32]], None]) -> None:
        """Run all windows; `finished(text, vector)` when a text's last one is there."""
        model = self._model
        want: dict[str, Want] = {model.output: "all"}
        if len(self._ids) == 1 and not self._made:  # the way of a query: nothing between it and the model
            finished(0, model.vector(await model.lane.run(model.feeds(self._ids[0]), want)))
            return
        missing = [sum(window not in self._made for window in windows) for windows in self._windows]
        for owner, count in enumerate(missing):
            if not count:
                finished(owner, self._vector(owner))
        order = [window for window in range(len(self._ids)) if window not in self._made]
        order.sort(key=lambda window: -len(self._ids[window]))

        def done(number: int, outputs: Outputs) -> None:
            window = order[number]
            self._made[window] = vector = model.vector(outputs)
            if window in self._pieces:
                self._cache.put(model.key, self._pieces[window], vector)
            owner = self._owner[window]
            missing[owner] -= 1
            if not missing[owner]:
                finished(owner, self._vector(owner))

        await model.lane.run_each(
            len(order), lambda number: model.feeds(self._ids[order[number]]), want, done
        )

    def _vector(self, owner: int) -> NDArray[np.float32]:
        """A text's vector, when all its windows are there: their mean, weighted by tokens, at length 1. It is
        always summed in the same order, so that a text has the same vector however the work was shared."""
        windows = self._windows[owner]
        if len(windows) == 1:
            return self._made[windows[0]]
        weights = np.asarray([len(self._ids[window]) for window in windows], np.float32)
        return unit((np.stack([self._made[window] for window in windows]) * weights[:, None]).sum(axis=0))
