"""The cache of vectors: what it knows, what it forgets first, how much it may take."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nearside.models.vectors import VectorCache


def vector(value):
    return np.full(100, value, np.float32)


def test_a_vector_is_known_by_model_and_text():
    cache = VectorCache()
    cache.put("m1", "text", vector(1))
    assert cache.get("m1", "text")[0] == 1
    assert cache.get("m2", "text") is None
    assert cache.get("m1", "Text") is None


def test_long_texts_that_differ_late_are_not_mixed_up():
    cache = VectorCache()
    cache.put("m", "a" * 5000 + "b", vector(1))
    assert cache.get("m", "a" * 5000 + "b")[0] == 1
    assert cache.get("m", "a" * 5000 + "c") is None
    cache.put("m", "\ud800" * 1000, vector(2))  # a text that no encoding knows
    assert cache.get("m", "\ud800" * 1000)[0] == 2


def test_what_was_used_last_stays():
    cache = VectorCache(2500)  # room for three
    for i in range(3):
        cache.put("m", str(i), vector(i))
    cache.get("m", "0")
    cache.put("m", "3", vector(3))
    assert [cache.get("m", str(i)) is not None for i in range(4)] == [True, False, True, True]


def test_putting_the_same_text_again_takes_no_more_room():
    cache = VectorCache(2500)
    for i in range(50):
        cache.put("m", "a", vector(i))
        cache.put("m", "b", vector(i))
    assert len(cache) == 2
    assert cache.get("m", "a")[0] == 49


def test_a_vector_that_is_too_large_for_the_cache_is_not_kept():
    cache = VectorCache(100)
    cache.put("m", "a", vector(1))
    assert len(cache) == 0
    assert cache.get("m", "a") is None


@given(st.lists(st.text("abc", max_size=3), max_size=60))
def test_the_cache_stays_within_its_bytes(texts):
    cache = VectorCache(5000)
    for text in texts:
        cache.put("m", text, vector(0))
        assert len(cache) * vector(0).nbytes <= 5000
        assert cache.get("m", text) is not None
