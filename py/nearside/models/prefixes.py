"""What an embedding model wants to see before a query and before a passage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

TextKind = Literal["query", "passage"]
"""What a text is for: it asks, or it may be what answers."""

TEXT_KINDS: tuple[TextKind, ...] = ("query", "passage")

_SEARCHING = "Represent this sentence for searching relevant passages: "
_KNOWN: tuple[tuple[re.Pattern[str], Mapping[TextKind, str]], ...] = (
    (re.compile(r"(^|-)e5-(?!.*instruct)"), {"query": "query: ", "passage": "passage: "}),
    (re.compile(r"^bge-(small|base|large)-en\b"), {"query": _SEARCHING}),
    (re.compile(r"^mxbai-embed-"), {"query": _SEARCHING}),
    (re.compile(r"^nomic-embed-text"), {"query": "search_query: ", "passage": "search_document: "}),
)
"""By the model's name without its owner, as there are many copies; from the models' cards."""

_NAMES: Mapping[TextKind, tuple[str, ...]] = {
    "query": ("query",),
    "passage": ("passage", "document", "corpus"),
}


def prefixes(id: str, sentence_transformers: Mapping[str, Any]) -> dict[TextKind | None, str]:
    """The prefix of each kind of text (None: of a text of no kind), where there is one. The model's own
    `prompts` in config_sentence_transformers.json go before what is known of its name."""
    made: dict[TextKind | None, str] = {}
    prompts = sentence_transformers.get("prompts")
    given = {name: text for name, text in prompts.items() if text} if isinstance(prompts, Mapping) else {}
    name = id.rpartition("/")[2].lower()
    known = next((found for pattern, found in _KNOWN if pattern.search(name)), {}) if not given else {}
    for kind in TEXT_KINDS:
        text = next((given[one] for one in _NAMES[kind] if one in given), known.get(kind, ""))
        if isinstance(text, str) and text:
            made[kind] = text
    default = given.get(str(sentence_transformers.get("default_prompt_name")))
    if isinstance(default, str):
        made[None] = default
    return made
