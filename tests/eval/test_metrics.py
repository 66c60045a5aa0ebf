"""The figures against published examples and values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside_server.evaluation.metrics import interval, mean_interval, mrr, ndcg, ranks, spearman

numbers = st.lists(st.integers(-5, 5), min_size=2, max_size=20)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([7], [1]),
        ([10, 30, 20], [1, 3, 2]),
        ([1, 2, 2, 3], [1, 2.5, 2.5, 4]),
        ([5, 5, 5], [2, 2, 2]),
        ([0.5, -1, 0.5, 0.5], [3, 1, 3, 3]),
    ],
)
def test_ranks(values, expected):
    assert ranks(values).tolist() == expected


def test_spearman_of_the_textbook_example():
    # IQ and hours of television a week (Wikipedia, "Spearman's rank correlation coefficient"): -29 / 165.
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    television = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    assert spearman(iq, television) == pytest.approx(-29 / 165)


def test_spearman_with_ties_by_hand():
    # Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5.
    assert spearman([1, 2, 2, 3], [10, 30, 20, 40]) == pytest.approx(4.5 / math.sqrt(4.5 * 5))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [([1, 2, 3], [10, 100, 1000], 1), ([1, 2, 3], [3, 2, 1], -1), ([1, 2, 3, 4], [2, 1, 4, 3], 0.6)],
)
def test_spearman_of_simple_orders(a, b, expected):
    assert spearman(a, b) == pytest.approx(expected)


def test_spearman_of_a_constant_is_unknown():
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]))


@given(numbers)
def test_spearman_sees_the_order_only(values):
    other = [value**3 + 7 for value in values]
    if len(set(values)) > 1:
        assert spearman(values, other) == pytest.approx(1)
        assert spearman(values, [-value for value in other]) == pytest.approx(-1)


def test_ndcg_of_the_textbook_example():
    # Documents of relevance 3, 2, 3, 0, 1, 2 in this order; 3, 3, 3, 2, 2, 2, 1, 0 exist
    # (Wikipedia, "Discounted cumulative gain"): DCG 6.861, ideal 8.740, quotient 0.785.
    gains = {"D1": 3, "D2": 2, "D3": 3, "D4": 0, "D5": 1, "D6": 2, "D7": 3, "D8": 2}
    assert ndcg(["D1", "D2", "D3", "D4", "D5", "D6"], gains, 6) == pytest.approx(0.785, abs=0.0005)


@pytest.mark.parametrize(
    ("ranked", "gains", "k", "expected"),
    [
        ([1, 2], {1: 4, 2: 1}, 10, 1),
        ([2, 1], {1: 4, 2: 1}, 10, (1 + 4 / math.log2(3)) / (4 + 1 / math.log2(3))),
        ([9, 8, 1], {1: 2}, 10, 0.5),
        ([9, 8, 1], {1: 2}, 2, 0),
        ([], {1: 2}, 10, 0),
        ([1], {}, 10, 0),
        ([1], {1: 1, 2: 1, 3: 1}, 1, 1),
    ],
)
def test_ndcg(ranked, gains, k, expected):
    assert ndcg(ranked, gains, k) == pytest.approx(expected)


@given(st.permutations(range(8)), st.dictionaries(st.integers(0, 7), st.integers(1, 4), min_size=1))
def test_ndcg_is_1_for_the_best_order_and_less_for_others(order, gains):
    best = sorted(range(8), key=lambda item: -gains.get(item, 0))
    assert ndcg(best, gains) == pytest.approx(1)
    assert 0 <= ndcg(order, gains) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("ranked", "gains", "expected"),
    [
        ([5, 6, 7], {5: 1}, 1),
        ([5, 6, 7], {7: 4, 6: 1}, 0.5),
        ([5, 6, 7], {9: 4}, 0),
        ([5, 6, 7], {5: 0, 7: 1}, 1 / 3),
        (list(range(20)), {10: 1}, 0),
        (list(range(20)), {9: 1}, 0.1),
    ],
)
def test_mrr(ranked, gains, expected):
    assert mrr(ranked, gains) == pytest.approx(expected)


def test_the_interval_of_a_mean_is_near_that_of_the_normal_distribution():
    values = np.random.default_rng(3).normal(10, 2, 400)
    low, high = mean_interval(values)
    margin = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - margin, abs=0.03)
    assert high == pytest.approx(values.mean() + margin, abs=0.03)


def test_intervals_are_the_same_every_time():
    values = [0.1, 0.5, 0.9, 0.2]
    assert mean_interval(values) == mean_interval(values)
    assert mean_interval([0.3]) == (pytest.approx(0.3), pytest.approx(0.3))


def test_draws_without_a_figure_are_left_out():
    low, high = interval(2, lambda chosen: spearman(chosen, chosen))
    assert (low, high) == (pytest.approx(1), pytest.approx(1))
    assert all(math.isnan(end) for end in interval(3, lambda chosen: math.nan))
