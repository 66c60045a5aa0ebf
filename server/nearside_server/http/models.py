"""`/models/`: the starter model from the site, then the folders in hub layout that the operator named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from nearside_server.errors import FileChanged, NotFound, ServerError
from nearside_server.http.cards import make_card, read_card
from nearside_server.http.dynamic import json_answer
from nearside_server.http.files import ServedFile, file_answer
from nearside_server.http.folders import CARD, ModelFolders
from nearside_server.http.hashes import Hashes
from nearside_server.http.mime import model_content_type
from nearside_server.http.pages import site_file
from nearside_server.site import CurrentSite, Site

# Files up to this size (bytes) are hashed for the list of all models; the rest when they are asked for.
_SMALL = 1024 * 1024


class Models:
    """The endpoints under `/models/`."""

    def __init__(self, site: CurrentSite, folders: ModelFolders) -> None:
        self._site = site
        self._folders = folders
        self._hashes = Hashes()

    async def index(self, request: Request) -> Response:
        """`/models/index.json`: the cards of all models, the site's first."""
        site = _built(self._site)
        cards = await anyio.to_thread.run_sync(_site_cards, site) if site is not None else []
        seen = {card["id"] for card in cards}
        for model in await anyio.to_thread.run_sync(self._folders.ids):
            if model not in seen:
                cards.append(await self._card(model, complete=False))
        return json_answer(request, {"models": cards})

    async def file(self, request: Request) -> Response:
        """`/models/<org>/<name>/<path>`: a file of a model, or its card."""
        model = f"{request.path_params['org']}/{request.path_params['name']}"
        path = request.path_params["path"]
        site = _built(self._site)
        if site is not None and f"models/{model}/config.json" in site.files:
            return await site_file(request, site, f"models/{model}/{path}")
        try:
            place = await anyio.to_thread.run_sync(self._folders.file, model, path)
        except NotFound:
            if path != CARD or await anyio.to_thread.run_sync(self._folders.find, model) is None:
                raise
            return json_answer(request, await self._card(model, complete=True))
        try:
            sha256 = await self._hashes.of(place)
            size = (await anyio.to_thread.run_sync(place.stat)).st_size
        except OSError as error:
            raise FileChanged(f"{path} of {model} cannot be read.") from error
        return await file_answer(request, ServedFile(place, size, sha256, model_content_type(path)))

    async def _card(self, model: str, *, complete: bool) -> dict[str, Any]:
        """Return a folder's card, its own or a made one; with hashes of small or known files, or of all."""
        found = await anyio.to_thread.run_sync(self._folders.find, model)
        if found is None:
            raise NotFound(f"There is no model {model!r}.")
        folder = found[1]
        own = None if complete else await anyio.to_thread.run_sync(read_card, folder / CARD)
        if own is not None:
            return own
        files = await anyio.to_thread.run_sync(self._folders.files, model)
        hashes: dict[str, str] = {}
        for path, place in files.items():
            known = await self._hash(place, complete=complete)
            if known is not None:
                hashes[path] = known
        return await anyio.to_thread.run_sync(make_card, model, folder, files, hashes)

    async def _hash(self, place: Path, *, complete: bool) -> str | None:
        """Return the hash of a file; of a large one only if it is known or `complete` is asked for."""
        try:
            known = await anyio.to_thread.run_sync(self._hashes.known, place)
            if known is None and (complete or (await anyio.to_thread.run_sync(place.stat)).st_size <= _SMALL):
                known = await self._hashes.of(place)
        except OSError as error:
            raise FileChanged(f"{place.name} cannot be read.") from error
        return known


def _built(current: CurrentSite) -> Site | None:
    """Return the site, None when there is none: folders of models are served without one."""
    try:
        return current.get()
    except ServerError:
        return None


def _site_cards(site: Site) -> list[dict[str, Any]]:
    """Return the cards of the models that are part of the site."""
    if "models/index.json" not in site.files:
        return []
    try:
        cards = json.loads((site.folder / "models" / "index.json").read_text("utf-8"))["models"]
        return [dict(card) for card in cards if "id" in card]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileChanged("The site's list of models cannot be read.") from error
