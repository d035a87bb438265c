"""Everything that can be written at the prompt: `/command …`, or a message. The same with a screen and without."""

from __future__ import annotations

from glideim.client import ClientError

from . import do_files, do_groups, do_messages, do_people
from .desk import Command, Desk, Refusal

__all__ = ["COMMANDS", "Desk", "Refusal", "enter", "help_text"]


async def _help(desk: Desk, words: str) -> None:
    name = words.removeprefix("/")
    if name and name not in COMMANDS:
        raise Refusal(f"there is no /{name}")
    desk.tell(_row(name, COMMANDS[name]) if name else help_text())


COMMANDS: dict[str, Command] = {
    "help": Command("[COMMAND]", "what can be written here", _help),
    **do_people.COMMANDS,
    **do_messages.COMMANDS,
    **do_files.COMMANDS,
    **do_groups.COMMANDS,
}


def help_text() -> str:
    """All commands, one a line."""
    rows = [_row(name, command) for name, command in COMMANDS.items()]
    return "\n".join([*rows, "A message that begins with / is written with //."])


def _row(name: str, command: Command) -> str:
    return f"/{name} {command.usage}".rstrip() + f" — {command.help}"


async def enter(desk: Desk, line: str) -> None:
    """Do what was written. Raises ClientError when it cannot be done, with the reason in words."""
    text = line.strip()
    if not text:
        return
    if text.startswith("/") and not text.startswith("//"):
        name, _, words = text[1:].partition(" ")
        command = COMMANDS.get(name.lower())
        if command is None:
            raise Refusal(f"there is no /{name}: /help shows what there is")
        try:
            await command.run(desk, words.strip())
        except (OSError, ValueError) as error:
            raise Refusal(str(error)) from error
        desk.model.listener.changed()
        return
    text = text.removeprefix("/") if text.startswith("//") else text
    if desk.writer is not None:
        await do_messages.grow(desk, text)
    else:
        await desk.say(text)


def said(error: ClientError) -> str:
    """Why something could not be done, for the person."""
    return getattr(error, "message", "") or str(error)
