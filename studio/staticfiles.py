"""Static files: the stylesheets go out as one file, and every name carries a hash of its content."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, get_finders
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

ORDER = [
    "_tokens",
    "base",
    "layout",
    "bar",
    "avatar",
    "menu",
    "bell",
    "door",
    "empty",
    "buttons",
    "fields",
    "composer",
    "aside",
    "house",
    "made",
    "screened",
    "pick",
    "picker",
    "shapes",
    "fold",
    "panel",
    "count",
    "more",
    "generation",
    "sheet",
    "tool",
    "note",
    "compare",
    "earlier",
    "comparison",
    "column",
    "grid",
    "values",
    "tabs",
    "gallery",
    "sifting",
    "ruler",
    "tile",
    "framed",
    "alike",
    "viewer",
    "viewer-dialog",
    "stage",
    "keys",
    "light-table",
    "light-table-slider",
    "actions",
    "switch",
    "facts",
    "requests",
    "sharing",
    "search",
    "prompts",
    "slots",
    "past-do",
    "family",
    "differs",
    "library",
    "finder",
    "help",
    "head",
    "office",
    "table",
    "sieve",
    "vitals",
    "entries",
    "said",
    "banner",
    "boxes",
    "checks",
    "figures",
    "relays",
    "archive",
    "models",
    "editor",
    "people",
    "person",
    "reasons",
    "desk",
    "pile",
    "case",
    "verdict",
    "rules",
    "sheet2",
    "veil",
    "notices",
    "peek",
    "visit",
    "tally",
    "chip",
    "kept",
    "kept-words",
    "comment",
    "collections",
    "imports",
    "circle",
    "grip",
    "grip-more",
    "lasso",
    "money",
    "line-up",
    "bill",
    "sample",
    "operation",
    "trial",
    "toasts",
    "utilities",
]
BUNDLE = "css/studio.css"


def stylesheet() -> str:
    """Return all stylesheets, in the order of their layers, as one text."""
    folder = Path(settings.STATICFILES_DIRS[0]) / "css"
    paths = [folder / f"{name}.css" for name in ORDER]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


class BundleStorage(FileSystemStorage):
    """Holds the one made file."""

    prefix = ""

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        return ContentFile(stylesheet().encode(), name=name)

    def get_modified_time(self, name: str) -> Any:
        return max(
            super(BundleStorage, self).get_modified_time(f"css/{part}.css")
            for part in ORDER
            if self.exists(f"css/{part}.css")
        )


class BundleFinder(BaseFinder):
    """Lets collectstatic find css/studio.css, which exists only as its parts."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> list[str]:  # type: ignore[override]
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, BundleStorage]]:
        yield BUNDLE, BundleStorage(location=settings.STATICFILES_DIRS[0])


def collect() -> None:
    """Collect, hash and compress all static files, unless nothing has changed since the last time.

    Where they cannot be written to, as in an image, those that are there are the right ones.
    """
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = _fingerprint()
    if stamp.exists() and (not os.access(stamp, os.W_OK) or stamp.read_text(encoding="utf-8") == state):
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(state, encoding="utf-8")


def _fingerprint() -> str:
    """Return a digest of every static file's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        if isinstance(finder, BundleFinder):
            continue  # its parts are found as files
        for path, storage in finder.list([]):
            facts = os.stat(storage.path(path))
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class BundledManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashes names inside ES modules as well, and keeps going for a file that is not there."""

    support_js_module_import_aggregation = True
    manifest_strict = False
