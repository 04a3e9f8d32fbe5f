"""A shared token acts for whoever its gateway names, refuses everything else, and makes nobody."""

import time

import jwt
import pytest

from studio.errors import StudioError
from studio.models import AuditEntry, Generation, Token, User
from studio.models.tokens import Gateway
from studio.services import calls, tokens
from studio.services.gateways import Named
from studio.services.orders import Order

pytestmark = pytest.mark.django_db

KEY = "a-key-of-open-webui-that-is-long-enough"
SIGNED = "X-OpenWebUI-User-Jwt"


def signed(email: str, *, key: str = KEY, seconds: int = 300, **claims) -> dict[str, str]:
    now = int(time.time())
    facts = {"sub": "1", "email": email, "iss": "open-webui", "iat": now, "exp": now + seconds} | claims
    return {
        SIGNED: jwt.encode({name: value for name, value in facts.items() if value}, key, algorithm="HS256")
    }


@pytest.fixture
def webui(alice) -> str:
    return tokens.make(person=alice, name="Open WebUI", named=Named(Gateway.OPEN_WEBUI, key=KEY))[1]


@pytest.fixture
def litellm(alice) -> str:
    return tokens.make(person=alice, name="LiteLLM", named=Named(Gateway.HEADER, header="X-User-Email"))[1]


def test_find_is_the_person_whom_open_webui_signs_for(webui, bob):
    found = tokens.find(secret=webui, headers=signed("BOB@example.com"))

    assert found
    assert found.person == bob


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNED: "nonsense"},
        signed("bob@example.com", key="another-key-that-is-also-long-enough"),
        signed("bob@example.com", seconds=-1),
        signed("bob@example.com", seconds=3600),
        signed("bob@example.com", iss="somebody"),
        signed("bob@example.com", exp=None),
        signed("nobody@example.com"),
        signed("sid@example.com"),
        {SIGNED: jwt.encode({"email": "bob@example.com", "iss": "open-webui"}, None, algorithm="none")},
        {"X-OpenWebUI-User-Email": "bob@example.com"},
    ],
)
def test_find_refuses_what_is_not_signed_for_somebody_here(webui, bob, sid, refusals, headers):
    count = User.objects.count()

    assert tokens.find(secret=webui, headers=headers) is None
    assert [line["event"] for line in refusals] == ["security.gateway_refused"]
    assert User.objects.count() == count


def test_find_by_a_header_is_the_person_it_names_and_nobody_without_it(litellm, bob):
    found = tokens.find(secret=litellm, headers={"X-User-Email": "bob@example.com"})

    assert found
    assert found.person == bob
    assert tokens.find(secret=litellm, headers={}) is None
    assert tokens.find(secret=litellm, headers={"X-User-Email": "bob@example.com,alice@example.com"}) is None


def test_find_by_ones_own_token_takes_no_word_of_a_header(bob, charlie):
    _, secret = tokens.make(person=bob, name="Scripts")

    found = tokens.find(
        secret=secret, headers=signed("charlie@example.com") | {"X-User-Email": charlie.email}
    )

    assert found
    assert found.person == bob


def test_find_refuses_once_its_maker_is_no_administrator(webui, alice, bob):
    User.objects.filter(pk=alice.pk).update(role="member")

    assert tokens.find(secret=webui, headers=signed(bob.email)) is None


def test_make_lets_only_administrators_speak_for_others_and_keeps_the_key_encrypted(bob, webui):
    with pytest.raises(StudioError):
        tokens.make(person=bob, name="Mine", named=Named(Gateway.OPEN_WEBUI, key=KEY))

    assert KEY not in Token.objects.get(name="Open WebUI").gateway_sealed


def test_ask_with_one_key_is_a_generation_of_each_persons_own(webui, bob, charlie, model):
    order = Order(model=model, text="A lake", n=1, shared=True)
    for person in (bob, charlie, bob):
        token = tokens.find(secret=webui, headers=signed(person.email))
        assert token
        calls.ask(token=token, body=b"same", order=order, key="same")

    owners = [row.owner for row in Generation.objects.order_by("pk")]
    assert owners == [bob, charlie]
    submitted = AuditEntry.objects.filter(action="generation.submitted").order_by("seq")
    assert [entry.actor for entry in submitted] == [bob, charlie]
