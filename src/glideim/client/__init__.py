"""The Python SDK: `Client` and what it takes and gives. Needs only msgspec, picows and protobuf."""

from __future__ import annotations

from .client import Client
from .errors import ClientClosedError, ClientError, RequestFailed, SendFailed, SignedOutError
from .events import (
    Connected,
    Connecting,
    Delivered,
    DeviceChanged,
    Disconnected,
    Event,
    EventStream,
    Failed,
    Kicked,
    Read,
    SignedOut,
    Skipped,
    Stored,
    Synced,
)
from .filestore import FileStore
from .options import Options
from .sent import Sent, Submitted
from .store import Credentials, MemoryStore, Store
from .streams import MessageStream

__all__ = [
    "Client",
    "ClientClosedError",
    "ClientError",
    "Connected",
    "Connecting",
    "Credentials",
    "Delivered",
    "DeviceChanged",
    "Disconnected",
    "Event",
    "EventStream",
    "Failed",
    "FileStore",
    "Kicked",
    "MemoryStore",
    "MessageStream",
    "Options",
    "Read",
    "RequestFailed",
    "SendFailed",
    "Sent",
    "SignedOut",
    "SignedOutError",
    "Skipped",
    "Store",
    "Stored",
    "Submitted",
    "Synced",
]
