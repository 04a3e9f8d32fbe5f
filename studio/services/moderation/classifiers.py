"""Sets the outside classifier; its key is kept encrypted, and a kept key goes to no other host."""

from typing import Any

from django.db.models import F

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Classifier, Installation, User
from studio.services import audit
from studio.services.relays import addresses, rules
from studio.services.screening import shelf
from studio.words import Reason

FACTS = ("is_on", "base_url", "model", "thresholds", "otherwise", "seconds", "when_down")


def current() -> Classifier:
    """Return the classifier as it is set, on or off; an unsaved one at first."""
    return Classifier.objects.first() or Classifier()


def set_up(*, administrator: User, api_key: str = "", **facts: Any) -> Classifier:
    """Keep how the classifier is asked; a StudioError names the field at fault. No key keeps the one there is."""
    row = current()
    url = addresses.check(base_url=facts["base_url"], administrator=administrator)
    moved = addresses.origin(url) != addresses.origin(row.base_url)
    if not api_key and (not row.sealed_key or moved):
        raise StudioError(Reason("classifier_key_missing"), param="api_key")
    before = {name: getattr(row, name) for name in FACTS}
    for name, value in (facts | {"base_url": url}).items():
        setattr(row, name, value)
    if api_key:
        row.api_key = rules.usable_key(api_key)
    with write_transaction():
        row.save()
        Installation.objects.get_or_create(pk=1)
        Installation.objects.filter(pk=1).update(rules_version=F("rules_version") + 1)
        after = {name: getattr(row, name) for name in FACTS}
        changed = [name for name in FACTS if before[name] != after[name]]
        detail: dict[str, Any] = {"before": {name: before[name] for name in changed}}
        detail |= {"after": {name: after[name] for name in changed}, "key": "replaced" if api_key else ""}
        audit.record(actor=administrator, action="classifier.set", subject="classifier", **detail)
    shelf.expire()
    return row
