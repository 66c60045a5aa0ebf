"""Language models against PyTorch: templates and their tokens, logits, greedy texts."""

import json
from datetime import datetime

import numpy as np
import pytest

import nearside
from nearside.errors import InvalidInput
from nearside.generation import chat, template
from nearside.generation.loop import new_handle, step

MODELS = ["qwen3", "llama", "llama_sp"]
SHARED = ["qwen3", "llama"]


@pytest.fixture
def reference(architectures):
    """Return a function that reads a model's reference."""
    return lambda name: json.loads((architectures / name / "reference.json").read_text("utf-8"))


async def opened(client, id):
    return await client._core.manager.get(id)


async def answer(model, messages, parameters):
    """The text of an answer and its end."""
    parts = [part async for part in chat.write(model, messages, parameters)]
    return "".join(part.text for part in parts[:-1]), parts[-1]


@pytest.mark.parametrize("name", MODELS)
async def test_prompts_are_those_of_transformers(arch_models, reference, name):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
    made = template.template_of(model)
    compared = 0
    for one in reference(name)["prompts"]:
        options = dict(one["options"])
        begin = options.pop("add_generation_prompt")
        thinking = options.pop("enable_thinking", None)

        def rendered(one=one, begin=begin, thinking=thinking, options=options):
            return made.render(
                one["messages"],
                add_generation_prompt=begin,
                tools=one["tools"],
                thinking=thinking,
                options=options,
            )

        if "prompt" not in one:
            with pytest.raises(InvalidInput):
                rendered()
            continue
        assert rendered() == one["prompt"], one["name"]
        assert model.tokenizer.encode([one["prompt"]], special=False)[0].tolist() == one["ids"]
        compared += 1
    assert compared >= 9


@pytest.mark.parametrize("name", MODELS)
async def test_logits_are_pytorch_s(arch_models, reference, name):
    known = reference(name)
    ids = {one["name"]: one.get("ids") for one in known["prompts"]}
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        for case in known["cases"]:
            prompt = np.asarray(ids[case["prompt"]], np.int64)
            handle = new_handle()
            # In two parts: the second one reads the keys and values that the first one left.
            await step(model, prompt[:-3], 0, "last", handle=handle)
            made = await step(model, prompt[-3:], prompt.size - 3, "last", handle=handle)
            await model.lane.free(handle)
            difference = np.abs(made["logits"][0] - np.asarray(case["last_logits"])).max()
            assert difference <= 1e-4


@pytest.mark.parametrize("name", MODELS)
async def test_greedy_texts_are_pytorch_s(arch_models, reference, name, monkeypatch):
    known = reference(name)
    prompts = {one["name"]: one for one in known["prompts"]}
    _today(monkeypatch)
    async with nearside.connect([arch_models], dtype="fp32") as client:
        model = await opened(client, f"arch/{name}")
        for case in known["cases"]:
            wanted = case["greedy"]
            text, end = await answer(
                model,
                prompts[case["prompt"]]["messages"],
                {"temperature": 0, "max_tokens": case["generate"]["max_new_tokens"]},
            )
            assert text == model.tokenizer.decode(wanted["ids"])
            assert (end.read, end.written) == (len(prompts[case["prompt"]]["ids"]), len(wanted["ids"]))


def _today(monkeypatch):
    """Make it the day on which the references were made."""

    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 11, 20, tzinfo=tz)

    monkeypatch.setattr(template, "datetime", Then)


@pytest.mark.parametrize("name", SHARED)
async def test_the_shared_models_write_what_pytorch_writes(shared_models, tiny_models, name):
    known = json.loads((shared_models / "tiny" / "reference.json").read_text("utf-8"))[name]
    messages = [
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": "What is the license?"},
    ]
    async with nearside.connect([tiny_models], dtype="fp32") as client:
        model = await opened(client, f"tiny/{name}")
        assert template.template_of(model).render(messages) == known["prompt"]
        ids = np.asarray(known["ids"][0], np.int64)
        assert model.tokenizer.encode([known["prompt"]], special=False)[0].tolist() == ids.tolist()
        made = await step(model, ids, 0, "last", handle="one")
        assert np.abs(made["logits"][0] - np.asarray(known["logits"])).max() <= 1e-4
        text, end = await answer(model, messages, {"temperature": 0, "max_tokens": 20})
    assert text == model.tokenizer.decode(known["gen"][ids.size :])
    assert (end.finish_reason, end.written) == ("length", 20)


async def test_a_real_model_tells_its_story_to_the_letter(shared_models, tiny_models):
    known = json.loads((shared_models / "stories260K" / "greedy.json").read_text("utf-8"))
    async with nearside.connect([tiny_models], dtype="fp32") as client:
        model = await opened(client, "tiny/stories260K")
        tokens = len(known["ids"]) - 1
        text, end = await answer(model, [{"role": "user", "content": ""}], {"max_tokens": tokens})
    assert text == known["text"]
    assert len(text) > 500
    assert (end.read, end.written) == (1, tokens)
