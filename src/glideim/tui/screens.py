"""The screens of the terminal client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar, Protocol

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Button, Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from glideim.client import ClientError
from glideim.protocol.records import User

from .lines import Line, Mark
from .messages import Chat
from .model import Model
from .text import clean, clock, one_line


class SignIn(Protocol):
    """How the login screen signs in. Raises ClientError."""

    async def __call__(self, account: str, password: str, *, register: bool) -> None:
        """Sign in, after registering if asked for."""
        ...


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


def message_text(lines: list[Line], now_ms: int) -> Text:
    """The messages of a conversation. No markup is read from what people wrote."""
    text = Text(overflow="fold")
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        text.append(clock(line.at, now_ms), style="dim")
        text.append(
            f" {one_line(line.who, 30)}: ", style="bold cyan" if line.mine else "bold magenta"
        )
        text.append(clean(line.text))
        if line.mark is not Mark.NONE:
            text.append(f"  {line.mark.value}", style=_STYLES[line.mark])
        if line.note:
            text.append(f" {clean(line.note)}", style="red")
    return text


def chat_text(chat: Chat) -> Text:
    """One entry of the list."""
    name = one_line(chat.name or f"#{chat.peer}", 30)
    text = Text(
        f"● {name}" if chat.unread else name, style="bold" if chat.unread else "", no_wrap=True
    )
    if chat.unread:
        text.append(f" ({chat.unread})", style="bold yellow")
    preview = Text(f"\n  {one_line(chat.preview, LIST_WIDTH)}", style="dim")
    # In cells: a character of some scripts takes two.
    preview.truncate(LIST_WIDTH - 6, overflow="ellipsis")
    return text.append_text(preview)


class LoginScreen(Screen[None]):
    """Account and password, to sign in or to register."""

    CSS = """
    LoginScreen { align: center middle; }
    #box { width: 50; height: auto; border: round $primary; padding: 1 2; }
    #error { color: $error; height: auto; }
    Button { margin: 1 2 0 0; }
    """

    def __init__(self, server: str, account: str, error: str, sign_in: SignIn) -> None:
        super().__init__()
        self._server = server
        self._account = account
        self._error = error
        self._sign_in_with = sign_in

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label(f"GlideIM at {self._server}", markup=False)
            yield Input(self._account, placeholder="Account", id="account")
            yield Input(placeholder="Password", password=True, id="password")
            yield Label(self._error, id="error", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Sign in", variant="primary", id="sign-in")
                yield Button("Register", id="register")
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(".buttons").styles.height = "auto"
        self.query_one("#password" if self._account else "#account", Input).focus()

    @on(Input.Submitted, "#account")
    def _to_password(self) -> None:
        self.query_one("#password", Input).focus()

    @on(Input.Submitted, "#password")
    @on(Button.Pressed, "#sign-in")
    def _sign_in(self) -> None:
        self._try(register=False)

    @on(Button.Pressed, "#register")
    def _register(self) -> None:
        self._try(register=True)

    @work(exclusive=True)
    async def _try(self, *, register: bool) -> None:
        account = self.query_one("#account", Input).value.strip()
        password = self.query_one("#password", Input).value
        error = self.query_one("#error", Label)
        if not account or not password:
            error.update("Account and password, please.")
            return
        error.update("Connecting…")
        try:
            await self._sign_in_with(account, password, register=register)
        except ClientError as refusal:
            error.update(str(refusal))


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


class ChatScreen(Screen[None]):
    """Conversations at the left, messages at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "new_chat", "New chat", priority=True),
        Binding("ctrl+r", "reconnect", "Reconnect", priority=True),
        Binding("ctrl+l", "sign_out", "Sign out", priority=True),
        Binding("pageup", "older", "Older", priority=True),
        Binding("pagedown", "newer", "Newer", priority=True),
        Binding("ctrl+q", "app.quit", "Quit", priority=True),
    ]
    CSS = """
    #chats { width: 32; height: 1fr; border: round $primary; }
    #right { width: 1fr; height: 1fr; }
    #title { height: 1; padding: 0 1; text-style: bold; }
    #pane { height: 1fr; border: round $primary; padding: 0 1; }
    #messages { height: auto; width: 1fr; }
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

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(id="chats")
            with Vertical(id="right"):
                yield Static("", id="title", markup=False)
                with VerticalScroll(id="pane", can_focus=False):
                    yield Static("", id="messages", markup=False)
                yield Input(placeholder="Ctrl+N starts a chat", id="entry")
        yield Static("", id="status", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.query_one("#chats", OptionList).border_title = "Chats"
        self.query_one("#entry", Input).focus()
        self.watch(self.query_one("#pane"), "scroll_y", self._scrolled, init=False)
        self.set_interval(1.0, self._show_status)
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

    def _show_status(self) -> None:
        unread = f" · {self.model.chats.unread()} unread" if self.model.chats.unread() else ""
        self.query_one("#status", Static).update(f"{self._account}: {self.model.status}{unread}")

    def _show_chats(self) -> None:
        chats = self.model.chats.listed()
        entries = [(chat.conv, chat_text(chat)) for chat in chats]
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

    def _show_messages(self) -> None:
        chat = self.model.open
        self.query_one("#title", Static).update(one_line(chat.title) if chat else "")
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

    def _keep_place(self, pane: VerticalScroll, below: float) -> None:
        pane.scroll_to(y=max(1, pane.virtual_size.height - below), animate=False)

    def _scrolled(self, old: float, new: float) -> None:
        if new <= 0 < old:
            self._older()

    @work(exclusive=True, group="older")
    async def _older(self) -> None:
        await self.model.load_older()

    def action_older(self) -> None:
        pane = self.query_one("#pane", VerticalScroll)
        if pane.scroll_y <= 0:
            self._older()
        pane.scroll_page_up(animate=False)

    def action_newer(self) -> None:
        self.query_one("#pane", VerticalScroll).scroll_page_down(animate=False)

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
        entry = self.query_one("#entry", Input)
        entry.placeholder = "Write a message, Enter sends it"
        entry.focus()
        await opening

    @on(Input.Submitted, "#entry")
    def _said(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        if self.model.open is None:
            self.notify("Choose a chat first, or start one with Ctrl+N.")
            return
        try:
            self.model.say(text)
        except ClientError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        event.input.value = ""
