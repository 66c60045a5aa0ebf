"""`/healthz` for whoever watches the server, `/config.json` for the page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nearside_server import __version__
from nearside_server.config import Config
from nearside_server.errors import ServerError
from nearside_server.http.dynamic import json_answer
from nearside_server.site import CurrentSite


class Status:
    """What the server says about itself."""

    def __init__(self, config: Config, site: CurrentSite) -> None:
        self._config = config
        self._site = site

    async def health(self, request: Request) -> Response:
        """`/healthz`: 200 when there is a site to serve, else 503."""
        try:
            self._site.get()
        except ServerError as error:
            return JSONResponse(
                {"status": error.code, "version": __version__},
                status_code=503,
                headers={"cache-control": "no-store"},
            )
        return JSONResponse({"status": "ok", "version": __version__}, headers={"cache-control": "no-store"})

    async def config(self, request: Request) -> Response:
        """`/config.json`: the version, the hub of models or null, and whether there is a cloud."""
        provider = self._config.providers is not None
        return json_answer(request, {"version": __version__, "hub": self._config.hub, "provider": provider})
