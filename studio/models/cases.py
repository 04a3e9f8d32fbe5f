"""The moderators' queue: one row is one card, about a prompt or a picture of one person."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.images import Image


class CaseKind(models.TextChoices):
    """Why something came before the moderators."""

    HELD = "held", "held prompt"
    REPORT = "report", "report"
    REVIEW = "review", "picture to review"
    APPEAL = "appeal", "appeal"


class Verdict(models.TextChoices):
    """What came of a case; which of them a kind of case can have is said in services.moderation.decisions."""

    APPROVED = "approved", "approved"
    REFUSED = "refused", "refused"
    KEPT = "kept", "kept"
    HIDDEN = "hidden", "hidden from the team"
    REMOVED = "removed", "removed"
    UPHELD = "upheld", "upheld"
    OVERTURNED = "overturned", "taken back"
    WITHDRAWN = "withdrawn", "settled by itself"


class Queue(models.TextChoices):
    """The ways to look at the cases: the open ones, and what was decided."""

    HELD = "held", "Held"
    REPORTS = "reports", "Reports"
    REVIEW = "review", "To review"
    APPEALS = "appeals", "Appeals"
    ALL = "all", "All"
    DECIDED = "decided", "Decided"

    @property
    def kind(self) -> CaseKind | None:
        """The one kind of case that is in it; None when all are."""
        return dict(zip(Queue, CaseKind, strict=False)).get(self)

    @property
    def is_open(self) -> bool:
        """Whether its cases wait for a decision."""
        return self != Queue.DECIDED


OPEN = Q(decided_at=None)


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(OPEN)

    def decided(self) -> Self:
        return self.exclude(OPEN)

    def in_queue(self, queue: Queue) -> Self:
        return self.filter(kind=queue.kind) if queue.kind else self

    def about(self, kind: CaseKind, generation: Generation | UUID, image: Image | UUID | None = None) -> Self:
        """The cases of one kind with just this subject."""
        return self.filter(kind=kind, generation=generation, image=image)

    def with_subject_of(self, case: "Case") -> Self:
        """The cases about the same picture, or about the same prompt in whichever run."""
        if case.image_id:
            return self.filter(image=case.image_id)
        return self.filter(image=None, generation__prompt=case.generation.prompt_id)

    def open_for(
        self, kind: CaseKind, generation: Generation, image: Image | None = None, **detail: Any
    ) -> "Case":
        """Return the open case of this kind and subject, made with these details if there is none."""
        subject = {"kind": kind, "generation": generation, "image": image}
        facts = {"person_id": generation.owner_id, "detail": detail}
        return self.open().get_or_create(**subject, defaults=facts)[0]

    def holding(self, generations: Iterable[Generation]) -> dict[UUID, dict[str, Any]]:
        """Return why each of these is held, as its open case keeps it."""
        rows = self.open().filter(kind=CaseKind.HELD, generation__in=generations)
        return dict(rows.values_list("generation", "detail"))

    def approved_rules(self, generation: Generation) -> set[tuple[UUID, str]]:
        """Return the rules because of which a generation was held, and that a moderator has let it past, as they were.

        Each with its `finds`: one that finds something else now was not decided about.
        """
        past = self.about(CaseKind.HELD, generation).filter(verdict=Verdict.APPROVED)
        return {
            (UUID(pk), finds)
            for detail in past.values_list("detail", flat=True)
            for pk, finds in zip(detail.get("rules", ()), detail.get("finds", ()), strict=False)
        }

    def was_withdrawn(self, generation: Generation) -> bool:
        """Tell whether a generation was held last without anybody having decided: it was cancelled meanwhile."""
        holds = self.about(CaseKind.HELD, generation).order_by("pk").values_list("verdict", flat=True)
        return holds.last() == Verdict.WITHDRAWN

    def told_to(self, person: User) -> Self:
        """What was decided about this person, and only that."""
        decided = self.filter(person=person, decided_at__isnull=False)
        return decided.exclude(kind__in=[CaseKind.HELD, CaseKind.APPEAL])

    def most_urgent_first(self) -> Self:
        """Most reported first, then longest waiting: ids are made in order of time."""
        return self.order_by("-weight", "pk")

    def after(self, weight: int, pk: UUID) -> Self:
        """The cases that come after this place of the queue; the last bound lets the index do the work."""
        return self.filter(Q(weight__lt=weight) | Q(pk__gt=pk), weight__lte=weight)

    def since(self, weight: int, pk: UUID) -> Self:
        """The case at this place of the queue, and those that come after it."""
        return self.filter(Q(weight__lt=weight) | Q(pk__gte=pk), weight__lte=weight)

    def before(self, weight: int, pk: UUID) -> Self:
        """The cases that come before this place of the queue, nearest first."""
        rows = self.filter(Q(weight__gt=weight) | Q(pk__lt=pk), weight__gte=weight)
        return rows.order_by("weight", "-pk")

    def newest_decision_first(self) -> Self:
        return self.order_by("-decided_at", "-pk")

    def decided_until(self, case: "Case") -> Self:
        """This case and what was decided before it."""
        at = case.decided_at
        return self.filter(Q(decided_at__lt=at) | Q(pk__lte=case.pk), decided_at__lte=at)

    def decided_after(self, case: "Case") -> Self:
        """What was decided after this case, nearest first."""
        at = case.decided_at
        rows = self.filter(Q(decided_at__gt=at) | Q(pk__gt=case.pk), decided_at__gte=at)
        return rows.order_by("decided_at", "pk")

    def with_card_data(self) -> Self:
        """Everything the desk shows of a case but its reports."""
        run = (f"generation__{name}" for name in ("prompt", "model", "via"))
        return self.select_related("person", "decided_by", "image", "of__decided_by", *run)

    def same(self, case: "Case") -> Self:
        """The row, for as long as nobody has touched it since it was read."""
        return self.filter(pk=case.pk, version=case.version)

    def counts(self) -> dict[str, int]:
        """How many cases of each kind there are, one walk along an index."""
        return dict(self.order_by().values_list("kind").annotate(Count("pk")))

    def lose_picture(self, image: Image) -> None:
        """Keep what was decided of a picture that is purged, and which one it was."""
        for case in self.decided().filter(image=image):
            detail = case.detail | {"picture": image.index + 1}
            self.filter(pk=case.pk).update(image=None, detail=detail)

    def move(self, **fields: Any) -> bool:
        """Change the one row; the row count decides."""
        return self.update(version=F("version") + 1, **fields) == 1


class Case(models.Model):
    """One card of the queue; `version` tells two moderators apart who decide at the same moment.

    `detail` keeps what opened it, as JSON: for a held prompt the rule and the positions of the matched words.
    `of` is the case whose decision an appeal is about, `of_version` tells which of its decisions.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=CaseKind)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="cases")
    image = models.ForeignKey(Image, models.CASCADE, null=True, related_name="cases")
    person = models.ForeignKey(User, models.CASCADE, related_name="cases")
    of = models.ForeignKey("self", models.CASCADE, null=True, related_name="appeals")
    of_version = models.PositiveIntegerField(null=True)
    weight = models.PositiveIntegerField(default=0)
    detail: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    opened_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)
    note = models.TextField(blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CaseKind.values), name="case_kind_known"),
            models.CheckConstraint(
                condition=(OPEN & Q(verdict="")) | Q(decided_at__isnull=False, verdict__in=Verdict.values),
                name="case_open_or_decided",
            ),
            models.UniqueConstraint(
                fields=["kind", "generation"], condition=OPEN & Q(image=None), name="case_open_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "image"], condition=OPEN & Q(image__isnull=False), name="case_open_once_image"
            ),
            models.UniqueConstraint(fields=["of", "of_version"], name="case_appealed_once"),
        ]
        indexes = [
            models.Index(fields=["kind", "-weight", "id"], name="case_queue", condition=OPEN),
            models.Index(fields=["-weight", "id"], name="case_queue_all", condition=OPEN),
            models.Index(
                fields=["-decided_at", "-id"], name="case_decided", condition=Q(decided_at__isnull=False)
            ),
            models.Index(fields=["person", "-id"], name="case_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_purged(self) -> bool:
        """Whether it was about a picture that is gone for good."""
        return self.image_id is None and "picture" in self.detail

    @property
    def is_open(self) -> bool:
        return self.decided_at is None
