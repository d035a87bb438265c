"""An assistant whose answers grow word by word, as those of a language model do.

    make run                                                # in another terminal: a server
    .venv/bin/python examples/streaming_assistant.py        # as a guest; prints its uid

It answers everything that is said to it alone, and in groups what mentions it. Several people are answered at a time.
`GLIDEIM_TOKEN` is the token of a bot (see `echo_bot.py`), `GLIDEIM_SERVER` another server than
`ws://127.0.0.1:8080/ws`.

The "model" here is a few lines that need no network. Any asynchronous generator of pieces of text takes its place:

    await assist(client, my_model)
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

from glideim.client import Client, Options, RequestFailed
from glideim.protocol.records import Message

SERVER = os.environ.get("GLIDEIM_SERVER", "ws://127.0.0.1:8080/ws")
TOKEN = os.environ.get("GLIDEIM_TOKEN", "")
PAUSE = float(os.environ.get("ASSISTANT_PAUSE", "0.05"))
"""Seconds between two words."""
AT_ONCE = 8
"""Most answers that grow at a time; more questions wait."""

Model = Callable[[str], AsyncIterator[str]]


async def parrot(question: str) -> AsyncIterator[str]:
    """Stands in for a model: says something about the question, a word at a time."""
    words = question.split()
    longest = max(words, key=len, default="nothing")
    answer = f"You said {len(words)} words, and the longest of them is “{longest.strip('?!.,')}”."
    for word in answer.split():
        await asyncio.sleep(PAUSE)
        yield word + " "


async def answer(client: Client, message: Message, model: Model) -> None:
    """Let one answer grow. Whatever the model raises takes the message back and is printed."""
    to = message.conv if message.conv.startswith("g:") else message.from_
    try:
        async with client.stream(to) as growing:
            async for piece in model(message.content or ""):
                await growing.write(piece)
    except RequestFailed as refusal:  # blocked, no longer a member, or the server was restarted
        print(f"not answered: {refusal}", flush=True)


async def assist(client: Client, model: Model) -> None:
    """Answer until the client is closed."""
    free = asyncio.Semaphore(AT_ONCE)

    async def in_turn(message: Message) -> None:
        try:
            await answer(client, message, model)
        finally:
            free.release()

    async with asyncio.TaskGroup() as answers:
        async for message in client.messages(own=False):
            mine = not message.conv.startswith("g:") or client.uid in message.mentions
            if message.type == 1 and message.content and mine:
                await free.acquire()
                answers.create_task(in_turn(message))


async def main() -> None:
    async with Client(SERVER, options=Options(device=5, start="now")) as client:
        uid = await (client.login_with(TOKEN) if TOKEN else client.guest("Assistant"))
        print(f"assistant is {uid}", flush=True)
        await assist(client, parrot)


if __name__ == "__main__":
    asyncio.run(main())
