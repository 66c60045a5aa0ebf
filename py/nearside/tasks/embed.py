"""embed: texts to vectors. One text per call of the model (int8 activations are scaled per tensor, so that in
a padded batch a text's vector would depend on its neighbours), longest first, each text and window once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption, UnsupportedModel
from nearside.models.loaded import LoadedModel, unit
from nearside.models.prefixes import TEXT_KINDS, TextKind
from nearside.models.vectors import VectorCache
from nearside.ports.runtime import Outputs
from nearside.retrieval.chunking import Count, cutting, slices
from nearside.tasks.options import whole_number
from nearside.types import Embeddings, OnCount, Span, Usage, Vectors

MAX_CHARACTERS = 10_000_000
"""Longer texts are refused: cutting and counting alone would take minutes."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
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
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def checked_texts(texts: object, name: str = "texts") -> list[str]:
    """A text or a sequence of texts as a list; see `checked_text`."""
    if isinstance(texts, str):
        return [checked_text(texts, name)]
    if not isinstance(texts, Sequence) or isinstance(texts, bytes | bytearray | memoryview):
        raise InvalidInput(f"{name} is {_kind(texts)}, not text or a list of texts.", hint="Give strings.")
    return [checked_text(text, f"{name}[{i}]") for i, text in enumerate(texts)]


def _kind(value: object) -> str:
    return "missing" if value is None else f"a value of type {type(value).__name__}"


async def cut_politely(texts: Sequence[str], limit: int, count: Count) -> list[list[Span]]:
    """`retrieval.chunking.cut`, with turns for others while it works."""
    steps = cutting(texts, limit, count)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: list[list[Span]] = end.value
            return made
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Request:
    """Checked texts; their `kind` decides what the model is shown before them, `dimensions` cuts their
    vectors."""

    texts: tuple[str, ...]
    kind: TextKind | None
    dimensions: int | None


def checked(texts: object, kind: object = None, dimensions: object = None) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = tuple(checked_texts(texts))
    known = next((one for one in TEXT_KINDS if one == kind), None)
    if kind is not None and known is None:
        raise InvalidOption(
            f"kind is {kind!r:.40}.", hint=f"Give one of {', '.join(TEXT_KINDS)}, or nothing."
        )
    return Request(ready, known, None if dimensions is None else whole_number(dimensions, "dimensions"))


async def embed(
    model: LoadedModel, cache: VectorCache, request: Request, on_progress: OnCount | None = None
) -> Embeddings:
    """The vectors of checked texts; see `Client.embed`. Raises `InvalidOption` for more dimensions than the
    model has."""
    wanted = request.dimensions
    has = model.card.dimensions
    if wanted is not None and has is not None and wanted > has:
        raise _too_many(model, wanted, has)
    rows, usage = await vectors(model, cache, request.texts, on_progress, request.kind)
    if wanted is not None:
        if len(rows) and wanted > rows.shape[1]:
            raise _too_many(model, wanted, rows.shape[1])
        rows = model.cut(rows, wanted)
    return Embeddings(rows, usage, model.used)


def _too_many(model: LoadedModel, wanted: int, has: int) -> InvalidOption:
    return InvalidOption(
        f"dimensions is {wanted}, and the vectors of {model.info.id} have {has}.", hint="Give fewer."
    )


async def vectors(
    model: LoadedModel,
    cache: VectorCache,
    texts: Sequence[str],
    on_progress: OnCount | None = None,
    kind: TextKind | None = None,
) -> tuple[Vectors, Usage]:
    """float32 [n, dimensions], rows of length 1, and what it cost. The cache knows each text with the prefix
    of its kind, as the model is shown it."""
    tell = on_progress or _silent
    prefix = model.prefix(kind)
    if len(texts) == 1:
        answer = await _short(model, cache, prefix + texts[0])
        if answer is not None:
            tell(1, 1)
            return answer
    known = [cache.get(model.key, prefix + text) for text in texts]
    places: dict[str, list[int]] = {}  # where each text is that is not known
    for i, row in enumerate(known):
        if row is None:
            places.setdefault(texts[i], []).append(i)
    wanted = list(places)
    done = len(texts) - sum(map(len, places.values()))
    if done or not texts:
        tell(done, len(texts))

    def finished(number: int, vector: NDArray[np.float32]) -> None:
        nonlocal done
        cache.put(model.key, prefix + wanted[number], vector)
        for place in places[wanted[number]]:
            known[place] = vector
            done += 1
        tell(done, len(texts))

    job = _Job(model, cache, len(wanted), prefix)
    for numbers in slices(wanted):
        if numbers.start:
            await asyncio.sleep(0)
        await job.add(numbers, [wanted[number] for number in numbers])
    usage = Usage(job.tokens, len(texts), len(texts) - len(wanted))
    await job.run(finished)
    made = [row for row in known if row is not None]
    if not made:
        return np.zeros((0, model.card.dimensions or 0), np.float32), usage
    return np.stack(made), usage


def _silent(done: int, total: int) -> None:
    """Nobody wants to know."""


async def _short(model: LoadedModel, cache: VectorCache, text: str) -> tuple[Vectors, Usage] | None:
    """`vectors` for one text: the way of a query, with as little as possible beside the model's own work.
    None when the text needs more than one window."""
    vector = cache.get(model.key, text)
    if vector is not None:
        return vector[np.newaxis].copy(), Usage(0, 1, 1)
    if len(text) > model.max_tokens * _CERTAINLY_LONG:
        return None
    ids = model.tokenizer.encode([text])[0]
    if len(ids) > model.max_tokens:
        return None
    vector = model.vector(await model.lane.run(model.feeds(ids), model.want))
    cache.put(model.key, text, vector)
    return vector[np.newaxis].copy(), Usage(len(ids), 1, 0)


class _Job:
    """Texts to be embedded: their windows as token ids, and the vectors of those that are done."""

    def __init__(self, model: LoadedModel, cache: VectorCache, texts: int, prefix: str) -> None:
        self._model = model
        self._prefix = prefix  # of every window
        self._cache = cache
        self._ids: list[NDArray[np.int64]] = []  # of each window
        self._owner: list[int] = []  # the number of the text that a window belongs to
        self._pieces: dict[int, str] = {}  # the text of a window that is not a whole text
        self._windows: list[list[int]] = [[] for _ in range(texts)]
        self._made: dict[int, NDArray[np.float32]] = {}

    @property
    def tokens(self) -> int:
        """What is left for the model to read."""
        return sum(len(ids) for window, ids in enumerate(self._ids) if window not in self._made)

    async def add(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Tokenize more texts: in one call where they are short."""
        longest, prefix = self._model.max_tokens, self._prefix
        tokenizer = self._model.tokenizer

        def encode(texts: Sequence[str]) -> list[NDArray[np.int64]]:
            return tokenizer.encode([prefix + text for text in texts] if prefix else texts)

        pairs = list(zip(numbers, texts, strict=True))
        short = [pair for pair in pairs if len(pair[1]) <= longest * _CERTAINLY_LONG]
        long = [pair for pair in pairs if len(pair[1]) > longest * _CERTAINLY_LONG]
        made = encode([text for _, text in short]) if short else []
        for (number, text), ids in zip(short, made, strict=True):
            if len(ids) <= longest:
                self._add(number, ids)
            else:
                long.append((number, text))
        limit = longest - self._model.special - (tokenizer.count([prefix])[0] if prefix and long else 0)
        while long:  # a window can come out longer than its parts counted: then the text is cut more finely
            cuts = await cut_politely([text for _, text in long], limit, tokenizer.count)
            pieces = [
                (number, text[span.start : span.end])
                for (number, text), spans in zip(long, cuts, strict=True)
                for span in spans or (Span(0, 0),)  # white space only
            ]
            made = []
            for place in slices([piece for _, piece in pieces]):
                made += encode([piece for _, piece in pieces[place.start : place.stop]])
                await asyncio.sleep(0)
            windows = list(zip(pieces, made, strict=True))
            again = {number for (number, _), ids in windows if len(ids) > longest}
            for (number, piece), ids in windows:
                if number not in again:
                    self._add_piece(number, piece, ids)
            long, limit = [pair for pair in long if pair[0] in again], limit * 3 // 4
            if long and limit < 1:
                raise UnsupportedModel(
                    f"{self._model.info.id} reads {longest} tokens at a time, and its tokenizer makes more "
                    "of what cannot be cut."
                )

    def _add(self, owner: int, ids: NDArray[np.int64]) -> None:
        self._windows[owner].append(len(self._ids))
        self._ids.append(ids)
        self._owner.append(owner)

    def _add_piece(self, owner: int, piece: str, ids: NDArray[np.int64]) -> None:
        window = len(self._ids)
        self._add(owner, ids)
        self._pieces[window] = piece
        known = self._cache.get(self._model.key, self._prefix + piece)
        if known is not None:
            self._made[window] = known

    async def run(self, finished: Callable[[int, NDArray[np.float32]], None]) -> None:
        """Run all windows; `finished(text, vector)` when a text's last one is there."""
        model = self._model
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
                self._cache.put(model.key, self._prefix + self._pieces[window], vector)
            owner = self._owner[window]
            missing[owner] -= 1
            if not missing[owner]:
                finished(owner, self._vector(owner))

        await model.lane.run_each(
            len(order), lambda number: model.feeds(self._ids[order[number]]), model.want, done
        )

    def _vector(self, owner: int) -> NDArray[np.float32]:
        """A text's vector, when all its windows are there: their mean, weighted by tokens, at length 1. It is
        always summed in the same order, so that a text has the same vector however the work was shared."""
        windows = self._windows[owner]
        if len(windows) == 1:
            return self._made[windows[0]]
        weights = np.asarray([len(self._ids[window]) for window in windows], np.float32)
        return unit((np.stack([self._made[window] for window in windows]) * weights[:, None]).sum(axis=0))
