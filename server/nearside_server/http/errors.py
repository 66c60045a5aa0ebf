"""Errors as answers: JSON with the four fields for programs, a page for a person when there is no site."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nearside_server.errors import (
    MethodNotAllowed,
    NotFound,
    RequestRefused,
    ServerError,
    SiteDamaged,
    SiteNotBuilt,
)
from nearside_server.http.headers import Policies
from nearside_server.http.unbuilt import unbuilt_page

_NEVER_STORED = {"cache-control": "no-store"}


def error_answer(error: ServerError) -> Response:
    """Return a typed error as JSON: `{"error": {code, message, hint, retryable}}`."""
    headers = {**_NEVER_STORED, **error.headers()}
    return JSONResponse({"error": error.to_wire()}, status_code=error.status, headers=headers)


async def typed(request: Request, error: Exception) -> Response:
    """Answer an error that the server raised on purpose."""
    if not isinstance(error, ServerError):
        raise error
    if isinstance(error, (SiteNotBuilt, SiteDamaged)) and _is_page(request):
        return unbuilt_page(error)
    return error_answer(error)


async def refused(request: Request, error: Exception) -> Response:
    """Answer a refusal that comes from the router."""
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if error.status_code == MethodNotAllowed.status:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "GET, HEAD").split(", ")))
        return error_answer(MethodNotAllowed(f"{request.method} is not possible on {path}.", allowed=allowed))
    if error.status_code == NotFound.status:
        return error_answer(NotFound(f"Nothing is served under {path}."))
    answer = error_answer(RequestRefused(error.detail))
    answer.status_code = error.status_code
    return answer


class Unexpected:
    """Answers what nobody expected. Runs outside of the policies, so it adds them itself."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    async def __call__(self, request: Request, error: Exception) -> Response:
        """Answer 500 without a word about the inside; the log has the traceback."""
        answer = error_answer(ServerError("The server failed.", hint="Its log says why.", retryable=True))
        answer.raw_headers.extend(self._policies.of(request.scope))
        return answer


def _is_page(request: Request) -> bool:
    """Say whether a person is likely to look at the answer."""
    path = request.url.path
    return path.endswith(("/", ".html")) or "text/html" in request.headers.get("accept", "")
