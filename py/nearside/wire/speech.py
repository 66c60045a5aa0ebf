"""The page's call for speech to text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.engine.client import Client
from nearside.wire.call import Call, Method, task
from nearside.wire.shapes_models import transcript


async def _transcribe(client: Client, call: Call) -> dict[str, Any]:
    """`audio` is a numpy array by now: sounds cross as buffers (see `platform.browser.door`)."""
    result = await client.transcribe(
        call["audio"],
        sample_rate=call.get("sampleRate", 16_000),
        language=call.get("language"),
        timestamps=call.get("timestamps", False),
        on_progress=call.count(),
        on_text=call.text(),
        **call.options,
    )
    return transcript(result)


METHODS: Mapping[str, Method] = {
    "transcribe": task(_transcribe, ("audio",), ("sampleRate", "language", "timestamps")),
}
