"""Where hooks may be."""

from __future__ import annotations

from urllib.parse import urlsplit

URL_MOST = 2048
"""Characters of a URL."""


def check_url(url: str) -> str | None:
    """Why this cannot be the URL of a hook; None if it can."""
    if len(url) > URL_MOST or not url.isprintable() or " " in url:
        return f"at most {URL_MOST} printable characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "must be an http or https URL"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "must not have a user, a password or a fragment"
    return "must not have port 0" if port == 0 else None
