"""Model cards: what a model is, made from its `model.json` or, where there is none, from its folder's
files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nearside.errors import InvalidOption, ModelCorrupt
from nearside.models.graphs import SUFFIXES, data_files, dtype_files, graph_files
from nearside.models.purpose import task_of

STARTER_MODEL = "nearside/all-MiniLM-L6-v2"
"""The model that is part of every site."""

SMALL_FILES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "chat_template.jinja",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
)
"""What tasks read beside the weights."""

DEFAULT_MAX_TOKENS = 512

_OFFSET = frozenset(
    ("roberta", "xlm-roberta", "xlm-roberta-xl", "roberta-prelayernorm", "camembert", "mpnet", "longformer")
)  # model types whose positions begin after the padding id
_WIDTH = ("hidden_size", "n_embd", "dim", "d_model")
_POOLING = (("cls_token", "cls"), ("max_tokens", "max"), ("lasttoken", "last"))

_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_REVISION = re.compile(r"[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file of a model: `path` inside the model's folder, size, SHA-256 (hex) or None where unknown."""

    path: str
    bytes: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What is known about a model. None where unknown. `pooling`: "graph" (the graph gives the text's
    vector), "mean", "cls", "max" or "last" (it gives one vector per token, of which these are taken);
    `dtypes`: dtype to the path of its weights."""

    id: str
    revision: str = ""
    task: str | None = None
    license: str | None = None
    source: str | None = None
    languages: tuple[str, ...] = ()
    dimensions: int | None = None
    max_tokens: int | None = None
    pooling: str = "mean"
    files: tuple[CardFile, ...] = ()
    dtypes: Mapping[str, str] | None = None

    def best_dtype(self) -> str | None:
        """The dtype that a CPU should run, None when the card names none that is known."""
        named = self.dtypes or {}
        return next((dtype for dtype in SUFFIXES if dtype in named), None)

    def file(self, path: str) -> CardFile | None:
        """The file at `path`, None when the card does not list it."""
        return next((file for file in self.files if file.path == path), None)

    def bytes_for(self, dtype: str | None) -> int | None:
        """Bytes to fetch for one dtype: its weights and the small files; None when the card does not say."""
        main = (self.dtypes or {}).get(dtype or "")
        if main is None or self.file(main) is None:
            return None
        wanted = {*self.weights(main), *SMALL_FILES}
        return sum(file.bytes for file in self.files if file.path in wanted)

    def weights(self, main: str) -> list[str]:
        """The paths of all files with weights for the main graph at `main`, that one first."""
        paths = {file.path for file in self.files}
        graphs = list(graph_files(main, paths).values())
        return [*graphs, *(data for graph in graphs for data in data_files(graph, paths))]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A line of `models.list()`: a card, and how it stands with it here. `bytes` is what is stored or else
    what would be fetched (None: unknown); `stored` means completely; `last_used` in Unix seconds."""

    id: str
    revision: str
    task: str | None
    bytes: int | None
    stored: bool
    loaded: bool
    dtype: str | None
    backend: str | None
    license: str | None
    languages: tuple[str, ...]
    source: str | None
    starter: bool
    last_used: float | None


def split_id(model: str) -> tuple[str, str | None]:
    """`org/name[@revision]` as (id, revision or None). Raises `InvalidOption` for anything else."""
    hint = f"A model id looks like {STARTER_MODEL} or org/name@revision."
    if not isinstance(model, str):
        raise InvalidOption(f"A model id is text, not {type(model).__name__}.", hint=hint)
    id, at, revision = model.partition("@")
    if not _ID.fullmatch(id) or ".." in model or (at and not _REVISION.fullmatch(revision)):
        raise InvalidOption(f"{model[:100]!r} is not a model id.", hint=hint)
    return id, revision if at else None


def parse_card(fields: Mapping[str, Any]) -> Card:
    """A card from the object in `model.json`. What is absent stays unknown.

    Raises `ModelCorrupt` when a field has the wrong type or there is no id."""

    def field(name: str, kind: type) -> Any:
        value = fields.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise ModelCorrupt(f"The model's card has {name} = {value!r:.80}, which is no {kind.__name__}.")
        return value

    id = field("id", str)
    if not id:
        raise ModelCorrupt("The model's card has no id.")
    files = []
    for item in field("files", list) or ():
        if not isinstance(item, Mapping) or not isinstance(item.get("path"), str):
            raise ModelCorrupt(f"The card of {id} lists a file without a path: {item!r:.80}.")
        size, sha256 = item.get("bytes"), item.get("sha256")
        files.append(CardFile(item["path"], size if isinstance(size, int) else 0, sha256))
    return Card(
        id=id,
        revision=field("revision", str) or "",
        task=field("task", str),
        license=field("license", str),
        source=field("source", str),
        languages=tuple(field("languages", list) or ()),
        dimensions=field("dimensions", int),
        max_tokens=field("maxTokens", int),
        pooling=field("pooling", str) or "mean",
        files=tuple(files),
        dtypes=dict(field("dtypes", dict) or {}),
    )


def make_card(id: str, sizes: Mapping[str, int], texts: Mapping[str, str]) -> dict[str, Any]:
    """The card, as `model.json` would have it, of a folder in hub layout without one. `sizes`: path to bytes
    of every file; `texts`: path to text of its JSON files (as many as there are). Hashes stay unknown.

    Raises `ModelCorrupt` when one of the JSON files is none."""
    config = read_json(texts, "config.json")
    sentence = read_json(texts, "sentence_bert_config.json")
    pooling = read_json(texts, "1_Pooling/config.json")
    tokenizer = read_json(texts, "tokenizer_config.json")
    lengths = [sentence.get("max_seq_length"), tokenizer.get("model_max_length"), _positions(config)]
    template = "chat_template.jinja" in texts or "chat_template" in tokenizer
    known = [int(n) for n in lengths if isinstance(n, int | float) and 0 < n < 1_000_000]
    return {
        "id": id,
        "revision": "",
        "task": task_of(config, {*sizes, *texts}, template),
        "license": None,
        "source": None,
        "languages": [],
        "dimensions": next((config[name] for name in _WIDTH if isinstance(config.get(name), int)), None),
        "maxTokens": min(known) if known else None,
        "pooling": next((kind for name, kind in _POOLING if pooling.get(f"pooling_mode_{name}")), "mean"),
        "files": [{"path": path, "bytes": sizes[path], "sha256": None} for path in sorted(sizes)],
        "dtypes": dtype_files(sizes),
    }


def first_position(config: Mapping[str, Any]) -> int:
    """The number of the first token's position: 0, but after the padding id in RoBERTa and its kin."""
    pad = config.get("pad_token_id")
    return (pad if isinstance(pad, int) else 1) + 1 if config.get("model_type") in _OFFSET else 0


def _positions(config: Mapping[str, Any]) -> int | None:
    """How many tokens config.json says that a model can read."""
    most = config.get("max_position_embeddings")
    if most is None and config.get("rotary_scaling_factor") is None:
        # Nomic: what it has seen; beyond that it needs its rotations scaled.
        most = config.get("max_trained_positions")
    if most is None:
        most = config.get("n_positions")
    return most - first_position(config) if isinstance(most, int) else None


def read_json(texts: Mapping[str, str], path: str) -> dict[str, Any]:
    """The JSON object in one of a model's files, {} when the file is not there.

    Raises `ModelCorrupt` when it is there and no JSON object."""
    text = texts.get(path)
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ModelCorrupt(f"{path} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ModelCorrupt(f"{path} holds no JSON object.")
    return value
