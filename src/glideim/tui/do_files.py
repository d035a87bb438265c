"""Commands about files."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from glideim.protocol.social import FileInfo

from .desk import Command, Desk, Refusal
from .text import one_line
from .words import content_of, file_of, type_of

_UNSAFE = re.compile(r"[\x00-\x1f/\\:]+")
SHOWN = 50
"""Files that are shown."""
COPIES = 1_000
"""Names that are tried for a file whose name is taken."""


async def _file(desk: Desk, words: str) -> None:
    if not words:
        raise Refusal("which file?")
    chat = desk.here()
    info = await desk.client.files.upload(await asyncio.to_thread(Path(words).expanduser))
    # It may have taken long: it goes where it was meant to.
    desk.model.say(content_of(info), kind=type_of(info), chat=chat)


async def _save(desk: Desk, words: str) -> None:
    message, where = await desk.picked(words, lambda m: file_of(m) is not None)
    file = file_of(message)
    if file is None:
        raise Refusal(f"#{message.seq} is not a file")
    place = await asyncio.to_thread(_place, file, where)
    path = await desk.client.files.download(file, place)
    desk.tell(f"saved as {path}")


def _place(file: FileInfo, where: str) -> Path:
    """Where a file goes: never over one that is there, and the sender does not choose the folder."""
    name = _UNSAFE.sub("_", Path(file.name or file.url).name).lstrip(".") or "file"
    path = Path(where).expanduser() if where else Path()
    if not where or path.is_dir():
        path /= name
    for n in range(COPIES):
        free = path if not n else path.with_name(f"{path.stem} ({n}){path.suffix}")
        if not free.exists():
            return free
    raise Refusal(f"{path} is there already")


async def _files(desk: Desk, _: str) -> None:
    used, quota = await desk.client.files.space()
    rows = [f"{used / 1024**2:.1f} of {quota / 1024**2:.0f} MiB used"]
    async for file in desk.client.files.list():
        rows.append(f"{one_line(file.name or file.id)}, {file.size} B, {file.type}")
        if len(rows) > SHOWN:
            break
    desk.tell("\n".join(rows))


COMMANDS = {
    "file": Command("PATH", "send a file or picture", _file),
    "save": Command("[#N] [PATH]", "keep a file somebody sent: the last by default", _save),
    "files": Command("", "the files you sent", _files),
}
