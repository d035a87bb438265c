"""Signatures of webhooks: `t=<unix seconds>,v1=<hex hmac-sha256 of "t.body">`."""

from __future__ import annotations

import hashlib
import hmac

SIGNATURE = "GlideIM-Signature"
EVENT = "GlideIM-Event"
DELIVERY = "GlideIM-Delivery"
TOLERANCE = 300
"""Seconds that a signature is good for: who repeats a request later is refused."""


def sign(secret: str, body: bytes, at: int) -> str:
    """The header's value, `at` in Unix seconds."""
    return f"t={at},v1={_digest(secret, body, str(at))}"


def verify(secret: str, body: bytes, header: str, now: int, tolerance: int = TOLERANCE) -> bool:
    """Whether the body was signed with the secret within the last `tolerance` seconds."""
    fields = dict(part.strip().partition("=")[::2] for part in header.split(","))
    at, found = fields.get("t", ""), fields.get("v1", "")
    if not (at.isascii() and at.isdigit() and len(at) <= 16) or abs(now - int(at)) > tolerance:
        return False
    right = _digest(secret, body, at).encode()
    return hmac.compare_digest(right, found.encode("utf-8", "replace"))


def _digest(secret: str, body: bytes, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
