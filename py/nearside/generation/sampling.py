"""How the next token is chosen: penalties, temperature and the cuts of the distribution, in the order in
which `transformers` applies them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidOption
from nearside.ports.runtime import Best

CANDIDATES = 256
"""So many of the likeliest tokens are considered at most, also without `top_k`: what comes after them is
never chosen, and `top_p` is a share of these."""

Allowed = Callable[[], NDArray[np.uint8] | None]
"""Which tokens may come next, as `Best.allowed`; None: all."""

_RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0.0, 100.0),
    "top_k": (0, 2**31),
    "top_p": (0.0, 1.0),
    "min_p": (0.0, 1.0),
    "repetition_penalty": (0.01, 100.0),
    "presence_penalty": (-2.0, 2.0),
    "frequency_penalty": (-2.0, 2.0),
}
_CUTS = ("temperature", "top_k", "top_p", "min_p")
_WHOLE = ("top_k",)
_MOST_SEED = 2**63


@dataclass(frozen=True, slots=True)
class Sampling:
    """`temperature` 0 always takes the likeliest token; `top_k` (0: none), `top_p` (Holtzman et al. 2020) and
    `min_p` (Nguyen et al. 2024) cut off unlikely ones. `repetition_penalty` (Keskar et al. 2019) is for
    tokens of the prompt and of the answer; `presence_penalty` and `frequency_penalty` are taken from the
    logits of the answer's tokens, once and once for each time (OpenAI). The same `seed` gives the same
    answer; None: a new one each time."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int | None = None

    @classmethod
    def wished(cls, parameters: Mapping[str, Any], defaults: Mapping[str, Any]) -> Sampling:
        """From a request's `parameters`, and for what they do not say from `defaults`, the model's
        generation_config.json: a model whose file does not say `do_sample` takes the likeliest token unless
        the request has a temperature, top_k, top_p or min_p.

        Raises `InvalidOption` for an impossible value in `parameters`."""
        given: dict[str, Any] = {}
        for name, (least, most) in _RANGES.items():
            value = parameters.get(name)
            if value is not None:
                given[name] = _number(name, value, least, most)
            elif _fits(defaults.get(name), least, most):
                given[name] = int(defaults[name]) if name in _WHOLE else float(defaults[name])
        asked = any(parameters.get(name) is not None for name in _CUTS)
        if not asked and not defaults.get("do_sample"):
            given["temperature"] = 0.0
        return cls(**given, seed=_seed(parameters.get("seed")))


def _number(name: str, value: object, least: float, most: float) -> float:
    if not _fits(value, least, most) or (name in _WHOLE and not isinstance(value, int)):
        kind = "a whole number" if name in _WHOLE else "a number"
        raise InvalidOption(f"{name} is {value!r:.40}.", hint=f"Give {kind} from {least:g} to {most:g}.")
    assert isinstance(value, int | float)  # noqa: S101 (_fits says so)
    return value if name in _WHOLE else float(value)


def _fits(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _seed(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _MOST_SEED:
        raise InvalidOption(f"seed is {value!r:.40}.", hint="Give a whole number.")
    return value


class Sampler:
    """Chooses each token of one answer; see `loop.Chooser`. `prompt` are the ids before the answer, int64
    [n]; `allowed` is asked before every token."""

    def __init__(self, sampling: Sampling, prompt: NDArray[np.int64], allowed: Allowed | None = None) -> None:
        self._sampling = sampling
        self._allowed = allowed
        seed = sampling.seed
        self._random = np.random.Generator(np.random.PCG64(None if seed is None else seed % _MOST_SEED))
        self._seen = np.unique(prompt) if sampling.repetition_penalty != 1 else None
        self._counts: dict[int, int] = {}

    def want(self) -> Best:
        """The candidates for the next token."""
        chosen = self._sampling
        biased = bias = None
        if self._counts and (chosen.presence_penalty or chosen.frequency_penalty):
            biased = np.fromiter(self._counts, np.int64, len(self._counts))
            times = np.fromiter(self._counts.values(), np.float32, len(self._counts))
            taken = np.float32(chosen.presence_penalty) + np.float32(chosen.frequency_penalty) * times
            bias = -taken.astype(np.float32)
        count = chosen.top_k or CANDIDATES
        return Best(
            1 if chosen.temperature == 0 else min(count, CANDIDATES),
            penalised=self._seen,
            penalty=chosen.repetition_penalty,
            biased=biased,
            bias=bias,
            allowed=None if self._allowed is None else self._allowed(),
        )

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        """One of `ids` by chance, as likely as `distribution` says."""
        place = 0
        if self._sampling.temperature and ids.size > 1:
            sums = np.cumsum(distribution(values, self._sampling))
            place = int(np.searchsorted(sums, self._random.random() * sums[-1], side="right"))
        token = int(ids[min(place, ids.size - 1)])
        if self._seen is not None and not _holds(self._seen, token):
            self._seen = np.insert(self._seen, int(np.searchsorted(self._seen, token)), token)
        self._counts[token] = self._counts.get(token, 0) + 1
        return token


def _holds(ordered: NDArray[np.int64], token: int) -> bool:
    place = int(np.searchsorted(ordered, token))
    return place < ordered.size and int(ordered[place]) == token


def distribution(values: NDArray[np.float32], sampling: Sampling) -> NDArray[np.float64]:
    """How likely each candidate is to be taken, float64 [n], for logits best first: of the `top_k` best the
    softmax at the temperature; of those the fewest that make up `top_p`; of those the ones that are at least
    `min_p` times as likely as the best; the rest has 0. Needs a temperature above 0."""
    logits = values.astype(np.float64) / sampling.temperature
    if sampling.top_k:
        logits = logits[: sampling.top_k]
    shares = np.exp(logits - logits[0])
    if sampling.top_p < 1:
        # A token goes when it and all the less likely ones make up no more than what may be cut off.
        rest = np.cumsum(shares[::-1])[::-1]
        stays = rest > (1 - sampling.top_p) * rest[0]
        stays[0] = True
        shares = np.where(stays, shares, 0.0)
    shares = np.where(shares >= sampling.min_p * shares[0], shares, 0.0)
    made = np.zeros(values.size)
    made[: shares.size] = shares / shares.sum()
    return made
