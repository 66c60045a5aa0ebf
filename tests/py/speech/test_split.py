"""Stretches of speech and pieces of a long sound: all speech is in them, in order, and none is too long."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.speech.split import pieces
from nearside.speech.transcribe import checked
from nearside.speech.vad import FRAME, RATE, Rules, Stretch, loud, stretches

WINDOW = 40 * FRAME
frames = st.lists(st.floats(0, 1, width=32), max_size=400).map(
    lambda numbers: np.asarray(numbers, np.float32)
)
likely = st.lists(st.tuples(st.integers(1, 90), st.sampled_from((0.0, 0.4, 0.45, 0.9))), max_size=12).map(
    lambda runs: np.concatenate([np.full(n, p, np.float32) for n, p in runs] or [np.zeros(0, np.float32)])
)


def samples_of(probabilities, less=0):
    return max(0, probabilities.size * FRAME - less)


@given(likely | frames, st.integers(0, FRAME - 1))
def test_stretches_are_in_order_and_inside(probabilities, less):
    samples = samples_of(probabilities, less if probabilities.size else 0)
    found = stretches(probabilities, samples)
    ends = [0, *(edge for one in found for edge in (one.start, one.end)), samples]
    assert ends == sorted(ends)
    assert all(one.start < one.end for one in found)


@given(likely)
def test_all_that_is_long_enough_is_found(probabilities):
    """Four frames in a row that are surely speech are in a stretch."""
    found = stretches(probabilities, samples_of(probabilities))
    sure = probabilities >= 0.5
    for first in range(sure.size - 3):
        if sure[first : first + 4].all():
            start, end = first * FRAME, (first + 4) * FRAME
            assert any(one.start <= start and end <= one.end for one in found)


@given(likely, st.none() | st.integers(0, 60))
def test_pieces_have_all_speech_in_order(probabilities, pause):
    samples = samples_of(probabilities)
    speech = stretches(probabilities, samples)
    made = pieces(speech, probabilities, samples, WINDOW, None if pause is None else pause * FRAME)
    ends = [edge for one in made for edge in (one.start, one.end)]
    assert ends == sorted(ends)
    assert all(0 < one.end - one.start <= WINDOW for one in made)
    covered = np.zeros(samples, bool)
    for one in made:
        covered[one.start : one.end] = True
    assert all(covered[one.start : one.end].all() for one in speech)
    assert bool(made) == bool(speech)


def test_a_sound_that_fits_is_one_piece():
    speech = [Stretch(5 * FRAME, 10 * FRAME)]
    assert pieces(speech, np.zeros(40, np.float32), WINDOW, WINDOW) == [Stretch(0, WINDOW)]
    assert pieces([], np.zeros(40, np.float32), WINDOW, WINDOW) == []


def test_a_pause_that_is_long_enough_parts():
    speech = [Stretch(0, 10), Stretch(20, 30), Stretch(100, 110)]
    quiet = np.zeros(1, np.float32)
    assert pieces(speech, quiet, 200, 120, 20) == [Stretch(0, 30), Stretch(100, 110)]
    assert pieces(speech, quiet, 200, 120) == [Stretch(0, 110)]


def test_a_long_stretch_is_cut_where_it_is_quietest():
    probabilities = np.full(100, 0.9, np.float32)
    probabilities[30] = 0.4
    (one,) = stretches(probabilities, 100 * FRAME, Rules(padding=0))
    first, *_ = pieces([one], probabilities, 100 * FRAME, WINDOW)
    assert first == Stretch(0, 30 * FRAME + FRAME // 2)


@pytest.mark.parametrize(
    ("rules", "count"),
    [
        (Rules(), 2),
        (Rules(threshold=0.95), 0),
        (Rules(silence=1.0), 1),
        (Rules(least=0.4), 1),
        (Rules(hysteresis=0.3), 1),
    ],
)
def test_every_rule_counts(rules, count):
    """0.32 s of speech, 0.26 s at 0.3, 0.64 s of speech, silence."""
    parts = [(10, 0.9), (8, 0.3), (20, 0.9), (40, 0.0)]
    probabilities = np.concatenate([np.full(n, p, np.float32) for n, p in parts])
    assert len(stretches(probabilities, samples_of(probabilities), rules)) == count


def test_the_padding_is_added_but_never_over_another_stretch():
    probabilities = np.asarray([0] * 10 + [1] * 10 + [0] * 5 + [1] * 10 + [0] * 20, np.float32)
    bare = stretches(probabilities, samples_of(probabilities), Rules(padding=0))
    wide = stretches(probabilities, samples_of(probabilities), Rules(padding=0.2))
    assert wide[0].start == bare[0].start - 3200
    assert wide[1].end == bare[1].end + 3200
    assert bare[0].end < wide[0].end == wide[1].start < bare[1].start


def test_loudness_tells_pauses_from_speech(talk):
    audio = talk((1, 0), (2, 1), (1, 0), (1, 1), (1.5, 0))
    found = stretches(loud(audio), audio.size, Rules(padding=0))
    places = [(one.start / RATE, one.end / RATE) for one in found]
    assert places == [pytest.approx((1, 3), abs=0.05), pytest.approx((4, 5), abs=0.05)]


def test_the_floor_follows_the_noise(talk):
    """After 12 s it is 20 dB louder: 3 s later a voice above it is found, but not the noise itself."""
    calm, voice = talk((10, 0), (1, 1), (1, 0)), talk((9, 0), (1, 1), (5, 0), seed=1)
    noise = np.random.default_rng(2).standard_normal(voice.size).astype(np.float32) * np.float32(0.02)
    first, *between, last = stretches(loud(np.concatenate([calm, voice + noise])), calm.size + voice.size)
    assert (first.start / RATE, first.end / RATE) == pytest.approx((10, 11), abs=0.3)
    assert all(one.start >= 12 * RATE - 3200 and one.end <= 16 * RATE for one in between)
    assert (last.start / RATE, last.end / RATE) == pytest.approx((21, 22), abs=0.3)


def test_a_sound_without_a_pause_is_all_speech_and_silence_is_none(talk):
    audio = talk((3, 1))
    assert stretches(loud(audio), audio.size) == [Stretch(0, audio.size)]
    assert loud(np.zeros(16_000, np.float32)).max() == 0
    assert loud(np.zeros(0, np.float32)).size == 0
    quiet = np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * np.float32(5e-4)
    assert stretches(loud(quiet), 32_000) == []


def test_silence_of_a_program_does_not_make_hum_into_speech(talk):
    """A file that begins with zeros: the room after them is no speech."""
    audio = np.concatenate([np.zeros(8000, np.float32), talk((2, 0), (1, 1), (2, 0))])
    (one,) = stretches(loud(audio), audio.size)
    assert (one.start / RATE, one.end / RATE) == pytest.approx((2.3, 3.7), abs=0.1)


def test_an_hour_of_sound_is_not_copied():
    sound = np.random.default_rng(1).normal(0, 0.1, 16_000 * 1200).astype(np.float32)
    tracemalloc.start()
    loud(sound)
    _, listening = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    checked(sound, 16_000)
    _, checking = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert listening < sound.nbytes / 10
    assert checking < sound.nbytes * 3 / 4  # its first two minutes are listened to for noise
