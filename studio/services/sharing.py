"""Shows runs and single pictures to the team, and takes them back (PRODUCT §3.7).

A picture is shared only while its generation is, and a prompt only while one of its generations is: the rows say so at
every moment, so each list is one walk along one index. Locks are taken in one order: generation, then prompt.
"""

from uuid import UUID

from django.db.models import Max

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Generation, Image, Prompt, User
from studio.services import audit


def share_generation(*, generation: Generation, person: User, shared: bool) -> None:
    """Show a run to the team with all its pictures, its prompt and its settings, or take all of it back."""
    _only_ones_own(generation.owner_id, person)
    with write_transaction():
        row = _locked(generation.pk)
        row.images.update(shared=shared)
        _set(row, shared=shared)
        audit.record(actor=person, action=f"generation.{_word(shared)}", subject=row.pk)


def share_image(*, image: Image, person: User, shared: bool) -> None:
    """Show one picture to the team, or take it out; the last one that is taken out takes its run back.

    Showing one picture of a private run shows its prompt and settings too, and none of its other pictures.
    """
    _only_ones_own(image.owner_id, person)
    with write_transaction():
        row = _locked(image.generation_id)
        row.images.filter(pk=image.pk).update(shared=shared)
        left = shared or row.images.seen_by_team().exists()
        if not left:
            row.images.update(shared=False)
        _set(row, shared=shared or (row.shared and left))
        audit.record(actor=person, action=f"image.{_word(shared)}", subject=image.pk)


def is_shared_now(generation: Generation) -> bool:
    """Say whether a picture that is kept now is the team's too; call it in the transaction that keeps it.

    What comes in while its person is suspended stays hidden, until they are back and share it (SAFETY T13).
    """
    locked = Generation.objects.select_for_update(of=("self",)).filter(pk=generation.pk)
    shared, active = locked.values_list("shared", "owner__is_active").get()
    return shared and active


def _locked(pk: UUID) -> Generation:
    """Return the row as it is, and nobody else's until the end of the transaction."""
    return Generation.objects.select_for_update().get(pk=pk)


def _set(row: Generation, *, shared: bool) -> None:
    rows = Generation.objects.filter(pk=row.pk)
    if row.shared != shared:
        rows.update(shared=shared)
        _retell(row.prompt_id)
    rows.touch()


def _retell(prompt: UUID) -> None:
    """Say of the prompt when it was last run for the team; the lock comes first, to read what others committed."""
    rows = Prompt.objects.filter(pk=prompt)
    rows.select_for_update().get()
    newest = Generation.objects.filter(prompt=prompt, shared=True).aggregate(at=Max("created_at"))
    rows.update(shared_at=newest["at"])


def _word(shared: bool) -> str:
    return "shared" if shared else "private"


def _only_ones_own(owner: UUID, person: User) -> None:
    if owner != person.pk:
        raise StudioError("Only the person who made this can do that.", code="not_yours")
