"""A message of one's own that grows: `client.stream`."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from glideim.protocol.codes import ErrorCode
from glideim.protocol.limits import MAX_CONTENT
from glideim.protocol.records import AckMessage
from glideim.protocol.social import Stream

from .errors import ClientError, RequestFailed, SendFailed
from .sent import Sent

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 5
"""Times that the end of a message is sent again because the connection broke."""


class Channel(Protocol):
    """How a writer reaches the server."""

    async def ask(self, step: Stream) -> AckMessage:
        """Send a step and wait for its acknowledgement. Raises RequestFailed."""
        ...

    def tell(self, step: Stream) -> bool:
        """Send a step now; False when there is no connection. Raises RequestFailed."""
        ...

    async def is_whole(self, conv: str, seq: int) -> bool:
        """Whether a message is there and does not grow. Raises RequestFailed."""
        ...

    def began(self, writer: StreamWriter) -> None:
        """A stream wants to hear what becomes of its pieces."""
        ...

    def ended(self, stream_id: str) -> None:
        """Nothing more comes of a stream."""
        ...


class StreamWriter:
    """A message that grows as one writes. Others see every piece at once; in the end it is one message like others.

    ```
    async with client.stream(to) as answer:
        async for token in model:
            await answer.write(token)
    print(answer.sent.seq)
    ```

    Leaving the block finishes the message; leaving it by an exception cancels it: a recalled message stays in its
    place. A broken connection is survived (what was not seen to arrive is sent again), a restarted server is not: it
    has cancelled the message, and the next step raises.
    """

    def __init__(
        self,
        channel: Channel,
        opened: Stream,
        sent: Callable[[AckMessage], Sent],
    ) -> None:
        self._channel = channel
        self._open = opened
        self._as_sent = sent
        self._sent: Sent | None = None
        self._whole = True
        """Everything written was told on a connection that is still the same."""
        self._ended = False
        self._error: RequestFailed | None = None
        self.text = opened.content or ""
        """What was written so far."""

    @property
    def stream_id(self) -> str:
        """Its name; the `cli_mid` of the message."""
        return self._open.stream_id

    @property
    def sent(self) -> Sent:
        """Its place in the conversation. Raises RuntimeError before `open`."""
        if self._sent is None:
            raise RuntimeError("the message was not opened")
        return self._sent

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ended:
            return
        if error is None:
            await self.finish()
        else:
            # What the block raised is what its caller has to see, also if the message cannot be cancelled any more.
            with suppress(ClientError):
                await self.cancel()

    async def open(self) -> Sent:
        """Give the message its place. Raises SendFailed, RequestFailed."""
        self._channel.began(self)
        try:
            ack = await self._channel.ask(self._open)
        except BaseException:
            self._channel.ended(self.stream_id)
            raise
        self._sent = self._as_sent(ack)
        return self._sent

    async def write(self, text: str) -> None:
        """Add to the message. Raises SendFailed when it was refused, or is longer than a message may be (32 KiB)."""
        if self._error is not None:
            raise self._error
        if self._ended:
            raise RuntimeError("the message has ended")
        if not text:
            return
        if len((self.text + text).encode()) > MAX_CONTENT:
            raise SendFailed(
                ErrorCode.TOO_LARGE, f"a message has at most {MAX_CONTENT} bytes", self.stream_id
            )
        at = 0 if not self._whole else len(self.text)
        self.text += text
        step = self._step("delta", self.text[at:], at)
        self._whole = self._channel.tell(step)

    async def finish(self, text: str = "") -> Sent:
        """Add a last piece and make it a message like others; its place. Raises SendFailed, RequestFailed."""
        await self.write(text)
        await self._end(self._step("finish", self.text, 0))
        return self.sent

    async def cancel(self) -> None:
        """Give the message up. Raises RequestFailed."""
        await self._end(self._step("cancel", None, None))

    def refused(self, error: RequestFailed) -> None:
        """The server refused a piece; called by the client."""
        self._error = error
        self._channel.ended(self.stream_id)

    def disconnected(self) -> None:
        """What was told last may not have arrived; called by the client."""
        self._whole = False

    async def _end(self, step: Stream) -> None:
        self._ended = True
        try:
            await self._told(step)
        finally:
            self._channel.ended(self.stream_id)

    async def _told(self, step: Stream) -> None:
        """The last step, until it is answered."""
        for attempt in range(TRIES):
            try:
                await self._channel.ask(step)
            except RequestFailed as error:
                if attempt and error.code == ErrorCode.NOT_FOUND and step.op == "finish":
                    # The try before may have arrived, and only its answer not.
                    if await self._channel.is_whole(self.sent.conv, self.sent.seq):
                        return
                    raise
                if error.code != ErrorCode.UNAVAILABLE or attempt == TRIES - 1:
                    raise
            else:
                return

    def _step(self, op: str, content: str | None, offset: int | None) -> Stream:
        fields: dict[str, Any] = {"stream_id": self.stream_id, "op": op, "content": content}
        return Stream(conv=self.sent.conv, offset=offset, **fields)
