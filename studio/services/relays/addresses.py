"""Which base URLs a relay may have: the one place that says so, for every page, form and command."""

from django.conf import settings

from studio import security
from studio.db import release_connection, write_transaction
from studio.errors import StudioError
from studio.models import User
from studio.relays.dialects.base import check_base_url
from studio.relays.network.addresses import ForbiddenAddress
from studio.relays.network.connector import NotConnected
from studio.relays.shapes import plain
from studio.services import audit
from studio.words import Reason


def check(*, base_url: str, administrator: User | None = None) -> str:
    """Return the base URL without its last slash; refuse one that may never be called, before it is saved."""
    url = base_url.strip().rstrip("/")
    if "?" in url or "#" in url:
        raise StudioError(Reason("address_with_query"), param="base_url")
    release_connection()  # a name is looked up
    try:
        check_base_url(url, allow=settings.RELAY_PRIVATE_ALLOW)
    except ForbiddenAddress as error:
        raise _rejected(administrator, error.host, error.rule) from None
    except NotConnected as error:
        raise _rejected(administrator, str(error).partition(" ")[0], "dns") from None
    return url


def origin(url: str) -> str:
    """Return scheme, host and port of an address."""
    return "/".join(url.strip().lower().split("/")[:3])


def _rejected(administrator: User | None, host: str, rule: str) -> StudioError:
    """Write the refusal down; the same is said of every address, so that it tells nothing about what is there."""
    host = plain(host, 80)
    security.refused(
        "relay_rejected", actor=administrator.pk if administrator else None, host=host, rule=rule
    )
    with write_transaction():
        audit.record(actor=administrator, action="relay.rejected", subject=host or "no host", rule=rule)
    return StudioError(Reason("forbidden_address"), param="base_url")
