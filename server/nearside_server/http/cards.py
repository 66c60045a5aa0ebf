"""Cards: what a model is and which files it has, read out of a folder in hub layout.

Fields as in the card that the build writes for the starter model: id, revision, task, license, source,
languages, dimensions, maxTokens, pooling, files [{path, bytes, sha256}], dtypes {dtype: path}. What the
folder does not say is None.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nearside.models.graphs import dtype_files
from nearside.models.purpose import task_of

# Longer model_max_length values in tokenizer_config.json are the "unknown" of the library that wrote them.
_LONGEST = 10_000_000


def make_card(
    model: str, folder: Path, files: Mapping[str, Path], hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return the card of a model in `folder`; `hashes` (hex, by relative path) may lack some files.

    The revision is None as long as a hash is missing. Reads small files; not for the event loop.
    """
    config, tokenizer = _read(files, "config.json"), _read(files, "tokenizer_config.json")
    template = "chat_template" in tokenizer or "chat_template.jinja" in files
    about = _front_matter(folder / "README.md")
    listed = [
        {"path": path, "bytes": place.stat().st_size, "sha256": hashes.get(path)}
        for path, place in files.items()
    ]
    return {
        "id": model,
        "revision": _revision(listed),
        "task": task_of(config, files, template),
        "license": about.get("license"),
        "source": None,
        "languages": [about["language"]] if "language" in about else [],
        "dimensions": _first_size(
            _read(files, "1_Pooling/config.json").get("word_embedding_dimension"), config.get("hidden_size")
        ),
        "maxTokens": _first_size(
            _read(files, "sentence_bert_config.json").get("max_seq_length"),
            tokenizer.get("model_max_length"),
            config.get("max_position_embeddings"),
        ),
        "pooling": _pooling(_read(files, "1_Pooling/config.json")),
        "files": listed,
        "dtypes": dtype_files(files),
    }


def read_card(path: Path) -> dict[str, Any] | None:
    """Return the card that lies in a folder, None when it is not one."""
    card = _read({"card": path}, "card")
    return card if isinstance(card.get("files"), list) and "id" in card else None


def _revision(listed: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the first 12 hex digits of a SHA-256 over the files' paths and hashes."""
    if any(entry["sha256"] is None for entry in listed):
        return None
    text = "".join(f"{entry['path']}\0{entry['sha256']}\n" for entry in listed)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _pooling(config: Mapping[str, Any]) -> str | None:
    """Return "mean" or "cls" as 1_Pooling/config.json says; "mean", the usual one, without that file."""
    if not config:
        return "mean"
    mode = config.get("pooling_mode")
    if mode in ("mean", "cls"):
        return str(mode)
    chosen = [
        name
        for name in ("cls", "mean")
        if config.get({"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}[name]) is True
    ]
    return chosen[0] if len(chosen) == 1 else None


def _first_size(*values: object) -> int | None:
    """Return the first value that is a plausible size."""
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LONGEST:
            return value
    return None


def _read(files: Mapping[str, Path], name: str) -> dict[str, Any]:
    """Return a small JSON object of a model; empty when it is not there or not an object."""
    try:
        data = json.loads(files[name].read_text("utf-8"))
    except (KeyError, OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _front_matter(readme: Path) -> dict[str, str]:
    """Return the plain `key: value` lines of the block between `---` lines that opens a README.md."""
    try:
        text = readme.read_text("utf-8")
    except (OSError, ValueError):
        return {}
    block = re.match(r"---\r?\n(.*?)\n---", text, re.DOTALL)
    lines = block[1].splitlines() if block else []
    pairs = (re.fullmatch(r"(\w+):[ \t]*([\w.\-]+)[ \t]*", line) for line in lines)
    return {pair[1]: pair[2] for pair in pairs if pair}
