"""What a relay and its models may be, each rule once: services, forms and commands ask here."""

from collections.abc import Iterable

from studio.errors import Conflict, StudioError
from studio.models import Dialect, ImageModel, Relay
from studio.relays import DIALECTS
from studio.relays.dialects.base import ALWAYS
from studio.services.relays.addresses import origin
from studio.words import Reason


def check_name(name: str, *, relay: Relay | None) -> None:
    """Refuse a name that another relay has, in use or in the archive."""
    other = None if relay and name == relay.name else Relay.objects.filter(name=name).first()
    if other:
        taken = "relay_name_archived" if other.archived_at else "relay_name_taken"
        raise Conflict(Reason(taken), param="name")


def usable_key(key: str) -> str:
    """Return a key that can stand in a header."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise StudioError(Reason("key_not_plain"), param="api_key")
    return key


def check_kept_key(relay: Relay, *, base_url: str, api_key: str | None) -> None:
    """A kept key goes to the host it was entered for, and to no other."""
    if relay.sealed_key and not api_key and origin(base_url) != origin(relay.base_url):
        raise StudioError(Reason("key_of_another_host"), param="api_key")


def check_fields(relay: Relay, names: Iterable[str], *, by_chat: bool) -> None:
    """Refuse settings that the dialect cannot send."""
    dialect = Dialect.CHAT if by_chat else relay.dialect
    strange = sorted(set(names) - (DIALECTS[dialect].fields - ALWAYS))
    if strange:
        raise StudioError(
            Reason("relay_takes_no", relay=relay.name, dialect=dialect, names=strange), param="accepts"
        )


def check_model(row: ImageModel) -> None:
    """Refuse fields the dialect cannot send, more images a request than at a time, and a stand-in of no use."""
    check_fields(row.relay, row.accepts, by_chat=row.by_chat)
    if row.stand_in and row.stand_in.relay_id == row.relay_id:
        raise StudioError(Reason("stand_in_of_its_own"), param="stand_in")
    row.full_clean(exclude=["relay", "stand_in"])


def per_call(relay: Relay, *, by_chat: bool, wanted: int) -> int:
    """Return the images in one request: through chat nobody can ask for more than one."""
    return 1 if by_chat or relay.dialect == Dialect.CHAT else wanted
