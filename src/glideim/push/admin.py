"""Webhooks and bots for administrators: what `api.ports` asks of `DeadLetters` and `Bots`."""

from __future__ import annotations

from glideim.account.checks import check_page
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol import social
from glideim.protocol.codes import ErrorCode
from glideim.protocol.social import DeadLetterList

from .bots import BOTS_MOST
from .ports import Bot, DeadLetter
from .service import PushService
from .urls import check_url

SECRET_LENGTHS = range(16, 257)
"""Characters of a secret."""


class HookAdmin:
    """Over the push service."""

    def __init__(self, push: PushService, clock: Clock) -> None:
        self._push = push
        self._clock = clock

    # --- dead letters -------------------------------------------------------------------------------------

    async def dead(self, cursor: str, limit: int) -> DeadLetterList:
        """A page of deliveries that were given up, the oldest first. Raises RequestError."""
        check_page(cursor, limit)
        letters, following = await self._push.dead(int(cursor or 0), limit)
        return DeadLetterList(
            tuple(self._letter(letter) for letter in letters), str(following) if following else ""
        )

    async def retry(self, number: int) -> None:
        """Deliver one now; it is forgotten when that works. Raises RequestError."""
        await self._push.retry(number)

    async def forget(self, number: int) -> None:
        """Delete one. Raises RequestError `not_found`."""
        await self._push.forget(number)

    def _letter(self, letter: DeadLetter) -> social.DeadLetter:
        delivery = letter.delivery
        return social.DeadLetter(
            letter_id=letter.number,
            event=delivery.event,
            url=self._push.url_of(delivery.hook),
            body=delivery.body,
            error=letter.error,
            attempts=letter.attempts,
            at=letter.died_at,
        )

    # --- bots ---------------------------------------------------------------------------------------------

    def check_new(self, url: str, secret: str) -> None:
        """Whether there is room for another bot, with this webhook or ("") none. Raises RequestError."""
        _check(url, secret)
        if len(self._push.bots) >= BOTS_MOST:
            raise RequestError(ErrorCode.CONFLICT, f"there are {BOTS_MOST} bots")

    async def add_bot(self, uid: int, url: str, secret: str) -> None:
        """The account is a bot from now on."""
        await self._push.put_bot(Bot(uid, url, secret, self._clock.now_ms()))

    async def change_bot(self, uid: int, url: str | None, secret: str | None) -> None:
        """Change the webhook; None leaves as it is. Raises RequestError."""
        bot = self._bot(uid)
        url = bot.url if url is None else url
        secret = bot.secret if secret is None else secret
        _check(url, secret)
        await self._push.put_bot(Bot(uid, url, secret, bot.created_at))

    async def remove_bot(self, uid: int) -> None:
        """The account is no bot any more. Raises RequestError `not_found`."""
        self._bot(uid)
        await self._push.remove_bot(uid)

    def bot_url(self, uid: int) -> str:
        """Where a bot's webhook is. Raises RequestError `not_found`."""
        return self._bot(uid).url

    def _bot(self, uid: int) -> Bot:
        bot = self._push.bots.get(uid)
        if bot is None:
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no bot {uid}")
        return bot


def _check(url: str, secret: str) -> None:
    wrong = check_url(url) if url else None
    if wrong is not None:
        raise RequestError(ErrorCode.BAD_REQUEST, f"url: {wrong}")
    if (url or secret) and len(secret) not in SECRET_LENGTHS:
        text = f"secret: must have {SECRET_LENGTHS[0]} to {SECRET_LENGTHS[-1]} characters"
        raise RequestError(ErrorCode.BAD_REQUEST, text)
