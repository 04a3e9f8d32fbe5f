"""Who did what, to what, when, why; each entry carries a hash of the one before."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Self

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7

CHUNK = 1000
"""Entries that are read at once where all of them are."""

LOCK = 7_261_101
"""The advisory lock of PostgreSQL under which entries join the chain: any number that means nothing else here."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def newest_first(self) -> Self:
        return self.order_by("-seq")

    def before(self, seq: int | None) -> Self:
        """The page after the entry `seq`."""
        return self.filter(seq__lt=seq) if seq else self

    def about(self, words: str) -> Self:
        """Entries that hold these words: in what they are about, in their reason, or as request, address or token."""
        said = Q(detail__icontains=words) | Q(action__icontains=words) | Q(subject__icontains=words)
        return self.filter(said | Q(request_id=words) | Q(address=words) | Q(token=words))

    def by(self, who: str) -> Self:
        """What people of this name or address did; "studio" is the studio itself."""
        if who.lower() == "studio":
            return self.filter(actor=None)
        people = User.objects.filter(Q(name__icontains=who) | Q(email__istartswith=who))
        return self.filter(actor__in=people.values("pk"))

    def oldest_first(self) -> Iterator["AuditEntry"]:
        """Yield all of them in their order, some at a time: no cursor stays open while somebody downloads."""
        seq = 0
        while chunk := list(self.filter(seq__gt=seq).order_by("seq")[:CHUNK]):
            yield from chunk
            seq = chunk[-1].seq

    def last_link(self) -> tuple[int, str]:
        """Return number and hash of the last entry; until this transaction ends nobody else adds one.

        On SQLite a transaction that writes is alone anyway.
        """
        table = self.model._meta.db_table
        last = f"SELECT seq, hash FROM {table} ORDER BY seq DESC LIMIT 1"  # noqa: S608 - a table of ours
        with connection.cursor() as cursor:
            if (
                connection.vendor == "postgresql"
            ):  # two statements in one message: the second sees what the lock waited for
                cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK}); {last}")
                cursor.nextset()
            else:
                cursor.execute(last)
            return cursor.fetchone() or (0, "")


class AuditEntry(models.Model):
    """One act; the database refuses to change or remove a row.

    `actor_id` stays when the person is gone: their row is removed, and what they did keeps one name that says nothing.
    `detail` holds `before`, `after`, `reason` and whatever else belongs to the act.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    token = models.CharField(max_length=40, blank=True)
    hash = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject"], name="audit_subject"),
            models.Index(fields=["action", "seq"], name="audit_action"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    def follow(self, seq: int, previous: str) -> None:
        """Become the entry after the one of this number and hash."""
        self.seq = seq + 1
        self.hash = self.hash_after(previous)

    def hash_after(self, previous: str) -> str:
        """Return what this entry's hash has to be when the entry before it has that one."""
        actor = self.actor_id.hex if self.actor_id else ""
        said = [self.seq, self.pk.hex, self.at.timestamp(), actor, self.action, self.subject, self.detail]
        said += [self.address, self.request_id, self.token]
        return hashlib.sha256(f"{previous}{canonical(said)}".encode()).hexdigest()


def canonical(value: Any) -> str:
    """Write a value as JSON in one way only, whatever a database makes of its numbers and the order of its keys."""
    return json.dumps(_plain(json.loads(json.dumps(value))), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Decimal(str(value)).normalize() or Decimal():f}"
    return value
