"""The Python SDK: `Client` and what it takes and gives. Needs only msgspec, picows and protobuf."""

from __future__ import annotations

from .client import Client
from .errors import ClientClosedError, ClientError, RequestFailed, SendFailed, SignedOutError
from .events import (
    Changed,
    Connected,
    Connecting,
    ContactChanged,
    ConversationChanged,
    Delivered,
    DeviceChanged,
    Disconnected,
    Edited,
    Event,
    EventStream,
    Failed,
    Gone,
    GroupChanged,
    Growing,
    Kicked,
    Pinned,
    Presence,
    Reacted,
    Read,
    Recalled,
    Signal,
    SignedOut,
    Skipped,
    Stored,
    Synced,
)
from .filestore import FileStore
from .options import Options
from .sent import Sent, Submitted
from .store import Credentials, MemoryStore, Store
from .streaming import StreamWriter
from .streams import MessageStream
from .talking import TYPING, Place

__all__ = [
    "TYPING",
    "Changed",
    "Client",
    "ClientClosedError",
    "ClientError",
    "Connected",
    "Connecting",
    "ContactChanged",
    "ConversationChanged",
    "Credentials",
    "Delivered",
    "DeviceChanged",
    "Disconnected",
    "Edited",
    "Event",
    "EventStream",
    "Failed",
    "FileStore",
    "Gone",
    "GroupChanged",
    "Growing",
    "Kicked",
    "MemoryStore",
    "MessageStream",
    "Options",
    "Pinned",
    "Place",
    "Presence",
    "Reacted",
    "Read",
    "Recalled",
    "RequestFailed",
    "SendFailed",
    "Sent",
    "Signal",
    "SignedOut",
    "SignedOutError",
    "Skipped",
    "Store",
    "Stored",
    "StreamWriter",
    "Submitted",
    "Synced",
]
