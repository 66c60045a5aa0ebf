"""documents: texts that are kept on the device with the vectors of their passages, and searched. The help
that comes with Nearside is a second corpus beside them.

A document is two entries that one write makes together: a small one in "documents" for lists, and one in
"passages" with the text and, as bytes, the vectors. Whatever happens in the middle, both are there or
neither; other tabs see the change by the collection's generation.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from nearside import help as helping
from nearside.errors import EngineFailed, InvalidInput, InvalidOption, NearsideError, NotFound
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.ports.clock import Clock
from nearside.ports.database import Database, Delete, Put
from nearside.retrieval.bm25 import Vocabulary
from nearside.retrieval.corpus import Corpus, Read
from nearside.retrieval.hybrid import PASSAGE_TOKENS
from nearside.retrieval.markdown import sections
from nearside.tasks.embed import checked_text, cut_politely, vectors
from nearside.tasks.search import checked_query, checked_top_k
from nearside.types import DocumentInfo, DocumentResults, OnCount, Span, Usage, Vectors

KINDS = ("text", "markdown")
COLLECTIONS = ("own", "help")
HELP = "help/"
"""How the ids of help pages begin; no document's id does."""

MAX_ID = 200
MAX_NAME = 300

_LIST, _PASSAGES, _HELP = "documents", "passages", "help"
_FEW = 8  # texts; a job of twice as many may start another worker
_SUFFIXES = (".md", ".markdown")
_TICK = 1e-6  # seconds between two documents that were added at the same time: keeps their order


@dataclass(frozen=True, slots=True)
class _Kept:
    """An entry of "documents"."""

    id: str
    name: str
    kind: str
    characters: int
    passages: int
    added: float
    digest: str
    model: str
    version: str
    units: int = 0

    @staticmethod
    def of(key: str, value: Mapping[str, Any]) -> _Kept:
        fields = ("name", "kind", "characters", "passages", "added", "digest", "model", "version", "units")
        return _Kept(key, *(value[name] for name in fields))

    def value(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "id"}


class Documents:
    """The documents in a database. Other tabs may work on the same ones: each change is whole, the last one
    to a document wins, and none is lost."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._model: str | None = None  # the weights that were used last
        self._listed: tuple[int, dict[str, _Kept]] | None = None  # with its generation
        self._read: dict[str, Read] | None = None
        self._words = Vocabulary()
        self._corpus: Corpus | None = None
        self._help: tuple[str, Corpus] | None = None
        self._reading = asyncio.Lock()
        self._helping = asyncio.Lock()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def add(
        self,
        model: LoadedModel,
        cache: VectorCache,
        name: str,
        text: str,
        *,
        id: str | None = None,
        kind: str | None = None,
        on_progress: OnCount | None = None,
    ) -> tuple[DocumentInfo, Usage]:
        """Keep a text, in place of the document `id` where there is one. `kind` is "text" or "markdown", and
        told by the name's ending unless given. The same text again costs nothing, and an edited one only
        its new passages. Until the one write at the end nothing changes, whatever fails or is cancelled.
        `on_progress` counts passages.

        Raises `InvalidInput`, `InvalidOption`, `StorageFull`, and what running the model may raise."""
        name, text, id, kind = _checked(name, text, id, kind)
        self._model = model.key
        digest = hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
        async with self._turn(id):  # of two calls for one document the later one has the last word
            old = (await self._list()).get(id)
            if old is not None and (old.digest, old.model) == (digest, model.key):
                if old.name != name:
                    old = await self._rename(old, name)
                if on_progress is not None:
                    on_progress(old.passages, old.passages)
                return self._info(old), Usage(0, old.passages, old.passages)
            spans = await _cut(model, text, kind)
            passages = [text[span.start : span.end] for span in spans]
            if old is not None and old.model == model.key:
                await self._remember(model, cache, old, passages)
            rows, usage = await vectors(model, cache, passages, on_progress, "passage")
            kept = _Kept(
                id=id,
                name=name,
                kind=kind,
                characters=len(text),
                passages=len(spans),
                added=old.added if old is not None else await self._now(),
                digest=digest,
                model=model.key,
                version=secrets.token_hex(8),
                units=len(text.encode("utf-16-le")) // 2,
            )
            read = Read(id, name, text, spans, kept.version, model.key, rows)
            await self._write(kept, read)
            if self._read is not None:
                self._read[id] = read
            return self._info(kept), usage

    async def list(self) -> list[DocumentInfo]:
        """The documents, oldest first."""
        kept = sorted((await self._list()).values(), key=lambda one: (one.added, one.id))
        return [self._info(one) for one in kept]

    async def get(self, id: str) -> tuple[DocumentInfo, str]:
        """A document with its text; a page of the help too, by its id. Raises `NotFound`."""
        _checked_id(id)
        page = next((text for name, _, text in helping.texts() if HELP + name == id), None)
        if page is not None:
            kept = _Kept(id, _title(id), "markdown", len(page), 0, 0.0, "", self._model or "", "")
            return self._info(kept), page
        for _ in range(5):  # again where another tab wrote between the two reads
            found = (await self._list()).get(id)
            if found is None:
                raise NotFound(f"There is no document {id!r}.")
            entry = await self._database.get(_PASSAGES, id)
            if entry is not None and entry.value["version"] == found.version:
                return self._info(found), entry.value["text"]
        raise EngineFailed(f"The document {id!r} cannot be read.", hint="Delete it and add it again.")

    async def delete(self, id: str) -> bool:
        """Delete a document; whether there was one. Pages of the help stay."""
        _checked_id(id)
        async with self._turn(id):
            if id not in await self._list():
                return False
            await self._database.write([Delete(_LIST, id), Delete(_PASSAGES, id)])
            return True

    async def search(
        self,
        model: LoadedModel,
        cache: VectorCache,
        query: str,
        top_k: int = 10,
        *,
        collection: str | None = None,
        on_progress: OnCount | None = None,
    ) -> DocumentResults:
        """The `top_k` best passages, by words and by meaning, of the documents ("own"), of the help ("help")
        or of both (None). `on_progress` counts the passages that are searched.

        Raises `InvalidInput`, `InvalidOption`, and what running the model may raise."""
        wanted, most = checked_query(query), checked_top_k(top_k)
        if collection is not None and collection not in COLLECTIONS:
            raise InvalidOption(
                f"collection is {collection!r:.40}.",
                hint=f"Give one of {', '.join(COLLECTIONS)}, or nothing.",
            )
        self._model = model.key
        usage = Usage(0, 0, 0)
        corpora = []
        if collection != "help":
            corpora.append(await self._own())
        if collection != "own":
            corpus, usage = await self._pages(model, cache, on_progress)
            corpora.append(corpus)
        rows, asking = await vectors(model, cache, [wanted], kind="query")
        hits = [hit for corpus in corpora for hit in corpus.best(wanted, rows[0], model.key, most)]
        hits.sort(key=lambda hit: -hit.score)  # of equal ones the visitor's own come first
        total = sum(map(len, corpora))
        if on_progress is not None:
            on_progress(total, total)
        used = Usage(
            usage.tokens + asking.tokens, total + 1, total - usage.texts + usage.cached + asking.cached
        )
        return DocumentResults(tuple(hits[:most]), used, model.used)

    def _turn(self, id: str) -> asyncio.Lock:
        lock = self._turns.get(id)
        if lock is None:
            lock = self._turns[id] = asyncio.Lock()
        return lock

    def _info(self, kept: _Kept) -> DocumentInfo:
        current = self._model is None or kept.model == self._model
        return DocumentInfo(
            kept.id, kept.name, kept.kind, kept.characters, kept.passages, kept.added, current, kept.units
        )

    async def _list(self) -> dict[str, _Kept]:
        """What is kept now, whoever kept it."""
        generation = await self._database.generation(_LIST)
        if self._listed is None or self._listed[0] != generation:
            entries = await self._database.list(_LIST)
            self._listed = (generation, {entry.key: _Kept.of(entry.key, entry.value) for entry in entries})
        return self._listed[1]

    async def _now(self) -> float:
        added = [one.added for one in (await self._list()).values()]
        return max([self._clock.now(), *(moment + _TICK for moment in added)])

    async def _rename(self, old: _Kept, name: str) -> _Kept:
        entry = await self._database.get(_PASSAGES, old.id)
        if entry is None:
            raise EngineFailed(f"The document {old.id!r} cannot be read.", hint="Delete it and add it again.")
        read = _unpack(old, entry.value, entry.blob)
        kept = _Kept.of(old.id, {**old.value(), "name": name, "version": secrets.token_hex(8)})
        read.name, read.version = name, kept.version
        await self._write(kept, read)
        return kept

    async def _write(self, kept: _Kept, read: Read) -> None:
        places = [place for span in read.spans for place in (span.start, span.end)]
        value = {"version": kept.version, "text": read.text, "spans": places}
        blob = None if read.rows is None else read.rows.astype("<f4", copy=False).tobytes()
        await self._database.write([Put(_LIST, kept.id, kept.value()), Put(_PASSAGES, kept.id, value, blob)])

    async def _remember(
        self, model: LoadedModel, cache: VectorCache, old: _Kept, passages: Sequence[str]
    ) -> None:
        """Give the cache what the old version of a document knows of the passages of the new one."""
        entry = await self._database.get(_PASSAGES, old.id)
        if entry is None:
            return
        read = _unpack(old, entry.value, entry.blob)
        wanted = set(passages)
        for passage, row in zip(read.passages(), () if read.rows is None else read.rows, strict=False):
            if passage in wanted:
                cache.put(old.model, model.prefix("passage") + passage, row)

    async def _own(self) -> Corpus:
        """The documents as they are now; what did not change since the last search is not read again."""
        async with self._reading:
            listed = await self._list()
            versions = {id: kept.version for id, kept in listed.items()}
            if self._corpus is not None and versions == _versions(self._corpus.documents):
                return self._corpus
            entries = {}
            if self._read is None:
                entries = {entry.key: entry for entry in await self._database.list(_PASSAGES)}
            known, read = self._read or {}, {}
            for id, kept in listed.items():
                one = known.get(id)
                if one is None or one.version != kept.version:
                    entry = entries.get(id) or await self._database.get(_PASSAGES, id)
                    one = None if entry is None else _unpack(kept, entry.value, entry.blob)
                if one is not None:  # else it was deleted meanwhile
                    read[id] = one
            self._corpus = await Corpus.of(list(read.values()), self._words)
            self._read = read
            return self._corpus

    async def _pages(
        self, model: LoadedModel, cache: VectorCache, on_progress: OnCount | None
    ) -> tuple[Corpus, Usage]:
        """The help, and what it cost to read it: its vectors are made once and kept."""
        async with self._helping:
            if self._help is not None and self._help[0] == model.key:
                return self._help[1], Usage(0, 0, 0)
            pages = [(HELP + name, title, text) for name, title, text in helping.texts()]
            digest = hashlib.sha256(repr((pages, PASSAGE_TOKENS)).encode()).hexdigest()
            spans = [await _cut(model, text, "markdown") for _, _, text in pages]
            passages = [
                text[span.start : span.end]
                for (_, _, text), places in zip(pages, spans, strict=True)
                for span in places
            ]
            entry = await self._database.get(_HELP, model.key)
            if entry is not None and entry.value == {"digest": digest, "passages": len(passages)}:
                rows, usage = _rows(entry.blob, len(passages)), Usage(0, len(passages), len(passages))
            else:
                rows = None
            if rows is None:
                rows, usage = await _gently(model, cache, passages, on_progress)
                value = {"digest": digest, "passages": len(passages)}
                blob = rows.astype("<f4", copy=False).tobytes()
                with contextlib.suppress(NearsideError):  # without room they are made again next time
                    await self._database.write([Delete(_HELP, None), Put(_HELP, model.key, value, blob)])
            read, at = [], 0
            for (id, title, text), places in zip(pages, spans, strict=True):
                read.append(Read(id, title, text, places, "", model.key, rows[at : at + len(places)]))
                at += len(places)
            self._help = (model.key, await Corpus.of(read, Vocabulary()))
            return self._help[1], usage


async def _gently(
    model: LoadedModel, cache: VectorCache, texts: Sequence[str], on_progress: OnCount | None
) -> tuple[Vectors, Usage]:
    """`vectors` a few at a time, so that no second worker is started for what nobody may be waiting for."""
    made: list[Vectors] = []
    usage = Usage(0, 0, 0)
    for start in range(0, len(texts), _FEW):
        rows, cost = await vectors(model, cache, texts[start : start + _FEW], kind="passage")
        made.append(rows)
        usage = Usage(usage.tokens + cost.tokens, usage.texts + cost.texts, usage.cached + cost.cached)
        if on_progress is not None:
            on_progress(min(start + _FEW, len(texts)), len(texts))
    return np.concatenate(made), usage


def _checked(name: object, text: object, id: object, kind: object) -> tuple[str, str, str, str]:
    title = checked_text(name, "name").strip()
    if not 1 <= len(title) <= MAX_NAME:
        raise InvalidInput(f"name has {len(title)} characters.", hint=f"Give 1 to {MAX_NAME} characters.")
    content = checked_text(text, "text")
    if not content.strip():
        raise InvalidInput("text is empty.", hint="Give at least one word.")
    if kind is None:
        kind = "markdown" if title.lower().endswith(_SUFFIXES) else "text"
    if kind not in KINDS:
        raise InvalidOption(f"kind is {kind!r:.40}.", hint=f"Give one of {', '.join(KINDS)}.")
    key = secrets.token_hex(8) if id is None else _checked_id(id)
    if key.startswith(HELP):
        raise InvalidInput(f"id begins with {HELP}, as the pages of the help do.", hint="Give another id.")
    return title, content, key, str(kind)


def _checked_id(id: object) -> str:
    if not isinstance(id, str) or not 1 <= len(id) <= MAX_ID or checked_text(id, "id") != id:
        shown = "" if not isinstance(id, str) else f" of {len(id)} characters"
        raise InvalidInput(
            f"id is a {type(id).__name__}{shown}.", hint=f"Give a text of 1 to {MAX_ID} characters."
        )
    return id


async def _cut(model: LoadedModel, text: str, kind: str) -> list[Span]:
    limit = min(model.room("passage"), PASSAGE_TOKENS)
    parts = sections(text) if kind == "markdown" else [Span(0, len(text))]
    cuts = await cut_politely([text[part.start : part.end] for part in parts], limit, model.tokenizer.count)
    return [
        Span(part.start + span.start, part.start + span.end)
        for part, spans in zip(parts, cuts, strict=True)
        for span in spans
    ]


def _unpack(kept: _Kept, value: Mapping[str, Any], blob: bytes | None) -> Read:
    places = value["spans"]
    spans = [Span(start, end) for start, end in zip(places[::2], places[1::2], strict=True)]
    rows = _rows(blob, len(spans))
    return Read(kept.id, kept.name, value["text"], spans, value["version"], kept.model, rows)


def _rows(blob: bytes | None, passages: int) -> Vectors | None:
    """The vectors in `blob`, None when they cannot be that many."""
    if not blob or not passages or len(blob) % (4 * passages):
        return None
    return np.frombuffer(blob, "<f4").reshape(passages, -1)


def _versions(documents: Sequence[Read]) -> dict[str, str]:
    return {document.id: document.version for document in documents}


def _title(id: str) -> str:
    return next(title for name, title, _ in helping.texts() if HELP + name == id)
