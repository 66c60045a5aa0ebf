"""The device report: every field, nothing guessed, and sentences that follow from the facts."""

import json

import pytest

from nearside.device import report

DESKTOP = {
    "browser": {"name": "Firefox", "version": "153.7"},
    "formFactor": "desktop",
    "cores": 8,
    "memoryGiB": 16,
    "secure": True,
    "isolated": True,
    "webgpu": True,
    "adapter": {
        "vendor": "intel",
        "architecture": "gen-12lp",
        "device": "",
        "description": "",
        "fallback": False,
        "features": ["shader-f16"],
        "limits": {"maxBufferSize": 2**31},
    },
    "wasm": {"simd": True, "relaxedSimd": True, "threads": True, "jspi": False, "memory64": True},
    "storage": {
        "indexeddb": True,
        "opfs": True,
        "serviceWorker": True,
        "quota": 10_000_000_000,
        "used": 24_000_000,
        "persisted": True,
    },
    "connection": {"metered": False, "saveData": False, "effectiveType": "4g"},
    "builtinAI": {"prompt": False, "summarizer": False, "translator": False, "languageDetector": False},
}


def meaning(topic, **facts):
    """Return level and text of one topic for the desktop with some facts (or leaves of them) changed."""
    changed = {}
    for name, value in {**DESKTOP, **facts}.items():
        merge = isinstance(value, dict) and isinstance(DESKTOP[name], dict)
        changed[name] = {**DESKTOP[name], **value} if merge else value
    means = {item["topic"]: item for item in report(changed)["means"]}
    return means[topic]["level"], means[topic]["text"]


def shape(value):
    """Return the names in a report, without its values."""
    if isinstance(value, dict):
        return {name: shape(inside) for name, inside in value.items()}
    return None


def test_all_facts_are_passed_on():
    made = report(DESKTOP)
    made.pop("means")
    assert made == DESKTOP


def test_a_report_of_nothing_has_every_field_and_claims_nothing():
    made = report({})
    full = shape(report(DESKTOP))
    assert set(made) == set(full)
    for name in ("wasm", "storage", "builtinAI"):
        assert shape(made[name]) == full[name]
    assert made["browser"] is made["adapter"] is made["connection"] is None
    levels = {item["level"] for item in made["means"]}
    assert levels == {"unknown"}
    assert not any(sign.isdigit() for item in made["means"] for sign in item["text"])


def test_facts_that_no_field_is_for_are_dropped():
    made = report({"cores": 2, "serialNumber": "x", "wasm": {"simd": True, "secret": 1}, "adapter": "NVIDIA"})
    assert "serialNumber" not in json.dumps(made)
    assert made["wasm"] == {
        "simd": True,
        "relaxedSimd": None,
        "threads": None,
        "jspi": None,
        "memory64": None,
    }
    assert made["adapter"] is None


def test_every_sentence_is_one_that_a_person_can_read():
    for facts in ({}, DESKTOP, {"secure": False, "cores": 1}):
        for item in report(facts)["means"]:
            assert item["level"] in ("good", "ok", "limit", "unknown")
            assert item["text"].endswith(".")
            assert "None" not in item["text"]
            assert "  " not in item["text"]


@pytest.mark.parametrize(
    ("topic", "facts", "level", "part"),
    [
        ("processor", {"cores": 8}, "good", "8 processor cores"),
        ("processor", {"cores": 4}, "good", "4 processor cores"),
        ("processor", {"cores": 3}, "ok", "3 processor cores"),
        ("processor", {"cores": 1}, "limit", "one processor core"),
        ("processor", {"cores": None}, "unknown", "does not say"),
        ("processor", {"wasm": {"simd": False}}, "limit", "cannot run"),
        ("processor", {"wasm": {"simd": None}}, "good", "8 processor cores"),
        ("graphics", {}, "good", "half precision"),
        ("graphics", {"adapter": {"features": []}}, "good", "full precision only"),
        ("graphics", {"adapter": {"features": None}}, "good", "full precision only"),
        ("graphics", {"adapter": {"fallback": True}}, "ok", "software stand-in"),
        ("graphics", {"adapter": None}, "ok", "offers no graphics processor"),
        ("graphics", {"webgpu": False, "adapter": None}, "ok", "(WebGPU). Small"),
        ("graphics", {"webgpu": False, "adapter": None, "secure": False}, "ok", "not secure"),
        ("graphics", {"webgpu": None, "adapter": None}, "unknown", "not known"),
        ("threads", {}, "good", "several cores"),
        ("threads", {"isolated": False}, "ok", "one core at a time"),
        ("threads", {"wasm": {"threads": None}}, "unknown", "not known"),
        ("memory", {"memoryGiB": 8}, "good", "8 GB"),
        ("memory", {"memoryGiB": 4}, "ok", "4 GB"),
        ("memory", {"memoryGiB": 2}, "limit", "2 GB"),
        ("memory", {"memoryGiB": 0.5}, "limit", "0.5 GB"),
        ("memory", {"memoryGiB": 8, "formFactor": "phone"}, "ok", "Phones and tablets"),
        ("memory", {"memoryGiB": None, "formFactor": "tablet"}, "unknown", "Phones and tablets"),
        (
            "memory",
            {"memoryGiB": None, "formFactor": None},
            "unknown",
            "does not say how much memory there is.",
        ),
        ("storage", {}, "good", "about 10.0 GB"),
        ("storage", {"storage": {"persisted": False}}, "ok", "may remove them"),
        ("storage", {"storage": {"persisted": None}}, "ok", "not known whether the browser keeps"),
        ("storage", {"storage": {"indexeddb": False}}, "limit", "at every visit"),
        ("storage", {"storage": {"indexeddb": None}}, "unknown", "about 10.0 GB"),
        ("storage", {"storage": {"quota": None}}, "good", "until you delete them."),
        ("storage", {"storage": {"quota": 20_000_000, "used": 30_000_000}}, "good", "about 0 kB"),
        ("storage", {"storage": {"quota": 500_000_000, "used": None}}, "good", "about 500 MB"),
        ("offline", {}, "good", "without a network"),
        ("offline", {"secure": False}, "limit", "not secure"),
        ("offline", {"storage": {"serviceWorker": False}}, "limit", "does not let"),
        ("offline", {"storage": {"indexeddb": False}}, "limit", "does not let"),
        ("offline", {"storage": {"serviceWorker": None}}, "unknown", "not known"),
        ("network", {}, "good", "nothing that speaks against"),
        ("network", {"connection": None}, "unknown", "does not say"),
        ("network", {"connection": dict.fromkeys(DESKTOP["connection"])}, "unknown", "does not say"),
        ("network", {"connection": {"saveData": True}}, "limit", "Data saving"),
        ("network", {"connection": {"metered": True}}, "limit", "by volume"),
        ("network", {"connection": {"effectiveType": "3g"}}, "limit", "slow"),
        ("builtinAI", {}, "ok", "no AI of its own"),
        ("builtinAI", {"builtinAI": {"summarizer": True, "prompt": True}}, "ok", "(answering, summaries)"),
        ("builtinAI", {"builtinAI": dict.fromkeys(DESKTOP["builtinAI"])}, "unknown", "not known"),
    ],
)
def test_meaning(topic, facts, level, part):
    found = meaning(topic, **facts)
    assert found[0] == level
    assert part in found[1]
