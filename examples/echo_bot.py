"""A bot that repeats what it is told, over a connection of its own: it needs no address that others can reach.

    make run                                        # in another terminal: a server
    .venv/bin/python examples/echo_bot.py           # as a guest; prints its uid

To be the bot of an account that stays, make one with an API key (`glideim key add bots --scope users`):

    curl http://127.0.0.1:8081/api/v2/admin/bots -H "Authorization: Bearer $KEY" \\
      -H 'Content-Type: application/json' -d '{"account":"echo","nickname":"Echo"}'

and start it with the token of the answer: `GLIDEIM_TOKEN=… .venv/bin/python examples/echo_bot.py`.
`GLIDEIM_SERVER` names another server than `ws://127.0.0.1:8080/ws`.
"""

from __future__ import annotations

import asyncio
import os

from glideim.client import Client, Options, SendFailed

SERVER = os.environ.get("GLIDEIM_SERVER", "ws://127.0.0.1:8080/ws")
TOKEN = os.environ.get("GLIDEIM_TOKEN", "")
BOT = 5
"""The class of device that bots are."""


async def main() -> None:
    # What was said before the bot was started is not answered: it may have been answered already.
    async with Client(SERVER, options=Options(device=BOT, start="now")) as bot:
        uid = await (bot.login_with(TOKEN) if TOKEN else bot.guest("Echo"))
        print(f"echo is {uid}", flush=True)
        async for message in bot.messages(own=False):
            in_group = message.conv.startswith("g:")
            if (
                message.type != 1
                or not message.content
                or (in_group and uid not in message.mentions)
            ):
                continue
            try:
                await bot.send(message.conv if in_group else message.from_, message.content)
            except SendFailed as refusal:  # blocked, or no longer a member
                print(f"not answered: {refusal}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
