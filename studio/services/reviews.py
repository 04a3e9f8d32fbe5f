"""Review before the team sees it: a picture that is shared waits for a moderator, its owner has it at once.

It is a state of the picture (`held_at`), not of its run; a moderator who keeps it lets it go for good.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from studio.models import Case, CaseKind, Generation, User, Verdict, installation
from studio.models.installation import Review


def is_wanted(person: User) -> bool:
    """Tell whether pictures of this person wait for a moderator: nobody's, those of new people, or everybody's."""
    wanted = installation().reviews
    if wanted != Review.NEW:
        return wanted == Review.EVERYBODY
    return person.created_at > timezone.now() - timedelta(days=settings.REVIEW_DAYS)


def hold_back(*, generation: Generation, index: int | None = None) -> None:
    """Have what the team would see of a run wait for a moderator, if need be; call it in the sharing transaction."""
    if installation().reviews == Review.OFF or not is_wanted(generation.owner):
        return
    seen = Case.objects.filter(image=OuterRef("pk"), kind=CaseKind.REVIEW, verdict=Verdict.KEPT)
    pictures = generation.images.seen_by_team().exclude(Exists(seen))
    for image in pictures if index is None else pictures.filter(index=index):
        generation.images.filter(pk=image.pk).update(held_at=timezone.now())
        Case.objects.open_for(CaseKind.REVIEW, generation, image)
