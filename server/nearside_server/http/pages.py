"""The files of the site: nothing but what its manifest names."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from nearside_server.errors import NotFound
from nearside_server.http.files import IMMUTABLE, REVALIDATE, ServedFile, file_answer
from nearside_server.http.mime import content_type
from nearside_server.site import CurrentSite, Site


class Pages:
    """The endpoint for every path that is not another endpoint's."""

    def __init__(self, site: CurrentSite) -> None:
        self._site = site

    async def get(self, request: Request) -> Response:
        """Answer with the file that lies under the request's path, `index.html` for a folder."""
        path = request.path_params["path"]
        if not path or path.endswith("/"):
            path += "index.html"
        return await site_file(request, self._site.get(), path)


async def site_file(request: Request, site: Site, path: str) -> Response:
    """Answer with the file `path` of the site; raises NotFound when the manifest does not name it."""
    file = site.files.get(path)
    if file is None:
        raise NotFound(f"Nothing is served under {request.url.path}.")
    sizes = {"br": file.br, "gzip": file.gz}
    served = ServedFile(
        path=site.folder / file.path,
        bytes=file.bytes,
        sha256=file.sha256,
        content_type=content_type(path),
        cache_control=IMMUTABLE if path.startswith(("assets/", "local/assets/")) else REVALIDATE,
        encodings={coding: size for coding, size in sizes.items() if size is not None},
    )
    return await file_answer(request, served)
