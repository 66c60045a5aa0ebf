"""search: are the relevant documents at the top? `DIR/search/`: docs (id, title, text), queries (id, text),
qrels (q, d, code: 1 best to 4, others not relevant)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nearside.engine.client import Client
from nearside.retrieval.bm25 import Bm25
from nearside.retrieval.fusion import ranking, reciprocal_rank
from nearside.types import OnCount
from nearside_server.evaluation.data import BadData, read_lines
from nearside_server.evaluation.metrics import mean_interval, mrr, ndcg

TOP = 10
GAINS = {1: 4.0, 2: 3.0, 3: 2.0, 4: 1.0}
"""What finding a document of each relevance code is worth; other codes nothing."""


async def evaluate(
    client: Client, data: Path, limit: int | None, model: str | None, on_progress: OnCount | None
) -> dict[str, Any]:
    """nDCG@10 and MRR@10 of `Client.search`, and of its floors: BM25 alone, embeddings alone (one vector a
    document), and reciprocal rank fusion of the two. `limit`: the first queries only (all documents). Raises
    `BadData`, and what `Client.search` raises."""
    documents, queries, relevant = load(data / "search")
    asked = [query for query in queries if relevant.get(query["id"])][:limit]
    if not asked:
        raise BadData(f"No query in {data / 'search'} has a relevant document.")
    texts = [f"{document.get('title') or ''}\n{document['text']}".strip() for document in documents]
    questions = [query["text"] for query in asked]
    gains = [relevant[query["id"]] for query in asked]

    fused: list[list[int]] = []
    for question in questions:
        found = await client.search(question, texts, top_k=TOP, model=model, on_progress=on_progress)
        fused.append([hit.index for hit in found.results])
        on_progress = None  # the documents are read once
    vectors = (await client.embed(texts, model=model)).embeddings
    made = await client.embed(questions, model=model)
    index = Bm25()
    index.add(texts)
    index.finish()
    words = [index.scores(question) for question in questions]
    meanings = [vectors @ question for question in made.embeddings]
    by_words = [ranking(scores, scores > 0) for scores in words]
    by_meaning = [ranking(scores) for scores in meanings]
    by_both = [ranking(reciprocal_rank(pair, len(texts))) for pair in zip(by_words, by_meaning, strict=True)]
    return {
        "suite": "search",
        "n": len(asked),
        "documents": len(texts),
        **_figures("", fused, gains),
        **_figures("bm25_", [order.tolist() for order in by_words], gains),
        **_figures("embeddings_", [order.tolist() for order in by_meaning], gains),
        **_figures("rrf_", [order.tolist() for order in by_both], gains),
        "model": made.model,
    }


def load(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[Any, dict[int, float]]]:
    """Documents, queries, and for each query's id the gain of the documents (by place) that have one.

    Raises `BadData`, also when a judgement names a document that is not there."""
    identity = (int, str)
    documents = read_lines(folder, "docs.jsonl", {"id": identity, "text": str})
    queries = read_lines(folder, "queries.jsonl", {"id": identity, "text": str})
    judged = read_lines(folder, "qrels.jsonl", {"q": identity, "d": identity, "code": int})
    places = {document["id"]: place for place, document in enumerate(documents)}
    relevant: dict[Any, dict[int, float]] = {}
    for line in judged:
        if line["d"] not in places:
            raise BadData(f"{folder / 'qrels.jsonl'} names the document {line['d']!r}, which is not there.")
        gain = GAINS.get(line["code"])
        if gain is not None:
            relevant.setdefault(line["q"], {})[places[line["d"]]] = gain
    return documents, queries, relevant


def _figures(
    prefix: str, orders: Sequence[Sequence[int]], gains: Sequence[dict[int, float]]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, figure in (("ndcg@10", ndcg), ("mrr@10", mrr)):
        values = [figure(order, gain, TOP) for order, gain in zip(orders, gains, strict=True)]
        made[prefix + name] = float(np.mean(values))
        made[f"{prefix}{name}_interval"] = mean_interval(values)
    return made
