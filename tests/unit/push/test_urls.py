"""Where hooks may be."""

from __future__ import annotations

import pytest

from glideim.push.urls import URL_MOST, check_url


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/hook",
        "https://app.example.com",
        "https://[2001:db8::1]:8443/a?b=c",
        "HTTPS://app.example.com/",
    ],
)
def test_urls_of_hooks(url: str) -> None:
    assert check_url(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.example.com",
        "/hook",
        "file:///etc/passwd",
        "ftp://app.example.com/",
        "gopher://x/",
        "http://",
        "http:///hook",
        "https://user:password@app.example.com/",
        "https://user@app.example.com/",
        "https://app.example.com/#part",
        "https://app.example.com:99999/",
        "https://app.example.com:0/",
        "http://[::1",
        "https://app.example.com/a b",
        "https://app.example.com/\r\nX: y",
        "https://app.example.com/" + "x" * URL_MOST,
    ],
)
def test_what_is_no_url_of_a_hook(url: str) -> None:
    assert check_url(url)
