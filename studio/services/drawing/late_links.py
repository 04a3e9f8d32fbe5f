"""An administrator fetches a picture by hand whose link was kept: guarded, audited, and late (RELAYS.md §2.10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from studio.db import release_connection, write_transaction
from studio.errors import StudioError
from studio.media.inspect import PictureFacts, UnusableImage, is_whole, look
from studio.models import Image, KeptLink, User
from studio.relays import open_relay
from studio.relays.dialects.base import Picture, PictureError
from studio.services import audit
from studio.services.drawing import late_pictures
from studio.words import Reason

PATIENCE = 20.0
"""Seconds that an administrator's page waits for a picture."""


def fetch(*, link: KeptLink, administrator: User) -> Image:
    """Fetch the picture behind a kept link into its place; StudioError says why that did not go.

    It counts as one more image of its person's month, unless it was presumed spent already.
    """
    url = link.url
    release_connection()
    with _draft(link) as draft:
        try:
            facts = _collect(link, url, draft)
        except StudioError as error:
            with write_transaction():
                _record(link, administrator, error.code)
            raise
        place: dict[str, Any] = {"generation": link.generation_id, "index": link.index, "facts": facts}
        with late_pictures.stored(draft, **place) as key, write_transaction():
            image = late_pictures.put(**place, key=key, revised_prompt=link.revised_prompt)
            _record(link, administrator, "saved")
            KeptLink.objects.filter(pk=link.pk).delete()
    return image


@contextmanager
def _draft(link: KeptLink) -> Iterator[Path]:
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    path = settings.SPOOL_DIR / f"link-{link.pk}.draft"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _collect(link: KeptLink, url: str, draft: Path) -> PictureFacts:
    """Fetch as a worker does: without the relay's key, and from nowhere that is forbidden."""
    model = link.model
    relay = open_relay(
        dialect=model.dialect,
        base_url=model.relay.base_url,
        api_key="",
        allow=settings.RELAY_PRIVATE_ALLOW,
    )
    relay.pace = replace(relay.pace, whole=PATIENCE, tries=1, tries_late=1)
    try:
        relay.collect(Picture(index=link.index, url=url), spool=draft, into=draft, is_whole=is_whole)
        return look(draft)
    except PictureError as error:
        raise StudioError(Reason("link_not_fetched", host=link.host, rule=error.rule)) from None
    except UnusableImage:
        raise StudioError(Reason("link_no_picture", host=link.host)) from None


def _record(link: KeptLink, administrator: User, outcome: str) -> None:
    audit.record(
        actor=administrator,
        action="link.fetched",
        subject=link.generation_id,
        index=link.index,
        host=link.host,
        outcome=outcome,
    )
