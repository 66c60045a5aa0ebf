"""embed against PyTorch: pooling, prefixes, the Matryoshka cut, real lengths."""

import numpy as np
import pytest

import nearside

NAMES = ["bert_embed", "xlmr_embed", "nomic_embed", "external"]


@pytest.mark.parametrize("name", NAMES)
async def test_vectors_are_pytorch_s(arch_models, reference, name):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        for batch in reference(name)["batches"]:
            made = (await client.embed(batch["texts"], model=f"arch/{name}")).embeddings
            assert made == pytest.approx(np.asarray(batch["outputs"]["embeddings"]), abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
async def test_vectors_are_those_of_transformers_js(arch_models, golden, name):
    texts, wanted = golden(name, "feature-extraction")
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = (await client.embed(texts, model=f"arch/{name}")).embeddings
    assert np.einsum("nd,nd->n", made, np.asarray(wanted)).min() >= 0.9999
    assert made == pytest.approx(np.asarray(wanted), abs=1e-3)


async def test_nomic_s_vectors_are_cut_as_its_card_says(arch_models, reference):
    batch = reference("nomic_embed")["batches"][-1]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = (await client.embed(batch["texts"], dimensions=16, model="arch/nomic_embed")).embeddings
    assert made == pytest.approx(np.asarray(batch["outputs"]["matryoshka_16"]), abs=1e-4)
    without = np.asarray(batch["outputs"]["matryoshka_16_without_layer_norm"])
    assert np.abs(made - without).max() > 1e-3


async def test_others_are_cut_and_normalised(arch_models, reference):
    batch = reference("bert_embed")["batches"][-1]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = (await client.embed(batch["texts"], dimensions=8, model="arch/bert_embed")).embeddings
    cut = np.asarray(batch["outputs"]["pooled"])[:, :8]
    assert made == pytest.approx(cut / np.linalg.norm(cut, axis=1, keepdims=True), abs=1e-4)


async def test_a_window_is_as_long_as_the_model_really_reads(arch_models, opened):
    """130 positions of XLM-R begin after the padding id: more than 128 tokens would fail."""
    text = "The library opens at nine. " * 60
    async with nearside.connect([arch_models], dtype="fp32") as client:
        for name in NAMES:
            assert (await opened(client, f"arch/{name}")).max_tokens == 128
            made = await client.embed(text, model=f"arch/{name}")
            assert made.usage.tokens > 256
            assert np.linalg.norm(made.embeddings) == pytest.approx(1, abs=1e-5)
