"""Pictures in an S3-compatible bucket; its own module, so that boto3 (38 MB) loads only where it is used."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.utils import validate_file_name
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from storages.backends import s3
from storages.utils import clean_name, setting

from studio.storages import BLOCK, BytesFile, Stored, WrongClock

LINK_SECONDS = 60
"""How long a presigned link lives (SAFETY T22)."""
ATTEMPTS = 3
"""How often a call is made in all: boto3 repeats on its own, so the number is set on purpose (SAFETY §7)."""

_opening = threading.Lock()


class S3Storage(s3.S3Storage):
    """A private bucket: exact keys, a repeated save overwrites, reading by credentials or a signed link only.

    What goes wrong at the bucket is an OSError, as it is with a folder; a missing key is a FileNotFoundError.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = _client_config(self.bucket_name, own_server=bool(self.endpoint_url))
        # One for all threads: the library would open one in each, for 12 MB and 75 ms.
        self._connections = SimpleNamespace()
        self._signer: Any = None

    def get_default_settings(self) -> dict[str, Any]:
        """Return the library's options with those that SAFETY fixes, and where browsers find the bucket."""
        return super().get_default_settings() | {
            "default_acl": None,
            "file_overwrite": True,
            "public_endpoint": setting("S3_PUBLIC_ENDPOINT", ""),
            "querystring_auth": True,
            "querystring_expire": LINK_SECONDS,
            "transfer_config": TransferConfig(use_threads=False),
        }

    @property
    def connection(self) -> Any:
        """Return the one connection of this storage, opened by whoever comes first."""
        with _opening:
            return super().connection

    @cached_property
    def origin(self) -> str:
        """Where browsers are sent for a picture, as a link says it; no link is signed for this, so no key is needed."""
        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody"}
        with _opening:
            client = self._open_client(self.public_endpoint or self.endpoint_url, **nobody)
        place = {"Bucket": self.bucket_name, "Key": "any"}
        link = urlsplit(client.generate_presigned_url("get_object", Params=place))
        return f"{link.scheme}://{link.netloc}"

    def presigned(
        self, key: str, *, media_type: str, filename: str | None = None, expires: int = LINK_SECONDS
    ) -> str:
        """Return a link for GET to one object, good for `expires` seconds; with a file name it downloads."""
        parameters = {
            "Bucket": self.bucket_name,
            "Key": self._normalize_name(clean_name(key)),
            "ResponseContentType": media_type,
            "ResponseContentDisposition": _disposition(filename),
        }
        client = self._public_client()
        return str(client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the key as it is; one that is too long is refused, never shortened."""
        if max_length is not None and len(name) > max_length:
            raise SuspiciousFileOperation(f"The key {name!r} is longer than {max_length} characters.")
        validate_file_name(name, allow_relative_path=True)
        return name

    def exists(self, name: str) -> bool:
        """Return whether there is an object under this key."""
        with _as_oserror():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        """Return the object's length in bytes."""
        with _as_oserror():
            return int(super().size(name))

    def delete(self, name: str) -> None:
        """Remove the object; one that is not there is fine."""
        with _as_oserror():
            super().delete(name)

    def walk(self, folder: str) -> Iterator[Stored]:
        """Yield every object below a folder: a thousand a request, with their sizes."""
        prefix, root = f"{self._normalize_name(clean_name(folder))}/", self._normalize_name("")
        with _as_oserror():
            for found in self.bucket.objects.filter(Prefix=prefix):
                yield Stored(found.key.removeprefix(root), found.size, found.last_modified)

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield an object piece by piece as it comes: the library's own way reads it into memory first."""
        with _as_oserror():
            found = self.bucket.Object(self._normalize_name(clean_name(key))).get()
            yield from found["Body"].iter_chunks(BLOCK)

    def _open(self, name: str, mode: str = "rb") -> BytesFile:
        with _as_oserror():
            return super()._open(name, mode)

    def _save(self, name: str, content: BytesFile) -> str:
        """Put the object in one request, whose signature covers the bytes and the type we found."""
        key = self._normalize_name(clean_name(name))
        content.seek(0)
        with _as_oserror():
            self.connection.meta.client.put_object(
                Bucket=self.bucket_name, Key=key, Body=content, **self._get_write_parameters(key, content)
            )
        return name

    def _public_client(self) -> Any:
        """Return what signs links: for the address that browsers use, if it differs from ours."""
        if not self.public_endpoint:
            return self.connection.meta.client
        with _opening:
            if self._signer is None:
                self._signer = self._open_client(self.public_endpoint)
        return self._signer

    def _open_client(self, endpoint: str | None, **keys: str) -> Any:
        return self._create_session().client(
            "s3", region_name=self.region_name, endpoint_url=endpoint, config=self.client_config, **keys
        )


def _disposition(filename: str | None) -> str:
    return (filename and content_disposition_header(True, filename)) or "inline"


def _client_config(bucket: str, *, own_server: bool) -> Config:
    """Return the client's behaviour; servers like S3 want the bucket in the path and no trailing sums.

    At Amazon the bucket's own host is named: the shorter address leads on from there, where no page may follow. A name
    with dots fits no certificate and stays in the path.
    """
    style = "path" if own_server or "." in bucket else "virtual"
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": style, "payload_signing_enabled": True},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=32,
    )


@contextmanager
def _as_oserror() -> Iterator[None]:
    """Turn the errors of boto3 into the one that callers of any storage expect."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "RequestTimeTooSkewed":
            raise WrongClock(str(error)) from error
        missing = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404
        raise (FileNotFoundError if missing else OSError)(str(error)) from error
    except BotoCoreError as error:
        raise OSError(str(error)) from error
