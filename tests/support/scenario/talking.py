"""What people do with messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .choices import Choices
from .device import Device
from .talks import NORMAL, Post, Talk, chat_key

WORDS = ("ship it", "lunch?", "merged", "看一下", "on my way", "🌍", "tomorrow then", "thanks!")
REACTIONS = ("👍", "❤", "done")
REPLIES, MENTIONS = 0.2, 0.15
"""How often a message answers another, and calls somebody by name."""
AGAIN_AMONG = 20
"""Messages of somebody, the latest, among which one is sent again."""


class Talking(Choices):
    """Deeds with messages."""

    async def chat(self) -> None:
        """To one person: most talk is among neighbours, so that conversations get long."""
        device = self.device()
        if device is None:
            return
        uids = [person.uid for person in self.week.people]
        at = uids.index(device.uid)
        near = [uids[(at + step) % len(uids)] for step in (-1, 1, 1, 2)]
        to = self.random.choice([*near, self.someone().uid])
        await self._new(device, "message.chat", to)

    async def say(self) -> None:
        """To a group."""
        device = self.device()
        circle = self.circle_of(device.uid) if device is not None else None
        if device is not None and circle is not None:
            await self._new(device, "message.group", circle.gid)

    async def _new(self, device: Device, action: str, to: int) -> None:
        content = f"{self.random.choice(WORDS)} {self.week.done}"
        more = self._more(device.uid, action, to)
        await self._send(device, action, to, self.week.new_id(), content, more)

    def _more(self, uid: int, action: str, to: int) -> dict[str, Any]:
        """Now and then an answer to something said before, and people called by name."""
        key = f"g:{to}" if action == "message.group" else chat_key(uid, to)
        talk = self.world.talks.get(key)
        more: dict[str, Any] = {}
        if talk is not None and self.random.random() < REPLIES:
            post = self.post_of(talk)
            if post is not None and post.mid:
                more["replyTo"] = post.mid
        if self.random.random() < MENTIONS:
            more["mentions"] = [self.someone().uid]
        return more

    async def _send(
        self, device: Device, action: str, to: int, cli_mid: str, content: str,
        more: Mapping[str, Any],
    ) -> None:  # fmt: skip
        data = {"cliMid": cli_mid, "to": to, "type": 1, "content": content, **more}
        rule = self.world.say if action.startswith("message.group") else self.world.chat
        done = await self.week.attempt(
            device, action, data, lambda: rule(device.uid, to, cli_mid, 1, content)
        )
        if done is None:
            return
        ack, post = done
        if not post.mid:
            post.mid, post.reply_to = ack["mid"], more.get("replyTo", 0)
            post.mentions = tuple(more.get("mentions", ()))
        self.week.expect(
            (ack["mid"], ack["seq"], ack["cliMid"]), (post.mid, post.seq, post.cli_mid)
        )
        if not action.endswith(".retry"):
            device.sent(ack, data)

    async def again(self) -> None:
        """The same message again, as after a lost acknowledgement; or another under its id."""
        device = self.device()
        mine = self.world.sent_by(device.uid)[-AGAIN_AMONG:] if device is not None else []
        if device is None or not mine:
            return
        key, post = self.random.choice(mine)
        kind, *ids = key.split(":")
        group = kind == "g"
        to = int(ids[-1]) if int(ids[0]) == device.uid else int(ids[0])
        content = post.original + ("!" if self.random.random() < 0.3 else "")
        if post.status != NORMAL:
            # After a restart nothing shows what the first content was, so another one is not noticed.
            content = post.original
        action = "message.group.retry" if group else "message.chat.retry"
        more = {"replyTo": post.reply_to, "mentions": list(post.mentions)}
        await self._send(device, action, to, post.cli_mid, content, more)

    # --- messages that are there ----------------------------------------------------------------------------

    def _chosen(self) -> tuple[Device, Talk, Post] | None:
        """Somebody and a message of a conversation of theirs."""
        device = self.device()
        talk = self.talk_of(device.uid) if device is not None else None
        post = self.post_of(talk) if talk is not None else None
        if device is None or talk is None or post is None:
            return None
        return device, talk, post

    def _own(self) -> tuple[Device, Talk, Post] | None:
        """The same, mostly a message of one's own."""
        for _ in range(8):
            chosen = self._chosen()
            if chosen is not None and (chosen[2].sender == chosen[0].uid or self.stray()):
                return chosen
        return None

    async def recall(self) -> None:
        """Take a message back."""
        chosen = self._own() or self._chosen()
        if chosen is None:
            return
        device, talk, post = chosen
        action = "message.group.recall" if talk.key.startswith("g:") else "message.chat.recall"
        await self.week.attempt(
            device, action, {"conv": talk.key, "seq": post.seq},
            lambda: self.world.recall(device.uid, talk.key, post.seq),
        )  # fmt: skip

    async def edit(self) -> None:
        """Change a message."""
        chosen = self._own()
        if chosen is None:
            return
        device, talk, post = chosen
        content = f"edited {self.week.done}"
        await self.week.attempt(
            device, "message.edit", {"conv": talk.key, "seq": post.seq, "content": content},
            lambda: self.world.edit(device.uid, talk.key, post.seq, content),
        )  # fmt: skip

    async def react(self) -> None:
        """Put a reaction on a message, or take it away."""
        chosen = self._chosen()
        if chosen is None:
            return
        device, talk, post = chosen
        key, on = self.random.choice(REACTIONS), self.random.random() < 0.75
        data: dict[str, Any] = {"conv": talk.key, "seq": post.seq, "key": key, "on": on}
        await self.week.attempt(
            device, "message.react", data,
            lambda: self.world.react(device.uid, talk.key, post.seq, key, on=on),
        )  # fmt: skip

    async def pin(self) -> None:
        """Pin a message, or take it down."""
        chosen = self._chosen()
        if chosen is None:
            return
        device, talk, post = chosen
        on = self.random.random() < 0.7
        await self.week.attempt(
            device, "message.pin", {"conv": talk.key, "seq": post.seq, "on": on},
            lambda: self.world.pin(device.uid, talk.key, post.seq, on=on),
        )  # fmt: skip

    async def read(self) -> None:
        """Read a conversation, mostly to its end."""
        chosen = self._chosen()
        if chosen is None:
            return
        device, talk, post = chosen
        seq = talk.last if self.random.random() < 0.7 else post.seq
        done = await self.week.attempt(
            device, "message.read", {"conv": talk.key, "seq": seq},
            lambda: self.world.read(device.uid, talk.key, seq),
        )  # fmt: skip
        if done is not None:
            device.has_read(talk.key, seq)
