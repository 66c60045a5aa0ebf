"""Windows cover every token, and each token has one that speaks for it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nearside.specialists.windows import even, owned, run_longest_first, sliding

counts = st.integers(0, 400)
sizes = st.integers(1, 60)


@given(counts, sizes, st.integers(0, 59))
def test_sliding_windows_are_those_of_rust(count, size, overlap):
    overlap = min(overlap, size - 1)
    windows = sliding(count, size, overlap)
    expected, end = [], False
    for start in range(0, max(count, 1), size - overlap):
        if not end:
            stop = min(start + size, count)
            end = stop == count
            expected.append((start, stop))
    assert windows == expected


@given(counts, sizes, st.integers(0, 59))
def test_each_token_has_the_window_that_shows_most_around_it(count, size, overlap):
    windows = sliding(count, size, min(overlap, size // 2))
    parts = owned(windows)
    assert len(parts) == len(windows)
    assert [token for begin, end in parts for token in range(begin, end)] == list(range(count))
    for (start, stop), (begin, end) in zip(windows, parts, strict=True):
        assert start <= begin <= end <= stop
        for token in range(begin, end):
            left = min(token - start if start else count, stop - 1 - token if stop < count else count)
            others = [
                min(token - s if s else count, e - 1 - token if e < count else count)
                for s, e in windows
                if s <= token < e
            ]
            assert left >= max(others) - 1


@given(counts, sizes)
def test_even_windows_are_few_and_about_as_long(count, size):
    windows = even(count, size)
    assert [token for begin, end in windows for token in range(begin, end)] == list(range(count))
    lengths = [end - begin for begin, end in windows]
    assert max(lengths) <= size
    assert max(lengths) - min(lengths) <= 1
    assert len(windows) == max(-(-count // size), 1)


async def test_the_longest_is_run_first_and_results_keep_their_place(function_model):
    from nearside.specialists.frame import frame_of

    model = function_model("bert_nli", lambda ids: {"logits": np.float32([len(ids)])})
    inputs = [frame_of(model).single(np.arange(10, 10 + n)) for n in (2, 5, 3)]
    got = {}
    read = await run_longest_first(
        model, inputs, ["logits"], lambda i, made: got.__setitem__(i, made["logits"][0, 0])
    )
    assert [feeds["input_ids"].shape for feeds in model.lane.runs] == [(1, 7), (1, 5), (1, 4)]
    assert got == {0: 4, 1: 7, 2: 5}
    assert read == 16
