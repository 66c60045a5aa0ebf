"""Speech to text against PyTorch: log-mel, greedy ids, times, the language; and what Silero hears."""

import shutil
import wave

import numpy as np
import pytest

import nearside
from nearside.speech.features import Mel, log_mel
from nearside.speech.moonshine import Moonshine
from nearside.speech.vad import FRAME, loud, spoken, stretches
from nearside.speech.whisper import Whisper

SHARED_SOUND = "tiny/audio_48000.f32"


def sound_of(path):
    """Return a WAV file's samples, float32 -1 to 1."""
    with wave.open(str(path)) as file:
        return (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768).astype(np.float32)


@pytest.fixture
def sound(architectures):
    return sound_of(architectures / "audio.wav")


@pytest.fixture
def jfk(shared_models):
    return sound_of(shared_models.parent / "audio" / "jfk.wav")


@pytest.fixture
def silero(shared_models, tmp_path):
    """Return a models folder with Silero's graph as the hub names it."""
    folder = tmp_path / "org" / "silero-vad"
    (folder / "onnx").mkdir(parents=True)
    shutil.copyfile(shared_models / "silero-vad" / "silero_vad.onnx", folder / "onnx" / "model.onnx")
    (folder / "config.json").write_text("{}")
    return tmp_path


def connect(folder):
    return nearside.connect([folder], dtype="fp32")


async def test_features_are_those_of_transformers(arch_models, reference, opened, sound):
    async with connect(arch_models) as client:
        model = await opened(client, "arch/whisper")
    wanted = reference("whisper")["log_mel"]
    made = log_mel(sound, Mel.read(model.json("preprocessor_config.json")))
    assert [1, *made.shape] == wanted["shape"]
    assert made.dtype == np.float32
    assert np.abs(made.ravel()[:: wanted["every"]] - wanted["values"]).max() < 1e-5


async def test_features_of_a_window_of_30_seconds(tiny_models, tiny_reference, opened, shared_models):
    async with connect(tiny_models) as client:
        model = await opened(client, "tiny/whisper")
    audio = np.fromfile(shared_models / SHARED_SOUND, np.float32)
    made = log_mel(audio, Mel.read(model.json("preprocessor_config.json")))
    assert made.shape == (80, 3000)
    assert np.abs(made.ravel()[:3000:7] - tiny_reference["whisper"]["mel"]).max() < 1e-5


@pytest.mark.parametrize("case", [0, 2])  # 1 translates
async def test_whisper_writes_what_pytorch_writes(arch_models, reference, opened, sound, case):
    """Plain, and with times; tokens that may not come are left out by both."""
    wanted = reference("whisper")["cases"][case]
    times = wanted["generate"].get("return_timestamps", False)
    async with connect(arch_models) as client:
        whisper = Whisper(await opened(client, "arch/whisper"))
        prompt, ids = await whisper.write(sound, "en", times, limit=24)
    assert prompt.tolist() == wanted["prompt_ids"]
    assert ids == wanted["greedy"]["ids"]


async def test_the_language_is_the_one_that_pytorch_detects(arch_models, reference, opened, sound):
    async with connect(arch_models) as client:
        model = await opened(client, "arch/whisper")
        prompt, _ = await Whisper(model).write(sound, limit=1)
        made = await client.transcribe(sound, model="arch/whisper")
    wanted = reference("whisper")["detected_language"]
    assert model.tokenizer.decode([int(prompt[1])], special=True) == wanted
    assert f"<|{made.language}|>" == wanted


async def test_whisper_of_the_shared_models(tiny_models, tiny_reference, opened, shared_models):
    audio = np.fromfile(shared_models / SHARED_SOUND, np.float32)
    async with connect(tiny_models) as client:
        prompt, ids = await Whisper(await opened(client, "tiny/whisper")).write(audio, "en", limit=20)
    assert prompt.tolist() == [600, 601, 605, 609]
    assert ids == tiny_reference["whisper"]["gen"]
    assert len(ids) == 20


async def test_moonshine_writes_what_pytorch_writes(arch_models, reference, opened, sound):
    async with connect(arch_models) as client:
        ids = await Moonshine(await opened(client, "arch/moonshine")).write(sound, limit=24)
    assert [1, *ids] == reference("moonshine")["cases"][0]["greedy"]["ids"]


async def test_moonshine_of_the_shared_models(tiny_models, tiny_reference, opened, shared_models):
    audio = np.fromfile(shared_models / SHARED_SOUND, np.float32)
    async with connect(tiny_models) as client:
        ids = await Moonshine(await opened(client, "tiny/moonshine")).write(audio, limit=18)
    assert [1, *ids] == tiny_reference["moonshine"]["gen"]
    assert len(ids) == 18


@pytest.mark.parametrize("name", ["whisper", "moonshine"])
async def test_a_transcript_begins_with_the_reference_s_text(arch_models, reference, sound, name):
    """The limits differ: the reference was cut off after 24 tokens, Moonshine stops after 6.5 a second."""
    pieces = []
    async with connect(arch_models) as client:
        made = await client.transcribe(sound, model=f"arch/{name}", language="en", on_text=pieces.append)
    wanted = reference(name)["cases"][0]["greedy"]["text"].strip()
    size = len(wanted) if name == "whisper" else len(made.text)
    assert size > 5
    assert made.text[: size - 2] == wanted[: size - 2]  # the last letters may be cut off within a character
    assert "".join(pieces) == made.text
    assert made.duration == 1.5
    assert [(one.start, one.end, one.text) for one in made.segments] == [(0, 1.5, made.text)]


async def test_silero_hears_jfk_as_published(silero, opened, jfk):
    """68 % of the frames are above 0.5."""
    async with connect(silero) as client:
        model = await opened(client, "org/silero-vad")
        assert model.kind == "voice"
        made = await spoken(model, jfk)
    assert made.size == -(-jfk.size // FRAME)
    assert (made > 0.5).mean() == pytest.approx(0.68, abs=0.005)
    assert made.max() > 0.999


async def test_silero_hears_nobody_in_noise(silero, opened):
    noise = np.random.default_rng(0).standard_normal(10 * 16_000).astype(np.float32)
    async with connect(silero) as client:
        model = await opened(client, "org/silero-vad")
        for loudness, most in ((0.3, 0.03), (0.05, 0.05), (0.003, 0.15)):
            assert (await spoken(model, noise * np.float32(loudness))).max() < most


async def test_loudness_finds_the_same_speech_as_silero(silero, opened, jfk):
    """A recording with hum between the phrases: nine tenths of the frames are told alike."""
    async with connect(silero) as client:
        by_model = await spoken(await opened(client, "org/silero-vad"), jfk)
    by_loudness = loud(jfk)
    assert ((by_model > 0.5) == (by_loudness > 0.5)).mean() > 0.9
    found = stretches(by_loudness, jfk.size)
    for one in stretches(by_model, jfk.size):
        inside = sum(max(0, min(one.end, other.end) - max(one.start, other.start)) for other in found)
        assert inside > 0.85 * (one.end - one.start)


async def test_the_model_on_the_device_tells_where_somebody_speaks(silero, tiny_models, jfk):
    """A loud tone is speech by its loudness alone; Silero knows better. With speech the text is the same."""
    tone = (0.3 * np.sin(np.arange(3 * 16_000) * 0.2)).astype(np.float32)
    async with nearside.connect([tiny_models, silero], dtype="fp32") as client:
        assert (await client.transcribe(tone, model="tiny/moonshine")).text != ""
        await client.models.preload("org/silero-vad")
        assert (await client.transcribe(tone, model="tiny/moonshine")).text == ""
        assert (await client.transcribe(jfk, model="tiny/moonshine")).text != ""
