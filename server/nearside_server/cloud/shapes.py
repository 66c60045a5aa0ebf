"""What a page may ask for, and what of a provider's answer goes back: nothing but what is named here.

Requests with any other field, at any depth, are refused: a field that is not understood here could name an
address, a key or a header to whoever comes after.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from nearside_server.cloud.errors import BadCall
from nearside_server.cloud.providers import Model

_FINISH_REASONS = frozenset(("stop", "length", "content_filter", "tool_calls", "function_call"))
_UNKNOWN_FIELD = re.compile(r"unknown field `([A-Za-z0-9_]{1,40})`")
_MISSING_FIELD = re.compile(r"missing required field `(\w+)`")
_PLACE = re.compile(r"at `\$\.?([A-Za-z0-9_.\[\]]{1,80})`$")

Penalty = Annotated[float, Meta(ge=-2, le=2)]
Count = Annotated[int, Meta(ge=1, le=100_000_000)]
StopText = Annotated[str, Meta(max_length=1000)]

# Base64 characters: 40 seconds of 16 kHz in 16 bits. The engine sends 30 at a time.
LONGEST_SOUND = 40 * 32_000 * 4 // 3


class TextPart(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="text"):
    """A part of a message's content that is text."""

    text: str


class Sound(Struct, frozen=True, forbid_unknown_fields=True):
    """A sound, as a file in base64."""

    data: Annotated[str, Meta(min_length=1, max_length=LONGEST_SOUND, pattern=r"^[A-Za-z0-9+/]+={0,2}\Z")]
    format: Literal["wav"]


class SoundPart(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="input_audio"):
    """A part of a message's content that is a sound."""

    input_audio: Sound


Parts = Annotated[list[TextPart | SoundPart], Meta(min_length=1, max_length=1000)]


class Message(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Parts
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_\-]{1,64}$")] | None = None


class StreamOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a stream ends with the tokens that were counted."""

    include_usage: bool = False


class ResponseFormat(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the answer must be JSON."""

    type: Literal["text", "json_object"]


class Call(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request for a chat completion."""

    model: str
    messages: Annotated[list[Message], Meta(min_length=1, max_length=2000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    seed: Annotated[int, Meta(ge=-(2**53), le=2**53)] | None = None
    stop: StopText | Annotated[list[StopText], Meta(max_length=16)] | None = None
    n: Literal[1] | None = None
    response_format: ResponseFormat | None = None


_PASSED = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "stop", "response_format")
_calls = msgspec.json.Decoder(Call)
_encoder = msgspec.json.Encoder()


def read_call(body: bytes) -> Call:
    """Return the request that a body holds; raises BadCall, whose message quotes no value."""
    try:
        return _calls.decode(body)
    except msgspec.ValidationError as error:
        raise BadCall(_complaint(str(error))) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadCall("The body is not JSON.") from None


def upstream_body(call: Call, model: Model) -> bytes:
    """Return what the provider is sent: its own name for the model, and never more tokens than allowed."""
    body: dict[str, Any] = {"model": model.model, "messages": call.messages}
    body.update({name: value for name in _PASSED if (value := getattr(call, name)) is not None})
    limits = (call.max_completion_tokens, call.max_tokens, model.max_output_tokens)
    given = [limit for limit in limits if limit is not None]
    if given:
        body[model.max_tokens_name] = min(given)
    body["stream"] = bool(call.stream)
    if call.stream:
        # Always asked for, so that an answer's cost is known; passed on only when the caller asked too.
        body["stream_options"] = {"include_usage": True}
    return _encoder.encode(body)


def _complaint(text: str) -> str:
    """Return a validation error without any value in it."""
    unknown, missing, place = (pattern.search(text) for pattern in (_UNKNOWN_FIELD, _MISSING_FIELD, _PLACE))
    where = f" in {place[1]}" if place else ""
    if unknown:
        return f"The field {unknown[1]!r}{where} is not passed on."
    if missing:
        return f"The field {missing[1]!r}{where} is missing."
    return (
        f"The value of {place[1]} cannot be used." if place else "The body is not a chat completion request."
    )


class _Said(Struct, frozen=True):
    """A message or a delta as a provider sends it."""

    content: str | None = None
    refusal: str | None = None


class _Choice(Struct, frozen=True):
    """One of a provider's answers."""

    index: int = 0
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None


class Reply(Struct, frozen=True):
    """A whole answer or a piece of one, as a provider sends it; other fields are not looked at."""

    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None

    @property
    def choice(self) -> _Choice | None:
        """The answer; only one was asked for."""
        return next((choice for choice in self.choices or () if choice.index == 0), None)


class Usage(Struct, frozen=True):
    """Tokens as the provider counted them."""

    prompt_tokens: Annotated[int, Meta(ge=0)]
    completion_tokens: Annotated[int, Meta(ge=0)] = 0
    total_tokens: Annotated[int, Meta(ge=0)] | None = None

    def to_wire(self) -> dict[str, int]:
        """Return the three figures."""
        total = self.prompt_tokens + self.completion_tokens
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": total if self.total_tokens is None else self.total_tokens,
        }


read_reply = msgspec.json.Decoder(Reply).decode
encode = _encoder.encode


def read_usage(value: Any) -> Usage | None:
    """Return what a provider counted, None when it makes no sense."""
    try:
        return msgspec.convert(value, Usage)
    except msgspec.ValidationError:
        return None


def finish_reason(value: str | None) -> str | None:
    """Return why the answer ended, in OpenAI's words; what else a provider may say is a plain end."""
    return value if value is None or value in _FINISH_REASONS else "stop"
