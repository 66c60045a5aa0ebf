"""Sampling: the distributions are those of transformers, the options are checked, a seed is a seed."""

import json
from pathlib import Path

import numpy as np
import pytest

from nearside.errors import InvalidOption
from nearside.generation.sampling import CANDIDATES, Sampler, Sampling, distribution
from nearside.platform.cpython.runtime import _best

CASES = json.loads((Path(__file__).parents[2] / "fixtures" / "sampling" / "goldens.json").read_text("utf-8"))[
    "cases"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ",".join(case["options"]))
def test_the_distribution_is_that_of_transformers(case):
    sampling = Sampling(**case["options"])
    sampler = Sampler(sampling, np.asarray(case["seen"], np.int64))
    values, ids = _best(np.asarray(case["logits"], np.float32), sampler.want())
    made = dict(zip(ids.tolist(), distribution(values, sampling).tolist(), strict=True))
    left = {id: share for id, share in made.items() if share > 0}
    wanted = {int(id): share for id, share in case["shares"].items()}
    assert left.keys() == wanted.keys()
    assert max(abs(left[id] - wanted[id]) for id in wanted) <= 1e-6


def test_tokens_are_taken_as_often_as_they_are_likely():
    sampling = Sampling(temperature=1.0, seed=5)
    sampler = Sampler(sampling, np.zeros(0, np.int64))
    values = np.log(np.asarray([0.5, 0.3, 0.15, 0.05], np.float32))
    taken = [sampler.pick(values, np.asarray([7, 1, 9, 3])) for _ in range(4000)]
    shares = [taken.count(id) / len(taken) for id in (7, 1, 9, 3)]
    assert shares == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


def test_a_seed_gives_the_same_tokens_everywhere():
    def drawn(seed):
        sampler = Sampler(Sampling(temperature=1.0, seed=seed), np.zeros(0, np.int64))
        values = np.linspace(3, 0, 50).astype(np.float32)
        return [sampler.pick(values, np.arange(50)) for _ in range(12)]

    assert drawn(42) == [21, 8, 27, 17, 1, 43, 21, 22, 2, 9, 7, 35]  # also in a browser
    assert drawn(42) != drawn(43)
    assert drawn(-1) == drawn(-1)
    assert drawn(None) != drawn(None)


def test_penalties_go_where_the_logits_are():
    sampler = Sampler(
        Sampling(repetition_penalty=1.5, presence_penalty=0.5, frequency_penalty=0.25),
        np.asarray([5, 2, 5], np.int64),
    )
    first = sampler.want()
    assert first.penalised.tolist() == [2, 5]
    assert first.penalty == 1.5
    assert first.biased is None  # only the answer's tokens count
    for token in (9, 9, 2):
        sampler.pick(np.asarray([1.0], np.float32), np.asarray([token]))
    second = sampler.want()
    assert second.penalised.tolist() == [2, 5, 9]
    assert dict(zip(second.biased.tolist(), second.bias.tolist(), strict=True)) == {9: -1.0, 2: -0.75}


def test_what_the_request_does_not_say_the_model_does():
    qwen = {"do_sample": True, "temperature": 0.6, "top_k": 20, "top_p": 0.95}
    assert Sampling.wished({}, qwen) == Sampling(temperature=0.6, top_k=20, top_p=0.95)
    assert Sampling.wished({"top_k": 5, "seed": 3}, qwen) == Sampling(
        temperature=0.6, top_k=5, top_p=0.95, seed=3
    )
    assert Sampling.wished({}, {}).temperature == 0
    assert Sampling.wished({"top_p": 0.5}, {}) == Sampling(temperature=1.0, top_p=0.5)
    assert Sampling.wished({"temperature": 0}, qwen).temperature == 0
    assert Sampling.wished({}, {"do_sample": True, "temperature": "hot"}).temperature == 1.0


def test_how_many_candidates_are_asked_for():
    none = np.zeros(0, np.int64)
    assert Sampler(Sampling(), none).want().k == CANDIDATES
    assert Sampler(Sampling(top_k=40), none).want().k == 40
    assert Sampler(Sampling(top_k=5000), none).want().k == CANDIDATES
    assert Sampler(Sampling(temperature=0), none).want().k == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", "1"),
        ("temperature", float("nan")),
        ("temperature", True),
        ("top_k", 1.5),
        ("top_k", -1),
        ("top_p", 1.1),
        ("min_p", -0.1),
        ("repetition_penalty", 0),
        ("presence_penalty", 2.5),
        ("frequency_penalty", -2.5),
        ("seed", 1.5),
        ("seed", 2**70),
    ],
)
def test_impossible_values_are_refused(name, value):
    with pytest.raises(InvalidOption, match=name):
        Sampling.wished({name: value}, {})
