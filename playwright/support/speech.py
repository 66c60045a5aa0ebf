"""What the engine in CPython hears: JSON in, JSON out.

In: {"models": folder in hub layout, "audio": WAV file of 16 bits, "calls": [options of `transcribe`]}.
Out: for each call the page's answer: {"text", "segments", "language", ...}.
"""

from __future__ import annotations

import asyncio
import json
import sys
import wave
from typing import Any

import numpy as np

import nearside
from nearside.wire.page import dispatch


async def answer(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Run what was asked."""
    with wave.open(asked["audio"]) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768)
        audio = samples.reshape(-1, file.getnchannels()).mean(axis=1, dtype=np.float32)
        rate = file.getframerate()
    async with nearside.connect([asked["models"]], dtype="fp32") as client:
        return [
            await dispatch(client, "transcribe", {"audio": audio, "sampleRate": rate, **call})
            for call in asked["calls"]
        ]


if __name__ == "__main__":
    json.dump(asyncio.run(answer(json.load(sys.stdin))), sys.stdout)
