"""The one Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished

from studio.db import release_connection


class StudioConfig(AppConfig):
    """Lightfast."""

    name = "studio"
    verbose_name = "Lightfast"

    def ready(self) -> None:
        """Arm the failpoint, if one is named, register the checks, and let requests share connections."""
        from studio import checks, failpoints  # noqa: F401

        failpoints.arm(settings.FAILPOINT)
        request_finished.connect(_release, dispatch_uid="studio.release_connection")


def _release(**_: object) -> None:
    release_connection()
