"""An application with users of its own lets them chat: they sign in here, and never see GlideIM's accounts.

    make run                                             # in another terminal: a server
    export GLIDEIM_KEY=$(.venv/bin/glideim key add app --scope users --scope act)
    .venv/bin/pip install fastapi uvicorn
    .venv/bin/python examples/fastapi_login.py

Then sign in as one of the two users of this application; the answer is all that a client needs to chat:

    curl http://127.0.0.1:9002/login -H 'Content-Type: application/json' \\
      -d '{"name":"alice","password":"wonderland"}'

    async with Client(answer["ws"]) as client:
        await client.login_with(answer["token"])

The key stays in this program: with it one is any user. `GLIDEIM_API` is the HTTP API of the server, `GLIDEIM_WS` and
`GLIDEIM_TCP` are where clients connect.
"""

from __future__ import annotations

import hashlib
import hmac
import os

import httpx2
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

API = os.environ.get("GLIDEIM_API", "http://127.0.0.1:8081")
WS = os.environ.get("GLIDEIM_WS", "ws://127.0.0.1:8080/ws")
TCP = os.environ.get("GLIDEIM_TCP", "tcp://127.0.0.1:8082")
KEY = os.environ.get("GLIDEIM_KEY", "")
PORT = int(os.environ.get("PORT", "9002"))
WEB = 2
"""The class of device that the token is for; a token of another class lets somebody use both at a time."""


def hashed(password: str, salt: bytes) -> bytes:
    """What is kept of a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


SALT = os.urandom(16)
# Stands for the table of users that the application has anyway.
USERS = {"alice": hashed("wonderland", SALT), "bob": hashed("builder", SALT)}
NOBODY = hashed("", SALT)


class Wanted(BaseModel):
    """Who signs in."""

    name: str
    password: str
    device_id: str = "browser"


class SignedIn(BaseModel):
    """What a client needs to chat."""

    uid: int
    token: str
    ws: str
    tcp: str


app = FastAPI(title="An application with chat")


@app.post("/login")
def login(wanted: Wanted) -> SignedIn:
    """Check the application's own password, then let GlideIM know the user and make a token for them."""
    right = hmac.compare_digest(hashed(wanted.password, SALT), USERS.get(wanted.name, NOBODY))
    if not right or wanted.name not in USERS:
        raise HTTPException(401, "name or password is wrong")
    headers = {"Authorization": f"Bearer {KEY}"}
    try:
        with httpx2.Client(base_url=f"{API}/api/v2", headers=headers) as glideim:
            account = {"account": wanted.name, "nickname": wanted.name.title(), "ifMissing": True}
            user = glideim.post("/admin/users", json=account).raise_for_status().json()
            device = {"device": WEB, "deviceId": wanted.device_id}
            token = glideim.post(f"/admin/users/{user['uid']}/token", json=device)
            made = token.raise_for_status().json()
    except httpx2.HTTPError as error:
        raise HTTPException(503, "chat cannot be reached") from error
    return SignedIn(uid=user["uid"], token=made["token"], ws=WS, tcp=TCP)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="info")
