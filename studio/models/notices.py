"""What people are told: one inbox for each, and what they do not want to hear of."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import first_at, uuid7
from studio.models.images import Image


class NoticeKind(models.TextChoices):
    """What a notice is about; `studio.words.notices` has its sentences."""

    FINISHED = "finished", "Pictures that took more than a minute"
    FAILED = "failed", "Pictures that did not come"
    CANCELLED = "cancelled", "An administrator cancelled something of mine that waited"
    HELD = "held", "A prompt of mine waits for a moderator"
    APPROVED = "approved", "A moderator let a prompt of mine run"
    REFUSED = "refused", "A moderator refused a prompt of mine"
    DECIDED = "decided", "A decision about something I made"
    ANSWERED = "answered", "The answer to an appeal of mine"
    REPORTED = "reported", "What came of a report of mine"
    MENTIONED = "mentioned", "Somebody names me in a comment"
    COMMENTED = "commented", "Somebody comments on a picture of mine"
    COLLECTION_GIVEN = "collection_given", "A collection of somebody who left is mine now"
    BUDGET_GRANTED = "budget_granted", "A change of how many images I may make"
    BUDGET_LOW = "budget_low", "A budget that is nearly used up"
    MORE_ASKED = "more_asked", "Somebody asks for more of a budget"
    OPENED = "opened", "An administrator opened something private of mine"
    SUSPENDED = "suspended", "My account was suspended"
    RESTORED = "restored", "My account was restored"
    EXPORT_READY = "export_ready", "The export of my data is ready"
    CLIENT_ANSWERED = "client_answered", "Somebody outside answers by a link of mine"
    IMPORTED = "imported", "Pictures of mine were brought in"
    RELAY_PAUSED = "relay_paused", "The studio paused a relay"
    STORAGE_LOW = "storage_low", "A disk is nearly full"
    WEBHOOK_OFF = "webhook_off", "A webhook was switched off"
    ANNOUNCEMENT = "announcement", "Announcements of administrators"

    @property
    def can_be_muted(self) -> bool:
        """Whether a person may choose not to hear of it: what was decided about them always reaches them."""
        return self in MUTABLE

    @classmethod
    def choices_of(cls, person: User) -> list["NoticeKind"]:
        """Return what this person may turn on and off."""
        return [kind for kind in cls if kind in MUTABLE and (kind not in STAFF or person.is_administrator)]


MUTABLE = {
    NoticeKind.FINISHED,
    NoticeKind.FAILED,
    NoticeKind.HELD,
    NoticeKind.APPROVED,
    NoticeKind.REPORTED,
    NoticeKind.MENTIONED,
    NoticeKind.COMMENTED,
    NoticeKind.BUDGET_GRANTED,
    NoticeKind.BUDGET_LOW,
    NoticeKind.MORE_ASKED,
    NoticeKind.EXPORT_READY,
    NoticeKind.CLIENT_ANSWERED,
    NoticeKind.IMPORTED,
    NoticeKind.RELAY_PAUSED,
    NoticeKind.ANNOUNCEMENT,
}
STAFF = {NoticeKind.RELAY_PAUSED, NoticeKind.MORE_ASKED, NoticeKind.STORAGE_LOW}
"""What administrators alone are told."""

OF_COMMENTS = {NoticeKind.MENTIONED, NoticeKind.COMMENTED}
"""Those that hold the words of somebody else."""

NEWS = timedelta(days=2)
"""How long a notice is worth a mail."""

SETTLED = timedelta(minutes=1)
"""By then a decision cannot be undone any more."""


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(person=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def unmailed(self) -> Self:
        """What is new, was not mailed yet, and is not so fresh that it may still be taken back."""
        now = timezone.now()
        return self.unread().filter(mailed_at=None, created_at__range=(now - NEWS, now - SETTLED))

    def older_than(self, *, read: timedelta, unread: timedelta) -> Self:
        """What was read so long ago, and what nobody has read in so long a time."""
        now = timezone.now()
        return self.filter(Q(read_at__lt=now - read) | Q(read_at=None, created_at__lt=now - unread))

    def lately(self, kind: NoticeKind, age: timedelta) -> Self:
        """Those of a kind that are younger."""
        return self.filter(pk__gte=first_at(timezone.now() - age), kind=kind)

    def newest_first(self) -> Self:
        """Ids are made in order of time."""
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`."""
        return self.filter(pk__lt=pk) if pk else self

    def with_card_data(self) -> Self:
        return self.select_related(
            "by", "generation__prompt", "generation__comparison", "image__generation__prompt"
        )

    def count_of(self, person: OuterRef) -> Coalesce:
        """How many are unread, for a person of an outer query: whoever loads the person has the count with them."""
        mine = self.unread().filter(person=person).order_by().values("person")
        return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)


class Notice(models.Model):
    """One thing a person is told: a kind, what it is about and values; the sentence is said when it is shown.

    It names people by reference alone, so that nothing of them is left here when they are gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=24, choices=NoticeKind)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    generation = models.ForeignKey(Generation, models.SET_NULL, null=True, related_name="+")
    image = models.ForeignKey(Image, models.SET_NULL, null=True, related_name="+")
    values: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_mine"),
            models.Index(fields=["person"], name="notice_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"

    @property
    def prompt(self) -> str:
        """The prompt it is about, as long as its person may read it."""
        run = self.generation or (self.image.generation if self.image else None)
        return run.prompt.text if run and (run.shared or run.owner_id == self.person_id) else ""

    @property
    def facts(self) -> dict[str, Any]:
        """Its values, without words about a picture that its person may not look at any more."""
        image = self.image
        seen = image is not None and (image.owner_id == self.person_id or image.is_seen_by_team)
        return self.values if seen or self.kind not in OF_COMMENTS else self.values | {"text": ""}


class MutedKind(models.Model):
    """A kind of notice that a person does not want."""

    person = models.ForeignKey(User, models.CASCADE, related_name="muted")
    kind = models.CharField(max_length=24, choices=NoticeKind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="muted_once")]

    def __str__(self) -> str:
        return f"{self.person_id} mutes {self.kind}"
