"""Takes large uploads onto the disk of the spool: what lies in /tmp may well lie in memory."""

from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from studio.services.imports import working


class SpooledFile(TemporaryUploadedFile):
    """A file of an upload, gone with the request unless somebody takes it."""

    def __init__(self, name: str | None, content_type: str | None, size: int, charset: str | None) -> None:
        file = NamedTemporaryFile(suffix=".upload", dir=working.room())  # noqa: SIM115
        UploadedFile.__init__(self, file, name, content_type, size, charset)


class SpoolHandler(TemporaryFileUploadHandler):
    """Writes what comes into such files."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = SpooledFile(self.file_name, self.content_type, 0, self.charset)
