"""`GET /v1/models`: what pages may ask for. And what `/v1` says on a site without a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nearside_server.cloud.errors import NoProvider

if TYPE_CHECKING:
    from nearside_server.cloud.door import Door
    from nearside_server.cloud.providers import Model, Providers

_NEVER_STORED = {"cache-control": "no-store"}


class Models:
    """The list of aliases, the default first."""

    def __init__(self, providers: Providers, door: Door) -> None:
        self._door = door
        self._list = _list([_entry(model) for model in providers.models.values()])

    async def get(self, request: Request) -> Response:
        """Answer with the list."""
        self._door.check(request.scope)
        return JSONResponse(self._list, headers=_NEVER_STORED)


async def no_models(request: Request) -> Response:
    """Answer for a site without a provider: there are none."""
    return JSONResponse(_list([]), headers=_NEVER_STORED)


async def no_chat(request: Request) -> Response:
    """Refuse for a site without a provider, whatever was asked."""
    raise NoProvider("This site has no cloud provider.")


def _list(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a list in OpenAI's shape."""
    return {"object": "list", "data": entries}


def _entry(model: Model) -> dict[str, Any]:
    """Return a model in OpenAI's shape with what a router wants to know; whose it is stays here."""
    return {
        "id": model.alias,
        "object": "model",
        "created": 0,
        "owned_by": "nearside",
        "nearside": {
            "context_window": model.context_window,
            "max_output_tokens": model.max_output_tokens,
            "input_price": model.input_price,
            "output_price": model.output_price,
        },
    }
