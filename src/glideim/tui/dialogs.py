"""Questions asked over the chats: with whom to talk, what to look for."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList

from glideim.client import ClientError
from glideim.protocol.records import Message, User

from .model import Model
from .text import clock, one_line

FOUND = 50
"""Messages that a search shows."""


class NewChatScreen(ModalScreen[User | None]):
    """Find a person by name or uid."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    CSS = """
    NewChatScreen { align: center middle; }
    #box { width: 50; height: 20; border: round $primary; padding: 1 2; background: $surface; }
    #people { height: 1fr; }
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._found: list[User] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label("Talk to whom?")
            yield Input(placeholder="Account name or uid", id="name")
            yield OptionList(id="people")
            yield Label("", id="hint", markup=False)

    def action_cancel(self) -> None:
        _ = self.dismiss(None)

    @on(Input.Changed, "#name")
    def _changed(self, event: Input.Changed) -> None:
        self._search(event.value.strip())

    @work(exclusive=True)
    async def _search(self, text: str) -> None:
        try:
            self._found = await self._model.find(text)
        except ClientError as error:
            self._found = []
            self.query_one("#hint", Label).update(str(error))
            return
        people = self.query_one("#people", OptionList)
        people.clear_options()
        people.add_options(
            [
                Text(one_line(f"{u.nickname or u.account} ({u.account}, #{u.uid})"))
                for u in self._found
            ]
        )
        self.query_one("#hint", Label).update(
            "" if self._found or not text else "Nobody is called that."
        )

    @on(Input.Submitted, "#name")
    def _submitted(self) -> None:
        if self._found:
            _ = self.dismiss(self._found[0])

    @on(OptionList.OptionSelected, "#people")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        _ = self.dismiss(self._found[event.option_index])


class SearchScreen(ModalScreen[Message | None]):
    """Find a message in all conversations."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    CSS = """
    SearchScreen { align: center middle; }
    #box { width: 80%; height: 24; border: round $primary; padding: 1 2; background: $surface; }
    #found { height: 1fr; }
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._found: list[Message] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label("Look for what?")
            yield Input(placeholder="Words, Enter looks for them", id="words")
            yield OptionList(id="found")
            yield Label("", id="hint", markup=False)

    def action_cancel(self) -> None:
        _ = self.dismiss(None)

    @on(Input.Submitted, "#words")
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._search(event.value.strip())

    @work(exclusive=True)
    async def _search(self, words: str) -> None:
        found: list[Message] = []
        try:
            async for message in self._model.client.search(words):
                found.append(message)
                if len(found) == FOUND:
                    break
            await self._model.people.learn(m.from_ for m in found)
        except ClientError as error:
            self.query_one("#hint", Label).update(str(error))
            return
        self._found = found
        options = self.query_one("#found", OptionList)
        options.clear_options()
        options.add_options([self._row(message) for message in found])
        self.query_one("#hint", Label).update("" if found else "Nothing found.")
        if found:
            options.focus()
            options.highlighted = 0

    def _row(self, message: Message) -> Text:
        row = Text(one_line(self._model.chats.get(message.conv).title, 20), style="bold")
        row.append(f" {clock(message.send_at, self._model.now_ms())} ", style="dim")
        return row.append(one_line(self._model.spoken(message), 100), style="not bold")

    @on(OptionList.OptionSelected, "#found")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        _ = self.dismiss(self._found[event.option_index])
