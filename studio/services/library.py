"""The library: saving prompts under a title, their versions, and who may do what with them.

Everybody in the team may write the next version of what the team sees: nothing is lost, each version stays. What only
its owner does: rename it, give it tags, share it, remove it; moderators remove what the team sees.
"""

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, Forbidden
from studio.models import Image, SavedPrompt, SavedVersion, User
from studio.models.tags import tags_in
from studio.services import audit
from studio.services.screening import gate
from studio.words import Reason


def save(
    *,
    person: User,
    title: str,
    text: str,
    tags: str = "",
    shared: bool = False,
    why: str = "",
    example: Image | None = None,
) -> SavedPrompt:
    """Put a prompt into the library; raises Screened where a rule stops what the team would see."""
    check(text, shared=shared)
    gate.check_names(title, tags, param="title")
    with write_transaction():
        row = SavedPrompt.objects.create(
            owner=person, title=title, text=text, tags=joined(tags_in(tags)), shared=shared, example=example
        )
        SavedVersion.objects.create(saved=row, number=1, text=text, why=why, author=person)
        audit.record(actor=person, action="saved_prompt.created", subject=row.pk, shared=shared)
    return row


def edit(*, saved: SavedPrompt, person: User, title: str, tags: str, shared: bool) -> None:
    """Change what stands around the text."""
    _only_ones_own(saved, person)
    if shared and not saved.shared:
        for text in saved.versions.values_list("text", flat=True):  # the team reads the old ones too
            check(text, shared=True)
    gate.check_names(title, tags, param="title")
    with write_transaction():
        SavedPrompt.objects.filter(pk=saved.pk).update(title=title, tags=joined(tags_in(tags)), shared=shared)
        before = {"shared": saved.shared}
        audit.record(
            actor=person,
            action="saved_prompt.edited",
            subject=saved.pk,
            before=before,
            after={"shared": shared},
        )


def revise(*, saved: SavedPrompt, person: User, text: str, seen: int, why: str = "") -> SavedVersion:
    """Write the next version; raises Conflict when somebody has written one since version `seen`."""
    if text == saved.text:
        raise Conflict(Reason("same_words"), param="text")
    check(text, shared=saved.shared)
    return _next(saved, person, text, seen, why)


def roll_back(*, saved: SavedPrompt, person: User, to: SavedVersion, seen: int, why: str) -> SavedVersion:
    """Make an earlier version the newest one again; those in between stay."""
    if to.text == saved.text:
        raise Conflict(Reason("same_words"))
    check(to.text, shared=saved.shared)
    return _next(saved, person, to.text, seen, why)


def _next(saved: SavedPrompt, person: User, text: str, seen: int, why: str) -> SavedVersion:
    with write_transaction():
        rows = SavedPrompt.objects.visible_to(person).filter(pk=saved.pk, number=seen)
        if not rows.update(text=text, number=F("number") + 1, changed_at=Now()):
            raise Conflict(Reason("saved_moved_on"))
        version = SavedVersion.objects.create(saved=saved, number=seen + 1, text=text, why=why, author=person)
        audit.record(actor=person, action="saved_prompt.revised", subject=saved.pk, number=version.number)
    return version


def remove(*, saved: SavedPrompt, person: User) -> None:
    """Remove a saved prompt with its versions; what was drawn from it stays."""
    with write_transaction():
        if not SavedPrompt.objects.removable_by(person).filter(pk=saved.pk).exists():
            raise Forbidden(Reason("not_your_saved", owner=str(saved.owner)))
        facts: dict[str, Any] = {"owner": str(saved.owner_id), "title": saved.title}
        SavedPrompt.objects.filter(pk=saved.pk).delete()
        audit.record(actor=person, action="saved_prompt.removed", subject=saved.pk, **facts)


def hand_over(*, person: User, to: User) -> int:
    """Give what somebody shared in the library to another; call it in the transaction that lets them go."""
    return SavedPrompt.objects.owned_by(person).filter(shared=True).update(owner=to)


def check(text: str, *, shared: bool) -> None:
    """Let the rules read what the team will see; a warning is for the moment it is drawn."""
    if shared:
        findings = gate.screen(gate.texts_of(text, {}))
        if findings.stops:
            raise gate.Screened(findings)


def joined(names: list[str]) -> str:
    """Return tags as the row keeps them."""
    return f",{','.join(names)}," if names else ""


def _only_ones_own(saved: SavedPrompt, person: User) -> None:
    if saved.owner_id != person.pk:
        raise Forbidden(Reason("not_your_saved", owner=str(saved.owner)))
