"""A webhook that looks at messages before they are sent: refuses some, changes others.

    pip install starlette uvicorn
    python examples/moderation_webhook.py

and a server that asks it:

    GLIDEIM_WEBHOOK_URL=http://127.0.0.1:9000/hook GLIDEIM_WEBHOOK_SECRET=a-secret-of-your-own \\
    GLIDEIM_WEBHOOK_EVENTS=before_send,after_send glideim serve

`before_send` comes with many messages at once. Answer quickly: they wait for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import time
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = os.environ.get("GLIDEIM_WEBHOOK_SECRET", "a-secret-of-your-own")
RUDE = re.compile(r"\b(darn|heck)\b", re.IGNORECASE)
ADVERTISING = re.compile(r"buy now|cheap watches", re.IGNORECASE)


def signed(body: bytes, header: str) -> bool:
    """Whether the body was signed with our secret within the last five minutes."""
    fields = dict(part.partition("=")[::2] for part in header.split(","))
    at = fields.get("t", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > 300:
        return False
    right = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), fields.get("v1", "").encode())


def judge(index: int, message: dict[str, Any]) -> dict[str, Any] | None:
    """What becomes of a message; None: it may pass as it is."""
    text = message.get("content", "")
    if message["type"] != 1:
        return None
    if ADVERTISING.search(text):
        return {"index": index, "action": "refuse", "message": "no advertising here"}
    if RUDE.search(text):
        return {"index": index, "action": "change", "content": RUDE.sub("****", text)}
    return None


async def hook(request: Request) -> Response:
    """One delivery."""
    body = await request.body()
    if not signed(body, request.headers.get("GlideIM-Signature", "")):
        return Response(status_code=401)
    event = json.loads(body)
    if event["event"] == "before_send":
        judged = [judge(index, message) for index, message in enumerate(event["messages"])]
        return JSONResponse({"results": [result for result in judged if result is not None]})
    # What is told after the fact may come twice: message ids tell.
    for message in event.get("messages", []):
        print(f"{message['mid']}: {message['from']} said {message.get('content', '')!r}")
    return Response(status_code=204)


app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "9000")))
