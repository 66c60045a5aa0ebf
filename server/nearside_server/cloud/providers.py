"""The operator's file: providers, the models that pages may ask for by alias, and where the keys are.

    [providers.openai]
    base_url = "https://api.openai.com/v1"
    key = "env:OPENAI_API_KEY"       # or "file:PATH"; none for a server that wants none

    [models.cloud-fast]              # what pages ask for
    provider = "openai"
    model = "gpt-x-mini"             # what the provider is asked for

A file with a mistake starts no server. Keys stand in the environment or in files of their own, so that this
file may be shown around.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from nearside_server.cloud.addresses import BadAddress, check_url
from nearside_server.errors import BadConfig

_ALIAS = re.compile(r"[a-z0-9](?:[a-z0-9.\-]{0,62}[a-z0-9])?")
_KEY = re.compile(r"[\x21-\x7e]+")
# Dollars per million tokens to nano-dollars per token.
_NANO = 1000

Seconds = Annotated[float, Meta(gt=0, le=3600)]
Tokens = Annotated[int, Meta(ge=1, le=100_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
T = TypeVar("T")


class _Provider(Struct, frozen=True, forbid_unknown_fields=True):
    """A [providers.NAME] table as it is written."""

    base_url: str
    key: str | None = None
    private_network: bool = False
    connect_timeout: Seconds = 5.0
    idle_timeout: Seconds = 60.0
    total_timeout: Seconds = 600.0


class _Model(Struct, frozen=True, forbid_unknown_fields=True):
    """A [models.ALIAS] table as it is written."""

    provider: Name
    model: Name
    context_window: Tokens | None = None
    max_output_tokens: Tokens | None = None
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    input_price: str | None = None
    output_price: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider is, and how long it may take: seconds to connect, between two pieces, in all.

    `private_network` allows its name to stand for an address of a private network.
    """

    name: str
    base_url: str
    key: str | None = field(repr=False)
    private_network: bool
    connect_timeout: float
    idle_timeout: float
    total_timeout: float


@dataclass(frozen=True, slots=True)
class Model:
    """A model that pages may ask for by its alias.

    `max_output_tokens` is asked for when the page asks for none or for more, under `max_tokens_name`, which
    differs between providers. Prices are nano-dollars per token.
    """

    alias: str
    provider: Provider
    model: str
    context_window: int | None
    max_output_tokens: int | None
    max_tokens_name: str
    input_price: int | None
    output_price: int | None


@dataclass(frozen=True, slots=True)
class Providers:
    """All models by alias; the first is the default."""

    models: Mapping[str, Model]


def load(path: Path, environment: Mapping[str, str]) -> Providers | None:
    """Read the file; None when it connects no provider. Raises BadConfig."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise BadConfig(f"{path} is not a TOML file: {error}.") from None
    for name in data:
        if name not in ("providers", "models"):
            raise BadConfig(f"{path} has {name!r}, which means nothing.", hint="Possible: providers, models.")
    providers = {
        name: _provider(path, name, _table(path, f"providers.{name}", table, _Provider), environment)
        for name, table in _tables(path, data, "providers")
    }
    models = {
        alias: _model(path, alias, _table(path, f"models.{alias}", table, _Model), providers)
        for alias, table in _tables(path, data, "models")
    }
    if providers and not models:
        raise BadConfig(f"{path} names providers but no models.", hint="Add a [models.ALIAS] table.")
    return Providers(models) if models else None


def _tables(path: Path, data: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    """Return the tables below `name`."""
    tables = data.get(name, {})
    if not isinstance(tables, dict):
        raise BadConfig(f"{path}: {name} is not a table.", hint=f"Write [{name}.NAME].")
    return list(tables.items())


def _table(path: Path, where: str, table: Any, shape: type[T]) -> T:
    """Return a table in its shape."""
    if not isinstance(table, dict):
        raise BadConfig(f"{path}: {where} is not a table.")
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as error:
        # The message names fields and types, never a value.
        raise BadConfig(f"{path}: [{where}]: {error}.") from None


def _provider(path: Path, name: str, table: _Provider, environment: Mapping[str, str]) -> Provider:
    """Check a provider's address and fetch its key."""
    where = f"{path}: [providers.{name}]"
    key = None if table.key is None else _secret(where, table.key, path.parent, environment)
    try:
        base_url = check_url(table.base_url, private=table.private_network, has_key=key is not None)
    except BadAddress as error:
        # Not the URL itself: whoever puts a key into it should not find it in a log.
        raise BadConfig(
            f"{where}: base_url cannot be used: {error}.",
            hint='Write base_url = "https://HOST/v1", or "http://127.0.0.1:PORT/v1" for one on this machine.',
        ) from None
    return Provider(
        name=name,
        base_url=base_url,
        key=key,
        private_network=table.private_network,
        connect_timeout=table.connect_timeout,
        idle_timeout=table.idle_timeout,
        total_timeout=table.total_timeout,
    )


def _model(path: Path, alias: str, table: _Model, providers: Mapping[str, Provider]) -> Model:
    """Check a model's names and prices."""
    where = f"{path}: [models.{alias}]"
    if not _ALIAS.fullmatch(alias):
        raise BadConfig(f"{where}: this is not an alias.", hint="Use lower-case letters, digits, . and -.")
    if table.provider not in providers:
        raise BadConfig(f"{where}: there is no [providers.{table.provider}].")
    if not table.model.isprintable():
        raise BadConfig(f"{where}: model has characters that no model's name has.")
    return Model(
        alias=alias,
        provider=providers[table.provider],
        model=table.model,
        context_window=table.context_window,
        max_output_tokens=table.max_output_tokens,
        max_tokens_name=table.max_tokens_name,
        input_price=_price(where, "input_price", table.input_price),
        output_price=_price(where, "output_price", table.output_price),
    )


def _price(where: str, name: str, text: str | None) -> int | None:
    """Return dollars per million tokens as nano-dollars per token, exactly."""
    if text is None:
        return None
    try:
        price = Decimal(text) * _NANO
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= 10**9:
        raise BadConfig(
            f"{where}: {name} is not an amount.", hint='Dollars per million tokens, as in "0.15".'
        )
    if price != int(price):
        raise BadConfig(f"{where}: {name} is finer than 0.001 dollars per million.", hint="Round it up.")
    return int(price)


def _secret(where: str, reference: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return the key that `env:NAME` or `file:PATH` stands for; what it is appears in no message."""
    kind, _, name = reference.partition(":")
    if kind == "env" and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        found, place = environment.get(name), f"the environment variable {name}"
    elif kind == "file" and name:
        file, place = folder / Path(name).expanduser(), "the file of key"
        try:
            found = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            found = None
    else:
        raise BadConfig(
            f"{where}: key is not a reference.",
            hint='Write key = "env:NAME" or key = "file:PATH"; a key itself does not belong in this file.',
        )
    if not found:
        raise BadConfig(f"{where}: {place} is not there or empty.")
    if not _KEY.fullmatch(found):
        raise BadConfig(f"{where}: {place} holds something else than a key.")
    return found
