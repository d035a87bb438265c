"""A device: what a client would remember, built from nothing but what its connection told it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Any

from tests.support.peers import Pipe, Way, from_protobuf, open_pipe, to_protobuf
from tests.support.processes import ServerProcess

PATIENCE = 20.0
"""Seconds for an answer."""
RECALLED = 1
UNANSWERED = frozenset({"message.read"})
FENCES = 2
LOST = frozenset({"dissolved"})
"""Events after which nobody is a member."""
OUT = frozenset({"removed", "left"})
"""Events after which those named are not members."""
IN = frozenset({"created", "joined", "invited"})

Answer = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - an answer like any other
    """The server refused; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Memory:
    """What a device knows of one conversation."""

    def __init__(self) -> None:
        self.messages: dict[int, dict[str, Any]] = {}
        self.read = 0
        self.peer_read = 0
        self.last = 0
        self.pinned = False
        self.muted = False
        self.complete = 0
        """Everything visible up to here is known."""

    def view(self, *, group: bool) -> dict[str, Any]:
        """In the shape of the model."""
        shown = {
            "lastSeq": self.last,
            "readSeq": self.read,
            "unread": self.last - self.read,
            "pinned": self.pinned,
            "muted": self.muted,
            "messages": {seq: view_of(message) for seq, message in self.messages.items()},
        }
        if not group:
            shown["peerReadSeq"] = self.peer_read
        return shown


def view_of(message: dict[str, Any]) -> dict[str, Any]:
    """A message or event in the shape of the model."""
    if message.get("type", 0) < 0:
        return view_of_event(json.loads(message["content"]))
    return {
        "mid": message["mid"],
        "from": message["from"],
        "type": message["type"],
        "content": message.get("content"),
        "status": message.get("status", 0),
        "replyTo": message.get("replyTo", 0),
        "mentions": sorted(message.get("mentions") or ()),
        "pinned": message.get("pinned", False),
        "reactions": {
            reaction["key"]: (reaction["count"], reaction.get("mine", False))
            for reaction in message.get("reactions") or ()
        },
    }


def view_of_event(event: dict[str, Any]) -> dict[str, Any]:
    """A group event in the shape of the model."""
    return {
        "event": event["type"],
        "by": event["by"],
        "uids": sorted(event.get("uids") or ()),
        "value": event.get("value", ""),
    }


class Device:
    """One device of one person. It keeps what it knows while it is offline."""

    def __init__(self, server: ServerProcess, uid: int, kind: int, token: str) -> None:
        self._server = server
        self.way: Way = ("ws", "json")
        self.uid = uid
        self.kind = kind
        self._token = token
        self._pipe: Pipe | None = None
        self._reader: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._refusals: dict[int, Refusal] = {}
        self._cursor = ""
        self.memory: dict[str, Memory] = {}
        self.stale = False
        """Something was missed that only a sync brings."""
        self.complaints: list[str] = []
        self.braced = False
        """The end of the connection is no surprise."""

    @property
    def online(self) -> bool:
        return self._pipe is not None

    # --- connection -----------------------------------------------------------------------------------------

    async def come(self) -> None:
        """Connect, sign in, and pull what was missed."""
        self._pipe = await open_pipe(self._server, self.way)
        self._reader = asyncio.create_task(self._read(self._pipe))
        await self.ask("auth", {"token": self._token, "device": self.kind, "batch": True})
        await self.sync()

    async def go(self) -> None:
        """Disconnect."""
        self.braced = False
        self._waiting.clear()
        pipe, reader = self._pipe, self._reader
        self._pipe = self._reader = None
        if pipe is not None:
            await pipe.close()
        if reader is not None:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def ask(self, action: str, data: dict[str, Any]) -> Answer:
        """The data of the answer to a request. Raises Refusal."""
        if action in UNANSWERED:
            return await self._tell(next(self._numbers), action, data)
        envelope = await asyncio.wait_for(await self.start(action, data), PATIENCE)
        if envelope["action"] in ("error", "message.failed.send"):
            raise Refusal(envelope["data"]["code"], f"{action} {data}: {envelope['data']}")
        answer: Answer = envelope["data"]
        return answer

    async def start(self, action: str, data: dict[str, Any]) -> asyncio.Future[dict[str, Any]]:
        """Ask, and leave the answer to come."""
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._say({"seq": number, "action": action, "data": data})
        return future

    async def _tell(self, number: int, action: str, data: dict[str, Any]) -> Answer:
        """A request that is answered only when it fails: what is asked after it is answered after it."""
        self._refusals.pop(number, None)
        await self._say({"seq": number, "action": action, "data": data})
        for _ in range(FENCES):
            await self.ask("api.users.me", {})
            if (refusal := self._refusals.pop(number, None)) is not None:
                raise refusal
        return {}

    async def _say(self, envelope: dict[str, Any]) -> None:
        assert self._pipe is not None, "an offline device cannot speak"
        if self.way[1] == "protobuf":
            await self._pipe.send(to_protobuf([envelope]))
        else:
            await self._pipe.send(json.dumps(envelope, ensure_ascii=False).encode())

    async def _read(self, pipe: Pipe) -> None:
        while True:
            try:
                frame = await pipe.receive()
            except EOFError:
                if self._pipe is pipe and not self.braced:
                    self.complaints.append("the connection ended by itself")
                return
            if self.way[1] == "protobuf":
                envelopes = from_protobuf(frame)
            else:
                value = json.loads(frame)
                envelopes = value if isinstance(value, list) else [value]
            for envelope in envelopes:
                envelope.setdefault("data", {})
                self._take(envelope)

    def _take(self, envelope: dict[str, Any]) -> None:
        number = envelope.get("seq", 0)
        waiting = self._waiting.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(envelope)
        elif number and envelope["action"] == "error":
            error = envelope["data"]
            self._refusals[number] = Refusal(error["code"], error.get("message", ""))
        if envelope["action"] == "notify.close" and not self.braced:
            self.complaints.append(f"closed: {envelope['data']}")
        handle = getattr(self, "_on_" + envelope["action"].replace(".", "_"), None)
        if handle is not None:
            handle(envelope["data"])

    # --- what the server tells ------------------------------------------------------------------------------

    def _on_message_chat(self, message: dict[str, Any]) -> None:
        self.put(message)

    _on_message_group = _on_message_chat

    def _on_message_edit(self, message: dict[str, Any]) -> None:
        known = self.memory.get(message["conv"])
        if known is not None and message["seq"] in known.messages:
            # Whose reactions they are differs for every reader: an edit leaves them as they were.
            old = known.messages[message["seq"]]
            known.messages[message["seq"]] = {**old, **message, "reactions": old.get("reactions")}

    def _on_message_chat_recall(self, notice: dict[str, Any]) -> None:
        message = self._known(notice)
        if message is not None:
            message.update(status=RECALLED, content=None, reactions=[], pinned=False)
            message.update(replyTo=0, mentions=())

    _on_message_group_recall = _on_message_chat_recall

    def _on_notify_react(self, notice: dict[str, Any]) -> None:
        message = self._known(notice)
        if message is None:
            return
        reactions = {r["key"]: dict(r) for r in message.get("reactions") or ()}
        one = reactions.setdefault(notice["key"], {"key": notice["key"]})
        one["count"] = notice.get("count", 0)
        if notice["uid"] == self.uid:
            one["mine"] = notice.get("on", False)
        message["reactions"] = [r for r in reactions.values() if r["count"]]

    def _on_notify_pin(self, notice: dict[str, Any]) -> None:
        message = self._known(notice)
        if message is not None:
            message["pinned"] = notice.get("on", False)

    def _on_notify_read(self, notice: dict[str, Any]) -> None:
        known = self.memory.setdefault(notice["conv"], Memory())
        if notice["uid"] == self.uid:
            known.read = max(known.read, notice["seq"])
        else:
            known.peer_read = max(known.peer_read, notice["seq"])

    def _on_notify_conversation(self, notice: dict[str, Any]) -> None:
        known = self.memory.get(notice["conv"])
        if known is not None:
            known.pinned = notice.get("pinned", known.pinned)
            known.muted = notice.get("muted", known.muted)

    def _on_notify_group(self, event: dict[str, Any]) -> None:
        if not event.get("seq"):
            return  # about asking to join: nothing of the stream
        key = f"g:{event['gid']}"
        me = self.uid in (event.get("uids") or ())
        if event["type"] in LOST or (event["type"] in OUT and me):
            self.memory.pop(key, None)
        elif event["type"] in IN and me:
            # What came before belongs to an earlier membership, if to any.
            self.memory.pop(key, None)
            self.stale = True
        else:
            content = json.dumps(event)
            self.put({"conv": key, "seq": event["seq"], "from": event["by"], "type": -1,
                      "content": content})  # fmt: skip

    def _known(self, notice: dict[str, Any]) -> dict[str, Any] | None:
        known = self.memory.get(notice["conv"])
        return known.messages.get(notice["seq"]) if known is not None else None

    # --- what the device knows ------------------------------------------------------------------------------

    def sent(self, ack: dict[str, Any], data: dict[str, Any]) -> None:
        """One's own message is stored."""
        self.put({**data, **ack, "from": self.uid})

    def has_read(self, key: str, seq: int) -> None:
        """This device read something."""
        known = self.memory[key]
        known.read = max(known.read, min(seq, known.last))

    def has_settled(self, key: str, *, pinned: bool, muted: bool) -> None:
        """This device pinned or muted a conversation."""
        self.memory[key].pinned, self.memory[key].muted = pinned, muted

    def put(self, message: dict[str, Any]) -> None:
        """A new message: the next of its conversation, or a sign that something was missed."""
        known = self.memory.get(message["conv"])
        if known is None:
            known = self.memory[message["conv"]] = Memory()
            if message["seq"] != 1:
                self.stale = True
        known.messages[message["seq"]] = message
        known.last = max(known.last, message["seq"])
        self._spoke(known, message)
        if message["seq"] == known.complete + 1:
            known.complete = message["seq"]
        elif message["seq"] > known.complete:
            self.stale = True

    def _spoke(self, known: Memory, message: dict[str, Any]) -> None:
        """Whoever says or changes something has read what was said before."""
        if message["from"] == self.uid:
            known.read = max(known.read, message["seq"])
        else:
            known.peer_read = max(known.peer_read, message["seq"])

    async def sync(self) -> None:
        """Pull everything missed."""
        self.stale = False
        known = {key: memory.complete for key, memory in self.memory.items() if memory.complete}
        while True:
            page = await self.ask("api.sync", {"known": known, "cursor": self._cursor})
            self._learn(page)
            self._cursor = page.get("cursor", "")
            if not page.get("more", False):
                return

    def _learn(self, page: dict[str, Any]) -> None:
        for key in page.get("gone") or ():
            self.memory.pop(key, None)
        for key, messages in (page.get("messages") or {}).items():
            known = self.memory.setdefault(key, Memory())
            for message in messages:
                known.messages[message["seq"]] = message
                known.last = max(known.last, message["seq"])
        for entry in page["conversations"]:
            known = self.memory.setdefault(entry["conv"], Memory())
            known.last = max(known.last, entry.get("lastSeq", 0))
            known.read = entry.get("readSeq", 0)
            known.peer_read = entry.get("peerReadSeq", 0)
            known.pinned, known.muted = entry.get("pinned", False), entry.get("muted", False)
            if known.messages:
                known.complete = max(known.messages)

    def view(self) -> dict[str, dict[str, Any]]:
        """Everything, in the shape of the model."""
        return {key: memory.view(group=key.startswith("g:")) for key, memory in self.memory.items()}
