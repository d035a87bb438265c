"""Commands about messages: answer, change, find, let grow."""

from __future__ import annotations

from msgspec.structs import replace

from glideim.client import ClientError, StreamWriter
from glideim.protocol.records import Message

from .desk import Command, Desk, Refusal, on_off
from .window import erased
from .words import GROWING, people_of

FOUND = 50
"""Messages that a search shows."""
LISTED = 20
"""Messages that `/list` shows when it is not told how many."""
PAGE = 200
"""Messages that the server gives at a time."""


async def _reply(desk: Desk, words: str) -> None:
    message, text = await desk.picked(words, desk.is_theirs)
    if not text:
        raise Refusal("what do you answer?")
    await desk.say(text, reply_to=message.mid)
    await desk.model.select(None)


async def _edit(desk: Desk, words: str) -> None:
    message, text = await desk.picked(words, desk.is_mine)
    if not text:
        raise Refusal("what should it say?")
    await desk.client.edit(message, text)


async def _recall(desk: Desk, words: str) -> None:
    message, _ = await desk.picked(words, desk.is_mine)
    await desk.client.recall(message)


async def _react(desk: Desk, words: str) -> None:
    message, key = await desk.picked(words, desk.is_theirs)
    await desk.client.react(message, key or "👍")


async def _unreact(desk: Desk, words: str) -> None:
    message, key = await desk.picked(words, desk.is_theirs)
    keys = [key] if key else [r.key for r in message.reactions if r.mine]
    if not keys:
        raise Refusal("you did not react to it")
    for each in keys:
        await desk.client.react(message, each, on=False)


async def _pin(desk: Desk, words: str) -> None:
    message, rest = await desk.picked(words, lambda _: True)
    await desk.client.pin(message, on=on_off(rest))


async def _unpin(desk: Desk, words: str) -> None:
    message, _ = await desk.picked(words, lambda m: m.pinned)
    await desk.client.pin(message, on=False)


async def _pins(desk: Desk, _: str) -> None:
    pinned = await desk.client.conversations.pins(desk.here().conv)
    await _rows(desk, list(pinned), "nothing is pinned here")


async def _search(desk: Desk, words: str) -> None:
    if not words:
        raise Refusal("what do you look for?")
    found: list[Message] = []
    async for message in desk.client.search(words):
        found.append(message)
        if len(found) == FOUND:
            break
    await _learn(desk, found)
    rows = [f"{desk.model.chats.get(m.conv).title}: {desk.row(m)}" for m in found]
    desk.show(rows, "nothing found")


async def _goto(desk: Desk, words: str) -> None:
    number = words.removeprefix("#")
    if not number.isdigit() or not await desk.model.select(int(number)):
        raise Refusal("there is no such message here")
    desk.tell(desk.row(await desk.message(int(number))))


async def _list(desk: Desk, words: str) -> None:
    if words and not words.isdigit():
        raise Refusal("how many?")
    await desk.model.settled()
    limit = min(int(words or LISTED), PAGE)
    page = await desk.client.history(desk.here().conv, limit=limit)
    await _rows(desk, list(page), "nothing was said here")


async def _rows(desk: Desk, messages: list[Message], nothing: str) -> None:
    await _learn(desk, messages)
    desk.show([desk.row(message) for message in messages], nothing)


async def _learn(desk: Desk, messages: list[Message]) -> None:
    await desk.model.people.learn(uid for m in messages for uid in people_of(m))


# --- messages that grow -----------------------------------------------------------------------------------


async def _stream(desk: Desk, words: str) -> None:
    if desk.writer is not None:
        raise Refusal("a message is growing already: /done or /cancel ends it")
    chat = desk.here()
    writer = desk.client.stream(chat.target, words)
    sent = await writer.open()
    desk.writer = writer
    desk.growing = Message(
        mid=sent.mid, cli_mid=sent.cli_mid, conv=sent.conv, seq=sent.seq, from_=desk.client.uid,
        to=chat.gid or chat.peer, type=1, content=words, send_at=sent.send_at, status=GROWING,
    )  # fmt: skip
    desk.model.took(desk.growing)
    desk.tell("Every line is added now; /done ends the message, /cancel takes it back.")


async def grow(desk: Desk, line: str) -> None:
    """Add a line to the message that grows. Raises ClientError."""
    if desk.writer is None or desk.growing is None:
        raise Refusal("no message is growing")
    try:
        await desk.writer.write(f"\n{line}" if desk.writer.text else line)
    except ClientError:
        desk.writer = None
        raise
    desk.growing = replace(desk.growing, content=desk.writer.text)
    desk.model.took(desk.growing)


async def _done(desk: Desk, _: str) -> None:
    writer, message = _ended(desk)
    await writer.finish()
    desk.model.took(replace(message, content=writer.text, status=0))


async def _cancel(desk: Desk, _: str) -> None:
    writer, message = _ended(desk)
    await writer.cancel()
    desk.model.took(erased(message))


def _ended(desk: Desk) -> tuple[StreamWriter, Message]:
    writer, message = desk.writer, desk.growing
    if writer is None or message is None:
        raise Refusal("no message is growing")
    desk.writer = desk.growing = None
    return writer, message


COMMANDS = {
    "reply": Command("[#N] TEXT", "answer a message: the selected one, or their last", _reply),
    "edit": Command("[#N] TEXT", "change a message of yours: the last by default", _edit),
    "recall": Command("[#N]", "take a message back: your last by default", _recall),
    "react": Command("[#N] [EMOJI]", "react to a message: 👍 to their last by default", _react),
    "unreact": Command("[#N] [EMOJI]", "take your reactions to it back", _unreact),
    "pin": Command("[#N]", "pin a message for everybody", _pin),
    "unpin": Command("[#N]", "unpin it", _unpin),
    "pins": Command("", "what is pinned here", _pins),
    "search": Command("WORDS", "look through all conversations", _search),
    "goto": Command("#N", "show and select a message", _goto),
    "list": Command("[COUNT]", "the last messages with their numbers", _list),
    "stream": Command("[TEXT]", "begin a message that grows line by line", _stream),
    "done": Command("", "end the message that grows", _done),
    "cancel": Command("", "take the message that grows back", _cancel),
}
