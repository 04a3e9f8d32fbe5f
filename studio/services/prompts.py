"""Writes prompts into the shared history."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from studio.errors import Conflict
from studio.inserts import insert
from studio.models import Generation, Prompt, User
from studio.models.ids import id_at
from studio.prepared import prepared
from studio.search.parse import indexed
from studio.words import Reason


def recall(*, author: User, text: str, shared: bool, at: datetime) -> Prompt:
    """Return the author's row for a text that was run elsewhere, at this moment; it stands where it would have stood.

    Raises Conflict for what is to be shared and moderators keep from the team.
    """
    digest = Prompt.digest_of(text)
    moments = {"run_at": at, "created_at": at, "shared_at": at if shared else None}
    row = Prompt(pk=id_at(at), author=author, digest=digest, text=text, words=indexed(text), **moments)
    Prompt.objects.bulk_create([row], ignore_conflicts=True)
    rows = Prompt.objects.filter(author=author, digest=digest)
    rows.filter(run_at__lt=at).update(run_at=at)
    if shared:
        rows.filter(Q(shared_at=None) | Q(shared_at__lt=at)).update(shared_at=at)
    return _unless_withheld(author, digest, shared=shared)


def remember(*, author: User, text: str, shared: bool) -> Prompt:
    """Return the author's row for this text, brought to the top; the team sees no trace of a private run.

    Raises Conflict for what is to be shared and moderators keep from the team.
    """
    digest = Prompt.digest_of(text)
    seen = {"shared_at": Now()} if shared else {}
    row = Prompt(author=author, digest=digest, text=text, words=indexed(text), run_at=Now(), **seen)
    insert(row, unique=["author", "digest"], update=["run_at", *seen])
    return _unless_withheld(author, digest, shared=shared)


@prepared
def _of(author: User, digest: str) -> QuerySet[Prompt]:
    withheld = Exists(Generation.objects.filter(prompt=OuterRef("pk"), withheld_at__isnull=False))
    return Prompt.objects.filter(author=author, digest=digest).annotate(withheld=withheld)


def _unless_withheld(author: User, digest: str, *, shared: bool) -> Prompt:
    [found] = _of(author, digest)
    if shared and found.withheld:  # type: ignore[attr-defined]
        raise Conflict(Reason("withheld"))
    return found
