"""Who did what, to what, when."""

from django.db import models
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7


class AuditEntry(models.Model):
    """One act; the database refuses to change or remove a row.

    `actor_id` stays when the person is gone: their row is removed, and what they did keeps one name that says nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["subject"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
