"""Shows runs and single pictures to the team, and takes them back (PRODUCT §3.7).

A picture is shared only while its generation is, and a prompt only while one of its generations is: the rows say so at
every moment, so each list is one walk along one index. Locks are taken in one order: generation, then prompt.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Generation, Image, Prompt, User
from studio.models.generations import GenerationQuerySet
from studio.prepared import prepared
from studio.services import audit, reviews
from studio.services.webhooks import events
from studio.words import Reason


def share_generation(*, generation: Generation, person: User, shared: bool) -> None:
    """Show a run to the team with all its pictures, its prompt and its settings, or take all of it back."""
    _only_ones_own(generation.owner_id, person)
    with write_transaction():
        row = _locked(generation.pk)
        _not_withheld(row)
        row.images.update(shared=shared)
        _set(row, shared=shared)
        reviews.hold_back(generation=row)
        audit.record(actor=person, action=f"generation.{_word(shared)}", subject=row.pk)
        if shared:
            events.shared(person=person.pk, images=row.images.values("pk"))


def share_image(*, image: Image, person: User, shared: bool) -> None:
    """Show one picture to the team, or take it out; the last one that is taken out takes its run back.

    Showing one picture of a private run shows its prompt and settings too, and none of its other pictures.
    """
    _only_ones_own(image.owner_id, person)
    with write_transaction():
        row = _locked(image.generation_id)
        _not_withheld(row)
        row.images.filter(pk=image.pk).update(shared=shared)
        left = shared or row.images.seen_by_team().exists()
        if not left:
            row.images.update(shared=False)
        _set(row, shared=shared or (row.shared and left))
        reviews.hold_back(generation=row)
        audit.record(actor=person, action=f"image.{_word(shared)}", subject=image.pk)
        if shared:
            events.shared(person=person.pk, images=[image.pk])


def share_images(*, images: Iterable[UUID], person: User, shared: bool) -> list[UUID]:
    """Show many of one's pictures to the team, or take them out; return those that changed.

    Each goes the way of `share_image`; others' pictures and those of withheld prompts stay as they are.
    """
    with write_transaction():
        mine = Image.objects.visible_to(person).owned_by(person).filter(pk__in=list(images))
        runs = _lock_open_runs(set(mine.values_list("generation_id", flat=True)))
        rows = mine.filter(generation__in=runs, shared=not shared)
        changed = list(rows.order_by("-pk").values_list("pk", flat=True))
        Image.objects.filter(pk__in=changed).update(shared=shared)
        _set_all(runs, shared=shared)
        for run in runs.values():
            run.owner = person
            reviews.hold_back(generation=run)
        audit.record(actor=person, action=f"images.{_word(shared)}", subject="", n=len(changed))
        if shared:
            events.shared(person=person.pk, images=changed)
    return changed


def is_shared_now(generation: Generation) -> bool:
    """Say whether a picture that is kept now is the team's too; call it in the transaction that keeps it.

    What comes in while its person is suspended stays hidden, until they are back and share it (SAFETY T13).
    """
    [(shared, active)] = _shared_and_active(generation)
    return bool(shared and active)


@prepared
def _shared_and_active(generation: Generation) -> QuerySet[Generation, Any]:
    locked = Generation.objects.select_for_update(of=("self",), no_key=True).filter(pk=generation.pk)
    return locked.values_list("shared", "owner__is_active")


# What moderators do; call these in the transaction of their decision


def withheld(*, prompt: UUID) -> tuple[datetime | None, datetime | None]:
    """Return since when a prompt is kept from the team, and since when its pictures are removed with it."""
    held = Generation.objects.filter(prompt=prompt).aggregate(at=Max("withheld_at"))["at"]
    with_it = Image.objects.filter(generation__prompt=prompt, removed_at=F("generation__withheld_at"))
    return held, with_it.aggregate(at=Max("removed_at"))["at"]


def withhold(*, prompt: UUID, removed: bool) -> None:
    """Keep a prompt and all its runs from the team, with their pictures; or remove the pictures for everybody.

    The moment in the rows tells later what is to come back: pictures that were kept back otherwise have another.
    """
    rows = _lock_runs(prompt)
    rows.filter(shared=True).update(shared=False, withheld_at=timezone.now())
    for run in rows.filter(withheld_at__isnull=False):
        run.images.filter(shared=True, held_at=None).update(held_at=run.withheld_at)
        if removed:
            run.images.filter(shared=True, removed_at=None).update(removed_at=run.withheld_at)
        else:
            run.images.filter(removed_at=run.withheld_at).update(removed_at=None)
    _tell_runs(rows, prompt)


def give_back(*, prompt: UUID) -> None:
    """Show to the team again what was withheld of a prompt."""
    rows = _lock_runs(prompt)
    for run in rows.filter(withheld_at__isnull=False):
        for name in ("held_at", "removed_at"):
            run.images.filter(**{name: run.withheld_at}).update(**{name: None})
    rows.filter(withheld_at__isnull=False).update(shared=True, withheld_at=None)
    _tell_runs(rows, prompt)


def _locked(pk: UUID) -> Generation:
    """Return the row as it is, and nobody else's until the end of the transaction."""
    return Generation.objects.select_for_update().get(pk=pk)


def _set(row: Generation, *, shared: bool) -> None:
    rows = Generation.objects.filter(pk=row.pk)
    if row.shared != shared:
        rows.update(shared=shared)
        _retell(row.prompt_id)
    rows.touch()


def _lock_open_runs(pks: set[UUID]) -> dict[UUID, Generation]:
    """Lock these runs but those whose prompt is withheld."""
    withheld = Generation.objects.filter(withheld_at__isnull=False).values("prompt")
    rows = Generation.objects.filter(pk__in=pks).exclude(prompt__in=withheld)
    return {row.pk: row for row in rows.select_for_update().order_by("pk")}


def _set_all(runs: dict[UUID, Generation], *, shared: bool) -> None:
    """Say of runs and their prompts what is true after their pictures were shown or taken out."""
    rows = Generation.objects.filter(pk__in=runs)
    if not shared:
        still = Image.objects.seen_by_team().filter(generation=OuterRef("pk"))
        over = list(rows.filter(~Exists(still)).values_list("pk", flat=True))
        Image.objects.filter(generation__in=over).update(shared=False)
    turned = rows if shared else rows.filter(pk__in=over)
    turned.filter(shared=not shared).update(shared=shared)
    rows.touch()
    _retell_all({run.prompt_id for run in runs.values()})


def _retell_all(prompts: set[UUID]) -> None:
    """Say of each prompt when it was last run for the team, as `_retell` does of one."""
    rows = Prompt.objects.filter(pk__in=prompts)
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    newest = Generation.objects.filter(prompt=OuterRef("pk"), shared=True).order_by().values("prompt")
    rows.update(shared_at=Subquery(newest.annotate(at=Max("created_at")).values("at")))


def _retell(prompt: UUID) -> None:
    """Say of the prompt when it was last run for the team; the lock comes first, to read what others committed."""
    rows = Prompt.objects.filter(pk=prompt)
    rows.select_for_update().get()
    newest = Generation.objects.filter(prompt=prompt, shared=True).aggregate(at=Max("created_at"))
    rows.update(shared_at=newest["at"])


def _lock_runs(prompt: UUID) -> GenerationQuerySet:
    """Return the runs of a prompt, which are nobody else's until the end of the transaction."""
    rows = Generation.objects.filter(prompt=prompt)
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    return rows


def _tell_runs(rows: GenerationQuerySet, prompt: UUID) -> None:
    rows.touch()
    _retell(prompt)


def _not_withheld(row: Generation) -> None:
    """Refuse while moderators keep the prompt from the team, also a run of it that was private then."""
    if Generation.objects.filter(prompt=row.prompt_id, withheld_at__isnull=False).exists():
        raise Conflict(Reason("withheld"))


def _word(shared: bool) -> str:
    return "shared" if shared else "private"


def _only_ones_own(owner: UUID, person: User) -> None:
    if owner != person.pk:
        raise StudioError(Reason("not_yours"))
