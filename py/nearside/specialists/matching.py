"""Fields and what a text offers for them, brought together: by how it looks and what stands beside it."""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from nearside.specialists.evidence import Cell, Evidence, politely
from nearside.specialists.patterns import Found
from nearside.specialists.schema import Field, Unfit, fit
from nearside.specialists.words import kinds, likeness, words
from nearside.types import FieldSource

_SURE = 0.5  # from this likeness of names a find is a field's value
_ALONE = 0.35  # the score of the only find of its kind, when nothing names it
_LOOKS_FIRST = 0.1  # what a line counts less than a find that looks as the field's name says
_IDENTIFIER = re.compile(r"\d{4,}")
_OWN_LOOKS = frozenset(("email", "url", "phone", "iban"))
_SIGNS = {
    "€": "EUR", "$": "USD", "us$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "kr": "SEK", "zł": "PLN",
    "fr.": "CHF",
}  # fmt: skip
_SIGN = re.compile(r"€|US\$|\$|£|¥|₹|\b(?:CHF|EUR|USD|GBP|JPY|SEK|NOK|DKK|PLN|CAD|AUD)\b|\bkr\b|zł|\bFr\.")
_SPLIT = re.compile(r"\s{0,40}[,;·|•]\s{0,40}|\s{1,40}/\s{1,40}")
_SHORT = 300  # characters of a line that may count something
_KEPT = 800  # offers for a field that are kept: each of the other 199 takes the places of a few
MOST_ITEMS = 10_000
"""Items of a list without `maxItems`."""
_COUNTED = re.compile(
    r"(?P<count>\d{1,5})\s*(?:[x×]|pcs\.?|Stk\.?)\s+(?P<item>\S.*?)\s*(?:[:@–-]|\s{2,}|\bat\b|\bfor\b|\bà\b)\s*(?P<price>\S.*)$"
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value for the field at `path` and where it came from."""

    path: str
    value: Any
    source: FieldSource


@dataclass(frozen=True, slots=True)
class _Offer:
    score: float
    path: str
    value: Any
    start: int
    end: int


async def by_patterns(evidence: Evidence, root: Field) -> dict[str, Value]:
    """What can be told without any model: path to value; items of lists as "skills[0]"."""
    made: dict[str, Value] = {}
    offers: list[_Offer] = []
    for path, field in root.leaves():
        await asyncio.sleep(0)
        if field.kind == "array":
            made |= await _list(evidence, path, field)
        else:
            found = [offer async for offer in _offers(evidence, path, field)]
            offers += heapq.nsmallest(_KEPT, found, key=lambda one: (-one.score, one.start))
    taken: list[tuple[int, int]] = []
    for offer in sorted(offers, key=lambda one: (-one.score, one.start)):
        if offer.path in made or any(a < offer.end and offer.start < b for a, b in taken):
            continue
        if offer.path.rpartition(".")[2] != "currency":  # (stands in the amount)
            taken.append((offer.start, offer.end))
        made[offer.path] = _value(offer.path, offer.value, offer.start, offer.end, offer.score)
    return made


def _value(path: str, value: Any, start: int, end: int, score: float) -> Value:
    return Value(path, value, FieldSource("pattern", start, end, round(min(max(score, 0.0), 1.0), 4)))


def fitted(evidence: Evidence, field: Field, raw: object) -> Any:
    """The value as the field takes it, with the text's own marks and order of days. Raises `Unfit`."""
    return fit(field, raw, evidence.decimal, evidence.day_first)


def _around(path: str) -> frozenset[str]:
    return words(path.rpartition(".")[0].replace(".", " "))


async def _offers(evidence: Evidence, path: str, field: Field) -> AsyncIterator[_Offer]:
    """The finds that could be a field's value."""
    around = _around(path)
    wanted = kinds(field)
    async for offer in _from_finds(evidence, path, field, wanted):
        yield offer
    if not wanted or (field.kind == "string" and field.format is None):
        async for offer in _from_lines(evidence, path, field, _LOOKS_FIRST if wanted else 0.0):
            yield offer
    if field.kind == "boolean":
        async for said, ticked, start, end in politely(evidence.checks()):
            if (score := likeness(said, field, around)) >= _SURE:
                yield _Offer(score, path, ticked, start, end)
    if words(field.name) == {"currency"}:
        async for offer in _currency(evidence, path, field):
            yield offer
    if field.choices and field.kind == "string":
        async for offer in _choices(evidence, path, field):
            yield offer


async def _from_finds(
    evidence: Evidence, path: str, field: Field, wanted: tuple[str, ...]
) -> AsyncIterator[_Offer]:
    around = _around(path)
    for kind in wanted:
        alone = len({one.text for one in await evidence.all(kind)}) == 1
        unnamed = alone and (kind in _OWN_LOOKS or (kind in ("date", "money", "time") and kind == wanted[0]))
        unnamed = unnamed and await _may_be(evidence, field, kind)
        least = 0.0 if unnamed else _SURE - (0.3 if around else 0.0)
        async for one, score in _like(await evidence.named(kind), field, around, least):
            if kind == "number" and wanted[0] == "identifier" and not _IDENTIFIER.fullmatch(one.text):
                continue
            if around:
                score += 0.3 if evidence.section(one.start) & around else 0.0
            if score < _SURE and not unnamed:
                continue
            try:
                value = fitted(evidence, field, one.text)
            except Unfit:
                continue
            rank = 0.02 * wanted.index(kind)
            yield _Offer(max(score, _ALONE) - rank, path, value, one.start, one.end)


async def _like(
    named: Mapping[frozenset[str], list[Found]], field: Field, around: frozenset[str], least: float
) -> AsyncIterator[tuple[Found, float]]:
    """The finds whose names are at least so like the field's, and how much."""
    async for label, found in politely(named.items()):
        score = likeness(label, field, around)
        if score >= least:
            async for one in politely(found):
                yield one, score


async def _may_be(evidence: Evidence, field: Field, kind: str) -> bool:
    """Whether the only find of a kind may be taken for a field that nothing names there: not for one whose
    name says which of several it is."""
    named = words(field.name)
    if kind == "money":
        return bool(named & {"total", "price"}) and len(named) == 1
    return (
        kind != "date"
        or named <= {"date", "day"}
        or (len(named - {"date"}) == 1 and not next(iter(await evidence.named(kind))) - {"date"})
    )


async def _from_lines(evidence: Evidence, path: str, field: Field, less: float) -> AsyncIterator[_Offer]:
    around = _around(path)
    async for one, score in _like(await evidence.named("line"), field, around, _SURE):
        if around and evidence.section(one.start) & around:
            score += 0.3
        text = one.text.rstrip(" ;|")
        if not text:
            continue
        try:
            value = fitted(evidence, field, text)
        except Unfit:
            continue
        yield _Offer(score - less, path, value, one.start, one.start + len(text))


async def _choices(evidence: Evidence, path: str, field: Field) -> AsyncIterator[_Offer]:
    """The one choice that the text has as a word."""
    hits = []
    for choice in field.choices:
        await asyncio.sleep(0)
        said = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", str(choice))))
        found = re.search(rf"(?<!\w){said}(?!\w)", evidence.text, re.IGNORECASE)
        if found is not None:
            hits.append((choice, found.span()))
    if len(hits) == 1:
        yield _Offer(_ALONE, path, hits[0][0], *hits[0][1])


async def _currency(evidence: Evidence, path: str, field: Field) -> AsyncIterator[_Offer]:
    """The currency of the text's amounts, when they have only one, as an ISO 4217 code."""
    found = politely(await evidence.all("money"))
    signs = [(hit, one.start) async for one in found if (hit := _SIGN.search(one.text))]
    codes = {_SIGNS.get(hit.group().lower(), hit.group().upper()) for hit, _ in signs}
    if len(codes) == 1:
        hit, start = signs[0]
        for raw in (codes.pop(), hit.group()):
            try:
                yield _Offer(1.0, path, fitted(evidence, field, raw), start + hit.start(), start + hit.end())
            except Unfit:
                continue
            return


async def _list(evidence: Evidence, path: str, field: Field) -> dict[str, Value]:
    """The items of a list: rows of a table, all finds of a kind, or the parts of a line or a section."""
    item = field.item
    if item is None:
        return {}
    if item.kind == "object":
        made = await _table(evidence, path, item) or await _counted(evidence, path, item)
    else:
        made = await _finds(evidence, path, item) or await _parts(evidence, path, field, item)
    most = MOST_ITEMS if field.most is None else int(field.most)
    inside = re.compile(re.escape(path) + r"\[(\d+)\]")
    kept = {}
    for place, value in made.items():
        hit = inside.match(place)
        if hit is not None and int(hit[1]) < most:
            kept[place] = value
    return kept


async def _finds(evidence: Evidence, path: str, item: Field) -> dict[str, Value]:
    made: dict[str, Value] = {}
    known = set()
    for kind in kinds(item)[:1]:
        if kind in ("number", "identifier"):
            continue
        async for one in politely(await evidence.all(kind)):
            try:
                value = fitted(evidence, item, one.text)
            except Unfit:
                continue
            if value not in known:
                known.add(value)
                place = f"{path}[{len(made)}]"
                made[place] = _value(place, value, one.start, one.end, 1.0)
    return made


async def _parts(evidence: Evidence, path: str, field: Field, item: Field) -> dict[str, Value]:
    best = None
    most = -1.0
    async for one, score in _like(await evidence.named("line"), field, frozenset(), 0.0):
        if score > most:
            best, most = one, score
    cells: list[Cell] = []
    score = 0.0
    if best is not None and (score := likeness(words(best.key), field)) >= _SURE:
        place = best.start
        for part in [*_SPLIT.finditer(best.text), None]:
            end = best.end if part is None else best.start + part.start()
            cells.append(Cell(evidence.text[place:end], place, end))
            place = end if part is None else best.start + part.end()
    if len(cells) < 2 and (below := await _below(evidence, field)):
        cells, score = below, 0.9
    made: dict[str, Value] = {}
    for cell in cells:
        text = cell.text.rstrip(".")
        try:
            value = fitted(evidence, item, text)
        except Unfit:
            continue
        place_ = f"{path}[{len(made)}]"
        made[place_] = _value(place_, value, cell.start, cell.start + len(text), score)
    return made


_BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")


async def _below(evidence: Evidence, field: Field) -> list[Cell]:
    """The lines of a list below the heading that names the field."""
    cells: list[Cell] = []
    inside = False
    async for line in politely(evidence.lines()):
        mark = _BULLET.match(line.text)
        if inside and mark is not None:
            cells.append(Cell(line.text[mark.end() :], line.start + mark.end(), line.end))
        elif inside and cells:
            break
        else:
            key = line.text.lstrip("# ").rstrip(": ")
            inside = len(key) <= 40 and likeness(words(key), field) >= _SURE
    return cells


async def _table(evidence: Evidence, path: str, item: Field) -> dict[str, Value]:
    """The rows below a line whose cells name the fields of an item."""
    columns: dict[int, Field] = {}
    made: dict[str, Value] = {}
    count = width = 0
    async for cells in politely(evidence.rows()):
        if not columns:
            columns, width = _columns(cells, item), len(cells)
            continue
        if all(set(cell.text) <= set("-=:_+ ") for cell in cells):
            continue
        row = _row(evidence, f"{path}[{count}]", cells, columns) if len(cells) == width else {}
        if len(row) * 2 < len(columns) or not row:
            if count:
                break
            columns = {}
            continue
        made |= row
        count += 1
    return made


def _columns(cells: list[Cell], item: Field) -> dict[int, Field]:
    """The field that each cell of a heading names, {} when it is none: two cells or more must."""
    made: dict[int, Field] = {}
    for number, cell in enumerate(cells):
        if any(map(str.isdigit, cell.text)):
            return {}
        free = [field for field in item.fields if field not in made.values()]
        best = max(free, key=lambda field: likeness(words(cell.text), field), default=None)
        if best is not None and likeness(words(cell.text), best) >= _SURE:
            made[number] = best
    return made if len(made) >= min(2, len(item.fields)) and len(cells) > 1 else {}


def _row(evidence: Evidence, path: str, cells: list[Cell], columns: dict[int, Field]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for number, field in columns.items():
        cell = cells[number]
        try:
            value = fitted(evidence, field, cell.text)
        except Unfit:
            continue
        place = f"{path}.{field.name}"
        made[place] = _value(place, value, cell.start, cell.end, 0.9)
    return made


async def _counted(evidence: Evidence, path: str, item: Field) -> dict[str, Value]:
    """Lines such as "2 x Coffee  3.50" without a heading."""
    parts = {}
    for name, cues in (
        ("count", {"quantity"}),
        ("item", {"description", "name", "title"}),
        ("price", {"price", "total"}),
    ):
        parts[name] = next((field for field in item.fields if words(field.name) & cues), None)
    if parts["count"] is None or parts["item"] is None:
        return {}
    made: dict[str, Value] = {}
    count = 0
    async for line in politely(evidence.lines()):
        hit = _COUNTED.search(line.text) if len(line.text) <= _SHORT else None
        if hit is None:
            continue
        row = {}
        for name, field in parts.items():
            if field is None:
                continue
            start = line.start + hit.start(name)
            try:
                value = fitted(evidence, field, hit[name])
            except Unfit:
                continue
            place = f"{path}[{count}].{field.name}"
            row[place] = _value(place, value, start, line.start + hit.end(name), 0.7)
        if len(row) >= 2:
            made |= row
            count += 1
    return made
