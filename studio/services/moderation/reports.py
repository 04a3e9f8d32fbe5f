"""Reports: what a person says of a picture or a prompt of somebody else, merged on one card for the moderators."""

from django.db import IntegrityError
from django.db.models import F

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Case, CaseKind, Generation, Image, Prompt, Report, User
from studio.services import audit, limits
from studio.services.moderation import cases, reasons
from studio.services.webhooks import events
from studio.words import Reason


def report(
    *, generation: Generation, image: Image | None, person: User, reason: str, note: str = ""
) -> Report:
    """Put a person's word on the open card of its subject; raises Conflict for a second one, TooMany for spam."""
    check_not_own(generation=generation, person=person)
    if reason not in reasons.offered(to_report=True):
        raise StudioError(Reason("no_such_reason"), param="reason")
    if Report.objects.by(person, generation, image).exists():
        raise Conflict(Reason("already_reported"))
    limits.report(person=person)
    try:
        with write_transaction():
            return _write(generation, image, person, reason, note)
    except IntegrityError:
        raise Conflict(Reason("already_reported")) from None


def check_not_own(*, generation: Generation, person: User) -> None:
    """Refuse what is the person's own."""
    if generation.owner_id == person.pk:
        raise StudioError(Reason("own_thing"))


def _write(generation: Generation, image: Image | None, person: User, reason: str, note: str) -> Report:
    case = _card(generation, image)
    subject = {"generation": generation, "image": image}
    row = Report.objects.create(case=case, person=person, reason=reason, note=note, **subject)
    what, pk = ("image", image.pk) if image else ("prompt", generation.prompt_id)
    audit.record(actor=person, action=f"{what}.reported", subject=pk, case=str(case.pk), reason=reason)
    events.reported(case=case, reason=reason)
    return row


def _card(generation: Generation, image: Image | None) -> Case:
    """Return the open card of the subject, one report heavier; a card that is decided at this moment is not it."""
    if image is None:
        generation = _reported_run(generation)
    while True:
        case = cases.open_for(kind=CaseKind.REPORT, generation=generation, image=image)
        if Case.objects.open().filter(pk=case.pk).update(weight=F("weight") + 1):
            return case


def _reported_run(generation: Generation) -> Generation:
    """Return the run under which its prompt is on a card already, or this one; the prompt is locked meanwhile."""
    Prompt.objects.filter(pk=generation.prompt_id).select_for_update().get()
    of_prompt = Case.objects.open().filter(kind=CaseKind.REPORT, image=None)
    case = of_prompt.filter(generation__prompt=generation.prompt_id).select_related("generation").first()
    return case.generation if case else generation
