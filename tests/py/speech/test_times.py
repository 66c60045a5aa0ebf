"""The rules for times, one by one, and segments from what was written. (Whole texts: see tests/py/parity.)"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearside.speech.times import STEP, Cut, Rules, Times, segments

FIRST = 10  # ids 0 to 6 are words, 7 ends, 8 is something else, 9 says that no times follow
RULES = Times(FIRST, 7, 9, latest=5)


def rules_after(written, times=RULES):
    """Return the rules when `written` was picked."""
    rules = Rules(times)
    for id in written:
        logits = np.full(30, -50, np.float32)
        logits[id] = 50
        assert rules.pick(logits) == id
    return rules


def allowed(written, times=RULES):
    """Return the ids that are picked when they are the likeliest by far."""
    made = set()
    for id in range(30):
        logits = np.full(30, -50, np.float32)
        logits[id] = 50
        if rules_after(written, times).pick(logits) == id:
            made.add(id)
    return made


def picked(written, **raised):
    """Return what comes next; `raised` gives some (w3, t2) another logit than -20."""
    logits = np.full(30, -20, np.float32)
    for name, value in raised.items():
        logits[int(name[1:]) + (FIRST if name[0] == "t" else 0)] = value
    return rules_after(written).pick(logits)


def plain(logits, written):
    """Return the same by going through all logits, as transformers' WhisperTimeStampLogitsProcessor does."""
    logits = logits.copy()
    logits[9] = -np.inf
    if not written:
        logits[:FIRST] = -np.inf
        logits[FIRST + 6 :] = -np.inf
    else:
        last, before = written[-1] >= FIRST, len(written) < 2 or written[-2] >= FIRST
        if last and before:
            logits[FIRST:] = -np.inf
        elif last:
            logits[:7] = -np.inf
        stamps = [id for id in written if id >= FIRST]
        if stamps:
            logits[FIRST : stamps[-1] + (0 if last and not before else 1)] = -np.inf
    with np.errstate(divide="ignore"):
        together = np.log(np.exp(logits[FIRST:]).sum())
    if together > logits[:FIRST].max():
        logits[:FIRST] = -np.inf
    return int(logits.argmax())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 6))
def test_texts_are_those_of_the_plain_rules(seed, spread):
    random, written, rules = np.random.default_rng(seed), [], Rules(RULES)
    for _ in range(25):
        logits = random.normal(0, spread, 30).astype(np.float32)
        logits[FIRST:] -= np.float32(1.5)
        wanted = plain(logits, written)
        assert rules.pick(logits.copy()) == wanted
        written.append(wanted)
        if wanted == 7:
            return


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
    assert picked([FIRST + 2, 3], t5=1.0, w4=2.0) == 4
    assert picked([FIRST + 2, 3], t5=1.5, t6=1.5, w4=2.0) == FIRST + 5


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
