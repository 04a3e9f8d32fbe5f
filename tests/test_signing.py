"""Addresses of thumbnails: bound to one image, side and person, and to the hour."""

import re
from dataclasses import dataclass
from uuid import UUID

import pytest

from studio import signing


@dataclass(frozen=True)
class Row:
    pk: UUID
    print_number: int


IMAGE, OTHER, ANEW = Row(UUID(int=1), 7), Row(UUID(int=2), 7), Row(UUID(int=1), 8)
BOB, CHARLIE = UUID(int=11), UUID(int=12)
NOON = 1_800_000_000 - 1_800_000_000 % 3600


@pytest.fixture
def at(monkeypatch):
    """Set the clock to some seconds after noon."""
    return lambda seconds: monkeypatch.setattr(signing.time, "time", lambda: NOON + seconds)


def signature_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def test_thumbnail_url_is_short_and_names_image_and_side():
    url = signing.thumbnail_url(IMAGE, 512, BOB)

    assert re.fullmatch(rf"/media/{IMAGE.pk}/512/[\w-]{{22}}/", url)


def test_thumbnail_url_within_the_hour_stays_the_same(at):
    at(0)
    first = signing.thumbnail_url(IMAGE, 512, BOB)

    at(3599)

    assert signing.thumbnail_url(IMAGE, 512, BOB) == first


@pytest.mark.parametrize(("later", "good"), [(0, True), (3600, True), (7199, True), (7200, False)])
def test_is_signed_until_the_end_of_the_next_hour(at, later, good):
    at(0)
    signature = signature_of(signing.thumbnail_url(IMAGE, 512, BOB))

    at(later)

    assert signing.is_signed(signature, IMAGE, 512, BOB) is good


@pytest.mark.parametrize(
    ("image", "side", "person"),
    [(OTHER, 512, BOB), (ANEW, 512, BOB), (IMAGE, 960, BOB), (IMAGE, 512, CHARLIE)],
)
def test_is_signed_for_anything_else_is_false(image, side, person):
    signature = signature_of(signing.thumbnail_url(IMAGE, 512, BOB))

    assert signing.is_signed(signature, image, side, person) is False


@pytest.mark.parametrize("forged", ["", "x", "é" * 22])
def test_is_signed_forged_is_false(forged):
    assert signing.is_signed(forged, IMAGE, 512, BOB) is False
