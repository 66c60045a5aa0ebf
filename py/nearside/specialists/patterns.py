"""What can be found in a text by how it looks: addresses, numbers with a meaning, dates, "Key: value" lines.
Every find has its place in code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from nearside.specialists import values

_CURRENCY = r"(?:€|\$|£|¥|₹|US\$|CHF|EUR|USD|GBP|JPY|SEK|NOK|DKK|PLN|CAD|AUD|Fr\.|kr|zł)"
_AMOUNT = r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_MONTH = "|".join(sorted((re.escape(name) for name in values.MONTHS), key=len, reverse=True))
_NOT_BEFORE = r"(?<![\w@/+])"

_PATTERNS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}(?![\w@])"),
    "url": re.compile(
        r"(?<![\w@.])(?:https?://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+\.[^\s<>\"')\]]+)(?<![.,;:!?])",
        re.IGNORECASE,
    ),
    "iban": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "date": re.compile(
        rf"""{_NOT_BEFORE}(?<![.,]) (?:
            \d{{4}}-\d{{1,2}}-\d{{1,2}}(?!\d) | \d{{4}}[/.]\d{{1,2}}[/.]\d{{1,2}}(?![\d.])
          | \d{{1,2}}([./-])\s?\d{{1,2}}\1\s?(?:\d{{4}}|\d{{2}})(?![\d/-]|\.\d)
          | \d{{1,2}}(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?:{_MONTH})\b\.?,?\s+(?:de\s+)?\d{{4}}
          | (?:{_MONTH})\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}
        )""",
        re.VERBOSE | re.IGNORECASE,
    ),
    "money": re.compile(
        rf"(?<![\w.,])[-−]?{_CURRENCY}\s?[-−]?(?:{_AMOUNT})|(?<![\w.,])[-−]?(?:{_AMOUNT})\s?{_CURRENCY}(?!\w)"
    ),
    "percent": re.compile(r"(?<![\w.,])[-−+]?\d+(?:[.,]\d+)?\s?(?:%|percent\b|per cent\b|Prozent\b)"),
    "time": re.compile(
        r"(?<![\w:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?(?![\w:])"
        r"|(?<![\w:.])(?:1[0-2]|0?[1-9])\s?[ap]\.?m\b\.?",
        re.IGNORECASE,
    ),
    "phone": re.compile(r"(?<![\w.,+/-])(?:\+\d|00\d|\(?0\d|\(\d|\d)[\d\s()./\-–\u00a0]{5,22}\d(?!\w)"),
    "number": re.compile(r"(?<![\w.,])[-−]?(?:\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?![\w])"),
}

_LABELLED = re.compile(
    r"""(?:(?<!\w)(?:no|nr|num|number|nummer|id|code|ref|reference)\b\.?|n[°º]|№|\#)\s{0,3}[:.\#]?\s{0,3}
        (?P<value>(?=[A-Z0-9/-]*\d)[A-Z0-9][A-Z0-9./_-]{1,24}[A-Z0-9]|\d{2,20})(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_KEY = re.compile(r"(?<!\w)[^\W\d_][\w/&.'’ -]{0,30}$")
_LINE = re.compile(
    r"""(?:^[^\S\n]*(?:[-*•]\s+|\|\s*)?|(?<=\S)(?:[ \u00a0]{2,}|\t+))   # a line, or a cell of one
        (?P<key>[^\W\d_][^:\n|]{0,48}?)[^\S\n]*
        (?: :(?!//) (?:[^\S\n]*\n)? | [^\S\n]\| )[^\S\n]*              # the value may be on the next line
        (?P<value>[^\s|](?:(?!(?:[ \u00a0]{2,}|\t)[^\W\d_][^:\n|]{0,40}:)[^\n])*?)[^\S\n]*?\|?[^\S\n]*?
        (?=$|(?:[ \u00a0]{2,}|\t)[^\W\d_][^:\n|]{0,40}:)""",
    re.VERBOSE | re.MULTILINE,
)
_PHONE_CUE = re.compile(
    r"(?:\b(?:tel|phone|telephone|mobile|mobil|cell|call|fax|telefon|handy)\b|☎|📞|\b[TMPF](?=[.:\s]))[^\w\n(]{0,6}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A find: `text` is the source's `[start:end]`. `key` is what names it there, with its end `key_end`
    (only for lines and for numbers that a word names)."""

    kind: str
    text: str
    start: int
    end: int
    key: str = ""
    key_start: int = -1


class Places:
    """Places in a text, start and end."""

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(places)
        self._starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))

    def touch(self, start: int, end: int) -> bool:
        """Whether one of them has a character of `[start:end]`."""
        before = bisect_left(self._starts, end)
        return before > 0 and self._reach[before - 1] > start


def find(text: str, kind: str) -> list[Found]:
    """All finds of a kind, in order, none inside another: "email", "url", "iban", "date", "money", "percent",
    "time", "phone", "number"; "identifier" (what stands after "Invoice No."); "line" (the value of a "Key:
    value" line)."""
    return list(finding(text, kind))


def finding(text: str, kind: str) -> Iterator[Found]:
    """`find`, one by one."""
    return _FINDERS.get(kind, _plain(kind))(text)


def is_whole(kind: str, text: str) -> bool:
    """Whether all of a text is one thing of the kind."""
    found = find(text, kind)
    if kind == "phone" and not found:
        found = [Found("phone", hit.group(), *hit.span()) for hit in _PATTERNS["phone"].finditer(text)]
        found = [one for one in found if 7 <= _digits(one.text) <= 15]
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))


def _plain(kind: str) -> Callable[[str], Iterator[Found]]:
    def finder(text: str) -> Iterator[Found]:
        for hit in _PATTERNS[kind].finditer(text):
            yield Found(kind, hit.group(), *hit.span())

    return finder


def _dates(text: str) -> Iterator[Found]:
    for found in _plain("date")(text):
        if values.day(found.text) is not None:
            yield found


def _ibans(text: str) -> Iterator[Found]:
    for hit in _PATTERNS["iban"].finditer(text):
        plain = hit.group().replace(" ", "")
        end = hit.end()
        while plain and not _iban(plain) and " " in text[hit.start() : end]:
            end = text.rindex(" ", hit.start(), end)  # a word after it looks like its last group
            plain = text[hit.start() : end].replace(" ", "")
        if _iban(plain):
            yield Found("iban", text[hit.start() : end], hit.start(), end)


def _iban(plain: str) -> bool:
    """ISO 13616: the number that its letters and digits make, the first four moved to the end, is 1 modulo
    97."""
    if not 15 <= len(plain) <= 34:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _phones(text: str) -> Iterator[Found]:
    """Numbers of 7 to 15 digits that look like one (+, 0, brackets) or are called one."""
    taken = Places((one.start, one.end) for kind in ("date", "iban", "money") for one in find(text, kind))
    for hit in _PATTERNS["phone"].finditer(text):
        start, end = hit.span()
        raw = hit.group().split("\n")[0].rstrip(" (./-–")
        end = start + len(raw)
        looks = raw[0] in "+(" or ((raw[0] == "0" and " " in raw) or "/" in raw or raw.startswith("00"))
        looks = looks or re.fullmatch(r"\d{3}[-. ]\d{3}[-. ]\d{4}", raw) is not None
        if not 7 <= _digits(raw) <= 15 or taken.touch(start, end):
            continue
        if looks or _PHONE_CUE.search(text, max(0, start - 24), start):
            yield Found("phone", raw, start, end)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _identifiers(text: str) -> Iterator[Found]:
    for hit in _LABELLED.finditer(text):
        begin = max(0, hit.start() - 31, text.rfind("\n", 0, hit.start()) + 1)
        key = _KEY.search(text, begin, hit.start())
        if key is not None:
            named = text[key.start() : hit.start("value")].strip(" :.#")
            yield Found("identifier", hit["value"], *hit.span("value"), named, key.start())


def _lines(text: str) -> Iterator[Found]:
    for hit in _LINE.finditer(text):
        yield Found("line", hit["value"], *hit.span("value"), hit["key"], hit.start("key"))


_FINDERS: dict[str, Callable[[str], Iterator[Found]]] = {
    "date": _dates,
    "iban": _ibans,
    "phone": _phones,
    "identifier": _identifiers,
    "line": _lines,
}
