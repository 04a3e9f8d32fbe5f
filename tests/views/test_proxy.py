"""Whose failed sign-ins are counted together, with and without proxies in front (SAFETY §5, T16)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

ROOT = Path(__file__).resolve().parents[2]
PER_MINUTE = 10
PROXY = "10.0.0.7"


pytestmark = pytest.mark.django_db


def _locked(*, forwarded: str | None, name: str) -> bool:
    """Sign in with a wrong password as the proxy passes it on, and tell whether that is one try too many."""
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    fields = {"login": f"{name}@example.com", "password": "wrong"}
    response = Client(REMOTE_ADDR=PROXY).post(reverse("account_login"), fields, **extra)
    return response.status_code == 429


def _fail_often(forwarded: str) -> list[bool]:
    """`{}` in the header becomes another address each time."""
    return [
        _locked(forwarded=forwarded.format(f"198.51.100.{number}"), name=f"n{number}")
        for number in range(PER_MINUTE + 1)
    ]


@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [
        (0, "{}"),
        (0, "{}, 203.0.113.9"),
        (1, "{}, 203.0.113.9"),
        (1, "{0}, {0}, 203.0.113.9"),
        (2, "{}, 203.0.113.9, 10.0.0.8"),
    ],
)
def test_t16_spoofed_forwarded_for_does_not_change_the_bucket(settings, proxies: int, forwarded: str):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    *counted, last = _fail_often(forwarded)

    assert (counted, last) == ([False] * PER_MINUTE, True)


@pytest.mark.parametrize(("proxies", "other"), [(0, True), (1, False)])
def test_t16_behind_a_proxy_each_visitor_has_a_bucket_of_their_own(settings, proxies: int, other: bool):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    _fail_often("203.0.113.9")

    assert _locked(forwarded="203.0.113.10", name="other") == other


def test_t16_proxy_that_names_nobody_counts_as_one_visitor(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    answers = [_locked(forwarded=None, name=f"n{number}") for number in range(PER_MINUTE + 1)]

    assert answers == [False] * PER_MINUTE + [True]


@pytest.mark.parametrize(
    ("environment", "count"),
    [
        ({}, 0),
        ({"PROXY_COUNT": "2"}, 0),
        ({"BEHIND_PROXY": "yes"}, 1),
        ({"BEHIND_PROXY": "yes", "PROXY_COUNT": "2"}, 2),
    ],
    ids=["none", "count alone", "one proxy", "two proxies"],
)
def test_settings_trust_as_many_proxies_as_they_are_told(environment: dict[str, str], count: int):
    code = "import json; from config import settings as s; print(json.dumps(s.ALLAUTH_TRUSTED_PROXY_COUNT))"

    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | environment, capture_output=True, check=True
    )

    assert json.loads(said.stdout) == count
