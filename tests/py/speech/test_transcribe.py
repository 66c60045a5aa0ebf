"""transcribe: what it takes, long sounds in order with true times, silence, progress, cancellation."""

import asyncio

import numpy as np
import pytest

import nearside
from nearside.errors import InvalidInput, InvalidOption, UnsupportedModel
from nearside.speech.transcribe import MOST_HOURS, checked
from nearside.wire.page import dispatch

GOOD = np.full(1600, 0.1, np.float32)


@pytest.fixture
def client(arch_models):
    return nearside.connect([arch_models], dtype="fp32")


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        ([0.0, 0.1], "list"),
        (None, "NoneType"),
        (b"RIFF", "bytes"),
        (np.zeros(0, np.float32), "empty"),
        (np.zeros((2, 100), np.float32), "one channel"),
        (np.zeros((100, 2), np.float32), "one channel"),
        (np.zeros(100, np.int16), "int16"),
        (np.zeros(100, np.complex64), "complex64"),
        (np.array(["a"]), "<U1"),
        (np.array([0, np.nan], np.float32), "no numbers"),
        (np.array([0, np.inf], np.float32), "no numbers"),
        (np.array([0, 3000], np.float32), "3,000"),
        (np.broadcast_to(np.float32(0), MOST_HOURS * 3600 * 16_000 + 1), "hours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sound(audio, said):
    with pytest.raises(InvalidInput, match=said) as caught:
        checked(audio, 16_000)
    assert caught.value.hint


@pytest.mark.parametrize("rate", [0, -16_000, 3999, 768_001, "16000", 44_100.5, None, True])
def test_rates_that_are_none(rate):
    with pytest.raises(InvalidOption):
        checked(GOOD, rate)


@pytest.mark.parametrize("language", ["", "english", "e", 5, "en us", "<|en|>"])
def test_languages_that_are_no_codes(language):
    with pytest.raises(InvalidOption):
        checked(GOOD, 16_000, language)


def test_a_checked_request(talk):
    request = checked(talk((2, 1), rate=44_100).astype(np.float64), 44_100.0, "EN-gb", True)
    assert (request.audio.size, request.audio.dtype) == (32_000, np.float32)
    assert (request.language, request.timestamps, request.duration) == ("en", True, 2.0)
    assert request.noise > 0.5  # it never pauses
    assert checked(talk((1, 1), (1, 0), (1, 1)), 16_000).noise < 0.01
    with pytest.raises(InvalidInput):
        checked(GOOD, 16_000, None, "yes")


@pytest.mark.parametrize("name", ["whisper", "moonshine"])
async def test_a_long_sound_is_written_down_in_order(client, talk, name):
    """Whisper's window has 3 seconds: phrases are put together as they fit. Moonshine's has 6 or more."""
    audio = talk((0.5, 0), (1, 1), (3, 0), (2, 1), (3, 0), (1, 1), (0.4, 0), (1, 1), (4, 0))
    pieces, progress = [], []
    async with client:
        made = await client.transcribe(
            audio,
            model=f"arch/{name}",
            on_text=pieces.append,
            on_progress=lambda *counts: progress.append(counts),
        )
    starts = [(one.start, one.end) for one in made.segments]
    assert starts == [
        pytest.approx((0.3, 1.7), abs=0.1),
        pytest.approx((4.3, 6.7), abs=0.1),
        pytest.approx((9.3, 12.1), abs=0.1),
    ]
    assert made.text == " ".join(one.text for one in made.segments)
    if name == "moonshine":  # Whisper's phrases end in loops here, which are told but not in the result
        assert "".join(pieces) == made.text
    assert progress[-1] == (16, 16)
    assert [done for done, _ in progress] == sorted({done for done, _ in progress})
    assert made.duration == pytest.approx(15.9)
    assert made.usage.written > 20


async def test_phrases_are_heard_as_if_each_were_alone(client, talk):
    """Nothing of one part reaches the next, and the times are those in the whole sound."""
    audio = talk((0.5, 0), (1, 1), (3, 0), (2, 1), (3, 0))
    async with client:
        whole = await client.transcribe(audio, model="arch/whisper", language="en")
        for one in whole.segments:
            part = audio[round(one.start * 16_000) : round(one.end * 16_000)]
            alone = await client.transcribe(part, model="arch/whisper", language="en")
            assert alone.text == one.text


async def test_the_times_of_the_model_are_moved_to_where_its_part_begins(client, talk):
    audio = talk((2, 0), (2, 1), (6, 0), (2, 1), (2, 0))
    async with client:
        made = await client.transcribe(audio, model="arch/whisper", language="en", timestamps=True)
        plain = await client.transcribe(audio, model="arch/whisper", language="en")
    assert made.text == " ".join(one.text for one in made.segments)
    assert made.segments != plain.segments
    for one in made.segments:
        assert any(a - 0.3 <= one.start <= one.end <= b + 0.3 for a, b in ((2, 4), (10, 12)))
    assert made.segments[0].start < 4.3
    assert made.segments[-1].start > 9.7


@pytest.mark.parametrize("name", ["whisper", "moonshine"])
@pytest.mark.parametrize("seconds", [0.01, 2, 20])
async def test_silence_has_an_empty_transcript(client, name, seconds):
    progress = []
    async with client:
        made = await client.transcribe(
            np.zeros(int(16_000 * seconds), np.float32),
            model=f"arch/{name}",
            on_progress=lambda *counts: progress.append(counts),
        )
    assert (made.text, made.segments, made.usage.written) == ("", (), 0)
    assert progress[-1][0] == progress[-1][1]


@pytest.mark.parametrize("name", ["whisper", "moonshine"])
async def test_a_short_loud_sound_is_heard(client, talk, name):
    async with client:
        assert (await client.transcribe(talk((0.15, 1)), model=f"arch/{name}")).segments


async def test_the_language_that_is_asked_for_changes_what_is_written(client, talk):
    audio = talk((1.5, 1))
    async with client:
        texts = {
            code: (await client.transcribe(audio, model="arch/whisper", language=code)).text
            for code in ("en", "fr", "ja")
        }
        with pytest.raises(InvalidOption) as caught:
            await client.transcribe(audio, model="arch/whisper", language="xx")
        assert "en, fr, de, ja" in caught.value.hint
        with pytest.raises(InvalidOption, match="moonshine"):
            await client.transcribe(audio, model="arch/moonshine", language="fr")
    assert len(set(texts.values())) > 1


async def test_the_rate_counts(client, talk):
    """The same sound at 48 kHz is as long, and heard the same; taken for 16 kHz it is three times as long."""
    async with client:
        one = await client.transcribe(talk((1, 1), rate=48_000), sample_rate=48_000, model="arch/whisper")
        other = await client.transcribe(talk((1, 1), rate=48_000), model="arch/whisper")
    assert one.duration == pytest.approx(1)
    assert other.duration == pytest.approx(3)


async def test_another_kind_of_model(client):
    async with client:
        with pytest.raises(UnsupportedModel):
            await client.transcribe(GOOD, model="arch/bert_ner")


async def test_a_cancelled_call_leaves_nothing_in_the_worker(client, talk, opened_sessions):
    written = asyncio.Event()
    async with client:
        task = asyncio.create_task(
            client.transcribe(talk((3, 1)), model="arch/whisper", on_text=lambda _: written.set())
        )
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for session in opened_sessions(client):
            session._thread.submit(int).result()  # what was ordered before is done then
        assert [session._kept for session in opened_sessions(client)] == [{}]
        assert (await client.transcribe(talk((1, 1)), model="arch/whisper")).text


async def test_the_page_s_call(client, talk, sound):
    told, pieces = [], []
    params = {"audio": sound, "sampleRate": 16_000, "language": "en", "model": "arch/whisper"}
    async with client:
        made = await dispatch(client, "transcribe", params, told.append, pieces.append)
        timed = await dispatch(client, "transcribe", {**params, "timestamps": True})
        slow = await dispatch(client, "transcribe", {**params, "sampleRate": 8000})
        with pytest.raises(InvalidInput):
            await dispatch(client, "transcribe", {**params, "audio": {"0": 0.5}})
    assert (made["language"], made["duration"]) == ("en", 1.5)
    assert made["segments"] == [{"text": made["text"], "start": 0.0, "end": 1.5}]
    assert "".join(piece["text"] for piece in pieces) == made["text"]
    assert told[-1] == {"done": 2, "total": 2}
    assert {one["start"] for one in timed["segments"]} != {0.0}
    assert slow["duration"] == 3.0
    assert made["decision"]["tier"] == "near"
