"""Writes prompts into the shared history."""

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from studio.errors import Conflict
from studio.models import Generation, Prompt, User
from studio.search.parse import indexed
from studio.words import Reason


def remember(*, author: User, text: str, shared: bool) -> Prompt:
    """Return the author's row for this text, brought to the top; the team sees no trace of a private run.

    Raises Conflict for what is to be shared and moderators keep from the team.
    """
    digest = Prompt.digest_of(text)
    seen = {"shared_at": Now()} if shared else {}
    row = Prompt(author=author, digest=digest, text=text, words=indexed(text), run_at=Now(), **seen)
    Prompt.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["author", "digest"], update_fields=["run_at", *seen]
    )
    withheld = Exists(Generation.objects.filter(prompt=OuterRef("pk"), withheld_at__isnull=False))
    found = Prompt.objects.annotate(withheld=withheld).get(author=author, digest=digest)
    if shared and found.withheld:  # type: ignore[attr-defined]
        raise Conflict(Reason("withheld"))
    return found
