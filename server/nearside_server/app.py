"""The web application: routes, policies, errors."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nearside_server.cloud.door import Door
from nearside_server.cloud.routes import far_routes
from nearside_server.config import Config
from nearside_server.errors import ServerError
from nearside_server.http.errors import Unexpected, refused, typed
from nearside_server.http.folders import ModelFolders
from nearside_server.http.headers import Policies
from nearside_server.http.models import Models
from nearside_server.http.pages import Pages
from nearside_server.http.status import Status
from nearside_server.site import CurrentSite


def create_app(config: Config, door: Door | None = None) -> Starlette:
    """Return the application that serves the site and the models that `config` names.

    The site (`app.state.site`, a CurrentSite) need not be there yet: pages answer 503 until it is built.
    `door` says who may use the cloud providers; without one nobody may.
    """
    far, lifespan = far_routes(config.providers, door)
    site = CurrentSite(config.site)
    policies = Policies(config.hub_sources)
    status = Status(config, site)
    models = Models(site, ModelFolders(config.models))
    app = Starlette(
        routes=[
            Route("/healthz", status.health),
            Route("/config.json", status.config),
            Route("/models/index.json", models.index),
            Route("/models/{org}/{name}/{path:path}", models.file),
            *far,
            Route("/{path:path}", Pages(site).get),
        ],
        middleware=[Middleware(PolicyMiddleware, policies=policies)],
        exception_handlers={HTTPException: refused, ServerError: typed, Exception: Unexpected(policies)},
        lifespan=lifespan,
    )
    # A policy that allows some paths of this site holds only while no answer sends the browser to another.
    app.router.redirect_slashes = False
    app.state.site = site
    return app


class PolicyMiddleware:
    """Gives every answer the fixed headers of its path; headers that the answer has already stay."""

    def __init__(self, app: ASGIApp, policies: Policies) -> None:
        self._app = app
        self._policies = policies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with more headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_policies(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                given = {name for name, _ in headers}
                headers.extend(pair for pair in self._policies.of(scope) if pair[0] not in given)
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_policies)
