"""Joining the evidence of words and of meanings."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearside.retrieval.fusion import blend, ranking, reciprocal_rank

unit = st.floats(0, 1, width=32)


def test_blend_by_hand():
    scores = blend(np.float32([0.8, 0.2, -0.1]), np.float32([0, 6, 3]), 12.0)
    assert scores == pytest.approx([0.4, 0.35, 0.075])
    assert scores.dtype == np.float64


def test_a_query_without_words_is_ranked_by_meaning_alone():
    assert blend(np.float32([0.5, 1]), np.float32([0, 0]), 0.0).tolist() == [0.25, 0.5]


@given(hnp.arrays(np.float32, 5, elements=unit), hnp.arrays(np.float32, 5, elements=unit))
def test_a_blend_stays_between_0_and_1_and_follows_its_parts(closeness, words):
    scores = blend(closeness, words, 1.0)
    assert ((scores >= 0) & (scores <= 1)).all()
    closer = blend(closeness + np.float32(0.25), words, 1.0)
    assert (closer > scores).all()
    assert (blend(closeness, words + np.float32(0.25), 1.0) > scores).all()


def test_ranking_keeps_the_order_of_equals_and_leaves_out_what_was_not_found():
    scores = np.float32([1, 3, 0, 3, 0])
    assert ranking(scores).tolist() == [1, 3, 0, 2, 4]
    assert ranking(scores, scores > 0).tolist() == [1, 3, 0]
    assert ranking(np.zeros(0, np.float32)).tolist() == []
    assert ranking(scores).dtype == np.int64


@given(hnp.arrays(np.float32, st.integers(0, 20), elements=unit))
def test_ranking_orders_everything_once(scores):
    order = ranking(scores)
    assert sorted(order.tolist()) == list(range(len(scores)))
    assert all(scores[a] >= scores[b] for a, b in pairwise(order))


def test_reciprocal_rank_by_hand():
    # Item 2: first and second; item 0: second and absent.
    scores = reciprocal_rank([np.int64([2, 0]), np.int64([1, 2])], 4)
    assert scores == pytest.approx([1 / 62, 1 / 61, 1 / 61 + 1 / 62, 0])


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_reciprocal_rank_does_not_care_which_ranking_comes_first(one, other):
    a, b = np.int64(one), np.int64(other)
    assert reciprocal_rank([a, b], 6) == pytest.approx(reciprocal_rank([b, a], 6))
    assert ranking(reciprocal_rank([a, a], 6)).tolist() == one
