"""Messages of one's own that grow, against a server that is told what to answer."""

from __future__ import annotations

import pytest

from glideim.client.errors import RequestFailed, SendFailed
from glideim.client.receipts import Receipts
from glideim.client.sent import Sent
from glideim.client.streaming import TRIES, StreamWriter
from glideim.protocol.codes import ErrorCode
from glideim.protocol.limits import MAX_CONTENT
from glideim.protocol.records import AckMessage
from glideim.protocol.social import Stream

LOST = RequestFailed(ErrorCode.UNAVAILABLE, "the connection broke")
ACK = AckMessage(mid=9, cli_mid="s", conv="c:1:2", seq=3, send_at=4)


class Server:
    """Implements streaming.Channel; `answers` are raised in turn for the steps that are asked."""

    def __init__(self) -> None:
        self.connected = True
        self.steps: list[Stream] = []
        self.answers: list[RequestFailed] = []
        self.whole = False
        self.open: dict[str, StreamWriter] = {}

    async def ask(self, step: Stream) -> AckMessage:
        self.steps.append(step)
        if self.answers and step.op != "open":
            raise self.answers.pop(0)
        return ACK

    def tell(self, step: Stream) -> bool:
        if self.connected:
            self.steps.append(step)
        return self.connected

    async def is_whole(self, conv: str, seq: int) -> bool:
        assert (conv, seq) == ("c:1:2", 3)
        return self.whole

    def began(self, writer: StreamWriter) -> None:
        self.open[writer.stream_id] = writer

    def ended(self, stream_id: str) -> None:
        self.open.pop(stream_id, None)

    def told(self) -> list[tuple[str, str | None, int | None]]:
        return [(step.op, step.content, step.offset) for step in self.steps]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def writer(server: Server) -> StreamWriter:
    def sent(ack: AckMessage) -> Sent:
        return Sent(Receipts(), ack.cli_mid, ack.mid, ack.conv, ack.seq, ack.send_at)

    return StreamWriter(server, Stream(to=2, stream_id="s", op="open", type=1), sent)


async def test_pieces_and_the_end(server: Server, writer: StreamWriter) -> None:
    assert not server.open
    with pytest.raises(RuntimeError, match="not opened"):
        _ = writer.sent
    async with writer:
        assert list(server.open) == ["s"]
        await writer.write("to ")
        await writer.write("")
        await writer.write("be")
    assert server.told()[1:] == [("delta", "to ", 0), ("delta", "be", 3), ("finish", "to be", 0)]
    assert (writer.sent.seq, server.open) == (3, {})
    with pytest.raises(RuntimeError, match="ended"):
        await writer.write("more")


async def test_an_exception_cancels_and_is_not_hidden(server: Server, writer: StreamWriter) -> None:
    server.answers = [RequestFailed(ErrorCode.NOT_FOUND, "no such stream")]
    with pytest.raises(KeyError):
        async with writer:
            raise KeyError
    assert server.told()[-1] == ("cancel", None, None)
    assert not server.open


async def test_too_much_text(server: Server, writer: StreamWriter) -> None:
    async def said() -> None:
        async with writer:
            await writer.write("x" * MAX_CONTENT)
            await writer.write("x")

    with pytest.raises(SendFailed) as refusal:
        await said()
    assert refusal.value.code == ErrorCode.TOO_LARGE
    assert server.told()[-1][0] == "cancel"


async def test_a_refused_piece_is_heard_of_at_the_next_step(
    server: Server, writer: StreamWriter
) -> None:
    error = SendFailed(ErrorCode.NOT_MEMBER, "put out", "s")

    async def said() -> None:
        async with writer:
            await writer.write("a")
            writer.refused(error)

    with pytest.raises(SendFailed, match="put out"):
        await said()
    assert not server.open


async def test_what_may_not_have_arrived_is_told_again(
    server: Server, writer: StreamWriter
) -> None:
    await writer.open()
    await writer.write("a")
    writer.disconnected()
    server.connected = False
    await writer.write("b")
    server.connected = True
    await writer.write("c")
    await writer.write("d")
    assert server.told()[1:] == [("delta", "a", 0), ("delta", "abc", 0), ("delta", "d", 3)]


async def test_the_end_is_told_until_it_is_answered(server: Server, writer: StreamWriter) -> None:
    await writer.open()
    server.answers = [LOST] * (TRIES - 1)
    await writer.finish("end")
    assert server.told()[1:] == [("delta", "end", 0), *[("finish", "end", 0)] * TRIES]


async def test_the_end_is_given_up(server: Server, writer: StreamWriter) -> None:
    await writer.open()
    server.answers = [LOST] * TRIES
    with pytest.raises(RequestFailed) as failure:
        await writer.finish()
    assert failure.value.code == ErrorCode.UNAVAILABLE
    assert not server.open


@pytest.mark.parametrize("whole", [True, False])
async def test_only_the_answer_was_lost(
    server: Server, writer: StreamWriter, *, whole: bool
) -> None:
    await writer.open()
    server.whole = whole
    server.answers = [LOST, RequestFailed(ErrorCode.NOT_FOUND, "no such stream")]
    if whole:
        assert (await writer.finish()).seq == 3
    else:
        with pytest.raises(RequestFailed):
            await writer.finish()


async def test_the_server_was_restarted(server: Server, writer: StreamWriter) -> None:
    await writer.open()
    server.whole = True
    server.answers = [RequestFailed(ErrorCode.NOT_FOUND, "no such stream")]
    with pytest.raises(RequestFailed):
        await writer.finish()
