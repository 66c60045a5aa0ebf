"""What the engine in CPython makes of texts and searches: JSON in, JSON out.

In: {"models": folder in hub layout, "model": id, "texts": [...], "searches": [parameters of a page search]}.
Out: {"vectors": [[...], ...], "results": [the page's results of each search]}.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import nearside
from nearside.wire.page import dispatch


async def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Run what was asked."""
    async with nearside.connect([asked["models"]]) as client:
        made = await client.embed(asked["texts"], model=asked["model"])
        found = [
            await dispatch(client, "search", {**search, "model": asked["model"]})
            for search in asked["searches"]
        ]
    return {"vectors": made.embeddings.tolist(), "results": [one["results"] for one in found]}


if __name__ == "__main__":
    json.dump(asyncio.run(answer(json.load(sys.stdin))), sys.stdout)
