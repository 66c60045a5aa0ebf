"""What the proxy's endpoints say, in OpenAI's shapes: model list, streamed completions, errors."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from nearside.errors import BY_CODE, CloudFailed, CloudRefused, NearsideError, NoProvider, RateLimited
from nearside.ports.cloud import CloudDelta, CloudModel, CloudRequest
from nearside.wire.sse import Events

MODELS = "/v1/models"
COMPLETIONS = "/v1/chat/completions"

_LONGEST = 300  # characters of a message
_FAR_CODES = {NoProvider.code, CloudRefused.code, RateLimited.code, CloudFailed.code}


def body(request: CloudRequest) -> str:
    """The JSON of a completion request: always streamed, always with usage."""
    return json.dumps(
        {
            **request.parameters,
            "model": request.alias,
            "messages": list(request.messages),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )


def models(text: str) -> list[CloudModel]:
    """The models in an answer of `/v1/models`. Raises `CloudFailed` for anything else."""
    try:
        return [_model(item) for item in json.loads(text)["data"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CloudFailed("The proxy's list of models cannot be read.") from error


def _model(item: Mapping[str, Any]) -> CloudModel:
    ours = item.get("nearside") or {}
    return CloudModel(
        alias=str(item["id"]),
        context_window=_whole(ours.get("context_window")),
        max_output_tokens=_whole(ours.get("max_output_tokens")),
        input_price=_whole(ours.get("input_price")),
        output_price=_whole(ours.get("output_price")),
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


async def deltas(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[CloudDelta, None]:
    """The deltas of a streamed completion. Raises `CloudFailed` when it ends before its [DONE], or holds what
    is no chunk, and the error that is sent in it."""
    events = Events()
    async for piece in pieces:
        for data in events.feed(piece):
            if data == "[DONE]":
                return
            yield _delta(data)
    raise CloudFailed("The cloud's answer broke off.")


def _delta(data: str) -> CloudDelta:
    try:
        chunk = json.loads(data)
        if "error" in chunk:
            raise failure(502, data)
        choice: Mapping[str, Any] = next(iter(chunk.get("choices") or ()), {})
        usage = chunk.get("usage") or {}
        return CloudDelta(
            text=(choice.get("delta") or {}).get("content") or "",
            finish_reason=choice.get("finish_reason"),
            input_tokens=_whole(usage.get("prompt_tokens")),
            output_tokens=_whole(usage.get("completion_tokens")),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise CloudFailed("The cloud sent what is no part of an answer.") from error


def failure(status: int, text: str) -> NearsideError:
    """The typed error for a refusal: the one that our proxy names, else what the status says. Another
    server's words are not passed on: they may quote what was asked."""
    code, message, hint, retryable = None, "", None, None
    try:
        fields = json.loads(text)["error"]
        code = fields.get("code")
        if fields.get("fallback") == "local":  # only our proxy says this
            message, hint = str(fields.get("message") or "")[:_LONGEST], fields.get("hint")
            retryable = fields.get("retryable")
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # no error of OpenAI's shape
    message = message or f"The far side answered {status}."
    if code in _FAR_CODES:
        kind = BY_CODE[code]
    elif status == 429:
        kind = RateLimited
    else:
        kind = CloudRefused if 400 <= status < 500 else CloudFailed
    return kind(
        message,
        hint=hint if isinstance(hint, str) else None,
        retryable=retryable if isinstance(retryable, bool) else None,
    )
