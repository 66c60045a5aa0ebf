"""Which files of a hub repository are the graphs of a model, and in which precision."""

from __future__ import annotations

from collections.abc import Collection, Mapping

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "int8": ("_quantized", "_int8"),
    "fp32": ("",),
    "fp16": ("_fp16",),
    "q4f16": ("_q4f16",),
    "q4": ("_q4",),
}
"""dtype to the endings that hub repositories give its files, the best for a CPU first (measured: int8 is
twice as fast as fp32 there, fp16 and q4 are slower than both)."""

FOLDER = "onnx/"

MODEL = "model"
ENCODER = "encoder"
DECODER = "decoder"
WITH_PAST = "decoder_with_past"

_MERGED = "decoder_model_merged"
_PLAIN = "decoder_model"
_STEMS = {ENCODER: "encoder_model", WITH_PAST: "decoder_with_past_model"}


def dtype_files(paths: Collection[str]) -> dict[str, str]:
    """dtype to the path of the main graph's file: `model`, else `decoder_model_merged`, else `decoder_model`
    with its pair `decoder_with_past_model`. A precision that lacks one of the graphs is left out."""
    for stem in (MODEL, _MERGED, _PLAIN):
        made: dict[str, str] = {}
        for dtype, suffixes in SUFFIXES.items():
            for suffix in suffixes:
                path = f"{FOLDER}{stem}{suffix}.onnx"
                if path in paths and _whole(stem, suffix, paths):
                    made.setdefault(dtype, path)
        if made:
            return made
    return {}


def _whole(stem: str, suffix: str, paths: Collection[str]) -> bool:
    encoder = f"{FOLDER}{_STEMS[ENCODER]}{suffix}.onnx" in paths
    has_encoders = any(path.startswith(FOLDER + _STEMS[ENCODER]) for path in paths)
    if stem == MODEL:
        return True
    if stem == _MERGED:
        return encoder or not has_encoders
    return encoder and f"{FOLDER}{_STEMS[WITH_PAST]}{suffix}.onnx" in paths


def graph_files(main: str, paths: Collection[str]) -> dict[str, str]:
    """The name of each graph to the path of its file, the main one first, for the main graph's file: "model"
    alone; or "decoder" with "encoder" (a merged decoder); or these two with "decoder_with_past"."""
    name = main.removeprefix(FOLDER)
    for stem in (_MERGED, _PLAIN):
        if not name.startswith(stem):
            continue
        suffix = name.removeprefix(stem)
        encoder = f"{FOLDER}{_STEMS[ENCODER]}{suffix}"
        if encoder not in paths:
            return {MODEL: main}
        made = {DECODER: main, ENCODER: encoder}
        if stem == _PLAIN:
            made[WITH_PAST] = f"{FOLDER}{_STEMS[WITH_PAST]}{suffix}"
        return made
    return {MODEL: main}


def data_files(graph: str, paths: Collection[str]) -> list[str]:
    """The files that hold the weights outside a graph's own: `graph.onnx_data`, `graph.onnx_data_1`, ... or
    `graph.onnx.data`."""
    return sorted(path for path in paths if path.startswith((f"{graph}_data", f"{graph}.data")))
