"""What a prompt asks for, as far as words tell: a first, rough look that costs microseconds."""

from __future__ import annotations

import re

_WRITING = re.compile(
    r"""^\W*(?:please\s+|(?:can|could|would|will)\s+you\s+(?:please\s+)?|i\s+(?:want|need)\s+you\s+to\s+|help\s+me\s+(?:to\s+)?)?
    (?:write|compose|draft|rewrite|rephrase|paraphrase|translate|generate|create|invent|imagine|brainstorm|continue
      |code|program|implement|refactor|debug|fix|convert|calculate|compute|solve|prove|plan|design|suggest|propose
      |act\s+as|pretend|roleplay|make\s+(?:me\s+)?(?:a|an|up)|give\s+me\s+(?:a|an|some|ideas)|tell\s+me\s+a)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def asks_for_writing(prompt: str) -> bool:
    """Whether a prompt wants something that is in no text yet: a poem, a program, a translation. Looks at how
    it begins and for program text. English only; what it does not recognize counts as a question."""
    return "```" in prompt or _WRITING.match(prompt) is not None
