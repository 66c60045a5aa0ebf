"""The similarity suite on a set small enough to work out."""

import asyncio
import math

import pytest

from nearside_server.evaluation.similarity import evaluate, tfidf_cosines


def test_an_order_that_the_scores_follow(client, data):
    made = asyncio.run(evaluate(client, data, None, None, None))
    assert made["suite"] == "similarity"
    assert made["n"] == 4
    assert made["spearman"] == pytest.approx(1)
    low, high = made["spearman_interval"]
    assert low <= made["spearman"] <= high + 1e-9
    assert made["tfidf_spearman"] > 0.5
    assert made["model"].id == "nearside/all-MiniLM-L6-v2"


def test_the_limit_takes_the_first_pairs(client, data):
    assert asyncio.run(evaluate(client, data, 2, None, None))["n"] == 2


def test_tfidf_by_hand():
    # Four texts; "a" is in all of them (weight 0), "b" in two (ln 2), "c" and "d" in one (ln 4).
    close, far = tfidf_cosines(["a b c", "a d"], ["a b", "a"])
    two, four = math.log(2), math.log(4)
    assert close == pytest.approx(two * two / (math.sqrt(two**2 + four**2) * two))
    assert far == 0  # a text without any weight


def test_equal_texts_are_1():
    assert tfidf_cosines(["b c", "d"], ["c b", "e"])[0] == pytest.approx(1)
