"""ROUGE: the figures of the package rouge_score 0.1.2 (use_stemmer=False)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside_server.evaluation.rouge import rouge_l, rouge_n


@pytest.mark.parametrize(
    ("reference", "made", "one", "two", "longest"),
    [
        (
            "The quick brown fox jumps over the lazy dog",
            "The quick brown dog jumps on the log.",
            0.705882,
            0.266667,
            0.588235,
        ),
        (
            "We propose a method for X-ray images in 2019.",
            "In 2019, we propose methods; a method for x ray image data",
            0.818182,
            0.6,
            0.636364,
        ),
        ("a b c d", "d c b a", 1.0, 0.0, 0.25),
        ("the the the cat", "the cat the", 0.857143, 0.4, 0.571429),
        ("Ärger im Büro", "Arger im Buro", 0.285714, 0.0, 0.285714),
        ("nothing", "else", 0.0, 0.0, 0.0),
        ("", "else", 0.0, 0.0, 0.0),
    ],
)
def test_the_package_s_figures(reference, made, one, two, longest):
    assert rouge_n(reference, made, 1) == pytest.approx(one, abs=1e-6)
    assert rouge_n(reference, made, 2) == pytest.approx(two, abs=1e-6)
    assert rouge_l(reference, made) == pytest.approx(longest, abs=1e-6)


@given(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=9), st.lists(st.sampled_from("abcd"), max_size=9)
)
def test_bounds(one, other):
    a, b = " ".join(one), " ".join(other)
    assert rouge_n(a, a, 1) == rouge_n(a, a, 2) == rouge_l(a, a) == 1
    assert 0 <= rouge_l(a, b) <= rouge_n(a, b, 1) + 1e-9 <= 1 + 1e-9
    assert rouge_l(a, b) == pytest.approx(rouge_l(b, a))
