"""Which language a text is in: by its script, and where several languages share one, by how often groups of
letters come in each (naive Bayes over up to three neighbouring letters; `languages.txt`). No model is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from nearside.types import Language

NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bo": "Tibetan", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean", "lo": "Lao",
    "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian",
    "mr": "Marathi", "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "or": "Odia",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Every language that can be told, by its ISO 639-1 code."""

_SCRIPTS = {
    "latin": "A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿ", "cyrillic": "\u0400-\u052f",
    "arabic": "\u0620-\u064a\u066e-\u06d3\u0750-\u077f", "devanagari": "\u0900-\u0963\u0970-\u097f",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "kana": "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d", "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hy": "\u0531-\u0587", "he": "\u05d0-\u05f2", "bn": "\u0980-\u09fe", "pa": "\u0a01-\u0a76",
    "gu": "\u0a81-\u0aff", "or": "\u0b01-\u0b77", "ta": "\u0b82-\u0bfa", "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff", "ml": "\u0d00-\u0d7f", "si": "\u0d81-\u0df4", "th": "\u0e01-\u0e4e",
    "lo": "\u0e81-\u0edf", "bo": "\u0f00-\u0fff", "my": "\u1000-\u109f", "ka": "\u10a0-\u10ff\u1c90-\u1cbf",
    "am": "\u1200-\u137f", "km": "\u1780-\u17ff", "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
}  # fmt: skip
_DENSE = {"han": 3, "kana": 2, "ko": 2}  # how many letters of other scripts one of these is worth

_READ = 6000  # characters: more say nothing new
_FEW = 4  # letters that say too little
_DAMPED = 0.2  # neighbouring groups overlap, so that the sum of their logarithms is far too sure of itself
_RARE = {"af": 4, "cy": 4, "so": 4, "sq": 4, "sw": 4, "tl": 4, "mn": 4, "ne": 2}
"""Levels that a language which is much rarer in texts than its neighbours starts behind them."""

_UNSURE = 0.4  # a confidence below this is no answer
_JAPANESE = 0.05  # the share of kana from which Han characters are Japanese


def detect(text: str) -> Language:
    """The language of a text, None when it has too few letters or is in no language that can be told."""
    letters = _sample(text)
    counts = {
        script: len(pattern.findall(letters)) * _DENSE.get(script, 1) for script, pattern in _patterns()
    }
    total = sum(counts.values())
    if counts["kana"] > _JAPANESE * (counts["han"] + counts["kana"]):
        counts["kana"] += counts.pop("han")
    script = max(counts, key=lambda name: counts[name])
    if counts[script] < _FEW:
        return Language(None, None, 0.0, ())
    share = counts[script] / max(total, 1)
    if script in ("latin", "cyrillic", "arabic", "devanagari"):
        ranked = [(code, odds * share) for code, odds in _by_letters(script, letters)]
    else:
        ranked = [({"han": "zh", "kana": "ja"}.get(script, script), share)]
    others = tuple((code, round(odds, 4)) for code, odds in ranked[:4] if odds >= 0.01)
    code, confidence = ranked[0]
    if confidence < _UNSURE:
        return Language(None, None, round(confidence, 4), others)
    return Language(code, NAMES[code], round(confidence, 4), others[1:])


def _sample(text: str) -> str:
    """The text, or its beginning, middle and end when it is long."""
    if len(text) <= _READ:
        return text
    part, middle = _READ // 3, len(text) // 2
    return f"{text[:part]} {text[middle : middle + part]} {text[-part:]}"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((script, re.compile(f"[{ranges}]")) for script, ranges in _SCRIPTS.items())


@dataclass(frozen=True, slots=True)
class _Profiles:
    """The languages of one script: `levels` float32 [groups, languages], `numbers` the row of each group."""

    languages: tuple[str, ...]
    numbers: dict[str, int]
    levels: NDArray[np.float32]
    behind: NDArray[np.float32]


@cache
def _profiles() -> dict[str, _Profiles]:
    text = files("nearside").joinpath("languages.txt").read_text("utf-8")
    lines = iter([line for line in text.split("\n") if line and not line.startswith("#")])
    made: dict[str, _Profiles] = {}
    for line in lines:
        script, *languages = line.split()
        numbers = {group: number for number, group in enumerate(next(lines).split("|"))}
        levels = [[int(digit, 16) for digit in next(lines)] for _ in languages]
        behind = np.asarray([_RARE.get(language, 0) for language in languages], np.float32)
        made[script] = _Profiles(tuple(languages), numbers, np.asarray(levels, np.float32).T, behind)
    return made


@cache
def _other(script: str) -> re.Pattern[str]:
    """What stands between words of a script."""
    return re.compile(f"[^{_SCRIPTS[script]}]+")


def _by_letters(script: str, text: str) -> list[tuple[str, float]]:
    """The script's languages and how likely each is, best first."""
    known = _profiles()[script]
    words = f" {_other(script).sub(' ', text.lower()).strip()} "
    found = Counter(
        number
        for size in (1, 2, 3)
        for place in range(len(words) - size + 1)
        if (number := known.numbers.get(words[place : place + size])) is not None
    )
    rows = np.asarray(list(found), np.intp)
    counts = np.asarray(list(found.values()), np.float32)
    scores = np.einsum("g,gl->l", counts, known.levels[rows]) - known.behind
    odds = np.exp(_DAMPED * (scores - scores.max()).astype(np.float64))
    odds /= odds.sum()
    order = np.argsort(-odds, kind="stable")
    return [(known.languages[i], float(odds[i])) for i in order]
