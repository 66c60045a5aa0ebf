"""Sounds to test with."""

import wave

import numpy as np
import pytest

RATE = 16_000


@pytest.fixture
def sound(architectures):
    """Return the fixtures' sound, 1.5 s."""
    with wave.open(str(architectures / "audio.wav")) as file:
        return (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768).astype(np.float32)


@pytest.fixture
def talk():
    """Return a function that makes a sound: (seconds, loud) stretches of a tone over faint noise."""

    def make(*parts, rate=RATE, seed=0):
        rng = np.random.default_rng(seed)
        made = []
        for seconds, spoken in parts:
            size = round(seconds * rate)
            time = np.arange(size) / rate
            tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in (1, 2, 3, 5))
            made.append(0.1 * tone * spoken + 0.002 * rng.standard_normal(size))
        return np.concatenate(made).astype(np.float32)

    return make


@pytest.fixture
def opened_sessions():
    """Return a function that gives the sessions of a client's open models."""

    def find(client):
        models = client._core.manager._loaded.values()
        return [replica.session for model in models for replica in model.lane._replicas]

    return find
