"""Sounds as files for others to read."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray


def wav(audio: NDArray[np.float32], rate: int) -> bytes:
    """A WAV file, 16 bits, one channel (RIFF, Microsoft and IBM 1991), of float32 [samples] in -1 to 1; what
    is louder is cut off."""
    data = np.round(np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE")
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
        + struct.pack("<4sI", b"data", len(data))
        + data
    )
