"""The routes below `/v1`. What a provider takes is imported only when there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from nearside_server.cloud.models import Models, no_chat, no_models

if TYPE_CHECKING:
    from nearside_server.cloud.door import Door
    from nearside_server.cloud.providers import Providers

MODELS = "/v1/models"
CHAT = "/v1/chat/completions"
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def far_routes(providers: Providers | None, door: Door | None) -> tuple[list[BaseRoute], Lifespan | None]:
    """Return the routes, and what must happen when the application ends."""
    if providers is None or door is None:
        return [Route(MODELS, no_models), Route(CHAT, no_chat, methods=["POST"])], None

    from nearside_server.cloud.chat import Chat
    from nearside_server.cloud.upstream import Upstream

    upstream = Upstream()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await upstream.close()

    routes: list[BaseRoute] = [
        Route(MODELS, Models(providers, door).get),
        Route(CHAT, Chat(providers, upstream, door), methods=["POST"]),
    ]
    return routes, lifespan
