"""The file in a `multipart/form-data` body, piece by piece as it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

FIELD = b"file"
"""Name of the part that is the file; others are skipped."""
HEADERS_MOST = 16 * 1024
"""Bytes of the headers of one part."""


class MultipartFile:
    """Reads a body up to the file, then gives its bytes. Nothing is kept but what one read brought."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise RequestError(
                ErrorCode.BAD_REQUEST, "send multipart/form-data with a part named file"
            )
        self._body = body
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._field,
                "on_header_value": self._value,
                "on_header_end": self._header,
                "on_headers_finished": self._headers,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._whole,
            },
        )
        self.name = ""
        self._found = self._in_file = self._over = self._complete = False
        self._header_field = self._header_value = b""
        self._disposition = b""
        self._header_bytes = 0
        self._pieces: list[bytes] = []

    async def open(self) -> None:
        """Read up to the file. Raises RequestError when there is none."""
        while not self._found:
            if not await self._more():
                raise RequestError(ErrorCode.BAD_REQUEST, "there is no part named file")

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file's bytes. Raises RequestError when the body ends too early."""
        while True:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
            if self._over:
                break
            if not await self._more():
                raise RequestError(ErrorCode.BAD_REQUEST, "the body ends within the file")
        while await self._more():
            self._pieces = []
        if not self._complete:
            raise RequestError(ErrorCode.BAD_REQUEST, "the body ends too early")

    async def _more(self) -> bool:
        async for chunk in self._body:
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise RequestError(
                    ErrorCode.BAD_REQUEST, f"cannot read the body: {error}"
                ) from None
            return True
        return False

    # --- called by the parser -----------------------------------------------------------------------------

    def _begin(self) -> None:
        self._disposition = b""
        self._header_bytes = 0

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_field += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_value += data[start:end]

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > HEADERS_MOST:
            raise FormParserError("the headers of a part are too large")

    def _header(self) -> None:
        if self._header_field.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_field = self._header_value = b""

    def _headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        if not self._found and options.get(b"name") == FIELD:
            self._found = self._in_file = True
            self.name = options.get(b"filename", b"").decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(data[start:end])

    def _end(self) -> None:
        if self._in_file:
            self._in_file = False
            self._over = True

    def _whole(self) -> None:
        self._complete = True
