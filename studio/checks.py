"""Start-up checks of what the studio relies on."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, Info, Warning, register
from django.core.files.storage import storages

from studio.media import confinement

AT_START = "studio"
"""The tag of the checks without which `manage.py up` starts nothing."""
OPEN_TO_OTHERS = ("public-read", "public-read-write", "authenticated-read")
LONGEST_LINK = 300
"""Seconds that a link to a picture in a bucket may live (SAFETY T22)."""


@register(AT_START)
def field_keys_can_be_read(**kwargs: Any) -> list[Error]:
    """Each of FIELD_KEYS is a Fernet key."""
    try:
        for key in settings.FIELD_KEYS:
            Fernet(key)
    except ValueError:
        return [Error("FIELD_KEYS must be a comma-separated list of Fernet keys.", id="studio.E001")]
    return []


@register(AT_START)
def bucket_is_private(**kwargs: Any) -> list[Error]:
    """Pictures in a bucket are read by signed links that soon die, and by nothing else (SAFETY T22)."""
    bucket: Any = storages["default"]
    if not hasattr(bucket, "querystring_auth"):
        return []  # a folder
    wrong = {
        f"default_acl is {bucket.default_acl!r}": bucket.default_acl in OPEN_TO_OTHERS,
        "querystring_auth is off": not bucket.querystring_auth,
        f"querystring_expire is above {LONGEST_LINK}": int(bucket.querystring_expire) > LONGEST_LINK,
    }
    hint = "Take it out of the options of STORAGES: the studio's own are safe."
    return [
        Error(f"Anybody could read pictures in the bucket: {what}.", hint=hint, id="studio.E002")
        for what, is_so in wrong.items()
        if is_so
    ]


@register(AT_START)
def keys_are_in_common(**kwargs: Any) -> list[Warning]:
    """Machines that share a queue share the keys as well: else each refuses what the others sign and encrypt."""
    made = {each.name for each in settings.VARIABLES if each.source == "default"}
    hint = "Give all machines the same one, or the same STUDIO_STATE."
    return [
        Warning(
            f"{name} was made by this machine alone, and TASK_URL is for several.",
            hint=hint,
            id="studio.W001",
        )
        for name in ("SECRET_KEY", "FIELD_KEYS")
        if name in made and not settings.ONE_MACHINE
    ]


@register()
def decoder_can_be_shut_in(**kwargs: Any) -> list[Info]:
    """The kernel has both locks for the process that decodes pictures; the studio works without them."""
    gone = " and ".join(confinement.missing())
    hint = "See docs/operations.md, The decoder."
    return [Info(f"Pictures are decoded without {gone} here.", hint=hint, id="studio.I001")] if gone else []
