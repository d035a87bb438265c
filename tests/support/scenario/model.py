"""What everybody must see: the rules of the protocol over plain lists and dictionaries.

Nothing here comes from the server. Actions happen one after the other; each either changes the world or raises
`Refused` with the code that the server must give. `view` is all that one person's devices must show at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .circles import Circle
from .talks import (
    EDITED,
    MEMBER,
    OWNER,
    PINS,
    RANK,
    RECALLED,
    Post,
    Refused,
    Talk,
    chat_key,
)


class World:
    """Everybody and everything they said."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}
        self.circles: dict[int, Circle] = {}
        self.blocks: set[tuple[int, int]] = set()
        self._sent: dict[tuple[int, str], tuple[str, Post]] = {}

    # --- sending --------------------------------------------------------------------------------------------

    def chat(self, uid: int, to: int, cli_mid: str, kind: int, content: str) -> Post:
        """A message to one person."""
        key = chat_key(uid, to)
        before = self._before(uid, cli_mid, key, kind, content)
        if before is not None:
            return before
        if (to, uid) in self.blocks:
            raise Refused("blocked")
        talk = self.talks.setdefault(key, Talk(key))
        talk.read.setdefault(to, 0)
        return self._post(talk, uid, cli_mid, kind, content)

    def say(self, uid: int, gid: int, cli_mid: str, kind: int, content: str) -> Post:
        """A message to a group."""
        before = self._before(uid, cli_mid, f"g:{gid}", kind, content)
        if before is not None:
            return before
        circle = self.circles.get(gid)
        if circle is None or not circle.has(uid):
            raise Refused("not_member")
        circle.speak(uid)
        return self._post(circle, uid, cli_mid, kind, content)

    def _before(self, uid: int, cli_mid: str, key: str, kind: int, content: str) -> Post | None:
        known = self._sent.get((uid, cli_mid))
        if known is None:
            return None
        where, post = known
        if (where, post.type, post.original) != (key, kind, content):
            raise Refused("conflict")
        return post

    def _post(self, talk: Talk, uid: int, cli_mid: str, kind: int, content: str) -> Post:
        post = talk.add(Post(talk.last + 1, uid, kind, content, content, cli_mid))
        self._sent[uid, cli_mid] = (talk.key, post)
        return post

    # --- messages that are there ----------------------------------------------------------------------------

    def _visible(self, uid: int, key: str, seq: int) -> tuple[Talk, Post]:
        talk = self._talk(uid, key)
        if not talk.since(uid) < seq <= talk.last:
            raise Refused("not_found")
        return talk, talk.posts[seq - 1]

    def _talk(self, uid: int, key: str) -> Talk:
        talk = self.talks.get(key)
        if talk is None or not talk.has(uid):
            raise Refused("not_found")
        return talk

    def recall(self, uid: int, key: str, seq: int) -> Post:
        """Take back one's own message; admins of a group anybody's. Once is enough."""
        talk, post = self._visible(uid, key, seq)
        if post.status == RECALLED:
            return post
        self._stands(post)
        if uid != post.sender and not (isinstance(talk, Circle) and talk.rank(uid) > RANK[MEMBER]):
            raise Refused("forbidden")
        post.status, post.content = RECALLED, None
        post.reactions, post.pinned = {}, False
        post.reply_to, post.mentions = 0, ()
        return post

    def edit(self, uid: int, key: str, seq: int, content: str) -> Post:
        """Change one's own message."""
        talk, post = self._visible(uid, key, seq)
        self._stands(post)
        if uid != post.sender:
            raise Refused("forbidden")
        self._speaks(talk, uid)
        post.status, post.content = EDITED, content
        return post

    def react(self, uid: int, key: str, seq: int, name: str, *, on: bool) -> Post:
        """Put a reaction on a message, or take it away."""
        talk, post = self._visible(uid, key, seq)
        self._stands(post)
        self._speaks(talk, uid)
        people = post.reactions.setdefault(name, set())
        people.add(uid) if on else people.discard(uid)
        if not people:
            del post.reactions[name]
        return post

    def pin(self, uid: int, key: str, seq: int, *, on: bool) -> Post:
        """Pin a message for all; in groups admins."""
        talk, post = self._visible(uid, key, seq)
        if isinstance(talk, Circle):
            if talk.rank(uid) == RANK[MEMBER]:
                raise Refused("forbidden")
        else:
            self._speaks(talk, uid)
        if on and post.status == RECALLED:
            raise Refused("not_found")
        if on and not post.pinned and sum(p.pinned for p in talk.posts) >= PINS:
            raise Refused("too_large")
        post.pinned = on
        return post

    def _speaks(self, talk: Talk, uid: int) -> None:
        """Whoever may not send may not say the same by other means."""
        if isinstance(talk, Circle):
            talk.speak(uid)
        elif (_other(talk.key, uid), uid) in self.blocks:
            raise Refused("blocked")

    def _stands(self, post: Post) -> None:
        """Events and what was taken back are no messages any more."""
        if post.kind or post.status == RECALLED:
            raise Refused("not_found")

    def read(self, uid: int, key: str, seq: int) -> None:
        """Read up to here; positions never go back."""
        talk = self._talk(uid, key)
        talk.read[uid] = max(talk.read[uid], min(seq, talk.last))

    # --- people ---------------------------------------------------------------------------------------------

    def block(self, uid: int, whom: int, *, on: bool) -> None:
        """Hear no more of somebody."""
        (self.blocks.add if on else self.blocks.discard)((uid, whom))

    def reachable(self, uid: int, others: Sequence[int]) -> list[int]:
        """Those of the others who did not block somebody: only they are brought into groups."""
        return [other for other in others if (other, uid) not in self.blocks]

    def settle(self, uid: int, key: str, *, pinned: bool, muted: bool) -> None:
        """Pin and mute a conversation, for oneself."""
        settings = self._talk(uid, key).setting(uid)
        settings.pinned, settings.muted = pinned, muted

    def hide(self, uid: int, key: str) -> None:
        """Out of one's list until there is something new."""
        talk = self._talk(uid, key)
        talk.setting(uid).hidden_at = talk.last

    def found(self, gid: int, owner: int, uids: Sequence[int], fields: Mapping[str, str]) -> None:
        """A new group."""
        circle = Circle(
            f"g:{gid}", gid=gid, name=fields["name"], join_mode=fields["joinMode"],
            history=fields["history"], members_invite=fields["invite"] == "members",
        )  # fmt: skip
        self.talks[circle.key] = self.circles[gid] = circle
        circle.found(owner, uids)

    # --- what is to be seen ---------------------------------------------------------------------------------

    def view(self, uid: int) -> dict[str, dict[str, Any]]:
        """Every conversation of somebody, as all their devices must have it."""
        return {key: self._shown(talk, uid) for key, talk in self.talks.items() if talk.has(uid)}

    def _shown(self, talk: Talk, uid: int) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "lastSeq": talk.last,
            "readSeq": talk.read[uid],
            "unread": talk.last - talk.read[uid],
            "pinned": talk.setting(uid).pinned,
            "muted": talk.setting(uid).muted,
            "messages": {post.seq: shown_post(post, uid) for post in talk.posts[talk.since(uid) :]},
        }
        if not isinstance(talk, Circle):
            other = _other(talk.key, uid)
            shown["peerReadSeq"] = talk.read[other] if other != uid else 0
        return shown

    def hidden(self, uid: int) -> set[str]:
        """Conversations that are not in somebody's list."""
        return {
            key
            for key, talk in self.talks.items()
            if talk.has(uid) and talk.setting(uid).hidden_at == talk.last
        }

    def found_by(self, uid: int, word: str) -> set[tuple[str, int]]:
        """The messages with a word that somebody finds: what they may see, as it is now."""
        return {
            (key, post.seq)
            for key, talk in self.talks.items()
            if talk.has(uid)
            for post in talk.posts[talk.since(uid) :]
            if post.content is not None and word in post.content
        }

    def group(self, uid: int, gid: int) -> dict[str, Any]:
        """A group as a member sees it."""
        circle = self._circle(uid, gid)
        leads = circle.rank(uid) > RANK[MEMBER]
        return {
            "asking": sorted(circle.asking) if leads else "forbidden",
            "name": circle.name,
            "announcement": circle.announcement,
            "role": circle.seats[uid].role,
            "owner": next(u for u, seat in circle.seats.items() if seat.role == OWNER),
            "memberCount": len(circle.seats),
            "members": {member: seat.role for member, seat in circle.seats.items()},
        }

    def _circle(self, uid: int, gid: int) -> Circle:
        circle = self.circles.get(gid)
        if circle is None or not circle.has(uid):
            raise Refused("not_found")
        return circle

    def sent_by(self, uid: int) -> list[tuple[str, Post]]:
        """Messages of somebody with their conversations, in the order sent."""
        return [where for (sender, _), where in self._sent.items() if sender == uid]


def shown_post(post: Post, uid: int) -> dict[str, Any]:
    """A message as somebody sees it."""
    if post.kind:
        return {
            "event": post.kind,
            "by": post.sender,
            "uids": sorted(post.uids),
            "value": post.value,
        }
    return {
        "mid": post.mid,
        "from": post.sender,
        "type": post.type,
        "content": post.content,
        "status": post.status,
        "replyTo": post.reply_to,
        "mentions": sorted(post.mentions),
        "pinned": post.pinned,
        "reactions": {
            name: (len(people), uid in people) for name, people in post.reactions.items()
        },
    }


def _other(key: str, uid: int) -> int:
    a, b = map(int, key.split(":")[1:])
    return b if uid == a else a
