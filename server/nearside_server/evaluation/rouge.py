"""ROUGE-1, -2 and -L (Lin, "ROUGE: a package for automatic evaluation of summaries", 2004), as the package
rouge_score computes their F-measure without stemming."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_TOKEN = re.compile(r"[a-z0-9]+")


def tokens(text: str) -> list[str]:
    """The words that are counted: lower-case ASCII letters and digits, all else separates."""
    return _TOKEN.findall(text.lower())


def rouge_n(reference: str, made: str, n: int) -> float:
    """The F-measure of shared n-grams, 0 to 1."""
    one, other = (_ngrams(tokens(text), n) for text in (reference, made))
    return _f((one & other).total(), one.total(), other.total())


def rouge_l(reference: str, made: str) -> float:
    """The F-measure of the longest common subsequence, 0 to 1."""
    one, other = tokens(reference), tokens(made)
    return _f(_common(one, other), len(one), len(other))


def _ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for j, candidate in enumerate(other, start=1):
            above = row[j]
            row[j] = diagonal + 1 if word == candidate else max(above, row[j - 1])
            diagonal = above
    return row[-1]


def _f(shared: int, reference: int, made: int) -> float:
    if not shared:
        return 0.0
    recall, precision = shared / reference, shared / made
    return 2 * precision * recall / (precision + recall)
