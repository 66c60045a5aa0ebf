"""Endless repetition, masks, and a text that is told while it is written."""

import numpy as np
import pytest

from nearside.speech.hearing import bits, loops
from nearside.speech.moonshine import language_of


@pytest.mark.parametrize(
    ("ids", "extra"),
    [
        ([], 0),
        ([5] * 23, 0),
        ([5] * 24, 23),
        ([1, 2, 3] * 8, 21),
        ([1, 2, 3] * 7, 0),
        ([9, *[1, 2, 3, 4, 5, 6, 7, 8] * 4], 24),
        ([*range(30)] * 4, 90),
        ([*range(31)] * 4, 0),
        ([*[1, 2] * 20, 3], 0),
        (list(range(200)), 0),
    ],
)
def test_what_only_repeats_itself(ids, extra):
    assert loops(ids) == extra


def test_masks():
    def ids(mask, size):
        return np.flatnonzero(np.unpackbits(mask, count=size, bitorder="little")).tolist()

    assert ids(bits(10), 10) == list(range(10))
    assert ids(bits(10, without=(0, 9, 10, 99)), 10) == list(range(1, 9))
    assert ids(bits(10, only=(3, 4, 12), without=(4,)), 10) == [3]
    assert bits(10).size == 2


@pytest.mark.parametrize(
    ("id", "language"),
    [
        ("onnx-community/moonshine-tiny-ONNX", "en"),
        ("onnx-community/moonshine-base-ONNX", "en"),
        ("onnx-community/moonshine-tiny-ja-ONNX", "ja"),
        ("UsefulSensors/moonshine-base-zh", "zh"),
        ("arch/moonshine", "en"),
    ],
)
def test_a_moonshine_s_language(id, language):
    assert language_of(id) == language
