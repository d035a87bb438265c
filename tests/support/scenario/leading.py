"""What people do with groups, with their lists of conversations and with each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .choices import Choices
from .circles import Circle
from .device import Device
from .talks import ADMIN, MEMBER

FOREVER = 4_000_000_000_000
"""Far in the future."""
MOST_FOUNDED = 12


class Leading(Choices):
    """Deeds with groups."""

    async def found(self) -> None:
        """A new group of some people."""
        device = self.device()
        if device is None or len(self.world.circles) >= MOST_FOUNDED:
            return
        others = [person.uid for person in self.week.people if person.uid != device.uid]
        uids = self.random.sample(others, self.random.randint(2, 14))
        fields = {
            "name": f"group {self.week.done}",
            "joinMode": self.random.choice(("open", "approval", "approval", "invite")),
            "history": self.random.choice(("join", "all")),
            "invite": self.random.choice(("members", "admins")),
        }
        answer, _ = await self.week.certain(device, "api.groups.create", {**fields, "uids": uids})
        invited = self.world.reachable(device.uid, uids)
        self.world.found(answer["gid"], device.uid, invited, fields)

    async def join(self) -> None:
        """Into a group by oneself, or ask to be let in."""
        device, circles = self.device(), list(self.world.circles.values())
        if device is None or not circles:
            return
        circle = self.random.choice(circles)
        await self._do(
            device, "api.groups.join", {"gid": circle.gid}, lambda: circle.join(device.uid)
        )

    async def invite(self) -> None:
        """Bring somebody in."""
        device = self.device()
        circle = self.circle_of(device.uid) if device is not None else None
        if device is None or circle is None:
            return
        uids = [self.someone(but=device.uid).uid]
        await self._do(
            device, "api.groups.add_members", {"gid": circle.gid, "uids": uids},
            lambda: circle.invite(device.uid, self.world.reachable(device.uid, uids)),
        )  # fmt: skip

    async def answer(self) -> None:
        """Let somebody in who asked, or do not; now and then somebody who did not ask."""
        waited_for = [circle for circle in self.world.circles.values() if circle.asking]
        if not waited_for:
            return
        circle = self.random.choice(waited_for)
        leaders = [uid for uid, seat in circle.seats.items() if seat.role != MEMBER]
        by = self.device(self.someone().uid if self.stray() else self.random.choice(leaders))
        uid = self.someone().uid if self.stray() else self.random.choice(sorted(circle.asking))
        if by is None:
            return
        if self.random.random() < 0.7:
            action, rule = "api.groups.accept", circle.accept
        else:
            action, rule = "api.groups.reject", circle.reject
        await self._do(by, action, {"gid": circle.gid, "uid": uid}, lambda: rule(by.uid, uid))

    async def leave(self) -> None:
        """Out of a group."""
        device = self.device()
        circle = self.circle_of(device.uid) if device is not None else None
        if device is not None and circle is not None:
            await self._do(
                device, "api.groups.leave", {"gid": circle.gid}, lambda: circle.leave(device.uid)
            )

    async def remove(self) -> None:
        """Send somebody away."""
        if (led := self.led()) is None:
            return
        circle, device = led
        uid = self.member_of(circle)
        await self._do(
            device, "api.groups.remove_member", {"gid": circle.gid, "uid": uid},
            lambda: circle.remove(device.uid, uid),
        )  # fmt: skip

    async def set_role(self) -> None:
        """Make somebody an admin, or a member again."""
        if (led := self.led()) is None:
            return
        circle, device = led
        role = self.random.choice((ADMIN, ADMIN, MEMBER))
        uid = self.member_of(circle)
        await self._member(
            circle, device, uid, {"role": role}, lambda: circle.set_role(device.uid, uid, role)
        )

    async def transfer(self) -> None:
        """Give the group to another."""
        if (led := self.led()) is None:
            return
        circle, device = led
        uid = self.member_of(circle)
        await self._member(
            circle, device, uid, {"role": "owner"}, lambda: circle.transfer(device.uid, uid)
        )

    async def mute(self) -> None:
        """Silence somebody, or let them speak again."""
        if (led := self.led()) is None:
            return
        circle, device = led
        uid, until = self.member_of(circle), self.random.choice((0, FOREVER))
        await self._member(
            circle, device, uid, {"mutedUntil": until},
            lambda: circle.mute(device.uid, uid, until),
        )  # fmt: skip

    async def mute_all(self) -> None:
        """Silence everybody, or let them speak again."""
        if (led := self.led()) is None:
            return
        circle, device = led
        until = self.random.choice((0, 0, FOREVER))
        await self._update(
            circle, device, {"mutedUntil": until},
            lambda: circle.mute_all(device.uid, until),
        )  # fmt: skip

    async def rename(self) -> None:
        """Another name."""
        if (led := self.led()) is None:
            return
        circle, device = led
        name = f"renamed {self.week.done}"
        await self._update(circle, device, {"name": name}, lambda: circle.rename(device.uid, name))

    async def announce(self) -> None:
        """Something for all to read."""
        if (led := self.led()) is None:
            return
        circle, device = led
        text = f"announcement {self.week.done}"
        await self._update(
            circle, device, {"announcement": text}, lambda: circle.announce(device.uid, text)
        )

    async def dissolve(self) -> None:
        """The end of a group."""
        if (led := self.led()) is None:
            return
        circle, device = led
        await self._do(
            device, "api.groups.dissolve", {"gid": circle.gid}, lambda: circle.dissolve(device.uid)
        )

    async def _member(
        self, circle: Circle, device: Device, uid: int, change: dict[str, Any],
        rule: Callable[[], None],
    ) -> None:  # fmt: skip
        data = {"gid": circle.gid, "uid": uid, **change}
        await self._do(device, "api.groups.update_member", data, rule)

    async def _update(
        self, circle: Circle, device: Device, change: dict[str, Any], rule: Callable[[], None]
    ) -> None:
        await self._do(device, "api.groups.update", {"gid": circle.gid, **change}, rule)

    async def _do(
        self, device: Device, action: str, data: dict[str, Any], rule: Callable[[], None]
    ) -> None:
        await self.week.attempt(device, action, data, rule)

    # --- one's own things -----------------------------------------------------------------------------------

    async def block(self) -> None:
        """Hear no more of somebody, or hear them again."""
        device = self.device()
        if device is None:
            return
        mine = [whom for uid, whom in self.world.blocks if uid == device.uid]
        if mine and self.random.random() < 0.6:
            uid, on = self.random.choice(mine), False
        else:
            uid, on = self.someone(but=device.uid).uid, True
        await self.week.attempt(
            device, "api.blocks.add" if on else "api.blocks.remove", {"uid": uid},
            lambda: self.world.block(device.uid, uid, on=on),
        )  # fmt: skip

    async def settle(self) -> None:
        """Pin and mute a conversation for oneself."""
        device = self.device()
        talk = self.talk_of(device.uid) if device is not None else None
        if device is None or talk is None:
            return
        pinned, muted = self.random.random() < 0.5, self.random.random() < 0.5
        done = await self.week.attempt(
            device, "api.conversations.update", {"conv": talk.key, "pinned": pinned, "muted": muted},
            lambda: self.world.settle(device.uid, talk.key, pinned=pinned, muted=muted),
        )  # fmt: skip
        if done is not None:
            device.has_settled(talk.key, pinned=pinned, muted=muted)

    async def hide(self) -> None:
        """Put a conversation out of one's list."""
        device = self.device()
        talk = self.talk_of(device.uid) if device is not None else None
        if device is not None and talk is not None:
            await self.week.attempt(
                device, "api.conversations.hide", {"conv": talk.key},
                lambda: self.world.hide(device.uid, talk.key),
            )  # fmt: skip

    async def away(self) -> None:
        """A device loses its connection."""
        device = self.device()
        if device is not None:
            await self.week.disconnect(device)

    async def back(self) -> None:
        """A device comes back, and pulls what it missed."""
        gone = [d for person in self.week.people for d in person.devices if not d.online]
        if gone:
            await self.week.connect(self.random.choice(gone))
