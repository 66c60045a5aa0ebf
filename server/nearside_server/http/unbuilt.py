"""The page that a visitor sees while there is no built site."""

from __future__ import annotations

import base64
import hashlib
import html

from starlette.responses import HTMLResponse

from nearside_server.errors import ServerError

_STYLE = """
:root { color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif; }
body { margin: 12vh auto; max-width: 34rem; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
code { font-size: .95em; padding: .1em .35em; border: 1px solid; border-radius: .3em; }
"""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nearside is not built yet</title>
<style>{style}</style>
<main>
<h1>Nearside is not built yet</h1>
<p>The server runs, but the site that it serves has not been built. {reason}</p>
<p>In the project's folder, run <code>make run</code>, which builds and serves; or run
<code>nearside build</code> and reload this page. The server need not be restarted.</p>
</main>
</html>
"""


def unbuilt_page(error: ServerError) -> HTMLResponse:
    """Return the page, with status 503 and a policy that allows its one style sheet."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    return HTMLResponse(
        _PAGE.format(style=_STYLE, reason=html.escape(error.message)),
        status_code=error.status,
        headers={"content-security-policy": policy, "cache-control": "no-store", "retry-after": "5"},
    )
