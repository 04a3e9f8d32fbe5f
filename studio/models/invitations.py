"""Links by which people join."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from studio.models.accounts import Role, User
from studio.models.ids import uuid7


class InvitationState(models.TextChoices):
    """Whether somebody can still join by a link."""

    OPEN = "open", "Open"
    USED = "used", "Used up"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Those by which one can join: they are good for as long as whoever made them may invite (SAFETY T13)."""
        maker = Exists(User.objects.administrators().filter(pk=OuterRef("made_by")))
        return self.filter(maker, revoked_at=None, expires_at__gt=Now(), used__lt=F("uses"))

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: object) -> Self:
        return self.filter(pk__lt=pk) if pk else self

    def use(self) -> bool:
        """Take one use of an open invitation; the database compares, so of many at once only so many win."""
        return self.open().update(used=F("used") + 1) == 1


class Invitation(models.Model):
    """One link; its secret is in nobody's keeping but that of whoever was sent it: the row has a digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    email = models.EmailField(blank=True)
    uses = models.PositiveSmallIntegerField(default=1)
    used = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="invitations_made")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(used__lte=F("uses")), name="invitation_not_overused"),
            models.CheckConstraint(condition=Q(email="") | Q(uses=1), name="invitation_bound_to_one"),
        ]

    def __str__(self) -> str:
        return f"{self.role}, {self.used} of {self.uses}"

    @property
    def state(self) -> InvitationState:
        if self.revoked_at:
            return InvitationState.REVOKED
        if self.used >= self.uses:
            return InvitationState.USED
        if self.expires_at <= timezone.now():
            return InvitationState.EXPIRED
        may_invite = self.made_by is not None and self.made_by.is_administrator
        return InvitationState.OPEN if may_invite else InvitationState.REVOKED
