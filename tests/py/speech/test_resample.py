"""Another rate: sines stay what they are, what cannot be there is gone, moments stay."""

import numpy as np
import pytest

from nearside.speech.resample import resample

RATES = [8000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 16_001]


def sine(hertz, rate, seconds=0.5):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hertz", [50, 440, 3000])
def test_a_sine_stays_a_sine(rate, hertz):
    made = resample(sine(hertz, rate), rate, 16_000)
    wanted = sine(hertz, 16_000)
    assert made.dtype == np.float32
    assert abs(made.size - wanted.size) <= 1
    inside = slice(400, min(made.size, wanted.size) - 400)
    assert np.abs(made[inside] - wanted[inside]).max() < 1e-3


@pytest.mark.parametrize(
    ("rate", "hertz"), [(48_000, 9000), (48_000, 15_000), (44_100, 12_000), (96_000, 40_000)]
)
def test_what_is_too_high_is_gone_and_not_folded_back(rate, hertz):
    made = resample(sine(hertz, rate), rate, 16_000)
    assert np.abs(made[400:-400]).max() < 1e-3


@pytest.mark.parametrize("hertz", [6000, 7000])
def test_high_voices_are_kept(hertz):
    made = resample(sine(hertz, 48_000), 48_000, 16_000)
    assert np.abs(made[400:-400]).max() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_a_moment_stays_where_it_is(rate):
    audio = np.zeros(rate, np.float32)
    audio[rate // 4] = 1
    made = resample(audio, rate, 16_000)
    assert made.size == 16_000
    assert abs(int(np.argmax(made)) - 4000) <= 1


def test_what_is_constant_stays_constant():
    made = resample(np.full(48_000, 0.5, np.float32), 48_000, 16_000)
    assert np.abs(made[400:-400] - 0.5).max() < 1e-5


def test_the_same_rate_is_the_same_sound():
    audio = sine(440, 16_000)
    assert resample(audio, 16_000, 16_000) is audio
    assert resample(np.zeros(0, np.float32), 8000, 16_000).size == 0


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_short_sounds(size):
    assert resample(np.ones(size, np.float32), 48_000, 16_000).size == -(-size // 3)


def test_long_sounds_are_done_in_parts_that_fit_together():
    made = resample(sine(440, 48_000, 3), 48_000, 16_000)
    assert np.abs(made[400:-400] - sine(440, 16_000, 3)[400:-400]).max() < 1e-3
