"""The page of the outside classifier."""

import pytest

from studio.models import Classifier

pytestmark = pytest.mark.django_db
PAGE = "/moderation/rules/classifier/"


@pytest.fixture(autouse=True)
def allowed(settings) -> None:
    settings.RELAY_PRIVATE_ALLOW = frozenset({"127.0.0.1:1", "127.0.0.1:2"})


def written(**changes) -> dict[str, str]:
    facts = {"is_on": "on", "base_url": "http://127.0.0.1:1/v1", "api_key": "key-0123456789", "model": ""}
    facts |= {"thresholds": "violence 0.5\nsexual/minors: 0,1", "otherwise": "", "seconds": "5"}
    return facts | {"when_down": "closed"} | changes


def test_edit_keeps_it_and_never_shows_the_key(as_alice):
    answer = as_alice.post(PAGE, written())

    row = Classifier.objects.get()
    assert answer.status_code == 303
    assert (row.thresholds, row.api_key, row.is_on) == (
        {"violence": 0.5, "sexual/minors": 0.1},
        "key-0123456789",
        True,
    )
    page = as_alice.get(PAGE).text
    assert ("key-0123456789" in page, "Ends in 6789" in page, "sexual/minors 0.1" in page) == (
        False,
        True,
        True,
    )


def test_edit_without_a_key_keeps_the_one_there_is_for_the_same_host_alone(as_alice):
    as_alice.post(PAGE, written())

    as_alice.post(PAGE, written(api_key="", seconds="9"))
    moved = as_alice.post(PAGE, written(api_key="", base_url="http://127.0.0.1:2/v1"))

    row = Classifier.objects.get()
    assert (row.seconds, row.api_key, row.base_url) == (9, "key-0123456789", "http://127.0.0.1:1/v1")
    assert (moved.status_code, "Enter the classifier&#x27;s key." in moved.text) == (422, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base_url": ""}, "Enter the address of its API."),
        ({"base_url": "http://169.254.169.254/v1"}, "address"),
        ({"thresholds": "violence"}, "“violence” is no threshold."),
        ({"thresholds": "violence 7"}, "“violence 7” is no threshold."),
        ({"thresholds": ""}, "Without a threshold nothing would ever be held."),
        ({"seconds": "0"}, "greater than or equal to 1"),
        ({"seconds": "31"}, "less than or equal to 30"),
        ({"otherwise": "2"}, "less than or equal to 1"),
        ({"api_key": ""}, "Enter the classifier"),
        ({"when_down": "sideways"}, "Select a valid choice"),
    ],
)
def test_edit_wrong_is_422_with_everything_but_the_key(as_alice, changes, said):
    answer = as_alice.post(PAGE, written(model="mine") | changes)

    assert (answer.status_code, said in answer.text, 'value="mine"' in answer.text) == (422, True, True)
    assert "key-0123456789" not in answer.text
    assert not Classifier.objects.exists()
