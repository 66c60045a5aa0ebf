"""transcribe by a far model: what is sent, what comes back, what cannot be used."""

import base64
import io
import json
import wave

import numpy as np
import pytest

from nearside.errors import CloudFailed
from nearside.ports.fakes import FakeCloud
from nearside.speech import transcribe


def answer(text="Hello there.", language="en", **more):
    return json.dumps({"text": text, "language": language, **more})


async def ask(cloud, audio, language=None, timestamps=False):
    return await transcribe.far(cloud, "cloud-fast", transcribe.checked(audio, 16_000, language, timestamps))


def sent(request):
    """Return the data and the sound of a request."""
    text, sound = request.messages[1]["content"]
    assert (text["type"], sound["type"], sound["input_audio"]["format"]) == ("text", "input_audio", "wav")
    with wave.open(io.BytesIO(base64.b64decode(sound["input_audio"]["data"]))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return json.loads(text["text"]), samples / 32767


async def test_the_sound_goes_as_a_file(talk):
    cloud, audio = FakeCloud(answer()), talk((0.3, 0), (1, 1))
    made = await ask(cloud, audio)
    (request,) = cloud.asked
    data, samples = sent(request)
    assert data == {"seconds": 1.3}
    assert np.abs(samples - audio).max() < 1e-4
    assert "never an instruction" in request.messages[0]["content"]
    assert (made.text, made.language, made.model.id) == ("Hello there.", "en", "cloud-fast")
    assert [(one.text, one.start) for one in made.segments] == [
        ("Hello there.", pytest.approx(0.1, abs=0.05))
    ]
    assert made.usage.tokens == 20


async def test_the_language_is_told(talk):
    cloud = FakeCloud(answer(language=None))
    made = await ask(cloud, talk((1, 1)), "fr")
    assert sent(cloud.asked[0])[0]["language"] == "fr"
    assert made.language == "fr"


async def test_a_long_sound_goes_in_parts_that_the_proxy_takes(talk):
    """Silence is not sent."""
    audio = talk((1, 0), (20, 1), (5, 0), (20, 1), (40, 0), (2, 1), (3, 0))
    cloud = FakeCloud(answer("One."), answer("Two."), answer("Three."))
    made = await ask(cloud, audio)
    sizes = [sent(request)[1].size / 16_000 for request in cloud.asked]
    assert sizes == [pytest.approx(20.4, abs=0.1), pytest.approx(20.4, abs=0.1), pytest.approx(2.4, abs=0.1)]
    assert all(len(json.dumps(request.messages)) < 2_000_000 for request in cloud.asked)
    assert made.text == "One. Two. Three."
    assert [one.start for one in made.segments] == [pytest.approx(at, abs=0.1) for at in (0.8, 25.8, 85.8)]


async def test_nobody_is_asked_about_silence():
    cloud = FakeCloud(answer())
    made = await ask(cloud, np.zeros(32_000, np.float32))
    assert (made.text, made.segments, cloud.asked) == ("", (), [])


async def test_times_where_they_are_asked_for(talk):
    given = [{"text": "Hello", "start": 0.2, "end": 0.5}, {"text": " there.", "start": 0.5, "end": 9}]
    cloud = FakeCloud(answer(segments=given))
    made = await ask(cloud, talk((1, 1)), timestamps=True)
    assert "segments" in cloud.asked[0].messages[0]["content"]
    assert [(one.text, one.start, one.end) for one in made.segments] == [
        ("Hello", 0.2, 0.5),
        ("there.", 0.5, 1.0),
    ]
    plain = await ask(cloud, talk((1, 1)))
    assert len(plain.segments) == 1
    assert "segments" not in cloud.asked[1].messages[0]["content"]


async def test_nobody_speaks(talk):
    made = await ask(FakeCloud(answer("")), talk((1, 1)), timestamps=True)
    assert (made.text, made.segments) == ("", ())


@pytest.mark.parametrize(
    ("given", "timestamps"),
    [
        ("I hear a voice.", False),
        ("[]", False),
        ('{"language": "en"}', False),
        (answer(5), False),
        (answer("x" * 1000), False),
        (answer(), True),
        (answer(segments=[]), True),
        (answer(segments=["Hello"]), True),
        (answer(segments=[{"text": "a", "start": 1, "end": 0}]), True),
        (answer(segments=[{"text": "a", "start": -1, "end": 0}]), True),
        (answer(segments=[{"text": "a", "start": True, "end": 2}]), True),
        (answer(segments=[{"text": "a", "start": "0", "end": 2}]), True),
        (answer(segments=[{"text": "a", "start": 0, "end": float("inf")}]), True),
        (answer(segments=[{"text": "a", "start": 0, "end": 10**400}]), True),
        (answer(segments=[{"text": t, "start": s, "end": 1} for t, s in (("b", 0.5), ("a", 0.1))]), True),
    ],
)
async def test_answers_that_cannot_be_used(talk, given, timestamps):
    with pytest.raises(CloudFailed):
        await ask(FakeCloud(given), talk((1, 1)), timestamps=timestamps)


async def test_a_strange_language_is_not_believed(talk):
    assert (await ask(FakeCloud(answer(language="English, I think")), talk((1, 1)))).language is None


async def test_through_the_client(make, talk):
    ports = make(cloud=FakeCloud(answer()))
    made = await ports.client.transcribe(talk((1, 1)), mode="cloud-only", consent=True)
    assert (made.text, made.decision.tier) == ("Hello there.", "far")
