"""The port to what can be found out about the device. Facts only; `nearside.device` says what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Probe(Protocol):
    """Asks the browser or the operating system."""

    async def facts(self) -> Mapping[str, Any]:
        """Raw facts; any leaf may be None or absent (unknown), never a guess:

        {browser: {name, version}, formFactor: "desktop" | "phone" | "tablet", cores, memoryGiB, secure,
        isolated, webgpu, adapter: {vendor, architecture, device, description, fallback, features: [...],
        limits: {...}}, wasm: {simd, relaxedSimd, threads, jspi, memory64},
        storage: {indexeddb, opfs, serviceWorker, quota, used, persisted} (bytes),
        connection: {metered, saveData, effectiveType},
        builtinAI: {prompt, summarizer, translator, languageDetector}}"""
        ...
