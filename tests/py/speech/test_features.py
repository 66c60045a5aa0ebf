"""The log-mel window: its shape, what it leaves out, the numbers it takes. (Values: see tests/py/parity.)"""

import numpy as np
import pytest

from nearside.errors import UnsupportedModel
from nearside.speech.features import Mel, log_mel

SHORT = Mel(samples=48_000)


def noise(size, seed=0):
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32) * np.float32(0.1)


def slow(audio, mel):
    """Return the same frame by frame in double precision, as transformers' numpy version goes about it."""
    whole = np.zeros(mel.samples)
    whole[: min(audio.size, mel.samples)] = audio[: mel.samples]
    padded = np.pad(whole, mel.size // 2, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(mel.size) / mel.size)
    top = 15 + np.log(8) * 27 / np.log(6.4)
    mels = np.linspace(0, top, mel.bands + 2)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    bins = np.arange(mel.size // 2 + 1) * mel.rate / mel.size
    bank = np.zeros((bins.size, mel.bands))
    for band in range(mel.bands):
        low, middle, high = hertz[band : band + 3]
        rise, fall = (bins - low) / (middle - low), (high - bins) / (high - middle)
        bank[:, band] = np.clip(np.minimum(rise, fall), 0, None) * 2 / (high - low)
    columns = []
    for start in range(0, mel.samples, mel.hop):
        power = np.abs(np.fft.rfft(padded[start : start + mel.size] * window)) ** 2
        columns.append(np.log10(np.maximum(power @ bank, 1e-10)))
    made = np.stack(columns, axis=1)
    return (np.maximum(made, made.max() - 8) + 4) / 4


@pytest.mark.parametrize("size", [0, 1, 3, 250, 16_000, 47_900, 48_000, 60_000])
@pytest.mark.parametrize("bands", [80, 128])
def test_the_fast_way_gives_what_the_slow_way_gives(size, bands):
    mel = Mel(bands=bands, samples=48_000)
    made = log_mel(noise(size), mel)
    assert made.shape == (bands, 300)
    assert made.dtype == np.float32
    assert np.abs(made - slow(noise(size), mel)).max() < 1e-4


def test_what_is_beyond_the_window_does_not_count():
    audio = noise(60_000)
    assert np.array_equal(log_mel(audio, SHORT), log_mel(audio[:48_000], SHORT))


def test_a_sound_is_not_changed():
    audio = noise(20_000)
    copy = audio.copy()
    log_mel(audio, SHORT)
    assert np.array_equal(audio, copy)


def test_the_numbers_of_a_model_are_taken():
    given = {"feature_size": 128, "n_fft": 512, "hop_length": 128, "sampling_rate": 8000, "chunk_length": 10}
    mel = Mel.read(given)
    assert mel == Mel(128, 512, 128, 8000, 80_000)
    assert log_mel(noise(100), mel).shape == (128, 625)
    assert mel.seconds == 10
    assert Mel.read({}) == Mel()


@pytest.mark.parametrize(
    "bad", [{"hop_length": 0}, {"n_fft": "x"}, {"chunk_length": -1}, {"feature_size": 2.5}]
)
def test_numbers_that_make_no_sense(bad):
    with pytest.raises(UnsupportedModel):
        Mel.read(bad)
