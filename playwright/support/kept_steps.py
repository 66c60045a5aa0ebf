"""What an encoder and a decoder with a cache give, step by step, and what their tokenizer does.

`await steps(session)` and `words(tokenizer)`: the same program in the tab and in CPython, where
`python kept_steps.py FOLDER MODEL` prints both as JSON.
"""

import json

import numpy as np

from nearside.ports.runtime import Best, Keep

VOCABULARY_BITS = np.packbits(np.arange(2048) % 3 != 0, bitorder="little")
SAMPLED = {
    "penalised": np.asarray([4, 2, 11], np.int64),
    "penalty": 1.3,
    "biased": np.asarray([7, 7, 20], np.int64),
    "bias": np.asarray([0.25, 0.5, -1.0], np.float32),
}


async def start(session, handle, ids):
    """The encoder's answer stays."""
    feeds = {"input_ids": np.asarray([ids], np.int64), "attention_mask": np.ones((1, len(ids)), np.int64)}
    keep = Keep(handle, "last_hidden_state", "encoder_hidden_states")
    out = await session.run(feeds, {"last_hidden_state": "last"}, keep, graph="encoder")
    return out["last_hidden_state"][0]


async def step(session, handle, token, length, first, want):
    """One token goes in; what was kept is fed."""
    feeds = {
        "input_ids": np.asarray([[token]], np.int64),
        "encoder_attention_mask": np.ones((1, length), np.int64),
        "use_cache_branch": np.asarray([not first]),
    }
    return await session.run(feeds, {"logits": want}, Keep(handle, "present.", "past_key_values."))


async def steps(session):
    """Two texts by turns, so that what is kept for one would show in the other; then one from the start."""
    texts = {"a": [0, 8, 21, 33, 40, 2], "b": [0, 99, 17, 5, 2]}
    made = {"graphs": sorted(session.info.graphs), "hidden": [], "tokens": [], "last": [], "best": []}
    for handle, ids in texts.items():
        made["hidden"].append((await start(session, handle, ids)).tolist())
    tokens = dict.fromkeys(texts, 2)
    for number in range(6):
        for handle, ids in texts.items():
            out = await step(session, handle, tokens[handle], len(ids), number == 0, Best(5))
            tokens[handle] = int(out["logits.ids"][0])
            made["tokens"].append(tokens[handle])
            made["best"].append([out["logits.ids"].tolist(), out["logits.values"].tolist()])
    for want in (
        Best(8, **SAMPLED),
        Best(70, allowed=VOCABULARY_BITS, **SAMPLED),
        Best(3, allowed=VOCABULARY_BITS),
    ):
        out = await step(session, "a", 5, len(texts["a"]), False, want)
        made["best"].append([out["logits.ids"].tolist(), out["logits.values"].tolist()])
    await session.free("b")
    await session.free("nobody")
    await start(session, "b", texts["b"])
    made["last"].append((await step(session, "b", 2, 5, True, "last"))["logits"][0].tolist())
    made["last"].append((await step(session, "a", 2, 6, False, "all"))["logits"][0, -1].tolist())
    made["types"] = [str(out["logits.ids"].dtype), str(out["logits.values"].dtype)]
    return made


TEXTS = ["", "Hello, world! 😀", " naïve  e\u0301 東京", "x<mask>y </s>"]


def words(tokenizer):
    """Every method of a tokenizer."""
    encodings = tokenizer.encode_with_offsets(TEXTS)
    return {
        "ids": [one.ids.tolist() for one in encodings],
        "offsets": [one.offsets.tolist() for one in encodings],
        "special": [one.special.tolist() for one in encodings],
        "decoded": [tokenizer.decode(one.ids) for one in encodings],
        "whole": [tokenizer.decode(one.ids[1:], special=True) for one in encodings],
        "counts": tokenizer.count(TEXTS),
        "known": [tokenizer.id_of("</s>"), tokenizer.id_of("no such token")],
        "vocabulary": tokenizer.vocabulary(),
    }


async def _main(folder, model):
    from pathlib import Path

    from nearside.platform.cpython.runtime import OnnxRuntime
    from nearside.platform.cpython.store import FolderStore
    from nearside.platform.cpython.tokenizers import RustTokenizers

    session = await OnnxRuntime(FolderStore([Path(folder)])).open(model)
    print(json.dumps({"steps": await steps(session), "words": words(RustTokenizers().load(session.files))}))
    await session.close()


if __name__ == "__main__":
    import asyncio
    import sys

    asyncio.run(_main(*sys.argv[1:]))
