"""Sampling and schemas at a vocabulary of 150 k tokens, for both runtimes: what is drawn is compared, how
long it takes is printed.

    python tests/py/pyodide/sampling.py
    node tests/py/pyodide/run.mjs PYODIDE_DIR py tests/py/pyodide/sampling.py
"""

import asyncio
import json
import random
import statistics
import sys
import time

import numpy as np

from nearside.generation.constraint import Automaton
from nearside.generation.sampling import Sampler, Sampling
from nearside.generation.schemas import of_schema
from nearside.generation.vocabulary import build

SIZE = 151_936  # Qwen 3's
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 200},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}
TEXT = '{"name": "A name of some length, é", "age": 12, "tags": ["one", "two"]}'
OPTIONS = {
    "greedy": Sampling(temperature=0),
    "top_k 20, top_p": Sampling(temperature=0.6, top_k=20, top_p=0.95, seed=1),
    "256 candidates, penalties": Sampling(
        temperature=0.8, top_p=0.9, min_p=0.02, repetition_penalty=1.1, presence_penalty=0.5, seed=1
    ),
}


def vocabulary():
    """Tokens of the lengths and kinds that byte-level vocabularies have."""
    chance, made = random.Random(0), {bytes([byte]): None for byte in range(256)}
    while len(made) < SIZE:
        size, kind = min(30, max(2, int(chance.gauss(6.5, 2.8)))), chance.random()
        if kind < 0.75:
            word = " " * (chance.random() < 0.6) + "".join(
                chance.choices("etaoinshrdlucmfwypvbgkqjxz", k=size)
            )
        elif kind < 0.9:
            word = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(max(1, size // 3)))
        else:
            word = "".join(chance.choices('(){}[]":,;.=\n\t <>/_-+*', k=max(2, size // 2)))
        made[word.encode()] = None
    return list(made)


def ms(started):
    return (time.perf_counter() - started) * 1000


def drawn(times):
    """Tokens chosen with each set of options."""
    values = np.linspace(9, 0, 256).astype(np.float32)
    ids = np.random.default_rng(1).permutation(SIZE)[:256]
    made = {}
    for name, sampling in OPTIONS.items():
        sampler, tokens, taken = Sampler(sampling, np.arange(2000)), [], []
        for _ in range(200):
            started = time.perf_counter()
            count = sampler.want().k
            tokens.append(sampler.pick(values[:count], ids[:count]))
            taken.append(ms(started))
        made[name] = tokens
        times[name] = round(statistics.median(taken), 4)
    return made


def masks(times):
    """How many tokens may follow each byte of a text that fits the schema."""
    texts = vocabulary()
    started = time.perf_counter()
    tree = build(texts, SIZE)
    times["tree"] = round(ms(started), 1)
    automaton, state, counts, first, again = Automaton(of_schema(SCHEMA), tree), 0, [], [], []
    for byte in TEXT.encode():
        started = time.perf_counter()
        mask = automaton.allowed(state)
        first.append(ms(started))
        started = time.perf_counter()
        automaton.allowed(state)
        again.append(ms(started))
        counts.append(int(np.unpackbits(mask).sum()))
        state = automaton.after(state, bytes([byte]))
    assert automaton.finished(state)
    times["mask, new"] = round(statistics.median(first), 3)
    times["mask, slowest"] = round(max(first), 1)
    times["mask, known"] = round(statistics.median(again), 4)
    return counts


async def scenario():
    """Return what was drawn and allowed, and the times in milliseconds."""
    times = {}
    return {"drawn": drawn(times), "masks": masks(times), "times": times}


if __name__ == "__main__" and sys.platform != "emscripten":
    print(json.dumps(asyncio.run(scenario())["times"], indent=1))
