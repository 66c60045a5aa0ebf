"""JSON answers made per request, revalidated by an ETag over their bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from nearside_server.http.files import REVALIDATE
from nearside_server.http.negotiation import matches_etag


def json_answer(request: Request, data: Any) -> Response:
    """Return `data` as JSON, or 304 when the client has the same bytes."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    headers = {"etag": f'"{hashlib.sha256(body).hexdigest()}"', "cache-control": REVALIDATE}
    if matches_etag(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
