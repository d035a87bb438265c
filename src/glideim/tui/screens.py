"""The screen of the chats."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from glideim.client import ClientError
from glideim.protocol.records import Message

from .commands import Desk, enter, said
from .dialogs import NewChatScreen, SearchScreen
from .lines import Line
from .model import Model
from .text import clean, one_line
from .view import about, chat_text, message_text


class Entry(Input):
    """Where one writes. While it is empty, some keys are about the selected message, and up edits the last one."""

    def __init__(self, begin: Callable[[str], str], **more: str) -> None:
        """`begin` says what a key begins to write; nothing: the key is a letter like others."""
        super().__init__(**more)  # type: ignore[arg-type]
        self._begin = begin

    async def _on_key(self, event: events.Key) -> None:
        text = "" if self.value else self._begin(event.key)
        if text:
            event.prevent_default()
            event.stop()
            self.value = text
            self.cursor_position = len(text)
            return
        await super()._on_key(event)


class ChatScreen(Screen[None]):
    """Conversations at the left, messages at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "new_chat", "New chat", priority=True),
        Binding("ctrl+f", "search", "Search", priority=True),
        Binding("ctrl+g", "new_group", "New group", priority=True),
        Binding("f1", "help", "Help", priority=True),
        Binding("ctrl+up", "select(-1)", "Select", priority=True),
        Binding("ctrl+down", "select(1)", show=False, priority=True),
        Binding("escape", "leave", show=False),
        Binding("ctrl+r", "reconnect", "Reconnect", priority=True),
        Binding("ctrl+l", "sign_out", "Sign out", priority=True),
        Binding("pageup", "older", "Older", show=False, priority=True),
        Binding("pagedown", "newer", "Newer", show=False, priority=True),
        Binding("ctrl+q", "app.quit", "Quit", priority=True),
    ]
    CSS = """
    #chats { width: 32; height: 1fr; border: round $primary; }
    #right { width: 1fr; height: 1fr; }
    #title { height: 1; padding: 0 1; text-style: bold; }
    #pane { height: 1fr; border: round $primary; padding: 0 1; }
    #messages { height: auto; width: 1fr; }
    #answer { height: auto; max-height: 60%; border: round $accent; padding: 0 1; display: none; }
    #status { height: 1; padding: 0 1; background: $panel; }
    """

    def __init__(
        self,
        model: Model,
        account: str,
        now_ms: Callable[[], int],
        signed_out: Callable[[str], None],
    ) -> None:
        """`signed_out` is called when the session has ended."""
        super().__init__()
        self.model = model
        self._account = account
        self._now_ms = now_ms
        self._signed_out = signed_out
        self._listed: list[tuple[str, str]] = []
        self._lines: list[Line] = []
        self._due = False
        self._desk = Desk(model, self._answer)
        self._turn = asyncio.Lock()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(id="chats")
            with Vertical(id="right"):
                yield Static("", id="title", markup=False)
                with VerticalScroll(id="pane", can_focus=False):
                    yield Static("", id="messages", markup=False)
                with VerticalScroll(id="answer"):
                    yield Static("", id="answer-text", markup=False)
                yield Entry(self._key, placeholder="Ctrl+N starts a chat, F1 helps", id="entry")
        yield Static("", id="status", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.query_one("#chats", OptionList).border_title = "Chats"
        self.query_one("#entry", Input).focus()
        self.watch(self.query_one("#pane"), "scroll_y", self._scrolled, init=False)
        self.set_interval(1.0, self._tick)
        self._show()

    def changed(self) -> None:
        """Show the model anew, once for all that changed in this turn."""
        if not self._due and self.is_mounted:
            self._due = True
            self.call_later(self._show)

    def _show(self) -> None:
        self._due = False
        if self.model.signed_out is not None:
            self._signed_out(self.model.signed_out)
            return
        self._show_status()
        self._show_chats()
        self._show_messages()

    def _tick(self) -> None:
        """What time alone changes."""
        self._show_status()
        self._show_title()
        window = self.model.window
        if window is not None and any(m.expire_at for m in window.messages):
            self.changed()

    def _show_status(self) -> None:
        unread = f" · {self.model.chats.unread()} unread" if self.model.chats.unread() else ""
        self.query_one("#status", Static).update(f"{self._account}: {self.model.status}{unread}")

    def _show_chats(self) -> None:
        chats = self.model.chats.listed()
        there = self.model.people.is_there
        entries = [(chat.conv, chat_text(chat, there=there(chat.peer))) for chat in chats]
        listed = [(conv, text.markup) for conv, text in entries]
        if listed == self._listed:
            return
        self._listed = listed
        options = self.query_one("#chats", OptionList)
        marked = options.highlighted
        chosen = options.get_option_at_index(marked).id if marked is not None else None
        options.clear_options()
        options.add_options([Option(text, id=conv) for conv, text in entries])
        convs = [chat.conv for chat in chats]
        if chosen in convs:
            options.highlighted = convs.index(chosen)

    def _show_title(self) -> None:
        chat = self.model.open
        self.query_one("#title", Static).update(one_line(chat.title) if chat else "")
        pane = self.query_one("#pane", VerticalScroll)
        there = chat is not None and self.model.people.is_there(chat.peer)
        pane.border_title = about(chat, there=there) if chat else ""
        pane.border_subtitle = one_line(self.model.typing())
        if chat is not None:
            hint = "You can only read here" if chat.closed else "Write a message, Enter sends it"
            self.query_one("#entry", Input).placeholder = hint

    def _show_messages(self) -> None:
        self._show_title()
        lines = self.model.lines()
        if lines == self._lines:
            return
        pane = self.query_one("#pane", VerticalScroll)
        # At the end it stays at the end; elsewhere what is being read stays where it is.
        at_end = pane.scroll_y >= pane.max_scroll_y - 1
        below = pane.virtual_size.height - pane.scroll_y
        grew_upward = bool(self._lines) and bool(lines) and lines[-1] == self._lines[-1]
        self._lines = lines
        self.query_one("#messages", Static).update(message_text(lines, self._now_ms()))
        if at_end and not grew_upward:
            self.call_after_refresh(pane.scroll_end, animate=False)
        elif grew_upward:
            self.call_after_refresh(self._keep_place, pane, below)
        if self.model.selected is not None:
            self.call_after_refresh(self._show_selected)

    def _show_selected(self) -> None:
        """Scroll so that the selected message is to be seen."""
        pane = self.query_one("#pane", VerticalScroll)
        at = next((n for n, line in enumerate(self._lines) if line.selected), None)
        if at is None:
            return
        width = max(1, self.query_one("#messages").size.width)
        before = message_text(self._lines[:at], self._now_ms())
        row = len(before.wrap(self.app.console, width)) if at else 0
        if not pane.scroll_y <= row < pane.scroll_y + pane.size.height - 1:
            pane.scroll_to(y=max(0, row - pane.size.height // 2), animate=False)

    def _keep_place(self, pane: VerticalScroll, below: float) -> None:
        pane.scroll_to(y=max(1, pane.virtual_size.height - below), animate=False)

    def _scrolled(self, old: float, new: float) -> None:
        if new <= 0 < old:
            self._older()

    @work(exclusive=True, group="older")
    async def _older(self) -> None:
        await self.model.load_older()

    def action_older(self) -> None:
        pane = self._scrolling()
        if pane.id == "pane" and pane.scroll_y <= 0:
            self._older()
        pane.scroll_page_up(animate=False)

    def action_newer(self) -> None:
        self._scrolling().scroll_page_down(animate=False)

    def _scrolling(self) -> VerticalScroll:
        """What is scrolled: the answer of a command while there is one."""
        answer = self.query_one("#answer", VerticalScroll)
        return answer if answer.display else self.query_one("#pane", VerticalScroll)

    @work(exclusive=True, group="dialog")
    async def action_new_chat(self) -> None:
        user = await self.app.push_screen_wait(NewChatScreen(self.model))
        if user is not None:
            await self._open(self.model.talk_to(user))

    @work(exclusive=True, group="reconnect")
    async def action_reconnect(self) -> None:
        try:
            await self.model.client.connect()
        except ClientError as error:
            self.notify(str(error), severity="error", markup=False)

    @work(exclusive=True, group="dialog")
    async def action_sign_out(self) -> None:
        try:
            await self.model.client.logout()
        except ClientError as error:
            self.notify(str(error), severity="warning", markup=False)

    @on(OptionList.OptionSelected, "#chats")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option.id is not None:
            self._open_chat(event.option.id)

    @work(exclusive=True, group="open")
    async def _open_chat(self, conv: str) -> None:
        await self._open(self.model.show(conv))

    async def _open(self, opening: Awaitable[None]) -> None:
        self._lines = []
        self.query_one("#entry", Input).focus()
        await opening

    # --- writing --------------------------------------------------------------------------------------------

    @on(Input.Changed, "#entry")
    def _typed(self, event: Input.Changed) -> None:
        chat = self.model.open
        if chat is None or chat.closed or not event.value or event.value.startswith("/"):
            return
        try:
            self.model.people.typed(chat.conv)
        except ClientError:
            # Nobody is signed in: the status says it.
            return

    @on(Input.Submitted, "#entry")
    def _said(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        if self.model.open is None and not text.startswith("/"):
            self.notify("Choose a chat first, or start one with Ctrl+N.")
            return
        event.input.value = ""
        self.query_one("#answer").display = False
        self._enter(text)

    @work(group="enter")
    async def _enter(self, text: str) -> None:
        # One after the other: a message is not sent before the one that was written before it.
        async with self._turn:
            before = self.model.open
            try:
                await enter(self._desk, text)
            except ClientError as error:
                self.notify(said(error), severity="error", markup=False)
                entry = self.query_one("#entry", Input)
                entry.value = entry.value or text
                entry.cursor_position = len(entry.value)
        if self.model.open is not before:
            self._lines = []

    def _answer(self, text: str) -> None:
        """Show what a command says, until Escape or the next line."""
        panel = self.query_one("#answer")
        self.query_one("#answer-text", Static).update(clean(text))
        panel.display = True
        panel.scroll_home(animate=False)

    def _key(self, key: str) -> str:
        """What a key in the empty entry begins to write."""
        if self.model.open is None:
            return ""
        seq = self.model.selected
        if key == "up" and seq is None:
            mine = self.model.last_of_mine()
            return f"/edit #{mine.seq} {mine.content}" if mine is not None else ""
        begins = {"r": "/reply", "e": "/edit", "d": "/recall", "plus": "/react", "p": "/pin"}
        return f"{begins[key]} #{seq} " if seq is not None and key in begins else ""

    # --- keys -----------------------------------------------------------------------------------------------

    def action_select(self, by: int) -> None:
        self.model.move_selection(by)

    def action_leave(self) -> None:
        """Back to writing, with nothing selected."""
        self.query_one("#answer").display = False
        self.model.selected = None
        self.query_one("#entry", Input).focus()
        self.changed()

    def action_help(self) -> None:
        self._enter("/help")

    def action_new_group(self) -> None:
        self._begin("/group new NAME @people")

    def _begin(self, text: str) -> None:
        entry = self.query_one("#entry", Input)
        entry.value = text
        entry.focus()
        entry.cursor_position = len(text)

    @work(exclusive=True, group="dialog")
    async def action_search(self) -> None:
        hit: Message | None = await self.app.push_screen_wait(SearchScreen(self.model))
        if hit is not None:
            await self._open(self.model.show(hit.conv))
            if not await self.model.select(hit.seq):
                self.notify("The message cannot be shown now.", severity="warning")
