"""The device report: facts in a fixed shape, and what they mean for running models here, in plain sentences.

Nothing is guessed: what a probe could not find out is None in the report and "unknown" in the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# The report's shape: a name with None takes a fact as it is, one with names inside an object of them.
_SHAPE: dict[str, dict[str, None] | None] = {
    "browser": {"name": None, "version": None},
    "formFactor": None,
    "cores": None,
    "memoryGiB": None,
    "secure": None,
    "isolated": None,
    "webgpu": None,
    "adapter": dict.fromkeys(
        ("vendor", "architecture", "device", "description", "fallback", "features", "limits")
    ),
    "wasm": dict.fromkeys(("simd", "relaxedSimd", "threads", "jspi", "memory64")),
    "storage": dict.fromkeys(("indexeddb", "opfs", "serviceWorker", "quota", "used", "persisted")),
    "connection": dict.fromkeys(("metered", "saveData", "effectiveType")),
    "builtinAI": dict.fromkeys(("prompt", "summarizer", "translator", "languageDetector")),
}
_WHOLE = (
    "browser",
    "adapter",
    "connection",
)  # objects that are None as a whole when nothing is known of them

Meaning = tuple[str, str]
"""(level, sentence); level: "good", "ok", "limit" or "unknown"."""


def report(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A probe's facts (see `ports.probe`) as the report of `device()`: every field is there, None where
    unknown, and `means`: [{topic, level, text}]. Fields that the report does not have are dropped."""
    made: dict[str, Any] = {}
    for name, inside in _SHAPE.items():
        given = facts.get(name)
        if inside is None:
            made[name] = given
        elif isinstance(given, Mapping):
            made[name] = {key: given.get(key) for key in inside}
        else:
            made[name] = None if name in _WHOLE else dict(inside)
    means = [(topic, rule(made)) for topic, rule in _RULES]
    made["means"] = [{"topic": topic, "level": level, "text": text} for topic, (level, text) in means]
    return made


def _processor(report: Mapping[str, Any]) -> Meaning:
    cores, simd = report["cores"], report["wasm"]["simd"]
    if simd is False:
        return "limit", (
            "The browser lacks fast arithmetic (WebAssembly SIMD), without which models cannot run here. "
            "A newer browser has it."
        )
    if cores is None:
        return "unknown", "The browser does not say how many processor cores there are."
    if cores == 1:
        return "limit", "There is one processor core: models run, but long jobs slow the device down."
    if cores < 4:
        return (
            "ok",
            f"There are {cores} processor cores: small models answer quickly, long jobs take a while.",
        )
    return (
        "good",
        f"There are {cores} processor cores: small models answer quickly, and long jobs share the cores.",
    )


def _graphics(report: Mapping[str, Any]) -> Meaning:
    adapter = report["adapter"]
    if report["webgpu"] is None:
        return "unknown", "It is not known whether models can use the graphics processor."
    if report["webgpu"] is False:
        why = "" if report["secure"] is not False else " because the connection is not secure (https)"
        return "ok", (
            f"The browser gives no access to the graphics processor (WebGPU){why}. "
            "Small models do well without it; large ones would be slow."
        )
    if adapter is None:
        return (
            "ok",
            "The browser knows WebGPU, but offers no graphics processor. Models use the main processor.",
        )
    if adapter["fallback"]:
        return "ok", (
            "There is only a software stand-in for a graphics processor, slower than the main processor. "
            "Models use the main processor."
        )
    if "shader-f16" in (adapter["features"] or ()):
        return (
            "good",
            "Models can use the graphics processor, also at half precision, which halves their size.",
        )
    return "good", "Models can use the graphics processor, at full precision only."


def _threads(report: Mapping[str, Any]) -> Meaning:
    threads, isolated = report["wasm"]["threads"], report["isolated"]
    if threads is None or isolated is None:
        return "unknown", "It is not known whether one model may use several cores at once."
    if threads and isolated:
        return "good", "One model could use several cores at once; texts are worked on side by side instead."
    return "ok", "One model uses one core at a time; several texts are still worked on side by side."


def _memory(report: Mapping[str, Any]) -> Meaning:
    memory = report["memoryGiB"]
    hand_held = report["formFactor"] in ("phone", "tablet")
    care = " Phones and tablets close pages that use much of it, so prefer small models." if hand_held else ""
    if memory is None:
        return "unknown", "The browser does not say how much memory there is." + care
    shown = f"{memory:g} GB of memory"
    if memory < 4:
        return "limit", f"About {shown}: enough for small models only." + care
    if memory < 8 or hand_held:
        return "ok", f"About {shown}: enough for small and middle-sized models." + care
    return "good", f"At least {shown}: also larger models have room."


def _storage(report: Mapping[str, Any]) -> Meaning:
    storage = report["storage"]
    if storage["indexeddb"] is False:
        return (
            "limit",
            "The browser does not let this page store anything: models are fetched again at every visit.",
        )
    room = ""
    if storage["quota"] is not None:
        room = f" There is room for about {_size(max(storage['quota'] - (storage['used'] or 0), 0))}."
    if storage["indexeddb"] is None:
        return "unknown", "It is not known whether models can be stored." + room
    if storage["persisted"]:
        return "good", "Stored models stay until you delete them." + room
    if storage["persisted"] is None:
        return "ok", "Models are stored; it is not known whether the browser keeps them for good." + room
    return "ok", "Models are stored, but the browser may remove them when the disk gets full." + room


def _offline(report: Mapping[str, Any]) -> Meaning:
    worker, stored = report["storage"]["serviceWorker"], report["storage"]["indexeddb"]
    if report["secure"] is False:
        return (
            "limit",
            "The connection is not secure (https), so the browser does not let this page work offline.",
        )
    if worker is False or stored is False:
        return "limit", "The browser does not let this page keep what it needs to work offline."
    if worker is None or stored is None:
        return "unknown", "It is not known whether this page works offline here."
    return "good", "After the first visit this page works without a network."


def _network(report: Mapping[str, Any]) -> Meaning:
    connection = report["connection"]
    if connection is None or all(value is None for value in connection.values()):
        return "unknown", "The browser does not say whether the network is slow or costs money."
    if connection["saveData"]:
        return "limit", "Data saving is on: models are fetched only when you ask for them."
    if connection["metered"]:
        return "limit", "The network may charge by volume: look at a model's size before you fetch it."
    if connection["effectiveType"] in ("slow-2g", "2g", "3g"):
        return "limit", "The network is slow: fetching a model takes a while, once."
    return "good", "The browser reports nothing that speaks against fetching a model now."


_AI_NAMES = {
    "prompt": "answering",
    "summarizer": "summaries",
    "translator": "translation",
    "languageDetector": "language detection",
}


def _builtin(report: Mapping[str, Any]) -> Meaning:
    found = [text for name, text in _AI_NAMES.items() if report["builtinAI"][name]]
    if found:
        return "ok", f"The browser has AI of its own ({', '.join(found)}). Nothing here depends on it."
    if all(value is None for value in report["builtinAI"].values()):
        return "unknown", "It is not known whether the browser has AI of its own. Nothing here depends on it."
    return "ok", "The browser has no AI of its own. Nothing here depends on it."


def _size(count: int) -> str:
    """A number of bytes for a person, in decimal units."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count / 1000:.0f} kB"


_RULES: tuple[tuple[str, Callable[[Mapping[str, Any]], Meaning]], ...] = (
    ("processor", _processor),
    ("graphics", _graphics),
    ("threads", _threads),
    ("memory", _memory),
    ("storage", _storage),
    ("offline", _offline),
    ("network", _network),
    ("builtinAI", _builtin),
)
