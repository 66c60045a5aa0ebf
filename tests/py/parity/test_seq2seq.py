"""Encoder-decoder models against PyTorch (greedy ids) and transformers.js (texts), on the same files."""

from dataclasses import replace

import numpy as np
import pytest

import nearside
from nearside.generation import pairs, seq2seq
from nearside.generation.loop import encode, new_handle, step
from nearside.ports.runtime import Best

NAMES = ["bart_summ", "bart_pair", "t5", "marian", "m2m100"]
NEW_TOKENS = 24  # of the references
PIPELINE_TOKENS = 20  # of the pipelines


async def greedy(model, ids, given):
    """Return the ids that the model writes, the one that begins them first."""
    return [given.start] + [token async for token in seq2seq.written_tokens(model, ids, given)]


@pytest.mark.parametrize("name", NAMES)
async def test_greedy_ids_are_those_of_pytorch(arch_models, reference, opened, name):
    cases = reference(name)["cases"]
    assert len(cases) >= 2
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        for case in cases:
            ids = np.asarray(case["inputs"]["input_ids"][0])
            given = seq2seq.settings(model).at_most(NEW_TOKENS)
            if "forced_bos_token_id" in case["generate"]:
                given = replace(given, first=case["generate"]["forced_bos_token_id"])
            assert await greedy(model, ids, given) == case["greedy"]["ids"]
            made = await seq2seq.write(model, ids, given)
            assert made.text == case["greedy"]["text"].strip()
            assert (made.read, made.written) == (ids.size, len(case["greedy"]["ids"]) - 1)


@pytest.mark.parametrize("name", ["bart_summ", "bart_pair"])
async def test_without_the_rules_other_ids_come_and_they_are_pytorch_s_too(
    arch_models, reference, opened, name
):
    """no_repeat_ngram_size and min_length do something, and nothing when they are off."""
    case = reference(name)["cases"][0]
    free = case["greedy_free"]
    assert free["ids"] != case["greedy"]["ids"]
    assert free["generate"] == {"no_repeat_ngram_size": 0, "min_length": 0}
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        given = replace(seq2seq.settings(model).at_most(NEW_TOKENS), ngram=0, min_length=0)
        assert await greedy(model, np.asarray(case["inputs"]["input_ids"][0]), given) == free["ids"]


@pytest.mark.parametrize("name", NAMES)
async def test_the_first_logits_are_pytorch_s(arch_models, reference, opened, name):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        for case in reference(name)["cases"]:
            ids = np.asarray(case["inputs"]["input_ids"])
            handle, mask = new_handle(), np.ones_like(ids)
            await encode(model, {"input_ids": ids, "attention_mask": mask}, handle)
            wanted = np.asarray(case["first_logits"])
            made = await step(
                model,
                np.asarray([seq2seq.settings(model).start]),
                0,
                Best(wanted.size),
                handle=handle,
                feeds={"encoder_attention_mask": mask},
            )
            await model.lane.free(handle)
            logits = np.empty(wanted.size)
            logits[made["logits.ids"]] = made["logits.values"]
            assert np.abs(logits - wanted).max() < 1e-4


@pytest.mark.parametrize("name", ["bart_summ", "marian"])
async def test_the_shared_models_write_what_pytorch_writes(tiny_models, tiny_reference, opened, name):
    wanted = tiny_reference[name]
    async with nearside.connect([tiny_models], dtype="fp32") as client:
        model = await opened(client, f"tiny/{name}")
        ids = model.tokenizer.encode(["This is the simple test of a license grant."])[0]
        assert ids.tolist() == wanted["ids"][0]
        made = await greedy(model, ids, seq2seq.settings(model).at_most(20))
        assert made == wanted["gen"]
        assert len(made) == 21


async def written(client, opened, id, text, task, languages):
    """Return the text that a model writes for a whole text, white space and all, as pipelines give it."""
    model = await opened(client, id)
    if task == "translation":
        towards = pairs.direction(model, *languages)
        ids, given = towards.ids(model, text), towards.settings
    else:
        given = seq2seq.settings(model, "summarization")
        prefix = seq2seq.task_parameters(model, "summarization").get("prefix", "")
        ids = model.tokenizer.encode([prefix + text])[0]
    tokens = await greedy(model, ids, given.at_most(PIPELINE_TOKENS))
    return model.tokenizer.decode(tokens)


@pytest.mark.parametrize(
    ("name", "task", "shared", "languages"),
    [
        ("bart_summ", "summarization", False, None),
        ("t5", "summarization", False, None),
        ("marian", "translation", False, ("en", "fr")),
        ("m2m100", "translation", False, ("en", "fr")),
        ("m2m100", "translation", False, ("en", "de")),
        ("bart_summ", "summarization", True, None),
        ("marian", "translation", True, ("en", "fr")),
    ],
)
async def test_texts_are_those_of_transformers_js(request, pipelines, opened, name, task, shared, languages):
    models = request.getfixturevalue("tiny_models" if shared else "arch_models")
    cases = pipelines(name, task, shared, languages if name == "m2m100" else None)
    assert len(cases) == (1 if task == "summarization" else 2)
    async with nearside.connect([models], dtype="fp32") as client:
        for text, output in cases:
            made = await written(
                client, opened, f"{'tiny' if shared else 'arch'}/{name}", text, task, languages
            )
            (wanted,) = output[0].values()
            assert made == wanted


async def test_the_language_tokens_are_those_of_the_reference(arch_models, reference, opened):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, "arch/m2m100")
        for case in reference("m2m100")["cases"]:
            towards = pairs.direction(model, case["src_lang"], case["tgt_lang"])
            assert towards.ids(model, case["text"]).tolist() == case["inputs"]["input_ids"][0]
            assert towards.settings.first == case["generate"]["forced_bos_token_id"]


@pytest.mark.parametrize(
    ("name", "number", "pair"),
    [("m2m100", 0, ("en", "fr")), ("m2m100", 1, ("en", "de")), ("t5", 1, ("en", "fr"))],
)
async def test_translate_writes_what_pytorch_writes(arch_models, reference, opened, name, number, pair):
    """The whole task on one sentence: the prefix or the tokens, the settings, the text."""
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        text = "The library opens at nine."
        source, target = pair
        made = await client.translate(text, source=source, target=target, model=f"arch/{name}")
        towards = pairs.direction(model, source, target)
        if name == "t5":
            assert (
                towards.ids(model, text).tolist()
                == reference(name)["cases"][number]["inputs"]["input_ids"][0]
            )
        wanted = await seq2seq.write(model, towards.ids(model, text), towards.settings)
        assert made.text == wanted.text
        assert made.usage.tokens == wanted.read
        assert made.usage.written == wanted.written
