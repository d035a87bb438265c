"""What was answered, by action and outcome, and how much of the protocol that reached."""

from __future__ import annotations

from collections import Counter
from typing import Any

from glideim.protocol.actions import RECORDS, Action
from glideim.protocol.states import REQUESTS

OK = "ok"
TAKEN = "taken"
"""Nothing was answered, as nothing is when such a request succeeds."""
OTHER = "?"
"""For the action: which request it was, or of what action, cannot be told."""
SILENT = frozenset(
    {
        Action.HEARTBEAT, Action.ACK_REQUEST, Action.ACK_GROUP_MSG, Action.MESSAGE_READ, Action.MESSAGE_CLI, Action.MESSAGE_STREAM,
        Action.PRESENCE_SUB,
    }
)  # fmt: skip
"""Requests that are answered when they are refused only (of streams: each but `open`)."""
CALLS = frozenset(a for a in RECORDS if a.startswith("api.") and a != Action.API_OK)
ASKABLE = REQUESTS | CALLS
"""Every action that a client or another server may ask for."""
ALWAYS = frozenset(
    {
        *CALLS, Action.MESSAGE_CHAT, Action.MESSAGE_CHAT_RETRY, Action.MESSAGE_GROUP, Action.MESSAGE_GROUP_RETRY,
        Action.MESSAGE_EDIT, Action.MESSAGE_REACT, Action.MESSAGE_PIN, Action.MESSAGE_CHAT_RECALL, Action.MESSAGE_GROUP_RECALL,
    }
)  # fmt: skip
"""Requests that are answered whatever becomes of them, while the connection is open."""


class Tally:
    """Counts."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str]] = Counter()
        """By action of the request, and outcome."""
        self.pushed: Counter[str] = Counter()
        """Nobody asked for these: by their own action."""

    def count(self, action: str, outcome: str) -> None:
        """One request more. What no action is called is counted together."""
        self.answers[action if action in RECORDS else OTHER, outcome] += 1

    def add(self, other: Tally) -> None:
        """Count what another one counted."""
        self.answers.update(other.answers)
        self.pushed.update(other.pushed)

    @property
    def outcomes(self) -> Counter[str]:
        """Of all actions together."""
        found: Counter[str] = Counter()
        for (_, outcome), count in self.answers.items():
            found[outcome] += count
        return found

    @property
    def served(self) -> frozenset[str]:
        """Actions that succeeded at least once."""
        return frozenset(
            action for action, outcome in self.answers if outcome in {OK, TAKEN}
        ) & frozenset(ASKABLE)

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it."""
        by_action: dict[str, dict[str, int]] = {}
        for (action, outcome), count in sorted(self.answers.items()):
            by_action.setdefault(action, {})[outcome] = count
        return {
            "answers": dict(self.outcomes),
            "by_action": by_action,
            "pushed": dict(self.pushed),
            "served": sorted(self.served),
            "never_served": sorted(ASKABLE - self.served),
        }

    def text(self) -> str:
        """For the terminal."""
        lines = [f"  {outcome:<16} {count:>11,}" for outcome, count in self.outcomes.most_common()]
        never = ", ".join(sorted(ASKABLE - self.served)) or "none"
        lines.append(f"  {len(self.served)} of {len(ASKABLE)} actions succeeded; never: {never}")
        return "\n".join(lines)
