"""Write the golden frames of spec/vectors/, which the codecs of every SDK are tested with; `--check` only compares.

valid.json     envelopes as both codecs write them; a decoder must make the same of both
accepted.json  frames that nobody need write, but every decoder must take
refused.json   frames that are wrong, and what the receiver does
framing.json   TCP streams and the frames in them
keys.json      names of conversations, and texts that are none
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from glideim.protocol.actions import RECORDS, Action
from glideim.protocol.codec import Codec, load_codecs
from glideim.protocol.framing import FrameReader, FrameTooLarge, build_preamble, frame_header
from glideim.protocol.pb.fast import varint
from glideim.protocol.records import (
    MAX_ID,
    AckMessage,
    AckNotify,
    AckRequest,
    Auth,
    AuthOk,
    ChangePassword,
    Conversation,
    Empty,
    Envelope,
    Error,
    FrameError,
    Gateways,
    Guest,
    Heartbeat,
    Hello,
    HistoryQuery,
    LoggedIn,
    Login,
    Message,
    MessageList,
    MessageRead,
    NotifyClose,
    NotifyDevice,
    NotifyKickout,
    NotifyRead,
    Register,
    Registered,
    Rejected,
    Sync,
    Synced,
    UpdateUser,
    User,
    UserList,
    UserSearch,
    UsersQuery,
)

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "spec/vectors"

Vector = dict[str, Any]

ANN, BOB = 100001, 100023
CONV = f"c:{ANN}:{BOB}"
UUID = "5f0c3f7e-6f0e-4a53-9a3c-2f8f9d1f7a10"
AT = 1790000000123
SENT = Message(cli_mid=UUID, to=BOB, type=1, content="Hello, Bob")
STORED = Message(9000000017, UUID, CONV, 1234, ANN, BOB, 1, "Hello, Bob", AT)
RARE = Message(
    MAX_ID, "x", CONV, MAX_ID, ANN, BOB, -1, None, MAX_ID, 1, 42, (ANN, BOB), {"k": "v", "": "é"}
)
USER = User(ANN, "ann", "Ann", "https://example.org/ann.png")

DATA: list[tuple[str, Action, Any]] = [
    ("hello", Action.HELLO, Hello(AT, 30, 65536, "n1-7", "glideim/2.0.0", ("json", "protobuf"))),
    ("auth", Action.AUTH, Auth("dG9rZW4", 2, "browser-1", True)),
    ("auth.ok", Action.AUTH_OK, AuthOk(ANN, 2, AT, "n1")),
    ("error", Action.ERROR, Error("rate_limited", "too many requests", True)),
    ("heartbeat", Action.HEARTBEAT, Heartbeat()),
    ("notify.close", Action.NOTIFY_CLOSE, NotifyClose(4000, "restart", 1500)),
    ("notify.kickout", Action.NOTIFY_KICKOUT, NotifyKickout(2, "signed in elsewhere", AT)),
    ("notify.login", Action.NOTIFY_LOGIN, NotifyDevice(1, AT)),
    ("notify.logout", Action.NOTIFY_LOGOUT, NotifyDevice(1, AT)),
    ("message.chat to the server", Action.MESSAGE_CHAT, SENT),
    ("message.chat from the server", Action.MESSAGE_CHAT, STORED),
    ("message.chat with everything", Action.MESSAGE_CHAT, RARE),
    ("message.chat empty text", Action.MESSAGE_CHAT, msgspec.structs.replace(SENT, content="")),
    ("message.chat not ASCII", Action.MESSAGE_CHAT,
     msgspec.structs.replace(STORED, content="你好 👋 \u0000\"\\", cli_mid="é")),
    ("message.chat long", Action.MESSAGE_CHAT, msgspec.structs.replace(STORED, content="0123456789" * 30)),
    ("message.chat.retry", Action.MESSAGE_CHAT_RETRY, SENT),
    ("message.chat.resend", Action.MESSAGE_CHAT_RESEND, SENT),
    ("message.failed.send", Action.MESSAGE_FAILED_SEND, Error("blocked", "the receiver blocked you", False, UUID)),
    ("ack.message", Action.ACK_MESSAGE, AckMessage(UUID, 9000000017, CONV, 1234, AT)),
    ("ack.request by seq", Action.ACK_REQUEST, AckRequest(CONV, 1234)),
    ("ack.request by mid", Action.ACK_REQUEST, AckRequest(mid=9000000017, from_=ANN)),
    ("ack.notify", Action.ACK_NOTIFY, AckNotify(CONV, 1234, 9000000017, UUID, BOB)),
    ("ack.notify offline", Action.ACK_NOTIFY, AckNotify(CONV, 1234, 9000000017, UUID, BOB, True)),
    ("message.read", Action.MESSAGE_READ, MessageRead(CONV, 1234)),
    ("notify.read", Action.NOTIFY_READ, NotifyRead(CONV, BOB, 1234)),
    ("api.auth.register", Action.API_AUTH_REGISTER, Register("ann", "correct horse", "Ann")),
    ("api.auth.login", Action.API_AUTH_LOGIN, Login("ann", "correct horse", 4, "laptop")),
    ("api.auth.guest", Action.API_AUTH_GUEST, Guest("Ann", 2)),
    ("api.auth.refresh", Action.API_AUTH_REFRESH, Empty()),
    ("api.auth.logout", Action.API_AUTH_LOGOUT, Empty()),
    ("api.auth.password", Action.API_AUTH_PASSWORD, ChangePassword("correct horse", "battery staple")),
    ("api.users.me", Action.API_USERS_ME, Empty()),
    ("api.users.update", Action.API_USERS_UPDATE, UpdateUser("Annie", "")),
    ("api.users.update nothing", Action.API_USERS_UPDATE, UpdateUser()),
    ("api.users.list", Action.API_USERS_LIST, UsersQuery((ANN, BOB))),
    ("api.users.search", Action.API_USERS_SEARCH, UserSearch("an", "YWJj", 20)),
    ("api.messages.list", Action.API_MESSAGES_LIST, HistoryQuery(CONV, 0, 1000, 50)),
    ("api.messages.list latest", Action.API_MESSAGES_LIST, HistoryQuery(CONV)),
    ("api.messages.send", Action.API_MESSAGES_SEND, SENT),
    ("api.sync", Action.API_SYNC, Sync({CONV: 1230, "c:100001:100001": 0}, "YWJj")),
]  # fmt: skip

RESULTS: list[tuple[str, Action, Any]] = [
    ("api.ok of register", Action.API_AUTH_REGISTER, Registered(ANN)),
    ("api.ok of login", Action.API_AUTH_LOGIN,
     LoggedIn("dG9rZW4", ANN, AT, Gateways(("ws://localhost:8080/ws",), ("localhost:8082",)))),
    ("api.ok of logout", Action.API_AUTH_LOGOUT, Empty()),
    ("api.ok of me", Action.API_USERS_ME, USER),
    ("api.ok of users", Action.API_USERS_LIST, UserList((USER, User(BOB, "bob")), "YWJj")),
    ("api.ok of no users", Action.API_USERS_LIST, UserList(())),
    ("api.ok of messages", Action.API_MESSAGES_LIST, MessageList((STORED, RARE))),
    ("api.ok of send", Action.API_MESSAGES_SEND, AckMessage(UUID, 9000000017, CONV, 1234, AT)),
    ("api.ok of sync", Action.API_SYNC, Synced(
        (Conversation(CONV, 1234, 1230, 4, AT, STORED, USER, 1233, 1200, 1100),), {CONV: (STORED, RARE)}, "YWJj", True,
    )),
]  # fmt: skip


def block(tag: int, body: bytes) -> bytes:
    """A field of Protobuf with a length."""
    return bytes((tag,)) + varint(len(body)) + body


def frame(envelope: bytes) -> bytes:
    """Frame.envelope, or an element of Batch."""
    return block(0x0A, envelope)


ACCEPTED_JSON: list[tuple[str, str, Sequence[Envelope]]] = [
    ("no data", '{"action":"heartbeat"}', [Envelope("heartbeat", 0, Heartbeat())]),
    ("data null", '{"action":"heartbeat","data":null}', [Envelope("heartbeat", 0, Heartbeat())]),
    ("data empty text", '{"action":"heartbeat","data":""}', [Envelope("heartbeat", 0, Heartbeat())]),
    ("fields null", '{"seq":null,"action":"ack.request","data":{"conv":"c:1:2","seq":3,"mid":null},"extra":null}',
     [Envelope("ack.request", 0, AckRequest("c:1:2", 3))]),
    ("zeroes written", '{"seq":0,"ver":0,"action":"ack.request","data":{"conv":"c:1:2","seq":3,"mid":0,"from":0}}',
     [Envelope("ack.request", 0, AckRequest("c:1:2", 3))]),
    ("unknown fields", '{"action":"heartbeat","later":[{}],"data":{"later":{"a":[1.5,null]}}}',
     [Envelope("heartbeat", 0, Heartbeat())]),
    ("space and escapes", ' \n{ "action" : "message\\u002echat" , "data" : { "content" : "\\ud83d\\ude00" } }\t',
     [Envelope("message.chat", 0, Message(content="😀"))]),
    ("any order", '{"data":{"seq":3,"conv":"c:1:2"},"ver":2,"seq":7,"action":"ack.request"}',
     [Envelope("ack.request", 7, AckRequest("c:1:2", 3))]),
    ("an empty batch", "[]", []),
]  # fmt: skip
ACCEPTED_PROTOBUF: list[tuple[str, bytes, Sequence[Envelope]]] = [
    ("action from the data", frame(block(0x3A, block(0x0A, b"c:1:2") + b"\x10\x03")),
     [Envelope("ack.request", 0, AckRequest("c:1:2", 3))]),
    ("action alone", frame(block(0x12, b"heartbeat")), [Envelope("heartbeat", 0, Heartbeat())]),
    ("unknown fields", frame(block(0x12, b"heartbeat") + b"\xf8\x7f\x01" + block(0x4A, b"\x50\x07")),
     [Envelope("heartbeat", 0, Heartbeat())]),
    ("zeroes written",
     frame(b"\x08\x00" + block(0x12, b"ack.request") + b"\x18\x00"
           + block(0x3A, block(0x0A, b"c:1:2") + b"\x10\x03\x18\x00")),
     [Envelope("ack.request", 0, AckRequest("c:1:2", 3))]),
    ("numbers longer than need be",
     frame(b"\x08\x87\x00" + block(0x12, b"ack.request") + block(0x3A, block(0x0A, b"c:1:2") + b"\x10\x83\x00")),
     [Envelope("ack.request", 7, AckRequest("c:1:2", 3))]),
    ("any order",
     frame(block(0x3A, b"\x10\x03" + block(0x0A, b"c:1:2")) + block(0x12, b"ack.request") + b"\x08\x07"),
     [Envelope("ack.request", 7, AckRequest("c:1:2", 3))]),
    ("the last of two counts",
     frame(b"\x08\x06\x08\x07" + block(0x12, b"ack.request") + block(0x3A, block(0x0A, b"c:1:2") + b"\x10\x09\x10\x03")),
     [Envelope("ack.request", 7, AckRequest("c:1:2", 3))]),
    ("an empty batch", block(0x12, b""), []),
]  # fmt: skip

REFUSED_JSON = [
    ("unknown action", '{"seq":5,"action":"message.later","data":{}}'),
    ("wrong type", '{"seq":5,"action":"message.chat","data":{"cliMid":"a","to":"100023","type":1,"content":"x"}}'),
    ("negative id", '{"seq":5,"action":"message.chat","data":{"cliMid":"a","to":-1,"type":1,"content":"x"}}'),
    ("id of 2^53", '{"seq":5,"action":"message.chat","data":{"cliMid":"a","to":9007199254740992}}'),
    ("id with a fraction", '{"seq":5,"action":"message.chat","data":{"cliMid":"a","to":1.5}}'),
    ("type of 2^31", '{"seq":5,"action":"message.chat","data":{"cliMid":"a","type":2147483648}}'),
    ("mention of 2^53", '{"seq":5,"action":"message.chat","data":{"cliMid":"a","mentions":[9007199254740992]}}'),
    ("data is a list", '{"seq":5,"action":"message.chat","data":[]}'),
    ("one of a batch", '[{"action":"heartbeat"},{"seq":6,"action":"message.chat","data":{"cliMid":7}}]'),
    ("seq negative", '{"seq":-1,"action":"heartbeat"}'),
    ("no action", '{"seq":5}'),
    ("not JSON", "hello"),
    ("cut off", '{"seq":5,"action":"heart'),
    ("nothing", ""),
    ("more behind", '{"action":"heartbeat"}{"action":"heartbeat"}'),
    ("a number in a batch", "[1]"),
    ("half a surrogate pair", '{"seq":5,"action":"message.chat","data":{"content":"\\ud83d"}}'),
]  # fmt: skip
CHAT, NEGATIVE, LARGE = 0x2A, b"\xff" * 9 + b"\x01", b"\x80\x80\x80\x80\x80\x80\x80\x10"
MENTION = block(CHAT, block(0x12, b"a") + block(0x62, LARGE))
REFUSED_PROTOBUF = [
    ("unknown action", frame(b"\x08\x05" + block(0x12, b"message.later"))),
    ("unknown data, no action", frame(b"\x08\x05" + b"\xfa\x3e\x00")),
    ("action against data", frame(b"\x08\x05" + block(0x12, b"heartbeat") + block(0x42, b""))),
    ("unknown action with known data", frame(b"\x08\x05" + block(0x12, b"message.later") + block(0x42, b""))),
    ("negative id", frame(b"\x08\x05" + block(CHAT, block(0x12, b"a") + b"\x30" + NEGATIVE))),
    ("id of 2^53", frame(b"\x08\x05" + block(CHAT, block(0x12, b"a") + b"\x30" + LARGE))),
    ("id of 2^53 in the usual shape",
     frame(b"\x08\x05" + block(0x12, b"message.chat")
           + block(CHAT, block(0x12, UUID.encode()) + b"\x30" + LARGE + b"\x38\x01" + block(0x42, b"Hello")))),
    ("mention of 2^53", frame(b"\x08\x05" + MENTION)),
    ("one of a batch", block(0x12, frame(block(0x12, b"heartbeat")) + frame(b"\x08\x06" + MENTION))),
    ("seq negative", frame(b"\x08" + NEGATIVE + block(0x12, b"heartbeat"))),
    ("text is not UTF-8", frame(b"\x08\x05" + block(0x12, b"\xff"))),
    ("content is not UTF-8",
     frame(b"\x08\x05" + block(0x12, b"message.chat")
           + block(CHAT, block(0x12, UUID.encode()) + b"\x30\x07\x38\x01" + block(0x42, b"\xed\xa0\x80")))),
    ("cut off", frame(block(0x12, b"heartbeat"))[:-1]),
    ("length beyond the end", b"\x0a\x7f"),
    ("nothing", b""),
    ("neither envelope nor batch", block(0x1A, b"")),
    ("not Protobuf", b"hello"),
]  # fmt: skip

KEYS = [
    ("c:1:2", [1, 2]),
    ("c:7:7", [7, 7]),
    (f"c:1:{MAX_ID}", [1, MAX_ID]),
    *((key, None) for key in (
        "", "c", "c:", "c:1", "c:1:", "c::1", "c:2:1", "c:0:1", "c:01:2", "c:1:2:3", "c:1: 2", "c:1:2 ", "C:1:2",
        "c:+1:2", "c:-1:2", "c:1:9007199254740992", "c:\u0661:\u0662", "c:1:2\n", "g:1", "c:1:0x2", "c:1:99999999999999999999",
    )),
]  # fmt: skip


def written(frame: str | bytes) -> str:
    """A frame in a vector: the text, or the bytes in hexadecimal."""
    return frame if isinstance(frame, str) else frame.hex()


def valid() -> Iterator[Vector]:
    """What both codecs write."""
    codecs = load_codecs()
    sampled = [*DATA, *samples()]
    named: list[tuple[str, Action, str | None, Any]] = [(n, a, None, d) for n, a, d in sampled]
    named += [(name, Action.API_OK, str(asked), data) for name, asked, data in RESULTS]
    for number, (name, action, asked, data) in enumerate(named, 1):
        pushed = name.startswith(("notify", "hello", "heartbeat")) or name.endswith(
            "from the server"
        )
        extra = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        envelope = Envelope(
            str(action), 0 if pushed else number, data, 2, extra if number % 10 == 0 else None
        )
        vector = {"name": name, "action": str(action)}
        if asked is not None:
            vector["asked"] = asked
        text = codecs["json"].encode(envelope).decode()
        yield vector | {
            "json": text, "protobuf": codecs["protobuf"].encode(envelope).hex(), "envelope": json.loads(text),
        }  # fmt: skip
    beats = [Envelope("heartbeat", 0, Heartbeat()), Envelope("ack.request", 3, AckRequest(CONV, 9))]
    joined = {name: codecs[name].join([codecs[name].encode(e) for e in beats]) for name in codecs}
    text = joined["json"].decode()
    yield {
        "name": "a batch", "json": text, "protobuf": joined["protobuf"].hex(), "envelopes": json.loads(text)
    }  # fmt: skip


def accepted() -> Iterator[Vector]:
    """What every decoder takes."""
    encode = load_codecs()["json"].encode
    rows: list[tuple[str, str | bytes, Sequence[Envelope]]] = [*ACCEPTED_JSON, *ACCEPTED_PROTOBUF]
    for name, frame, envelopes in rows:
        codec = "json" if isinstance(frame, str) else "protobuf"
        canonical = [json.loads(encode(e)) for e in envelopes]
        yield {"name": name, "codec": codec, "frame": written(frame), "envelopes": canonical}


def refused() -> Iterator[Vector]:
    """What is wrong, and the reaction: found out by the codecs, reviewed by people."""
    codecs = load_codecs()
    rows: list[tuple[str, str | bytes]] = [*REFUSED_JSON, *REFUSED_PROTOBUF]
    for what, frame in rows:
        name = "json" if isinstance(frame, str) else "protobuf"
        body = frame.encode() if isinstance(frame, str) else frame
        yield {"name": what, "codec": name, "frame": written(frame)} | reaction(codecs[name], body)


def reaction(codec: Codec, frame: bytes) -> Vector:
    """What a receiver does with a frame."""
    try:
        found = codec.decode(frame)
    except FrameError:
        return {"unreadable": True}
    return {"answers": [answer(item) for item in found]}


def answer(found: Envelope | Rejected) -> Vector | None:
    """The error for an envelope; None if it is valid."""
    if isinstance(found, Envelope):
        return None
    error: Vector = {"seq": found.seq, "action": found.action, "code": str(found.code)}
    return error | ({"cliMid": found.cli_mid} if found.cli_mid else {})


def framing() -> Iterator[Vector]:
    """TCP streams: what the client sends first, then frames."""
    for name, byte in (("json", 1), ("protobuf", 2)):
        yield {"name": f"preamble of {name}", "preamble": build_preamble(byte).hex(), "codec": byte}
    for what, text in (
        ("other magic", "474c494e02010000"), ("other version", "474c494d01010000"), ("no zeroes", "474c494d02010001"),
        ("short", "474c494d020100"),
    ):  # fmt: skip
        yield {"name": f"preamble: {what}", "preamble": text, "codec": None}
    body = b'{"action":"heartbeat"}'
    frame = frame_header(len(body)) + body
    streams = {
        "one frame": frame,
        "two frames": frame + frame,
        "part of a frame": frame + frame[:-1],
        "as large as allowed": frame_header(64) + b"x" * 64,
        "larger than allowed, header only": frame_header(65),
        "much larger": b"\xff\xff\xff\xff",
        "empty frame": frame_header(0),
    }
    for name, stream in streams.items():
        yield {"name": name, "stream": stream.hex(), "limit": 64, **cut(stream)}


def cut(stream: bytes) -> Vector:
    """The frames of a stream, or what is wrong with it."""
    try:
        return {"frames": [frame.hex() for frame in FrameReader(64).feed(stream)]}
    except FrameTooLarge:
        return {"error": "frame_too_large"}
    except FrameError:
        return {"error": "unreadable"}


def keys() -> Iterator[Vector]:
    """Names of conversations."""
    for key, people in KEYS:
        yield {"key": key, "people": people}


def sample(kind: type[msgspec.Struct], depth: int = 0) -> Any:
    """A record with something in every field."""
    info = inspect.type_info(kind)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{kind} is not a record")
    return kind(*(something(n, field.type, depth) for n, field in enumerate(info.fields, 1)))


def something(n: int, kind: inspect.Type, depth: int) -> Any:
    """A value that is none of the empty ones, different for each place `n`."""
    match kind:
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 1000 * n + depth
        case inspect.StrType():
            return f"text {n} é"
        case inspect.VarTupleType(item_type=item):
            return tuple(something(n + more, item, depth + 1) for more in range(2))
        case inspect.DictType(value_type=value):
            return {f"key {n}": something(n, value, depth + 1)}
        case inspect.UnionType(types=types):
            return something(n, types[0], depth)
        case inspect.StructType(cls=cls):
            return sample(cls, depth + 1)
        case other:
            raise TypeError(f"no sample for {other}")


def samples() -> Iterator[tuple[str, Action, Any]]:
    """A full record for every action that none was written for by hand."""
    written_by_hand = {str(action) for _, action, _ in DATA}
    for action, kind in RECORDS.items():
        if str(action) not in written_by_hand:
            yield f"{action} with everything", Action(action), sample(kind)


def outputs() -> dict[Path, str]:
    """Every file."""
    makers = {
        "valid": valid,
        "accepted": accepted,
        "refused": refused,
        "framing": framing,
        "keys": keys,
    }
    return {
        FOLDER / f"{name}.json": json.dumps(list(make()), indent=1, ensure_ascii=False) + "\n"
        for name, make in makers.items()
    }


def main() -> int:
    """Write the files, or with --check say which are stale."""
    stale = [
        (path, text)
        for path, text in outputs().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path, text in stale:
        if "--check" in sys.argv:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run scripts/gen_vectors.py\n")
        else:
            path.write_text(text, "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
