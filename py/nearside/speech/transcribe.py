"""transcribe: what is said in a sound, with the times of its parts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption, NearsideError
from nearside.models.loaded import OpenModel
from nearside.ports.cloud import Cloud
from nearside.speech.far import FarHearing
from nearside.speech.hearing import Hearing
from nearside.speech.moonshine import Moonshine
from nearside.speech.noise import share
from nearside.speech.resample import resample
from nearside.speech.split import pieces
from nearside.speech.vad import RATE, Stretch, loud, spoken, stretches
from nearside.speech.whisper import Whisper
from nearside.tasks.asking import used
from nearside.tasks.options import yes_or_no
from nearside.types import ModelUsed, OnCount, OnText, Segment, Transcript, Usage

MOST_HOURS = 3
RATES = (4000, 768_000)
"""The lowest and the highest rate that a sound may have."""

_LOUDEST = 16.0
"""A sound may go beyond 1 where it was mixed; numbers beyond this were never brought to -1 to 1."""

_LANGUAGE = re.compile(r"([a-z]{2,3})(-[a-z0-9]{2,8})*", re.IGNORECASE)
_UNSPACED = frozenset(("ja", "zh", "yue", "th", "lo", "km", "my", "bo"))
"""Languages that are written without spaces between words."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A checked request: `audio` float32 [samples] at 16 kHz; `duration` in seconds; `noise` as
    `speech.noise` has it."""

    audio: NDArray[np.float32]
    language: str | None
    timestamps: bool
    duration: float
    noise: float | None


class _Models(Protocol):
    async def get(self, model: str) -> OpenModel: ...


class _Choice(Protocol):
    async def near_model(
        self, task: str, kinds: Sequence[Any], fallback: str | None, settings: Any
    ) -> tuple[str | None, str | None]: ...


class _Pipeline(Protocol):
    @property
    def settings(self) -> Any: ...


class Engine(Protocol):
    """What is needed of `engine.core.Core`."""

    @property
    def manager(self) -> _Models:
        """Opens models."""
        ...

    @property
    def choice(self) -> _Choice:
        """Knows which model is for what."""
        ...

    @property
    def pipeline(self) -> _Pipeline:
        """Knows the visitor's settings."""
        ...


def checked(
    audio: object, sample_rate: object, language: object = None, timestamps: object = False
) -> Request:
    """The request, the sound at 16 kHz; or `InvalidInput` / `InvalidOption` that says what is wrong."""
    if not isinstance(audio, np.ndarray):
        raise InvalidInput(
            f"The sound is a {type(audio).__name__}, not an array.", hint="Give a float32 array of samples."
        )
    if audio.ndim != 1:
        raise InvalidInput(
            f"The sound has the shape {audio.shape}: it is not one channel.",
            hint="Take one channel, or the mean of all: audio.mean(axis=1).",
        )
    if audio.dtype not in (np.float32, np.float64):
        raise InvalidInput(
            f"The sound's numbers are {audio.dtype}.",
            hint="Give float32 from -1 to 1; 16-bit samples are divided by 32768 first.",
        )
    rate = _rate(sample_rate)
    if audio.size == 0:
        raise InvalidInput("The sound is empty.", hint="Give at least one sample.")
    if audio.size > MOST_HOURS * 3600 * rate:
        raise InvalidInput(
            f"The sound is {audio.size / rate / 3600:.1f} hours long; the most is {MOST_HOURS}.",
            hint="Cut it into parts.",
        )
    loudest = float(max(audio.max(), -audio.min()))  # without a copy: hours of sound are gigabytes
    loudest = loudest if np.isfinite(audio.min()) else float("nan")
    if not np.isfinite(loudest):
        raise InvalidInput(
            "The sound has samples that are no numbers.", hint="NaN and infinity stand for nothing."
        )
    if loudest > _LOUDEST:
        raise InvalidInput(
            f"The sound's samples go up to {loudest:,.0f}.", hint="Divide 16-bit samples by 32768: -1 to 1."
        )
    plain = resample(np.ascontiguousarray(audio, np.float32), rate, RATE)
    times = yes_or_no(timestamps, "timestamps")
    return Request(plain, _language(language), times, audio.size / rate, share(plain, RATE))


def _rate(given: object) -> int:
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not RATES[0] <= given <= RATES[1]:
        raise InvalidOption(
            f"sample_rate is {given!r:.40}.", hint=f"Give samples a second, {RATES[0]:,} to {RATES[1]:,}."
        )
    return given


def _language(given: object) -> str | None:
    if given is None:
        return None
    match = _LANGUAGE.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise InvalidOption(f"language is {given!r:.40}.", hint='Give a code, such as "en" or "fr".')
    return match[1].lower()


async def near(
    core: Engine,
    model: OpenModel,
    request: Request,
    on_progress: OnCount | None = None,
    on_text: OnText | None = None,
) -> Transcript:
    """What a Whisper or a Moonshine on this device hears. Where somebody speaks is found by a voice activity
    model, if the device has one, else by loudness. `on_progress` counts seconds of sound, `on_text` hears the
    text as it is written. A sound without speech has an empty transcript.

    Raises `InvalidOption` for a language that the model does not know, and what `Lane.run` raises."""
    hearing: Hearing = Whisper(model) if model.config.get("model_type") == "whisper" else Moonshine(model)
    hearing.check(request.language)
    return await _transcript(
        hearing, model.used, await _voice(core, request.audio), request, on_progress, on_text
    )


async def far(cloud: Cloud, alias: str, request: Request) -> Transcript:
    """What a far model hears, in pieces of 30 seconds at most; silence is not sent. Raises as `Cloud.stream`;
    `CloudFailed` when the answer is not what was asked for."""
    return await _transcript(FarHearing(cloud, alias), used(alias), loud(request.audio), request, None, None)


async def _transcript(
    hearing: Hearing,
    model: ModelUsed,
    probabilities: NDArray[np.float32],
    request: Request,
    on_progress: OnCount | None,
    on_text: OnText | None,
) -> Transcript:
    """The sound piece by piece, the pieces put together."""
    audio = request.audio
    speech = stretches(probabilities, audio.size)
    pause = None if hearing.pause is None else round(hearing.pause * RATE)
    parts = pieces(speech, probabilities, audio.size, int(hearing.window * RATE), pause)
    text, found, usage = "", list[Segment](), Usage(0, 1, 0)
    language = request.language
    whole = max(1, round(request.duration))
    for part in parts:
        tell = None if on_text is None else _joined(on_text, bool(text) and language not in _UNSPACED)
        heard = await hearing.hear(audio[part.start : part.end], language, request.timestamps, tell)
        language = heard.language or language
        space = " " if text and heard.text and language not in _UNSPACED else ""
        text += space + heard.text
        at = part.start / RATE
        found += [Segment(one.text, at + one.start, at + one.end) for one in heard.segments]
        if heard.text and not heard.segments:
            found.append(Segment(heard.text, *_around(part, speech)))
        usage = Usage(usage.tokens + heard.read, 1, 0, usage.written + heard.written)
        if on_progress is not None and part.end < audio.size:
            on_progress(min(whole - 1, part.end // RATE), whole)
    if on_progress is not None:
        on_progress(whole, whole)
    return Transcript(text, tuple(found), language, request.duration, usage, model)


def _joined(tell: OnText, spaced: bool) -> OnText:
    """`tell`, with a space before the first piece when `spaced`."""
    begun = not spaced

    def add(piece: str) -> None:
        nonlocal begun
        tell(piece if begun else f" {piece}")
        begun = True

    return add


def _around(part: Stretch, speech: Sequence[Stretch]) -> tuple[float, float]:
    """From where to where somebody speaks in a part, in seconds."""
    inside = [one for one in speech if one.end > part.start and one.start < part.end]
    return max(part.start, inside[0].start) / RATE, min(part.end, inside[-1].end) / RATE


async def _voice(core: Engine, audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """How likely somebody speaks in each frame."""
    name, _ = await core.choice.near_model("voice", ("voice",), None, core.pipeline.settings)
    if name is not None:
        # Should it not be there after all, loudness does as well for most sounds.
        with contextlib.suppress(NearsideError):
            model = await core.manager.get(name)
            if model.kind == "voice":
                return await spoken(model, audio)
    return loud(audio)
