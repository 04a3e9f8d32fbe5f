"""Sends mail, where a server for it is set: after the act, by a worker, again and again; what fails fails nobody."""

import json
import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from studio.db import afterwards, write_transaction
from studio.models import Letter, User
from studio.models.relays import vault

logger = logging.getLogger(__name__)

TRIES = 8
FIRST_PAUSE = timedelta(minutes=2)
"""Before the second try; each pause is twice as long as the one before, about nine hours in all."""


def post(*, to: str, subject: str, text: str, person: User | None = None) -> bool:
    """Have a mail sent once the caller's transaction is committed; say whether mail is set at all."""
    if not settings.HAS_MAIL:
        return False
    words = json.dumps({"to": to, "subject": subject, "text": text})
    Letter.objects.create(person=person, sealed=vault().encrypt(words.encode()).decode())
    ticket = import_string("studio.tasks.mail")  # by name: tasks stand above services
    afterwards(lambda: ticket.enqueue())  # the clean-up replaces a lost one
    return True


def deliver() -> int:
    """Send what is due; return how much was sent."""
    return sum(_deliver(row) for row in Letter.objects.due()[:100])


def _deliver(row: Letter) -> bool:
    """Send one mail, unless another worker took it a moment before."""
    pause = FIRST_PAUSE * 2**row.tries
    with write_transaction():
        mine = Letter.objects.due().filter(pk=row.pk, tries=row.tries)
        if not mine.order_by().update(tries=row.tries + 1, due_at=Now() + pause):
            return False
    try:
        words = json.loads(vault().decrypt(row.sealed.encode()))
        EmailMessage(words["subject"], words["text"], to=[words["to"]]).send()
    except (
        Exception
    ) as error:  # a mail server is away, or the key of a letter is gone: no concern of whoever caused it
        logger.warning("mail.failed kind=%s tries=%d", type(error).__name__, row.tries + 1)
        if row.tries + 1 < TRIES:
            return False
    with write_transaction():
        Letter.objects.filter(pk=row.pk).delete()
    return True
