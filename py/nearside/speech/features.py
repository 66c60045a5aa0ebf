"""Whisper's input: the logarithm of a sound's power in mel bands (Radford et al. 2022; the parameters are
those of transformers' WhisperFeatureExtractor)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import UnsupportedModel

_FLOOR = 1e-10  # of a power, before its logarithm
_RANGE = 8.0  # powers of ten below the loudest point that are kept


@dataclass(frozen=True, slots=True)
class Mel:
    """What a model's preprocessor_config.json says: `bands` of the mel scale, samples in one Fourier
    transform (`size`) and from one to the next (`hop`), samples a second (`rate`), and samples in a window
    (`samples`), which the model always gets all of."""

    bands: int = 80
    size: int = 400
    hop: int = 160
    rate: int = 16_000
    samples: int = 480_000

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Mel:
        """From preprocessor_config.json; what it leaves out is Whisper's own.

        Raises `UnsupportedModel` for numbers that make no sense."""
        own = cls()
        made = (
            config.get("feature_size", own.bands),
            config.get("n_fft", own.size),
            config.get("hop_length", own.hop),
            config.get("sampling_rate", own.rate),
            config.get("chunk_length", own.samples // own.rate),
        )
        if not all(isinstance(one, int) and 0 < one <= 1_000_000 for one in made):
            raise UnsupportedModel("The model's preprocessor_config.json has numbers that cannot be used.")
        return cls(*made[:4], samples=made[4] * made[3])

    @property
    def seconds(self) -> float:
        """How long a window is."""
        return self.samples / self.rate

    @property
    def frames(self) -> int:
        """How many columns a window has."""
        return self.samples // self.hop


def log_mel(audio: NDArray[np.float32], mel: Mel) -> NDArray[np.float32]:
    """A window's features, float32 [bands, frames], from float32 [samples]: what is missing at its end is
    silence, what is too much is left out."""
    audio = audio[: mel.samples]
    half = mel.size // 2
    # A transform is centred on its frame: the window is mirrored at both ends, and where it ends in silence,
    # what is beyond the sound need not be transformed.
    count = min(mel.frames, -(-(audio.size + half) // mel.hop))
    whole = np.zeros(mel.samples, np.float32)
    whole[: audio.size] = audio
    mirrored = np.concatenate((whole[half:0:-1], whole, whole[-2 : -half - 2 : -1]))
    frames = np.lib.stride_tricks.sliding_window_view(mirrored, mel.size)[:: mel.hop][:count]
    spectrum = np.fft.rfft(frames * _hann(mel.size), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    made = np.full((mel.bands, mel.frames), np.log10(_FLOOR), np.float32)
    made[:, :count] = np.log10(np.maximum(power.astype(np.float32) @ _filters(mel), np.float32(_FLOOR))).T
    np.maximum(made, made.max() - np.float32(_RANGE), out=made)
    made += np.float32(4)
    made /= np.float32(4)
    return made


@lru_cache(maxsize=4)
def _hann(size: int) -> NDArray[np.float32]:
    """A periodic Hann window, float32 [size]."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


@lru_cache(maxsize=4)
def _filters(mel: Mel) -> NDArray[np.float32]:
    """Slaney's triangles of equal area, float32 [size / 2 + 1, bands] (M. Slaney, Auditory Toolbox, 1998):
    their corners lie evenly on a scale that is linear up to 1 kHz and logarithmic above."""
    top = _to_mel(min(8000.0, mel.rate / 2))
    corners = _to_hertz(np.linspace(0.0, top, mel.bands + 2))
    bins = np.linspace(0, mel.rate // 2, mel.size // 2 + 1)
    slopes = corners[None] - bins[:, None]
    widths = np.diff(corners)
    triangles = np.maximum(0, np.minimum(-slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]))
    areas = 2.0 / (corners[2:] - corners[:-2])
    return (triangles * areas).astype(np.float32)


def _to_mel(hertz: float) -> float:
    if hertz < 1000:
        return 3 * hertz / 200
    return float(15 + np.log(hertz / 1000) * 27 / np.log(6.4))


def _to_hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    made: NDArray[np.float64] = np.where(
        mels < 15, 200 * mels / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27)
    )
    return made
