"""BM25 against the formula worked out by hand, and as an index."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.retrieval.bm25 import K1, B, Bm25, Vocabulary
from nearside.retrieval.words import terms

TEXTS = ["The cat sat on the mat.", "A dog sat.", "Cats and dogs: the cat, the dog, the mat!", ""]


def index(texts):
    made = Bm25()
    made.add(texts)
    made.finish()
    return made


def slow(texts, query):
    """Return the scores by the formula, term by term, without numpy."""
    bags = [terms(text) for text in texts]
    average = max(sum(map(len, bags)) / max(len(bags), 1), 1)
    scores = []
    for bag in bags:
        score = 0.0
        for term in terms(query):
            having = sum(term in other for other in bags)
            idf = math.log(1 + (len(bags) - having + 0.5) / (having + 0.5))
            tf = bag.count(term)
            score += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(bag) / average))
        scores.append(score)
    return scores


def test_one_score_by_hand():
    # "dog" is in 2 of 4 texts, once in the second, which has 3 words of 18 / 4 = 4.5 on average.
    idf = math.log(1 + 2.5 / 2.5)
    expected = idf * 1 * 1.9 / (1 + 0.9 * (0.6 + 0.4 * 3 / 4.5))
    assert index(TEXTS).scores("dog")[1] == pytest.approx(expected, rel=1e-6)
    assert expected == pytest.approx(0.7399, abs=0.0001)


@pytest.mark.parametrize("query", ["cat", "the mat", "the the the", "dog cat sat", "zebra", "", "zebra cat"])
def test_scores_are_the_formula(query):
    assert index(TEXTS).scores(query) == pytest.approx(slow(TEXTS, query), rel=1e-5)


@given(st.lists(st.text("ab é日本 ", max_size=12), max_size=6), st.text("ab é日本 ", max_size=8))
def test_any_scores_are_the_formula(texts, query):
    scores = index(texts).scores(query)
    assert scores.shape == (len(texts),)
    assert scores == pytest.approx(slow(texts, query), rel=1e-4, abs=1e-6)


@given(st.lists(st.text("abc ", max_size=30), min_size=1, max_size=5), st.text("abcx ", max_size=10))
def test_no_score_exceeds_the_bound(texts, query):
    made = index(texts)
    assert made.scores(query).max() <= made.bound(query) * (1 + 1e-5)


def test_the_bound_is_nearly_reached_by_a_text_that_is_nothing_but_the_query():
    made = index(["cat " * 10_000, "dog", "bird"])
    assert made.scores("cat")[0] / made.bound("cat") == pytest.approx(1, abs=0.001)


def test_a_word_that_no_text_has_counts_as_much_as_the_rarest_can():
    made = index(["cat", "dog"])
    assert made.bound("unicorn") > made.bound("cat") > 0
    assert made.bound("cat unicorn") == pytest.approx(made.bound("cat") + made.bound("unicorn"))
    assert made.bound("") == made.bound("?!") == 0


def test_how_common_a_term_is():
    made = index(TEXTS)
    assert [made.share(term) for term in ("the", "cat", "sat", "zebra")] == [0.5, 0.5, 0.5, 0.0]
    assert index([]).share("the") == 0


def test_added_in_slices_or_at_once_is_the_same():
    once, slices = index(TEXTS), Bm25()
    for text in TEXTS:
        slices.add([text])
    slices.finish()
    assert len(slices) == len(once) == 4
    assert np.array_equal(once.scores("the cat"), slices.scores("the cat"))


@given(st.lists(st.lists(st.text(st.sampled_from("ab c日本"), max_size=12), max_size=4), max_size=5))
def test_what_was_counted_before_goes_into_other_indexes(groups):
    vocabulary = Vocabulary()
    vocabulary.count(["words of something else, a b"])
    together = vocabulary.count([text for group in groups for text in group])
    parts = list(together.split([len(group) for group in groups]))
    assert [len(part.lengths) for part in parts] == [len(group) for group in groups]
    for chosen in (slice(None), slice(1, None), slice(0, -1)):
        made = Bm25(vocabulary=vocabulary)
        for part in parts[chosen]:
            made.add_counts(part)
        made.finish()
        same = index([text for group in groups[chosen] for text in group])
        for query in ("a", "a b c", "日本 a", "else"):
            assert np.array_equal(made.scores(query), same.scores(query))
            assert made.bound(query) == same.bound(query)
            assert made.share("a") == same.share("a")


def test_words_counted_after_an_index_was_made_are_not_in_it():
    vocabulary = Vocabulary()
    made = Bm25(vocabulary=vocabulary)
    made.add(["a cat"])
    made.finish()
    before = made.bound("zebra")
    vocabulary.count(["a zebra"])
    assert made.scores("zebra").tolist() == [0]
    assert (made.bound("zebra"), made.share("zebra")) == (before, 0)


def test_more_terms_than_sixteen_bits_can_number():
    texts = [f"w{number} common" for number in range(70_000)]
    made = index(texts)
    for number in (0, 65_535, 65_536, 69_999):
        assert np.flatnonzero(made.scores(f"w{number}")).tolist() == [number]
    assert np.count_nonzero(made.scores("common")) == 70_000


def test_nothing_but_empty_texts():
    assert index([]).scores("cat").shape == (0,)
    assert index([]).bound("cat") > 0
    assert index(["", "..."]).scores("cat").tolist() == [0, 0]


def test_chinese_and_japanese_find_something():
    texts = ["東京は日本の首都です。", "猫が好きです。", "北京是中国的首都。"]
    scores = index(texts).scores("日本の首都")
    assert scores.argmax() == 0
    assert scores[2] > scores[1]  # 首都 is in the third
    assert index(texts).scores("猫").tolist()[1] > 0
