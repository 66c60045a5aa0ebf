"""Why the far side does some requests better, as data: each row is a test of a request and a sentence. In the
balanced mode one that holds makes the far side the first to be asked (see `policy`).

The sentences are kept in the records, so none of them quotes what was asked. The tests are cheap on purpose
(they run before every request) and know English words only: in other languages they stay silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MANY_LABELS = 50
LONG_TOKENS = 10_000
_CHARACTERS = 4
"""Characters of a token in an English text, on average: a bound (`facts.CHARACTERS_PER_TOKEN`) would call
texts of half the length long."""

LONG_DOCUMENT = 2_500 * _CHARACTERS
"""Five windows of the usual reader: what a question connects may lie in different ones."""

NOISY = 0.1
"""Share of noise (see `speech.noise`): speech that is about 4 dB above white noise."""


@dataclass(frozen=True, slots=True)
class Row:
    """A reason: `holds` takes what the function for its `task` takes."""

    task: str
    name: str
    holds: Callable[..., bool]
    text: str


def zero_shot(labels: Sequence[str], multi_label: bool) -> tuple[str, ...]:
    """Why a classification by labels of the caller's own is hard."""
    return _hold("zeroShot", labels, multi_label)


def summarize(characters: int) -> tuple[str, ...]:
    """Why a summary of so many characters (see `facts.weight`) is hard."""
    return _hold("summarize", characters)


def answer(question: str, characters: int) -> tuple[str, ...]:
    """Why a question about so many characters is hard."""
    return _hold("answer", question, characters)


def entities(types: Sequence[str] | None) -> tuple[str, ...]:
    """Why finding entities of these types is hard."""
    return _hold("extractEntities", types or ())


def translate(source: str | None, target: str) -> tuple[str, ...]:
    """Why this pair of languages is hard."""
    return _hold("translate", source, target)


def transcribe(noise: float | None) -> tuple[str, ...]:
    """Why this sound is hard; `noise`: its share of noise, 0 to 1, None where unknown."""
    return _hold("transcribe", noise)


def _hold(task: str, *request: Any) -> tuple[str, ...]:
    return tuple(row.text for row in ROWS if row.task == task and row.holds(*request))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"\w+")
_EMPTY = _words("a an and about for in is it of on or the this to with")
_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "ly", "y", "e")


def _stems(label: str) -> frozenset[str]:
    """A label's words without their endings, and without those that say nothing."""
    return frozenset(_stem(word) for word in _WORD.findall(label.lower()) if word not in _EMPTY)


def _stem(word: str) -> str:
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= 3), "")
    return word.removesuffix(ending)


def _overlap(labels: Sequence[str], multi_label: bool) -> bool:
    """Whether two labels have most of their words in common, or all words of one are in the other. What every
    one of three or more labels says tells none of them apart."""
    sets = [_stems(label) for label in labels[: MANY_LABELS + 1]]
    if len(sets) > 2:
        common = frozenset.intersection(*sets)
        sets = [one - common for one in sets]
    pairs = ((a, b) for at, a in enumerate(sets) for b in sets[at + 1 :] if a and b)
    return any(2 * len(a & b) >= len(a | b) or a <= b or b <= a for a, b in pairs)


_USUAL = _words(
    "per pers person people name loc location place gpe org organisation organization company misc "
    "miscellaneous"
)
"""What the usual models for entities find, under the names that people give it."""

_PARTS = {
    "address": {"city", "country", "location", "place", "street", "loc", "zip"},
    "event": {"date", "location", "organization", "place", "loc", "org"},
    "person": {"first name", "last name", "surname", "title"},
    "organization": {"department", "division"},
    "product": {"brand", "company", "version"},
}
"""Types that contain others."""


def _plain(types: Sequence[str]) -> set[str]:
    """Types in one spelling: lower case, one of them."""
    small = (one.strip().lower().replace("_", " ") for one in types)
    return {one if one.endswith("ss") else one.removesuffix("s") for one in small}


def _rare(types: Sequence[str]) -> bool:
    return not _plain(types) <= _USUAL


def _nested(types: Sequence[str]) -> bool:
    wanted = _plain(types)
    return any(sign in one for one in wanted for sign in "./>") or any(
        whole in wanted and wanted & parts for whole, parts in _PARTS.items()
    )


_HOPS = re.compile(
    r"\b(compare[sd]?|comparison|differences? between|versus|vs|both|respectively|in common|"
    r"earlier than|later than|as a (?:result|consequence) of|relation(?:ship)? between)\b"
    r"|\band (?:what|who|when|where|which|how|why)\b"
    r"|\?.*\?"
    r"|\b(?:what|who|when|where|which|how)\b.* of the .*\b(?:that|who|which|whose|where)\b",
    re.IGNORECASE | re.DOTALL,
)


def _hops(question: str, characters: int) -> bool:
    return characters > LONG_DOCUMENT and _HOPS.search(question[:1000]) is not None


_SPOKEN = _words("ar cs da de en es fi fr hi hu id it ja ko nl no pl pt ro ru sv tr uk vi zh")
"""Languages with much text on the web to learn from."""

_NEIGHBOURS = _words("de es fr it nl pt")
"""Languages between which models translate about as well as from and to English."""


def _unusual(source: str | None, target: str) -> bool:
    """Whether little was ever translated between the two: one of them is rare, or neither is English and they
    are no neighbours."""
    pair = {code.split("-")[0].lower() for code in (source, target) if code}
    return not pair <= _SPOKEN or (len(pair) == 2 and "en" not in pair and not pair <= _NEIGHBOURS)


ROWS: tuple[Row, ...] = (
    Row(
        "zeroShot",
        "many labels",
        lambda labels, multi: len(labels) >= MANY_LABELS,
        f"There are {MANY_LABELS} labels or more; the cloud tells so many apart better.",
    ),
    Row(
        "zeroShot",
        "several labels",
        lambda labels, multi: multi,
        "A text may have several labels here; the cloud tells better how many.",
    ),
    Row(
        "zeroShot",
        "overlapping labels",
        _overlap,
        "Some of the labels say nearly the same; the cloud tells them apart better.",
    ),
    Row(
        "summarize",
        "long text",
        lambda characters: characters > LONG_TOKENS * _CHARACTERS,
        f"The text has more than {LONG_TOKENS:,} tokens; the cloud reads it in one piece.",
    ),
    Row(
        "answer",
        "several steps",
        _hops,
        "The question connects several places of a long text; the cloud is better at that.",
    ),
    Row(
        "extractEntities",
        "rare types",
        _rare,
        "Not only people, places and organizations are looked for; the cloud knows other types, too.",
    ),
    Row(
        "extractEntities",
        "nested types",
        _nested,
        "Some of these types lie within others; the cloud finds both.",
    ),
    Row(
        "translate",
        "rare pair",
        _unusual,
        "Little was ever translated between these languages; the cloud knows more of them.",
    ),
    Row(
        "transcribe",
        "noise",
        lambda noise: noise is not None and noise >= NOISY,
        "There is much noise in the sound; the cloud hears words in it better.",
    ),
)
"""All reasons, of each task the weightiest first."""
