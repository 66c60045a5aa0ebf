"""Whether a model runs well on a device: in which precision, where, in how much memory, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from nearside.models.catalog import Card, parse_card
from nearside.models.graphs import SUFFIXES
from nearside.models.known import MANY, Known, in_words
from nearside.ports.store import StorageReport, StoredModel

Verdict = Literal["good", "limited", "no"]
"""It runs; it runs, but see the reasons; it does not run."""

_GIB = 2**30
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "cpu": tuple(SUFFIXES),
    "wasm": ("int8", "q4", "fp32", "fp16"),
    "webgpu": ("q4f16", "fp16", "q4", "fp32"),
}
"""The precisions that each backend can run, its first choice first: as the model workers choose."""

_HALVES = ("q4f16", "fp16")  # need shader-f16 on a graphics card
_COPIES: Mapping[str, float] = {"cpu": 1.5, "wasm": 2.8, "webgpu": 1.5}
"""Memory for each byte of weights. wasm: measured in Chromium, 2.6 to 2.8 (the bytes that were fetched, and
the runtime's own copy in two layouts); the others are estimates."""

_HEAP = 4 * _GIB  # what WebAssembly with 32-bit addresses can hold
_SLOW = 1_000_000_000  # bytes of weights that a processor takes too long to go through for each token
_HAND_HELD = ("phone", "tablet")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that might be used. `sizes`: dtype to the bytes of its weights, `exact` or about; `stored`: the
    dtypes that lie on this device; `pair`, `thinks`: see `models.known.Known`."""

    id: str
    sizes: Mapping[str, int]
    exact: bool
    stored: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    window: int | None = None
    license: str | None = None
    pair: bool = False
    thinks: bool | None = None

    def speaks(self, languages: Sequence[str]) -> bool | None:
        """Whether it knows these languages (a pair: from the first to the second); None where unknown."""
        if not languages:
            return True
        if not self.languages:
            return None
        if self.pair:
            return tuple(languages) == self.languages[: len(languages)]
        return MANY in self.languages or set(languages) <= set(self.languages)


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a candidate. `backend` is "wasm", "webgpu" or "cpu"; `bytes` of its weights in that
    `dtype`, `exact` or about; `memory` is about what it takes while it runs; `stored`: nothing is fetched;
    `reasons` in sentences; `smaller`: the id of the next smaller choice that runs, None where there is
    none; `thinks`: whether it thinks before it answers and can be told not to, None where that is not known
    before it was open."""

    id: str
    verdict: Verdict
    dtype: str | None
    backend: str | None
    bytes: int | None
    exact: bool
    memory: int | None
    stored: bool
    window: int | None
    languages: tuple[str, ...]
    license: str | None
    reasons: tuple[str, ...]
    smaller: str | None = None
    thinks: bool | None = None


def of_known(known: Known, stored: StoredModel | None = None) -> Candidate:
    """A row of the catalog; where the model is stored, what is known of its files counts."""
    row = Candidate(
        known.id,
        known.sizes,
        False,
        languages=known.languages,
        window=known.window,
        license=known.license,
        pair=known.pair,
        thinks=known.thinks,
    )
    if stored is None or stored.card is None:
        return row
    made = of_card(parse_card(stored.card), stored)
    return replace(row, sizes=made.sizes, exact=made.exact, stored=made.stored) if made.sizes else row


def of_card(card: Card, stored: StoredModel | None = None) -> Candidate:
    """A model whose files a place has listed."""
    sizes = {
        dtype: sum(file.bytes for path in card.weights(main) if (file := card.file(path)))
        for dtype, main in (card.dtypes or {}).items()
        if card.file(main) is not None
    }
    have = set(stored.files) if stored is not None else set()
    kept = (dtype for dtype, main in (card.dtypes or {}).items() if have.issuperset(card.weights(main)))
    return Candidate(card.id, sizes, True, frozenset(kept), card.languages, card.max_tokens, card.license)


def check(
    one: Candidate, report: Mapping[str, Any], storage: StorageReport, others: Sequence[Candidate] = ()
) -> Check:
    """Whether a model runs on the device of a report (see `nearside.device.report`), and the next smaller one
    of `others`, which are for the same task."""
    made = judge(one, report, storage)
    judged = (judge(other, report, storage) for other in others if other.id != one.id)
    limit = made.memory if made.memory is not None else max(one.sizes.values(), default=0)
    running = [other for other in judged if other.verdict != "no" and (other.memory or 0) < limit]
    best = max(running, key=lambda other: (other.verdict == "good", other.memory or 0), default=None)
    return replace(made, smaller=best.id if best else None)


def judge(one: Candidate, report: Mapping[str, Any], storage: StorageReport) -> Check:
    """`check` for one model by itself."""
    backend, dtype, why = _choose(one, report)
    size = one.sizes.get(dtype) if dtype else None
    stored = dtype in one.stored
    verdict: Verdict = "no"
    memory: int | None = None
    reasons: tuple[str, ...] = (why,)
    if backend is not None and dtype is not None and size is not None:
        memory = round(size * _COPIES[backend])
        room, told = _memory(memory, backend, report)
        limits = [*_speed(size, backend), *_room(size, stored, report, storage)] if room else []
        verdict = "no" if not room else ("limited" if limits else "good")
        cost = () if stored or not room else _network(report)
        reasons = (why, _size(one, size, stored), told, *limits, *cost)
    return Check(
        id=one.id,
        verdict=verdict,
        dtype=dtype,
        backend=backend,
        bytes=size,
        exact=one.exact,
        memory=memory,
        stored=stored,
        window=one.window,
        languages=one.languages,
        license=one.license,
        reasons=tuple(reason for reason in reasons if reason),
        thinks=one.thinks,
    )


def _choose(one: Candidate, report: Mapping[str, Any]) -> tuple[str | None, str | None, str]:
    """Backend, dtype, and a sentence about them; None where nothing fits."""
    adapter = report["adapter"]
    if adapter is not None and not adapter["fallback"]:
        halves = "shader-f16" in (adapter["features"] or ())
        for dtype in _ORDERS["webgpu"]:
            if dtype in one.sizes and (halves or dtype not in _HALVES):
                return "webgpu", dtype, f"It would run on the graphics card ({dtype})."
    if report["browser"] is not None and report["wasm"]["simd"] is False:
        return None, None, "The browser lacks what models need to run (WebAssembly SIMD)."
    backend = "cpu" if report["browser"] is None else "wasm"
    for dtype in _ORDERS[backend]:
        if dtype in one.sizes:
            return backend, dtype, f"It would run on the processor ({dtype})."
    offered = ", ".join(one.sizes) or "none"
    return None, None, f"None of its files runs here: it comes as {offered}, which needs a graphics card."


def _size(one: Candidate, size: int, stored: bool) -> str:
    words = in_words(size) if one.exact else f"about {in_words(size)}"
    return f"It is stored on this device ({words})." if stored else f"{words[0].upper()}{words[1:]} to fetch."


def _memory(need: int, backend: str, report: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether so many bytes of memory are there, and a sentence. Half of a computer's memory counts, and a
    quarter of what a phone or tablet has, as these close pages that take much."""
    hand_held = report["formFactor"] in _HAND_HELD
    known = report["memoryGiB"]
    memory = known if known is not None else (2 if hand_held else 4)
    there = memory * _GIB * (0.25 if hand_held else 0.5)
    if backend == "wasm":
        there = min(there, _HEAP)
    source = (
        f"it has {memory:g} GB in all"
        if known is not None
        else f"it does not say how much it has, so {memory} GB are taken for granted"
    )
    words = f"about {in_words(need)} of memory while it runs"
    if need <= there:
        return True, f"It takes {words}." if known is not None else f"It takes {words}; {source}."
    room = in_words(round(there))
    return False, f"It would take {words}; there is room for about {room} on this device ({source})."


def _speed(size: int, backend: str) -> list[str]:
    if backend == "webgpu" or size <= _SLOW:
        return []
    return ["A model of this size is slow without a graphics card."]


def _room(size: int, stored: bool, report: Mapping[str, Any], storage: StorageReport) -> list[str]:
    """What speaks against storing it. Models that were not used for long make room for others."""
    if stored:
        return []
    facts = report["storage"]
    if storage.persistent is False or facts["indexeddb"] is False:
        return ["It cannot be stored here, so it is fetched again at every visit."]
    if facts["quota"] is None:
        return []
    free = facts["quota"] - (facts["used"] or 0)
    if size <= free:
        return []
    if size <= free + (storage.used or 0):
        return [f"There is room for {in_words(max(free, 0))}: other stored models would have to go."]
    return ["There is no room to store it, so it is fetched again at every visit."]


def _network(report: Mapping[str, Any]) -> tuple[str, ...]:
    connection = report["connection"] or {}
    if connection.get("saveData"):
        return ("Data saving is on.",)
    if connection.get("metered"):
        return ("The network may charge by volume.",)
    return ()
