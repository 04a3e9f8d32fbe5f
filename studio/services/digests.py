"""Mails what people have not read: what was decided about them soon, the rest once a day, where they want it."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from studio.db import write_transaction
from studio.models import Notice, NoticeKind, User
from studio.services import letters
from studio.words import say, say_notice

EVERY = timedelta(days=1)
PATIENCE = timedelta(hours=3)
"""How long somebody has to read a notice in the studio before it is mailed."""

SOON = [kind for kind in NoticeKind if not kind.can_be_muted]
SHOWN = 120
"""Characters of a prompt in a mail."""


def send() -> int:
    """Write what is due to everybody; return to how many."""
    if not settings.HAS_MAIL:
        return 0
    people = User.objects.filter(pk__in=Notice.objects.unmailed().values("person"), left_at=None)
    return sum(_send(person) for person in people)


def _send(person: User) -> bool:
    rows = Notice.objects.visible_to(person).unmailed()
    if not _wants_all(person, rows.order_by("pk").first()):
        rows = rows.filter(kind__in=SOON)
    with write_transaction():
        told = list(rows.with_card_data().order_by("pk"))
        fresh = Notice.objects.filter(pk__in=[row.pk for row in told], mailed_at=None)
        if not fresh.update(mailed_at=Now()):
            return False
        if any(row.kind not in SOON for row in told):
            User.objects.filter(pk=person.pk).update(digested_at=Now())
        letters.post(to=person.email, subject=_subject(told), text=_text(person, told), person=person)
    return True


def _wants_all(person: User, oldest: Notice | None) -> bool:
    """Tell whether it is time for the mail of the day."""
    now = timezone.now()
    waited = oldest is not None and oldest.created_at < now - PATIENCE
    rested = person.digested_at is None or person.digested_at < now - EVERY
    return person.digest and person.is_active and waited and rested


def _subject(told: list[Notice]) -> str:
    if len(told) == 1:
        return say("mail_notices_subject", {"first": _said(told[0])[0]})
    return say("mail_notices_subject_more", {"count": len(told)})


def _text(person: User, told: list[Notice]) -> str:
    lines = ("\n  ".join(filter(None, _said(row))) for row in told)
    links = {"link": reverse("notices.index"), "choices": reverse("notices.choices")}
    whole = {name: settings.STUDIO_URL + path for name, path in links.items()}
    return say(
        "mail_notices", {"name": person.name, "lines": "\n".join(f"- {line}" for line in lines), **whole}
    )


def _said(row: Notice) -> tuple[str, str]:
    """Return heading and line of a notice, each on one line."""
    prompt = Truncator(row.prompt).chars(SHOWN)
    head, line = say_notice(row.kind, row.facts | {"prompt": prompt, "by": row.by or "Somebody"})
    return " ".join(head.split()), " ".join(line.split())
