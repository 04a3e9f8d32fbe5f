"""Pictures wait here as files, shared by all web processes, until their links die."""

import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core import signing

SALT = "studio.sandbox.result"
ONCE_SECONDS = 600
LATE_SECONDS = 10.0


class Gone(Exception):
    """The link is expired, was tampered with, or its picture is no longer there; `status` is the answer's."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class StoredPicture:
    """One picture in the folder."""

    path: Path
    byte_size: int
    sha256: str


def keep(data: bytes) -> StoredPicture:
    """Write one picture under a name nobody can guess."""
    path = _folder("pictures") / f"{secrets.token_hex(16)}.png"
    path.write_bytes(data)
    return StoredPicture(path, len(data), sha256(data).hexdigest())


def deadline(*, expired: bool = False) -> float:
    """Return when a link that is made now dies, in seconds since 1970."""
    return round(time.time() + (-1 if expired else settings.SANDBOX_URL_LIFETIME), 3)


def token(kept: StoredPicture, deadline: float, *, late: float = 0.0) -> str:
    """Return the signed part of a link to a picture that works `late` seconds late."""
    born = time.time() + late if late else 0.0
    return signing.dumps([kept.path.stem, deadline, round(born, 3)], salt=SALT)


def find(token: str) -> Path:
    """Return the picture behind a link; raise Gone (403 expired or forged, 404 removed or not there yet)."""
    try:
        name, deadline, born = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise Gone(403) from None
    if time.time() >= deadline:
        raise Gone(403)
    if time.time() < born:
        raise Gone(404)
    path = _folder("pictures") / f"{name}.png"
    if not path.is_file():
        raise Gone(404)
    return path


def first_time(body: bytes) -> bool:
    """Say whether this body was not seen during the last ten minutes, in any process; remember it."""
    marker = _folder("once") / sha256(body).hexdigest()
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def sweep() -> None:
    """Remove what no link can reach any more; called when new pictures are written."""
    for folder, lifetime in (("pictures", settings.SANDBOX_URL_LIFETIME + 60), ("once", ONCE_SECONDS)):
        limit = time.time() - lifetime
        for path in _folder(folder).iterdir():
            _remove_if_older(path, limit)


def _remove_if_older(path: Path, limit: float) -> None:
    try:
        if path.stat().st_mtime < limit:
            path.unlink()
    except FileNotFoundError:
        pass  # another process was faster


def _folder(name: str) -> Path:
    folder = Path(settings.SANDBOX_DIR) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
