"""A bot that repeats what it is told. It has no connection: the server POSTs to it, and sends what it answers.

    pip install starlette uvicorn
    python examples/echo_bot_webhook.py

Tell a running server of it, once, with an API key (`glideim key add bots --scope users`):

    curl http://127.0.0.1:8081/api/v2/admin/bots -H "Authorization: Bearer $KEY" \\
      -H 'Content-Type: application/json' \\
      -d '{"account":"echo","nickname":"Echo","url":"http://127.0.0.1:9001/bot","secret":"a-secret-of-your-own"}'

Then write to `echo` with any client.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = os.environ.get("BOT_SECRET", "a-secret-of-your-own")


def signed(body: bytes, header: str) -> bool:
    """Whether the body was signed with our secret within the last five minutes."""
    fields = dict(part.partition("=")[::2] for part in header.split(","))
    at = fields.get("t", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > 300:
        return False
    right = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), fields.get("v1", "").encode())


async def bot(request: Request) -> Response:
    """One message. However often it comes, the server sends one answer to it."""
    body = await request.body()
    if not signed(body, request.headers.get("GlideIM-Signature", "")):
        return Response(status_code=401)
    event = json.loads(body)
    message = event["message"]
    in_group = message["conv"].startswith("g:")
    if in_group and event["bot"] not in message.get("mentions", []):
        return Response(status_code=204)  # in a group only those who mention it get an answer
    return JSONResponse({"reply": {"type": 1, "content": message.get("content", "")}})


app = Starlette(routes=[Route("/bot", bot, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "9001")))
