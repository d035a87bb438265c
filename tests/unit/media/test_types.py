"""Which types are taken."""

from __future__ import annotations

import pytest

from glideim.media.types import TypeRules


@pytest.mark.parametrize(
    ("allowed", "denied", "media_type", "taken"),
    [
        ((), (), "application/octet-stream", True),
        (("image/*",), (), "image/png", True),
        (("image/*",), (), "video/mp4", False),
        (("image/*", "text/plain"), (), "text/plain; charset=utf-8", True),
        (("image/*",), ("image/gif",), "image/gif", False),
        (("image/*",), ("image/gif",), "image/png", True),
        ((), ("application/*",), "application/pdf", False),
        ((), ("*/*",), "image/png", False),
        (("Image/PNG",), (), "image/png", True),
        (("image/png",), (), "image/png2", False),
    ],
)
def test_rules(
    allowed: tuple[str, ...], denied: tuple[str, ...], media_type: str, taken: bool
) -> None:
    assert TypeRules(allowed, denied).allow(media_type) is taken
