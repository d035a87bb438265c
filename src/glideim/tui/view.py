"""Messages and conversations as coloured text."""

from __future__ import annotations

from rich.text import Text

from .lines import Line, Mark
from .messages import Chat
from .text import clean, clock, one_line

_STYLES = {
    Mark.PENDING: "dim",
    Mark.SENT: "dim",
    Mark.OFFLINE: "dim yellow",
    Mark.DELIVERED: "green",
    Mark.READ: "bold green",
    Mark.FAILED: "bold red",
}


LIST_WIDTH = 32
"""Cells of the list of chats, with its frame."""
NAME_WIDTH = 30
"""Characters of a name."""


def message_text(lines: list[Line], now_ms: int) -> Text:
    """The messages of a conversation. No markup is read from what people wrote."""
    text = Text(overflow="fold")
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        _add(text, line, now_ms)
    return text


def _add(text: Text, line: Line, now_ms: int) -> None:
    if line.selected:
        text.append(f"▶ #{line.seq} ", style="bold reverse")
    text.append(clock(line.at, now_ms), style="dim")
    if line.event:
        text.append(f" — {one_line(line.text, 300)}", style="italic dim")
    else:
        colour = "bold cyan" if line.mine else "bold magenta"
        text.append(f" {one_line(line.who, NAME_WIDTH)}: ", style=colour)
        if line.quote:
            text.append(f"↳ {line.quote}\n      ", style="dim italic")
        text.append(clean(line.text), style="bold yellow" if line.named else "")
    if line.tags:
        text.append(f"  [{line.tags}]", style="dim")
    if line.mark is not Mark.NONE:
        text.append(f"  {line.mark.value}", style=_STYLES[line.mark])
    if line.note:
        text.append(f" {clean(line.note)}", style="red")


def chat_text(chat: Chat, *, there: bool = False) -> Text:
    """One entry of the list; `there`: the person is connected."""
    name = one_line(chat.title, NAME_WIDTH)
    counted = chat.unread and not chat.muted
    text = Text(no_wrap=True)
    if chat.pinned:
        text.append("▲ ", style="yellow")
    style = "dim" if chat.closed or chat.muted else "bold" if counted else ""
    text.append(f"● {name}" if counted else name, style=style)
    if there:
        text.append(" ○", style="green")
    if chat.mentioned:
        text.append(" @", style="bold yellow")
    if chat.unread:
        text.append(f" ({chat.unread})", style="dim" if chat.muted else "bold yellow")
    if chat.closed:
        text.append(" left", style="dim")
    text.truncate(LIST_WIDTH - 4, overflow="ellipsis")
    preview = Text(f"\n  {one_line(chat.preview, LIST_WIDTH)}", style="dim")
    # In cells: a character of some scripts takes two.
    preview.truncate(LIST_WIDTH - 6, overflow="ellipsis")
    return text.append_text(preview)


def about(chat: Chat, *, there: bool) -> str:
    """What there is to know of the open conversation, in a few words."""
    words = ["here"] if there else []
    if chat.gid:
        words.append(f"group {chat.gid}")
    if chat.expire_after:
        words.append(f"messages disappear after {span(chat.expire_after)}")
    if chat.muted:
        words.append("quiet")
    if chat.closed:
        words.append("you do not belong to it any more")
    return " · ".join(words)


def span(seconds: int) -> str:
    """A length of time."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and not seconds % size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
