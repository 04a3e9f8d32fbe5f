"""Writes prompts into the shared history."""

from django.db.models.functions import Now

from studio.models import Prompt, User


def remember(*, author: User, text: str, shared: bool) -> Prompt:
    """Return the author's row for this text, brought to the top; the team sees no trace of a private run."""
    prompt, _made = Prompt.objects.get_or_create(
        author=author, digest=Prompt.digest_of(text), defaults={"text": text}
    )
    seen = {"shared_at": Now()} if shared else {}
    Prompt.objects.filter(pk=prompt.pk).update(run_at=Now(), **seen)
    return prompt
