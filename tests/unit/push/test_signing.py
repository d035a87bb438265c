"""Signatures of webhooks."""

from __future__ import annotations

import pytest

from glideim.push.signing import TOLERANCE, sign, verify

NOW = 1_800_000_000
BODY = b'{"text":"\xc3\xbc"}'


def test_the_header_is_as_documented() -> None:
    # printf '1800000000.{}' | openssl dgst -sha256 -hmac whsec
    digest = "77b7eef0d31630eb2979f9c5a7773983688ccf849f9d5a79d0a01c0a8bbaffa0"
    assert sign("whsec", b"{}", NOW) == f"t=1800000000,v1={digest}"


@pytest.mark.parametrize("late", [-TOLERANCE, 0, TOLERANCE])
def test_a_signature_is_good_for_a_while(late: int) -> None:
    assert verify("s", BODY, sign("s", BODY, NOW), NOW + late)


@pytest.mark.parametrize("late", [-TOLERANCE - 1, TOLERANCE + 1])
def test_a_repeated_request_is_refused_later(late: int) -> None:
    assert not verify("s", BODY, sign("s", BODY, NOW), NOW + late)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=00",
        "t=1800000000",
        "t=1800000000,v1=ü",
        "t=x,v1=00",
        "t=,v1=",
        sign("other", BODY, NOW),
        sign("s", BODY + b" ", NOW),
        sign("s", BODY, NOW).replace("t=1800000000", "t=1800000001"),
    ],
)
def test_what_is_not_signed_is_refused(header: str) -> None:
    assert not verify("s", BODY, header, NOW)
