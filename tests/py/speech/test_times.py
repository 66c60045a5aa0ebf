"""The rules for times, one by one, and segments from what was written. (Whole texts: see tests/py/parity.)"""

import numpy as np
import pytest

from nearside.speech.times import STEP, Cut, Times, segments

FIRST = 10  # ids 0 to 6 are words, 7 ends, 8 is something else, 9 says that no times follow
RULES = Times(FIRST, 7, 9, latest=5)


def allowed(written, rules=RULES, **raised):
    """Return the ids that may follow; `raised` gives some of them (w3, t2) another logit than 0."""
    logits = np.zeros(30, np.float32)
    # Twenty equal times together are always likelier than one word: make them unlikely.
    logits[FIRST:] = -20
    for name, value in raised.items():
        logits[int(name[1:]) + (FIRST if name[0] == "t" else 0)] = value
    rules.apply(logits, written)
    return set(np.flatnonzero(np.isfinite(logits)).tolist())


def times(start, end=20):
    return set(range(FIRST + start, FIRST + end))


WORDS, OTHERS = set(range(7)), {7, 8}


def test_a_text_begins_with_an_early_time():
    assert allowed([]) == times(0, 6)
    assert allowed([], Times(FIRST, 7, 9, None)) == times(0)


def test_after_the_first_time_come_words():
    assert allowed([FIRST + 2]) == WORDS | OTHERS


def test_words_go_on_or_end_with_a_later_time():
    assert allowed([FIRST + 2, 3]) == WORDS | OTHERS | times(3)


def test_a_time_that_ends_is_followed_by_one_that_begins_or_the_end():
    assert allowed([FIRST + 2, 3, FIRST + 6]) == OTHERS | times(6)


def test_a_pair_is_followed_by_words():
    assert allowed([FIRST + 2, 3, FIRST + 6, FIRST + 6]) == WORDS | OTHERS


def test_times_never_go_back():
    assert allowed([FIRST + 2, 3, FIRST + 6, FIRST + 6, 4]) == WORDS | OTHERS | times(7)


def test_it_is_a_time_when_all_times_together_are_likelier_than_any_word():
    assert allowed([FIRST + 2, 3], t5=1.0, w4=2.0) == WORDS | OTHERS | times(3)
    assert allowed([FIRST + 2, 3], t5=1.5, t6=1.5, w4=2.0) == times(3)


def test_no_text_without_times():
    assert 9 not in allowed([FIRST + 2])


T = FIRST


@pytest.mark.parametrize(
    ("ids", "cuts", "until"),
    [
        ([], [], 10.0),
        ([1, 2], [((1, 2), 0, 10)], 10.0),
        ([T, 1, 2], [((1, 2), 0, 10)], 10.0),
        ([T, 1, 2, T + 100], [((1, 2), 0, 2)], 10.0),
        ([T + 5, 1, T + 50, T + 50], [((1,), 0.1, 1)], 1.0),
        ([T + 5, 1, T + 50, T + 60, 2, T + 100], [((1,), 0.1, 1), ((2,), 1.2, 2)], 10.0),
        ([T + 5, 1, T + 50, T + 60, 2, T + 100, T + 100], [((1,), 0.1, 1), ((2,), 1.2, 2)], 2.0),
        ([T + 5, 1, T + 50, T + 50, 2, 3], [((1,), 0.1, 1)], 1.0),
        ([T + 5, 1, T + 600, T + 600], [((1,), 0.1, 10)], 10.0),
    ],
    ids=["nothing", "no times", "one", "two", "pair", "alone at the end", "two pairs", "rest", "too late"],
)
def test_segments(ids, cuts, until):
    made, reached = segments(ids, FIRST, 10.0)
    assert made == [Cut(words, pytest.approx(start), pytest.approx(end)) for words, start, end in cuts]
    assert reached == pytest.approx(until)
    assert STEP == 0.02
