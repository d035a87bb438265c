"""What tests of every kind share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.services import Info, running


@pytest.fixture(scope="session")
def s3_service() -> Iterator[Info]:
    """A real S3-compatible store. One for the whole run, so tests use keys that others do not."""
    with running("s3") as info:
        yield info
