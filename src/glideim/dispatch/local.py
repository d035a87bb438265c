"""Dispatch within one process: every gateway is at hand."""

from __future__ import annotations

from collections.abc import Sequence

from glideim.protocol.codes import CloseCode

from .ports import GatewayLink, Item


class LocalDispatch:
    """Hands batches to the gateways of this process; usually there is one. Implements `Dispatch`."""

    def __init__(self) -> None:
        self._gateways: list[GatewayLink] = []

    def attach(self, gateway: GatewayLink) -> None:
        """From now on this gateway gets what is delivered."""
        self._gateways.append(gateway)

    def detach(self, gateway: GatewayLink) -> None:
        """It is gone. Harmless when it was not there."""
        self._gateways = [other for other in self._gateways if other is not gateway]

    async def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        if len(self._gateways) == 1:
            return self._gateways[0].deliver(batch)
        counts = [gateway.deliver(batch) for gateway in self._gateways]
        return [sum(row) for row in zip(*counts, strict=True)] if counts else [0] * len(batch)

    def post(self, batch: Sequence[Item]) -> None:
        for gateway in self._gateways:
            gateway.deliver(batch)

    async def online(self, uids: Sequence[int]) -> frozenset[int]:
        return frozenset(uid for uid in uids if any(g.connected(uid) for g in self._gateways))

    async def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        for gateway in self._gateways:
            gateway.close(uid, code, reason, session_id=session_id)
