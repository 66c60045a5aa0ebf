"""What ends an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.errors import InvalidOption
from nearside.generation.stopping import StopTexts, checked_stops


def read(stops, pieces):
    made = StopTexts(stops)
    return "".join([*(made.add(piece) for piece in pieces), made.end()]), made.stopped


@given(st.lists(st.text("ab\n", max_size=4)), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3))
def test_the_text_ends_before_the_first_stop_wherever_the_borders_are(pieces, stops):
    whole = "".join(pieces)
    # The end of the first one to be complete counts: what comes after it is never read.
    ends = [(whole.find(stop) + len(stop), whole.find(stop)) for stop in stops if stop in whole]
    text, stopped = read(stops, pieces)
    assert stopped == bool(ends)
    if not ends:
        assert text == whole
    else:
        assert whole.startswith(text)
        assert not any(stop in text for stop in stops)
        assert any(whole[len(text) :].startswith(stop) for stop in stops)


def test_what_could_be_a_beginning_waits_and_is_let_go():
    made = StopTexts(["END"])
    assert made.add("so E") == "so "
    assert made.add("N") == ""
    assert made.add("T") == "ENT"
    assert made.add(" END and more") == " "
    assert made.stopped
    assert made.add("more") == ""
    assert made.end() == ""


def test_one_stop_or_several():
    assert checked_stops(None) == ()
    assert checked_stops("a") == ("a",)
    assert checked_stops(["a", "b"]) == ("a", "b")


@pytest.mark.parametrize("value", ["", ["a", ""], 3, [3], {"a": 1}, ["x"] * 17])
def test_what_is_no_stop_is_refused(value):
    with pytest.raises(InvalidOption, match="stop"):
        checked_stops(value)
