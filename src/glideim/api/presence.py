"""`api.presence.*`: whether people are there, asked once. To be told of changes: `presence.sub`."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.presence.service import PresenceService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.social import PresenceList, PresenceQuery

from .auth import signed_in
from .ports import Endpoint

GROUP = "Presence"


class PresenceHandlers:
    """The handlers."""

    def __init__(self, presence: PresenceService) -> None:
        self._presence = presence

    async def list(self, caller: Caller, request: PresenceQuery) -> PresenceList:
        """Whether people are there."""
        return PresenceList(await self._presence.states(signed_in(caller).uid, request.uids))

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        here = {"uid": 10002, "online": True, "devices": [1, 4], "at": 1798675200000}
        return (
            Endpoint(
                "GET", "/presence", Action.API_PRESENCE_LIST, PresenceQuery, PresenceList, self.list,
                "Whether people are there", GROUP,
                "At most 500 `uids`. `at`: since when they are online, or when they were last seen. Whoever does not"
                " let one know looks offline and has no `at`, as do uids that do not exist.",
                errors=(ErrorCode.TOO_LARGE,),
                example={"uids": [10002]}, example_result={"items": [here]},
            ),
        )  # fmt: skip
