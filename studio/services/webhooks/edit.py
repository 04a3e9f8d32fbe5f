"""Making and changing webhooks: one's own, and for administrators the team's."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from studio import security
from studio.db import release_connection, write_transaction
from studio.errors import Conflict, StudioError
from studio.models import DeliveryState, Installation, NoticeKind, User, Webhook, WebhookKind, WhyOff
from studio.models.installation import look_again
from studio.relays.dialects.base import check_base_url
from studio.relays.network.addresses import ForbiddenAddress
from studio.relays.network.connector import NotConnected
from studio.relays.network.fetch import host_of
from studio.services import audit, notices
from studio.services.webhooks import events, sealing
from studio.words import Reason

AT_MOST = 20
"""Webhooks that one person may have, and the team."""

OLD_SIGNS_FOR = timedelta(hours=24)
"""How long a secret still signs beside the one that takes its place."""


def add(*, person: User, url: str, kinds: Collection[WebhookKind], team: bool = False) -> tuple[Webhook, str]:
    """Make a webhook; return it and its secret, which nobody can read again."""
    url = _checked(url, person)
    secret = sealing.new_secret()
    owner = None if team else person
    row = Webhook(owner=owner, url=url, kinds=_kinds(kinds, team=team), sealed=sealing.seal(secret))
    with write_transaction():
        if Webhook.objects.filter(owner=owner).count() >= AT_MOST:
            raise StudioError(Reason("too_many_webhooks", most=AT_MOST), param="url")
        row.save(force_insert=True)
        _note_that_some_are_there()
        audit.record(actor=person, action="webhook.made", subject=row.pk, **facts_of(row))
    look_again()
    return row, secret


def change(*, webhook: Webhook, person: User, url: str, kinds: Collection[WebhookKind]) -> None:
    """Give a webhook another address or other events; what waits goes to the new address."""
    url = url.strip() if url.strip() == webhook.url else _checked(url, person)
    before = facts_of(webhook)
    webhook.url, webhook.kinds = url, _kinds(kinds, team=webhook.is_of_team)
    with write_transaction():
        Webhook.objects.filter(pk=webhook.pk).update(url=webhook.url, kinds=webhook.kinds)
        detail: dict[str, Any] = {"before": before, "after": facts_of(webhook)}
        audit.record(actor=person, action="webhook.changed", subject=webhook.pk, **detail)


def rotate(*, webhook: Webhook, person: User) -> str:
    """Return a new secret; for a day the old one signs too, so that receivers can change in their own time."""
    secret = sealing.new_secret()
    with write_transaction():
        row = Webhook.objects.select_for_update().get(pk=webhook.pk)
        old: dict[str, Any] = {"old_sealed": row.sealed, "old_until": Now() + OLD_SIGNS_FOR}
        Webhook.objects.filter(pk=row.pk).update(sealed=sealing.seal(secret), **old)
        audit.record(actor=person, action="webhook.secret_changed", subject=row.pk)
    return secret


def switch(*, webhook: Webhook, person: User, on: bool) -> None:
    """Tell a webhook nothing more, or tell it again what happens from now on."""
    with write_transaction():
        rows = Webhook.objects.filter(pk=webhook.pk)
        if on:
            moved = rows.exclude(why_off=WhyOff.ON).update(why_off=WhyOff.ON, failing_since=None)
        else:
            moved = _switch_off(webhook, WhyOff.PERSON)
        if moved:
            audit.record(actor=person, action=f"webhook.{'on' if on else 'off'}", subject=webhook.pk)


def give_up(*, webhook: Webhook, why: WhyOff) -> None:
    """Switch a webhook off by the studio's own decision and tell whose it is; in the caller's transaction."""
    if not _switch_off(webhook, why):
        return
    audit.record(actor=None, action="webhook.off", subject=webhook.pk, why=str(why))
    said: dict[str, Any] = {"why": Reason("webhook_off", why=str(why), host=host_of(webhook.url))}
    said |= {"webhook": str(webhook.pk)}
    if webhook.owner:
        notices.tell(person=webhook.owner, kind=NoticeKind.WEBHOOK_OFF, **said)
    else:
        notices.tell_administrators(kind=NoticeKind.WEBHOOK_OFF, **said)


def delete(*, webhook: Webhook, person: User) -> None:
    """Delete a webhook and what it was told."""
    with write_transaction():
        audit.record(actor=person, action="webhook.deleted", subject=webhook.pk, **facts_of(webhook))
        Webhook.objects.filter(pk=webhook.pk).delete()
        _note_that_some_are_there()
    look_again()


def ask_for_test(*, webhook: Webhook, person: User) -> None:
    """Have a test sent, in the way of everything else."""
    if not webhook.is_on:
        raise Conflict(Reason("webhook_is_off"))
    with write_transaction():
        events.test(webhook=webhook)
        audit.record(actor=person, action="webhook.tested", subject=webhook.pk)


def facts_of(row: Webhook) -> dict[str, Any]:
    """Return what the audit, which outlives people, keeps of a webhook.

    Of the team's it is the host, as the rest of an address may open something; a person's own may bear their name.
    """
    host = {"host": host_of(row.url)} if row.is_of_team else {}
    return host | {"kinds": row.kinds, "team": row.is_of_team}


def _switch_off(webhook: Webhook, why: WhyOff) -> bool:
    """What still waits has failed: it can be sent again by hand."""
    if not Webhook.objects.filter(pk=webhook.pk, why_off=WhyOff.ON).update(why_off=why):
        return False
    webhook.deliveries.waiting().move(to=DeliveryState.FAILED)
    return True


def _kinds(kinds: Collection[WebhookKind], *, team: bool) -> list[str]:
    chosen = [str(kind) for kind in WebhookKind.offered(team=team) if kind in kinds]
    if not chosen:
        raise StudioError(Reason("webhook_hears_nothing"), param="kinds")
    return chosen


def _note_that_some_are_there() -> None:
    some = Webhook.objects.exists()
    Installation.objects.update_or_create(pk=1, defaults={"has_webhooks": some})


def _checked(url: str, person: User) -> str:
    """Return the address; the same is said of every one that is refused, so that it tells nothing of what is there."""
    url = url.strip()
    release_connection()  # a name is looked up
    try:
        check_base_url(url, allow=settings.WEBHOOK_PRIVATE_ALLOW)
    except ForbiddenAddress as error:
        raise _rejected(url, person, error.rule) from None
    except NotConnected:
        raise _rejected(url, person, "dns") from None
    return url


def _rejected(url: str, person: User, rule: str) -> StudioError:
    security.refused("webhook_rejected", actor=person.pk, host=host_of(url)[:80], rule=rule)
    return StudioError(Reason("webhook_address"), param="url")
