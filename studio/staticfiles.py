"""Static files: the stylesheets go out as one file, and every name carries a hash of its content."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

ORDER = [
    "_tokens",
    "base",
    "layout",
    "buttons",
    "fields",
    "composer",
    "generation",
    "gallery",
    "viewer",
    "prompts",
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


class BundledManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashes names inside ES modules as well, and keeps going for a file that is not there."""

    support_js_module_import_aggregation = True
    manifest_strict = False
