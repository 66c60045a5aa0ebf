"""The port to the far side: the proxy's OpenAI-shaped endpoints. No keys pass here; the proxy holds them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class CloudModel:
    """A far model as the proxy offers it. `context_window` and `max_output_tokens` in tokens; prices in
    nano-dollars per token; None where the operator did not say."""

    alias: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_price: int | None = None
    output_price: int | None = None


@dataclass(frozen=True, slots=True)
class CloudRequest:
    """One chat completion: `messages` and `parameters` (temperature, max_tokens, stop, ...) in OpenAI's
    shape."""

    alias: str
    messages: Sequence[Mapping[str, Any]]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CloudDelta:
    """A piece of an answer as it comes. The last ones have the `finish_reason` ("stop", "length", ...) and
    the tokens that the provider counted."""

    text: str = ""
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class Cloud(Protocol):
    """The far side. Both calls raise `Offline` when it cannot be reached."""

    async def models(self) -> Sequence[CloudModel]:
        """What the proxy offers, its default first; empty when no provider is connected."""
        ...

    def stream(self, request: CloudRequest) -> AsyncGenerator[CloudDelta, None]:
        """The answer piece by piece. Leaving the iterator early (or cancellation) ends the request upstream.

        Raises `NoProvider`, `CloudRefused`, `RateLimited`; `CloudFailed` when the provider fails or the
        stream ends before it is complete."""
        ...
