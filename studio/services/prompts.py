"""Writes prompts into the shared history."""

from django.db.models import F
from django.db.models.functions import Now

from studio.models import Prompt, User


def remember(*, author: User, text: str, shared: bool, runs: int = 1) -> Prompt:
    """Return the author's row for this text, brought to the top; once shared with the team it stays shared."""
    prompt, _made = Prompt.objects.get_or_create(
        author=author, digest=Prompt.digest_of(text), defaults={"text": text, "shared": shared}
    )
    seen = {"shared": True} if shared else {}
    Prompt.objects.filter(pk=prompt.pk).update(runs=F("runs") + runs, run_at=Now(), **seen)
    return prompt
