"""What a model is for, read from its config.json and its graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.errors import UnsupportedModel
from nearside.models.purpose import SPEECH, Kind, architecture, named
from nearside.ports.runtime import ModelInfo

KINDS: Mapping[Kind, str] = {
    "embed": "embeddings",
    "classify": "classification",
    "entities": "entities",
    "answer": "extractive question answering",
    "mask": "words for gaps",
    "seq2seq": "summaries and translation",
    "speech": "speech to text",
    "generate": "writing",
    "voice": "voice activity",
}
"""Each kind in words."""

SUPPORTED: Mapping[Kind, frozenset[str]] = {
    "seq2seq": frozenset(("bart", "t5", "mt5", "marian", "m2m_100", "mbart", "pegasus")),
    "speech": SPEECH,
    "generate": frozenset(
        [
            "llama",
            "qwen2",
            "qwen3",
            "mistral",
            "smollm3",
            "gemma",
            "gemma2",
            "gemma3_text",
            "phi",
            "phi3",
            "granite",
            "olmo",
            "olmo2",
            "gpt2",
            "gpt_neox",
            "stablelm",
        ]
    ),
}
"""The `model_type`s whose decoding is known. A model with a head on an encoder needs none: whatever takes
token ids (and a mask, and token types) and gives the head's outputs is run."""

__all__ = ["KINDS", "SUPPORTED", "Kind", "kind_of", "supported"]

_TEXT_INPUTS = frozenset(("input_ids", "attention_mask", "token_type_ids", "position_ids"))
_VECTORS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
_OUTPUTS: Mapping[Kind, tuple[str, ...]] = {
    "classify": ("logits",),
    "entities": ("logits",),
    "answer": ("start_logits", "end_logits"),
    "mask": ("logits",),
}


def kind_of(info: ModelInfo, config: Mapping[str, Any]) -> Kind:
    """What a model is for.

    Raises `UnsupportedModel` for an architecture that is not known here, naming it and those that are, and
    for graphs whose inputs and outputs are not what the architecture says."""
    name = architecture(config)
    kind = named(name, str(config.get("model_type", ""))) or _from_graphs(info)
    if kind is None or (kind == "embed" and not any(output in info.outputs for output in _VECTORS)):
        # Exports of a bare encoder carry its class's name whatever head was put on it.
        kind = _from_graphs(info)
    if kind is None:
        raise UnsupportedModel(
            f"{info.id} does not turn a text into a vector, and it is not of a kind that is known here"
            f"{f' ({name})' if name else ''}: its graph takes {', '.join(info.inputs)} "
            f"and gives {', '.join(info.outputs)}.",
            hint=supported(),
        )
    _check(kind, info, config, name)
    return kind


def supported() -> str:
    """What runs, in words, for a hint."""
    decoders = "; ".join(f"{KINDS[kind]}: {', '.join(sorted(types))}" for kind, types in SUPPORTED.items())
    heads = ", ".join(KINDS[kind] for kind in ("embed", "classify", "entities", "answer"))
    return f"Supported are encoders for {heads}; {decoders}."


def _from_graphs(info: ModelInfo) -> Kind | None:
    inputs, outputs = set(info.inputs), set(info.outputs)
    if {"input", "state", "sr"} <= inputs:
        return "voice"
    if "encoder" in info.graphs:
        return "speech" if "input_ids" not in info.graphs["encoder"].inputs else "seq2seq"
    if any(name.startswith("past_key_values.") for name in inputs):
        return "generate"
    if {"start_logits", "end_logits"} <= outputs:
        return "answer"
    if "input_ids" in inputs and inputs <= _TEXT_INPUTS and any(name in outputs for name in _VECTORS):
        return "embed"
    return None


def _check(kind: Kind, info: ModelInfo, config: Mapping[str, Any], name: str) -> None:
    known = SUPPORTED.get(kind)
    model_type = str(config.get("model_type", ""))
    if known is not None and model_type and model_type not in known:
        raise UnsupportedModel(
            f"{info.id} is of the architecture {name or model_type} ({model_type}), which is not supported.",
            hint=supported(),
        )
    text = kind in ("embed", "classify", "entities", "answer", "mask")
    if text and ("input_ids" not in info.inputs or not _TEXT_INPUTS.issuperset(info.inputs)):
        raise UnsupportedModel(
            f"{info.id} does not turn a text into {'a vector' if kind == 'embed' else KINDS[kind]}: its "
            f"graph takes {', '.join(info.inputs)} and gives {', '.join(info.outputs)}.",
            hint=supported(),
        )
    missing = [output for output in _OUTPUTS.get(kind, ()) if output not in info.outputs]
    if missing:
        raise UnsupportedModel(
            f"{info.id} says that it is {name}, but its graph gives no {' and no '.join(missing)}.",
            hint=supported(),
        )
    if kind in ("seq2seq", "speech") and "encoder" not in info.graphs:
        raise UnsupportedModel(
            f"{info.id} has no encoder beside its decoder: its files are not named as in hub repositories.",
            hint="It needs onnx/encoder_model.onnx and onnx/decoder_model_merged.onnx.",
        )
