"""What the moderators' services are tried on."""

from collections.abc import Callable

import pytest

from studio.models import Case, CaseKind, Image, User
from studio.services.moderation import cases, decisions
from studio.services.moderation.decisions import Decision
from tests.factories import make_image


@pytest.fixture
def image(bob, model) -> Image:
    return make_image(bob, model, text="A tower")


@pytest.fixture
def case(image) -> Case:
    """A reported picture of bob's."""
    return cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)


@pytest.fixture
def decide() -> Callable[..., None]:
    """Decide a case as it stands in the database."""

    def decide(case: Case, moderator: User, verdict: str, **more: object) -> None:
        case.refresh_from_db()
        facts = {"reason": "logo"} | more
        decisions.decide(case=case, moderator=moderator, decision=Decision(verdict=verdict, **facts))
        case.refresh_from_db()

    return decide
