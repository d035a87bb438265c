"""The code of docs/webhooks.md and of the examples about webhooks does what it says."""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import msgspec
import pytest

from glideim.push.events import envelope
from glideim.push.outbox import Answer
from glideim.push.screen import Verdicts
from glideim.push.signing import sign

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "webhooks.md"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def post(
    module: ModuleType, path: str, body: str, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    signature = sign(module.SECRET, body.encode(), int(time.time()))
    transport = httpx2.ASGITransport(module.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://hook") as client:
        return await client.post(
            path, content=body, headers={"GlideIM-Signature": signature} | dict(headers or {})
        )


@pytest.mark.parametrize("late", [0, 200, -200])
def test_the_page_shows_how_to_check_a_signature(late: int) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    signed = names["signed"]
    # The page's code asks the clock itself, and this test may run long after it was collected.
    now = int(time.time())
    good = sign("secret", b"body", now - late)
    assert signed("secret", b"body", good)
    assert not signed("other", b"body", good)
    assert not signed("secret", b"body ", good)
    assert not signed("secret", b"body", sign("secret", b"body", now - 400))
    assert not signed("secret", b"body", "")


def test_the_json_on_the_page_is_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    decoded = [msgspec.json.decode(block) for block in blocks]
    verdicts = next(block for block in decoded if "results" in block)
    assert len(msgspec.convert(verdicts, Verdicts).results) == 2
    reply = next(block for block in decoded if "reply" in block)
    assert msgspec.convert(reply, Answer).reply is not None


async def test_the_moderation_example_refuses_and_changes() -> None:
    texts = ["hello", "Buy now!", "oh heck", ""]
    messages = [{"type": 1, "from": 1, "content": text} for text in texts]
    module = example("moderation_webhook")
    body = envelope("before_send", "d", {"messages": [*messages, {"type": 2, "content": "darn"}]})
    answer = await post(module, "/hook", body)
    first, second = msgspec.json.decode(answer.content, type=Verdicts).results
    assert (first.index, first.action, first.message) == (1, "refuse", "no advertising here")
    assert (second.index, second.action, second.content) == (2, "change", "oh ****")


async def test_the_moderation_example_is_told_afterwards(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = {"mid": 7, "type": 1, "from": 1, "content": "hello"}
    body = envelope("after_send", "d", {"messages": [message]})
    assert (await post(example("moderation_webhook"), "/hook", body)).status_code == 204
    assert "7: 1 said 'hello'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ({"conv": "c:1:9", "content": "hi"}, "hi"),
        ({"conv": "g:5", "content": "hi"}, None),
        ({"conv": "g:5", "content": "hi", "mentions": [9]}, "hi"),
    ],
)
async def test_the_echo_bot_repeats(message: dict[str, Any], reply: str | None) -> None:
    body = envelope("bot_message", "d", {"bot": 9, "message": message})
    answer = await post(example("echo_bot_webhook"), "/bot", body)
    said = msgspec.json.decode(answer.content or b"{}", type=Answer).reply
    assert (None if said is None else said.content) == reply


@pytest.mark.parametrize(
    ("name", "path"), [("moderation_webhook", "/hook"), ("echo_bot_webhook", "/bot")]
)
async def test_the_examples_check_signatures(name: str, path: str) -> None:
    answer = await post(example(name), path, "{}", {"GlideIM-Signature": "t=1,v1=00"})
    assert answer.status_code == 401
