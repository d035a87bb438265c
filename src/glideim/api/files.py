"""`api.files.*`: what is known of files, and uploads in parts. Whole files travel on routes of their own."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.media.service import MediaService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty
from glideim.protocol.social import (
    AppendUpload,
    BeginUpload,
    FileInfo,
    FileList,
    FileQuery,
    PageQuery,
    Upload,
    UploadQuery,
)  # fmt: skip

from .auth import signed_in
from .ports import Endpoint

GROUP = "Files"
_FILE = {
    "id": "pQ3v0Zk2mX8sYt4uWb6cDe1f", "url": "/api/v2/files/pQ3v0Zk2mX8sYt4uWb6cDe1f", "name": "plan.png",
    "type": "image/png", "size": 48213, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "width": 1280, "height": 720, "thumbnail": "/api/v2/files/pQ3v0Zk2mX8sYt4uWb6cDe1f/thumbnail",
    "createdAt": 1798675200000,
}  # fmt: skip
_UPLOAD = {
    "uploadId": "b0YfQm3nZr7xKc5vLp9tSa2h",
    "offset": 0,
    "size": 48213,
    "expiresAt": 1798761600000,
}


class FileHandlers:
    """The handlers."""

    def __init__(self, media: MediaService) -> None:
        self._media = media

    async def list(self, caller: Caller, request: PageQuery) -> FileList:
        """One's own files."""
        return await self._media.list(signed_in(caller).uid, request.cursor, request.limit)

    async def info(self, caller: Caller, request: FileQuery) -> FileInfo:
        """What is known of a file."""
        signed_in(caller)
        return await self._media.info(request.id)

    async def delete(self, caller: Caller, request: FileQuery) -> Empty:
        """Remove one's own file."""
        await self._media.delete(signed_in(caller).uid, request.id)
        return Empty()

    async def begin(self, caller: Caller, request: BeginUpload) -> Upload:
        """Announce a file."""
        return await self._media.begin(signed_in(caller).uid, request.name, request.size)

    async def append(self, caller: Caller, request: AppendUpload) -> Upload:
        """One part of it."""
        uid = signed_in(caller).uid
        return await self._media.append(uid, request.upload_id, request.offset, request.data)

    async def status(self, caller: Caller, request: UploadQuery) -> Upload:
        """How much is there."""
        return await self._media.status(signed_in(caller).uid, request.upload_id)

    async def cancel(self, caller: Caller, request: UploadQuery) -> Empty:
        """Give an upload up."""
        await self._media.cancel(signed_in(caller).uid, request.upload_id)
        return Empty()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        unknown = (ErrorCode.NOT_FOUND,)
        return (
            Endpoint(
                "GET", "/files", Action.API_FILES_LIST, PageQuery, FileList, self.list,
                "One's own files", GROUP, "Newest first, with the bytes used and the quota.",
                example={"limit": 20}, example_result={"items": [_FILE], "used": 48213, "quota": 1073741824},
            ),
            Endpoint(
                "GET", "/files/{id}/info", Action.API_FILES_INFO, FileQuery, FileInfo, self.info,
                "What is known of a file", GROUP,
                "The bytes are at `url`, which needs no token: its id cannot be guessed. `GET` there takes ranges.",
                errors=unknown, example={"id": _FILE["id"]}, example_result=_FILE,
            ),
            Endpoint(
                "DELETE", "/files/{id}", Action.API_FILES_DELETE, FileQuery, Empty, self.delete,
                "Remove one's own file", GROUP, errors=unknown, example={"id": _FILE["id"]},
            ),
            Endpoint(
                "POST", "/files/uploads", Action.API_FILES_BEGIN, BeginUpload, Upload, self.begin,
                "Begin an upload that can be resumed", GROUP,
                "Then `PATCH /files/uploads/{uploadId}` with the bytes as body and their place in `Upload-Offset`, as"
                " often as need be; or parts as below. The last byte makes it a file. A small file can be posted whole"
                " to `POST /files` as multipart/form-data, in a part named `file`.",
                status=201, errors=(ErrorCode.TOO_LARGE,),
                example={"name": "plan.png", "size": 48213, "type": "image/png"}, example_result=_UPLOAD,
            ),
            Endpoint(
                "POST", "/files/uploads/{uploadId}/parts", Action.API_FILES_APPEND, AppendUpload, Upload, self.append,
                "One part of an upload", GROUP,
                "`data` is base64, at most 36 KiB of bytes; `offset` is how many bytes are there.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.TOO_LARGE),
                example={"uploadId": _UPLOAD["uploadId"], "data": "iVBORw0KGgo="},
                example_result={**_UPLOAD, "offset": 8},
            ),
            Endpoint(
                "GET", "/files/uploads/{uploadId}", Action.API_FILES_STATUS, UploadQuery, Upload, self.status,
                "How much of an upload is there", GROUP,
                errors=unknown, example={"uploadId": _UPLOAD["uploadId"]}, example_result=_UPLOAD,
            ),
            Endpoint(
                "DELETE", "/files/uploads/{uploadId}", Action.API_FILES_CANCEL, UploadQuery, Empty, self.cancel,
                "Give an upload up", GROUP, "What came is removed, and counts no more against the quota.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT), example={"uploadId": _UPLOAD["uploadId"]},
            ),
        )  # fmt: skip
