"""Has the outside classifier, if there is one, judge a prompt once before its first paid call (PRODUCT 5.1)."""

import logging

from cryptography.fernet import InvalidToken
from django.conf import settings

from studio.db import release_connection, write_transaction
from studio.models import Classifier, Generation, WhenDown
from studio.relays import moderation
from studio.relays.moderation import Unjudged
from studio.services.drawing import holding
from studio.services.screening import shelf
from studio.words import NO_REASON, Reason

logger = logging.getLogger(__name__)


def is_held(generation: Generation) -> bool:
    """Hold a claimed row whose prompt the classifier objects to; a moderator's word is not asked for twice."""
    classifier = shelf.current().classifier
    if classifier is None or generation.classified:
        return False
    release_connection()  # the classifier may take its time
    try:
        reached = classifier.reached(_scores(classifier, generation))
    except Unjudged as error:
        logger.warning("classifier.unjudged generation=%s code=%s", generation.pk, error.code)
        if classifier.when_down == WhenDown.OPEN:
            return False
        return _settle(generation, Reason("classifier_down"), "Classifier: no answer", {})
    if not reached:
        return _settle(generation, NO_REASON, "", {})
    why = Reason("classifier_objects", categories=list(reached))
    return _settle(generation, why, f"Classifier: {', '.join(reached)}", reached)


def _scores(classifier: Classifier, generation: Generation) -> dict[str, float]:
    try:
        key = classifier.api_key
    except InvalidToken:
        raise Unjudged("unreadable_key") from None
    return moderation.ask(
        base_url=classifier.base_url,
        api_key=key,
        model=classifier.model,
        text=generation.prompt.text,
        seconds=classifier.seconds,
        allow=settings.RELAY_PRIVATE_ALLOW,
    )


def _settle(generation: Generation, why: Reason, rule: str, scores: dict[str, float]) -> bool:
    """Write down that it was judged, and hold it where there is a reason."""
    rows = Generation.objects.known(generation)
    with write_transaction():
        if not rows.update(classified=True):
            return True  # it was taken over or cancelled meanwhile: nothing is sent by us
        detail = {"rule": rule, "rules": [], "matches": [], "scores": scores}
        version = generation.rules_version
        return bool(why) and holding.hold(
            generation=generation, rows=rows, why=why, version=version, detail=detail
        )
