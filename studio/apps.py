"""The one Django app."""

from django.apps import AppConfig
from django.conf import settings


class StudioConfig(AppConfig):
    """Lightfast."""

    name = "studio"
    verbose_name = "Lightfast"

    def ready(self) -> None:
        """Arm the rehearsal's failpoint, if one is named, and register the checks."""
        from studio import checks, failpoints  # noqa: F401

        failpoints.arm(settings.FAILPOINT)
