"""Models of the public hub that are known to do a task well.

No size here was measured by us: each is what the hub's file list shows (rounded to three digits), or `about`
what the architecture comes to. So all of them read "about"; a model that is stored, or whose files a place
has listed, is counted exactly (see `models.check`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

MANY = "mul"
"""In place of the languages of a model that knows more of them than a row has room for (ISO 639-2)."""

_COMMON = 700_000_000
"""Bytes that most devices can fetch and hold: a larger model is never the one that a message suggests."""

_SAME: Mapping[str, str] = {
    "similarity": "embed",
    "search": "embed",
    "teach": "embed",
    "documents.add": "embed",
    "documents.search": "embed",
    "extract": "chat",
}
"""Tasks that another one's models do."""

_THINKERS = "onnx-community/Qwen3-"
"""How the ids of those begin that think before they answer, unless they are told not to."""


@dataclass(frozen=True, slots=True)
class Known:
    """A model that the catalog names for `tasks`. `sizes`: dtype to about the bytes of its weights; `window`
    in tokens (None: it does not read tokens); `languages` as codes, (MANY,) for dozens of them, and for a
    pair of languages (`pair`) the source before the target; `license` None where we are not sure."""

    id: str
    tasks: tuple[str, ...]
    sizes: Mapping[str, int]
    window: int | None
    languages: tuple[str, ...]
    license: str | None
    pair: bool = False

    @property
    def thinks(self) -> bool | None:
        """Of a model for chat: whether it thinks before it answers, and can be told not to."""
        return self.id.startswith(_THINKERS) if "chat" in self.tasks else None

    @property
    def smallest(self) -> int:
        """Bytes of the smallest of its dtypes."""
        return min(self.sizes.values())

    @property
    def size(self) -> str:
        """The size of what a processor would be given, in words ("about 109 MB")."""
        return f"about {in_words(self.sizes.get('int8', self.smallest))}"

    def speaks(self, languages: Sequence[str]) -> bool:
        """Whether it covers the languages: all of them, or, for a pair, from the first to the second."""
        if self.pair:
            return tuple(languages) == self.languages[: len(languages)] and len(languages) <= 2
        return MANY in self.languages or set(languages) <= set(self.languages)


def about(parameters: float, dtype: str, table: float = 0) -> int:
    """Bytes of a model's weights in a dtype, computed from its numbers: `parameters` in all, `table` of them
    in the embeddings of its vocabulary.

    int8 is a byte each; 4 bits come in blocks of 32 with a scale (fp32 for q4, fp16 for q4f16: MatMulNBits of
    onnxruntime), while the table, which is looked up and not multiplied, keeps the scale's precision. Within
    2 % of the hub's list for MiniLM, Llama 3.2 1B and SmolLM2, whose table is there twice.

    Raises `KeyError` for a dtype that is not known."""
    rest = {"fp32": 4, "fp16": 2, "int8": 1, "q4": 0.5 + 4 / 32, "q4f16": 0.5 + 2 / 32}[dtype]
    looked_up = {"fp32": 4, "fp16": 2, "int8": 1, "q4": 4, "q4f16": 2}[dtype]
    return round((parameters - table) * rest + table * looked_up)


def in_words(count: int) -> str:
    """Bytes for a person, in decimal units."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count / 1000:.0f} kB"


# id | tasks | window | languages | license | sizes in MB, or millions of parameters (in all : in the table)
_ROWS = """
Xenova/bge-small-en-v1.5 | embed | 512 | en | mit | int8 34, fp16 66.7, fp32 133
mixedbread-ai/mxbai-embed-xsmall-v1 | embed | 4096 | en | apache-2.0 | int8 24.4, fp16 48.1, fp32 96, q4 60.2, q4f16 32.9
Xenova/all-MiniLM-L6-v2 | embed | 256 | en | apache-2.0 | int8 23, fp16 45.3, fp32 90.4
Xenova/multilingual-e5-small | embed | 512 | mul | mit | int8 118, fp16 235, fp32 470
nomic-ai/nomic-embed-text-v1.5 | embed | 8192 | en | apache-2.0 | 137:23.4 int8 fp16 fp32
mixedbread-ai/mxbai-embed-large-v1 | embed | 512 | en | apache-2.0 | int8 337, fp16 669, fp32 1340
Xenova/distilbert-base-uncased-finetuned-sst-2-english | classify | 512 | en | apache-2.0 | int8 67.6, fp16 134, fp32 268, q4 125, q4f16 73
Xenova/bert-base-multilingual-uncased-sentiment | classify | 512 | en nl de fr it es | mit | 167:81.3 int8 fp32
Xenova/toxic-bert | classify | 512 | en | apache-2.0 | 110:23.4 int8 fp32
Xenova/mobilebert-uncased-mnli | zeroShot | 512 | en | | int8 27, fp16 50.1, fp32 99
Xenova/nli-deberta-v3-xsmall | zeroShot | 512 | en | apache-2.0 | int8 87.2, fp16 143, fp32 284
Xenova/nli-deberta-v3-small | zeroShot | 512 | en | apache-2.0 | int8 172, fp32 568
Xenova/mDeBERTa-v3-base-xnli-multilingual-nli-2mil7 | zeroShot | 512 | mul | mit | int8 339, fp16 559, fp32 1120
Xenova/bert-base-NER | extractEntities | 512 | en | mit | int8 109, fp16 216, fp32 431, q4 145, q4f16 93.7
dslim/distilbert-NER | extractEntities | 512 | en | apache-2.0 | fp32 261
Xenova/distilbert-base-multilingual-cased-ner-hrl | extractEntities | 512 | ar de en es fr it lv nl pt zh | | 135:92.2 int8 fp32
Xenova/ms-marco-MiniLM-L-6-v2 | rerank | 512 | en | apache-2.0 | int8 23.1, fp16 45.6, fp32 91
Xenova/bge-reranker-base | rerank | 512 | en zh | mit | int8 279, fp16 556, fp32 1110
Xenova/distilbert-base-cased-distilled-squad | answer | 512 | en | apache-2.0 | int8 65.8, fp32 261
optimum/roberta-base-squad2 | answer | 512 | en | cc-by-4.0 | fp32 496
Xenova/distilbart-cnn-6-6 | summarize | 1024 | en | apache-2.0 | int8 284, fp32 1127
Xenova/t5-small | summarize | 512 | en | apache-2.0 | int8 78, fp16 155, fp32 308
Xenova/m2m100_418M | translate | 1024 | mul | mit | 748:262 int8 fp32
Xenova/nllb-200-distilled-600M | translate | 1024 | mul | cc-by-nc-4.0 | int8 895, fp16 1762, fp32 3530
onnx-community/moonshine-base-ONNX | transcribe | | en | mit | int8 63, fp32 247
onnx-community/moonshine-tiny-ONNX | transcribe | | en | mit | int8 28.2, fp32 109
onnx-community/whisper-base | transcribe | | mul | apache-2.0 | int8 77, fp16 146, fp32 292
Xenova/whisper-tiny | transcribe | | mul | apache-2.0 | int8 40.8, fp16 76.1, fp32 152
onnx-community/silero-vad | voice | | mul | mit | fp32 2.3
onnx-community/Qwen3-4B-ONNX | chat | 40960 | mul | apache-2.0 | 4022:389 q4f16
onnx-community/Qwen3-1.7B-ONNX | chat | 40960 | mul | apache-2.0 | 1721:311 q4f16 q4
HuggingFaceTB/SmolLM2-1.7B-Instruct | chat | 8192 | en | apache-2.0 | int8 1710, q4 1410, q4f16 1110
onnx-community/Llama-3.2-1B-Instruct | chat | 131072 | en de fr it pt hi es th | llama3.2 | int8 1240, fp16 2470, q4 1660, q4f16 1070
onnx-community/Qwen3-0.6B-ONNX | chat | 40960 | mul | apache-2.0 | 596:156 int8 fp16 q4 q4f16
HuggingFaceTB/SmolLM2-360M-Instruct | chat | 8192 | en | apache-2.0 | fp16 819, fp32 1640, q4 417, q4f16 299
HuggingFaceTB/SmolLM2-135M-Instruct | chat | 8192 | en | apache-2.0 | fp16 327, fp32 654, q4 200, q4f16 134
"""  # fmt: skip  # noqa: E501

_PAIRS = (
    "en-fr fr-en en-de de-en en-es es-en en-it it-en en-nl nl-en en-ru ru-en en-zh zh-en en-ar ar-en en-ro "
    "ja-en ko-en pl-en"
)
"""The pairs for which there is a model of its own (Xenova/opus-mt-SOURCE-TARGET)."""

_PAIR_SIZES: Mapping[str, int] = {"int8": 106_000_000, "fp16": 209_000_000, "fp32": 418_000_000}
"""Those of en-de; the others' vocabularies have about as many words."""


@cache
def catalog() -> tuple[Known, ...]:
    """Every model that is named here, in the order of `candidates`."""
    pairs = [
        Known(f"Xenova/opus-mt-{pair}", ("translate",), _PAIR_SIZES, 512, tuple(pair.split("-")), None, True)
        for pair in _PAIRS.split()
    ]
    return (*pairs, *map(_row, _ROWS.strip().splitlines()))


def candidates(task: str) -> tuple[Known, ...]:
    """The models that the catalog names for a task, in the order in which a device that has room for all of
    them should take them; () for a task that needs none of them."""
    name = same_as(task)
    return tuple(one for one in catalog() if name in one.tasks)


def same_as(task: str) -> str:
    """The task as cards name it: several share the models of one."""
    return _SAME.get(task, task)


def tasks() -> list[str]:
    """The tasks that the catalog has models for."""
    return [*dict.fromkeys(task for one in catalog() for task in one.tasks), *_SAME]


def suggestion(task: str, languages: Sequence[str] = ()) -> Known | None:
    """The model to name where nothing is known of the device: the first one for these languages (a pair's
    only where they are given) that most devices can hold."""
    found = [one for one in candidates(task) if one.speaks(languages) and (languages or not one.pair)]
    return next((one for one in found if one.smallest <= _COMMON), found[0] if found else None)


def find(id: str) -> Known | None:
    """The catalog's row for a model."""
    return next((one for one in catalog() if one.id == id), None)


def _row(line: str) -> Known:
    id, tasks, window, languages, license, sizes = (part.strip() for part in line.split("|"))
    return Known(
        id,
        tuple(tasks.split()),
        _sizes(sizes),
        int(window) if window else None,
        tuple(languages.split()),
        license or None,
    )


def _sizes(text: str) -> dict[str, int]:
    if ":" not in text:
        listed = (one.split() for one in text.split(","))
        return {dtype: round(float(size) * 1e6) for dtype, size in listed}
    numbers, *dtypes = text.split()
    parameters, table = (float(number) * 1e6 for number in numbers.split(":"))
    return {dtype: about(parameters, dtype, table) for dtype in dtypes}
