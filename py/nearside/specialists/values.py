"""Numbers, dates and the like as people write them, to what a program uses."""

from __future__ import annotations

import re
from datetime import date

_NUMBER = re.compile(r"[-−–+(]?\s*(?:\d{1,3}(?:[.,'’\s]\d{3})+|\d+)(?:[.,]\d+)?")
_NEAR = 200  # characters in which a number is looked for
_GROUPS = re.compile(r"\d{1,3}(?:([.,'’\s])\d{3})(?:\1\d{3})*(?:([.,])\d+)?")
_EUROPEAN = re.compile(r"€|\bEUR\b|\bCHF\b|\bkr\b|\bzł\b|\bR\$")

YES = frozenset(
    ["yes", "true", "y", "ja", "oui", "sí", "si", "sim", "on", "1", "✓", "✔", "x", "wahr", "vrai", "checked"]
)
NO = frozenset(
    [
        "no",
        "false",
        "n",
        "nein",
        "non",
        "não",
        "nao",
        "nee",
        "off",
        "0",
        "✗",
        "✘",
        "falsch",
        "faux",
        "unchecked",
        "none",
    ]
)

_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen januari janeiro",
    "february feb februar février fevrier févr fevr febrero febbraio februari fevereiro fev",
    "march mar märz mrz maerz mars marzo maart março marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""English, German, French, Spanish, Italian, Dutch and Portuguese names and short forms to their numbers."""


def number(text: str, decimal: str | None = None) -> float | None:
    """The number that a text begins with, apart from a currency sign: "1.234,50 €" and "$1,234.50" are
    1234.5. Where one mark could be either ("1.234"), `decimal` says what it is; without, a comma before three
    digits groups, a point does so before a European currency. None when there is no number."""
    text = text[:_NEAR]
    found = _NUMBER.search(text)
    if found is None:
        return None
    raw = found.group()
    negative = raw[0] in "-−–" or (raw[0] == "(" and text[found.end() :].lstrip()[:1] == ")")
    digits = raw.lstrip("-−–+(").strip()
    mark = decimal or ("," if _EUROPEAN.search(text) else ".")
    plain = _plain(digits, mark, ambiguous=decimal is not None or bool(_EUROPEAN.search(text)))
    value = float(plain)
    if abs(value) >= 2**53 and plain.isdecimal():
        value = int(plain)  # (a float would change its last digits)
    return -value if negative else value


def _plain(digits: str, decimal: str, *, ambiguous: bool) -> str:
    """The digits with a point as the only mark. With both marks the last one is the decimal one; alone, one
    before three digits is decided by `decimal`."""
    marks = [char for char in digits if char in ".,"]
    spaced = re.sub(r"[\s'’]", "", digits)
    if len(set(marks)) == 2:
        group = marks[0]
        return spaced.replace(group, "").replace(marks[-1], ".")
    if not marks:
        return spaced
    mark = marks[0]
    if len(marks) > 1:
        return spaced.replace(mark, "")
    head, tail = spaced.split(mark)
    groups = len(tail) == 3 and 0 < len(head) <= 3 and head != "0" and spaced == digits
    if groups and (mark != decimal if ambiguous else mark == ","):
        return head + tail
    return f"{head}.{tail}"


def decimal_mark(text: str) -> str | None:
    """The decimal mark that a text's own numbers show: "." or ",", None when none of them tells."""
    counts = {
        mark: len(re.findall(rf"\d{re.escape(other)}\d{{3}}{re.escape(mark)}\d", text)) * 3
        + len(re.findall(rf"(?<![\d.,])\d+{re.escape(mark)}\d{{2}}(?![\d.,])", text))
        for mark, other in ((".", ","), (",", "."))
    }
    if counts["."] == counts[","]:
        return None
    return max(counts, key=lambda mark: counts[mark])


def boolean(text: str) -> bool | None:
    """Yes or no, in the words of several languages."""
    word = text.strip().strip(".!").casefold()
    return True if word in YES else False if word in NO else None


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_NAME = r"[^\W\d_]{3,12}"
_DAY_FIRST = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?\s+(?:of\s+|de\s+)?({_NAME})\.?,?\s+(?:de\s+)?(\d{{4}})"
)
_MONTH_FIRST = re.compile(rf"({_NAME})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})")


def day(text: str, day_first: bool | None = None) -> str | None:
    """A date as ISO 8601 ("2024-03-05"), from the writings that are usual in Europe, the USA and ISO. Where
    "05/03/2024" could be either, `day_first` decides; without, points mean the day first and slashes the
    month. None when there is no such date, or no such day."""
    text = text.strip()
    if (found := _ISO.match(text)) is not None:
        return _iso(int(found[1]), int(found[2]), int(found[3]))
    if (found := _NUMERIC.match(text)) is not None:
        one, two, year = int(found[1]), int(found[3]), _year(found[4])
        first = day_first if day_first is not None and found[2] != "." else found[2] != "/"
        if two > 12 or one > 12:
            first = one > 12
        return _iso(year, two, one) if first else _iso(year, one, two)
    if (found := _DAY_FIRST.match(text)) is not None and (month := MONTHS.get(found[2].casefold())):
        return _iso(int(found[3]), month, int(found[1]))
    if (found := _MONTH_FIRST.match(text)) is not None and (month := MONTHS.get(found[1].casefold())):
        return _iso(int(found[3]), month, int(found[2]))
    return None


def day_comes_first(text: str) -> bool | None:
    """Whether the text's dates with slashes have the day first: a number above 12 tells, else the currency;
    None when nothing does."""
    for found in _NUMERIC.finditer(text):
        if found[2] != ".":
            if int(found[1]) > 12:
                return True
            if int(found[3]) > 12:
                return False
    if re.search(r"€|£|\bEUR\b|\bGBP\b|\bVAT\b|\bMwSt\b|\bTVA\b", text):
        return True
    return False if re.search(r"\$|\bUSD\b", text) else None


def _year(text: str) -> int:
    year = int(text)
    return year if year > 99 else year + (2000 if year < 69 else 1900)


def _iso(year: int, month: int, number: int) -> str | None:
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        return None


_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2}))?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)


def clock(text: str) -> str | None:
    """A time of day as "14:30" (with seconds where they are given)."""
    found = _CLOCK.match(text.strip())
    if found is None or not (found[2] or found[4]):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    return f"{hour:02}:{minute:02}" + (f":{found[3]}" if found[3] else "")
