"""What a model is for, told by its files alone: before anything of it was fetched or opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

Kind = Literal["embed", "classify", "entities", "answer", "mask", "seq2seq", "speech", "generate", "voice"]
"""What comes out of a model: a vector; labels of a text; a label for each token; a place in a context; words
for a gap; a text from a text; a text from sound; a text that goes on; whether somebody speaks."""

SPEECH = frozenset(("whisper", "moonshine"))
"""The `model_type`s that hear, whose classes have the names of those that read."""

_TRANSLATORS = frozenset(("marian", "m2m_100", "mbart", "nllb"))

_HEADS: tuple[tuple[str, Kind], ...] = (
    ("ForSequenceClassification", "classify"),
    ("ForTokenClassification", "entities"),
    ("ForQuestionAnswering", "answer"),
    ("ForMaskedLM", "mask"),
    ("ForCausalLM", "generate"),
    ("LMHeadModel", "generate"),
    ("ForConditionalGeneration", "seq2seq"),
    ("MTModel", "seq2seq"),
    ("Model", "embed"),
)

_TASKS: Mapping[Kind, str] = {
    "embed": "embed",
    "entities": "extractEntities",
    "answer": "answer",
    "speech": "transcribe",
    "voice": "voice",
}


def architecture(config: Mapping[str, Any]) -> str:
    """The class that a config.json names, "" where it names none."""
    names = config.get("architectures")
    return str(names[0]) if isinstance(names, list) and names else ""


def named(name: str, model_type: str) -> Kind | None:
    """What the name of a class says."""
    if model_type in SPEECH:
        return "speech"
    return next((kind for ending, kind in _HEADS if name.endswith(ending)), None)


def task_of(config: Mapping[str, Any], files: Collection[str], template: bool) -> str | None:
    """The task whose default the model may be, from its config.json and the paths of its `files`; None where
    that does not say. `template`: it has a chat template, without which a model that writes does not chat."""
    if "1_Pooling/config.json" in files or "modules.json" in files or "sentence_bert_config.json" in files:
        return "embed"
    if "config.json" not in files and not any(path.startswith("tokenizer") for path in files):
        return "voice" if "onnx/model.onnx" in files else None  # such models come without either
    model_type = str(config.get("model_type", ""))
    kind = named(architecture(config), model_type)
    if kind == "classify":
        return _classifies(config)
    if kind == "seq2seq":
        return "translate" if model_type in _TRANSLATORS else "summarize"
    if kind == "generate":
        return "chat" if template else None
    return _TASKS.get(kind) if kind is not None else None


def _classifies(config: Mapping[str, Any]) -> str:
    """A classifier that tells entailment is for labels of the caller's own; one with a single label gives
    pairs of texts a score."""
    labels = config.get("id2label")
    names = [str(label).lower() for label in labels.values()] if isinstance(labels, dict) else []
    if any(name.startswith("entail") for name in names):
        return "zeroShot"
    return "rerank" if len(names) == 1 or config.get("num_labels") == 1 else "classify"
