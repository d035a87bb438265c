"""Account and password, asked for on a screen."""

from __future__ import annotations

from typing import Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Label

from glideim.client import ClientError


class SignIn(Protocol):
    """How the login screen signs in. Raises ClientError."""

    async def __call__(self, account: str, password: str, *, register: bool) -> None:
        """Sign in, after registering if asked for."""
        ...


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
