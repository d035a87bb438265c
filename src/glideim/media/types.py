"""Which types of files are taken."""

from __future__ import annotations

from msgspec import Struct


class TypeRules(Struct, frozen=True):
    """Lists of media types, in which `image/*` is all images. What is denied is never taken; what is not allowed is
    not either, unless nothing is listed there."""

    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()

    def allow(self, media_type: str) -> bool:
        """Whether a file that its bytes show to be of this type is taken."""
        kind = media_type.partition(";")[0].strip().lower()
        names = {kind, kind.partition("/")[0] + "/*", "*/*"}
        if names & {name.lower() for name in self.denied}:
            return False
        return not self.allowed or bool(names & {name.lower() for name in self.allowed})
