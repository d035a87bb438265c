"""Commands about people, conversations and one's own sign-ins."""

from __future__ import annotations

import re

from glideim.client import RequestFailed
from glideim.client.conversations import DAY
from glideim.protocol.social import ContactRequest, NotifyConversation

from .desk import Command, Desk, Refusal, on_off
from .do_groups import asking, asking_row
from .text import clock, one_line

DEVICES = {1: "phone", 2: "web", 3: "tablet", 4: "desktop", 5: "tail"}
"""What the classes of device that GlideIM's own clients use are called."""
_SPAN = re.compile(r"(\d{1,6})\s*([smhd])$")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": DAY}


# --- conversations ----------------------------------------------------------------------------------------


async def _to(desk: Desk, words: str) -> None:
    if not words:
        raise Refusal("to whom?")
    await desk.model.show((await desk.chat(words)).conv)


async def _chats(desk: Desk, _: str) -> None:
    rows = []
    for chat in desk.model.chats.listed():
        marks = [f"{chat.unread} unread"] if chat.unread else []
        marks += [
            word
            for word, on in (("top", chat.pinned), ("quiet", chat.muted), ("left", chat.closed))
            if on
        ]
        about = f" ({', '.join(marks)})" if marks else ""
        rows.append(f"{one_line(chat.title)}{about}: {one_line(chat.preview)}")
    desk.show(rows, "no conversations yet")


async def _top(desk: Desk, words: str) -> None:
    on = on_off(words)
    desk.model.chats.synced(await desk.client.conversations.pin(desk.here().conv, on=on))


async def _quiet(desk: Desk, words: str) -> None:
    on = on_off(words)
    desk.model.chats.synced(await desk.client.conversations.mute(desk.here().conv, on=on))


async def _hide(desk: Desk, _: str) -> None:
    conv = desk.here().conv
    await desk.client.conversations.hide(conv)
    desk.model.chats.settings(NotifyConversation(conv, hidden=True))


async def _expire(desk: Desk, words: str) -> None:
    span = _SPAN.match(words.strip().lower())
    if span is None and words.strip().lower() != "off":
        raise Refusal("after how long? 30s, 10m, 12h, 7d, or off")
    seconds = int(span[1]) * _SECONDS[span[2]] if span else 0
    changed = await desk.client.conversations.erase_after(desk.here().conv, seconds)
    desk.model.chats.synced(changed)
    desk.tell(f"what is said from now on disappears after {words}" if seconds
              else "what is said from now on stays")  # fmt: skip


# --- contacts ---------------------------------------------------------------------------------------------


async def _contacts(desk: Desk, _: str) -> None:
    rows = []
    async for contact in desk.client.contacts.list():
        if contact.user is not None:
            desk.model.people.remember([contact.user])
        desk.model.people.remark(contact.uid, contact.remark)
        there = " (here)" if desk.model.people.is_there(contact.uid) else ""
        rows.append(f"{one_line(desk.name(contact.uid))} #{contact.uid}{there}")
    desk.show(rows, "no contacts yet: /add NAME asks somebody")


async def _add(desk: Desk, words: str) -> None:
    name, _, message = words.partition(" ")
    user = await desk.person(name)
    request = await desk.client.contacts.add(user.uid, message.strip())
    done = "is a contact now" if request.state == "accepted" else "is asked"
    desk.tell(f"{one_line(desk.name(user.uid))} {done}")


async def _requests(desk: Desk, _: str) -> None:
    rows = [_request_row(desk, r) for r in await _asked(desk)]
    chat = desk.model.open
    if chat is not None and chat.gid:
        try:
            rows += [asking_row(desk, r) for r in await asking(desk, chat.gid)]
        except RequestFailed as error:
            if error.code != "forbidden":
                raise
    desk.show(rows, "nobody asks for anything")


async def _asked(desk: Desk) -> list[ContactRequest]:
    requests = [request async for request in desk.client.contacts.requests()]
    desk.model.people.remember(r.user for r in requests if r.user is not None)
    return requests


def _request_row(desk: Desk, request: ContactRequest) -> str:
    at = clock(request.at, desk.model.now_ms())
    who = one_line(desk.name(request.uid))
    if request.outgoing:
        return f"{at} you asked {who} #{request.uid}"
    said = f": {one_line(request.message, 200)}" if request.message else ""
    return f"{at} {who} #{request.uid} wants to be a contact{said}"


async def _is_joining(desk: Desk, uid: int) -> bool:
    """Whether an answer is about somebody who asks to join the open group, and not to be a contact."""
    if any(r.uid == uid and not r.outgoing for r in await _asked(desk)):
        return False
    chat = desk.model.open
    if chat is None or not chat.gid:
        raise Refusal(f"{desk.name(uid)} asks for nothing")
    if all(r.uid != uid for r in await asking(desk, chat.gid)):
        raise Refusal(f"{desk.name(uid)} asks for nothing")
    return True


async def _accept(desk: Desk, words: str) -> None:
    name, _, remark = words.partition(" ")
    user = await desk.person(name)
    if await _is_joining(desk, user.uid):
        await desk.client.groups.accept(desk.gid(), user.uid)
        return
    contact = await desk.client.contacts.accept(user.uid, remark.strip())
    desk.model.people.remark(user.uid, contact.remark)
    desk.tell(f"{one_line(desk.name(user.uid))} is a contact now")


async def _reject(desk: Desk, words: str) -> None:
    user = await desk.person(words)
    if await _is_joining(desk, user.uid):
        await desk.client.groups.reject(desk.gid(), user.uid)
    else:
        await desk.client.contacts.reject(user.uid)


async def _remark(desk: Desk, words: str) -> None:
    name, _, remark = words.partition(" ")
    user = await desk.person(name)
    contact = await desk.client.contacts.set_remark(user.uid, remark.strip())
    desk.model.people.remark(user.uid, contact.remark)
    desk.model.chats.named()


async def _delete(desk: Desk, words: str) -> None:
    user = await desk.person(words)
    await desk.client.contacts.remove(user.uid)
    desk.model.people.remark(user.uid, "")


async def _block(desk: Desk, words: str) -> None:
    for user in await desk.people(words):
        await desk.client.contacts.block(user.uid)


async def _unblock(desk: Desk, words: str) -> None:
    for user in await desk.people(words):
        await desk.client.contacts.unblock(user.uid)


async def _blocked(desk: Desk, _: str) -> None:
    users = [user async for user in desk.client.contacts.blocked()]
    desk.model.people.remember(users)
    desk.show([f"{one_line(desk.name(u.uid))} #{u.uid}" for u in users], "nobody is blocked")


async def _who(desk: Desk, words: str) -> None:
    user = await desk.person(words) if words else (await desk.client.me())
    rows = [f"{one_line(user.nickname or user.account)} ({user.account}) #{user.uid}"]
    for presence in await desk.client.presence([user.uid]):
        at = clock(presence.at, desk.model.now_ms()) if presence.at else ""
        if presence.online:
            rows.append(f"here since {at}" if at else "here")
        elif at:
            rows.append(f"last here {at}")
    desk.tell("\n".join(rows))


# --- oneself ----------------------------------------------------------------------------------------------


async def _nick(desk: Desk, words: str) -> None:
    await desk.client.update_me(nickname=words)


async def _sessions(desk: Desk, _: str) -> None:
    rows = []
    async for session in desk.client.sessions.list():
        marks = [
            word
            for word, on in (("this one", session.current), ("connected", session.online))
            if on
        ]
        kind = DEVICES.get(session.device, f"device {session.device}")
        since = clock(session.created_at, desk.model.now_ms())
        rows.append(
            f"{session.session_id} {kind} since {since}"
            + (f" ({', '.join(marks)})" if marks else "")
        )
    desk.show(rows, "nobody is signed in")


async def _end(desk: Desk, words: str) -> None:
    if not words.isdigit():
        raise Refusal("which one? /sessions shows their numbers")
    await desk.client.sessions.end(int(words))


COMMANDS = {
    "to": Command("NAME", "open the conversation with a person or of a group", _to),
    "chats": Command("", "all conversations", _chats),
    "top": Command("[on|off]", "keep the conversation at the top of the list", _top),
    "quiet": Command("[on|off]", "do not count what is unread in it", _quiet),
    "hide": Command("", "take it off the list until something new is said", _hide),
    "expire": Command("30s|10m|12h|7d|off", "let messages disappear, for everybody", _expire),
    "contacts": Command("", "your contacts", _contacts),
    "add": Command("@PERSON [MESSAGE]", "ask somebody to be a contact", _add),
    "requests": Command("", "who asks to be a contact, or to join the open group", _requests),
    "accept": Command("@PERSON [REMARK]", "agree to it", _accept),
    "reject": Command("@PERSON", "turn it down", _reject),
    "remark": Command("@PERSON NAME", "your own name for a contact", _remark),
    "delete": Command("@PERSON", "end a contact", _delete),
    "block": Command("@PEOPLE", "take no more messages from them", _block),
    "unblock": Command("@PEOPLE", "take messages from them again", _unblock),
    "blocked": Command("", "whom you blocked", _blocked),
    "who": Command("[@PERSON]", "who somebody is and whether they are here", _who),
    "nick": Command("NAME", "what you are called", _nick),
    "sessions": Command("", "where you are signed in", _sessions),
    "end": Command("ID", "sign one of them out", _end),
}
