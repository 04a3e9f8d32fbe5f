"""Who gets the bytes of a picture, and under which headers (SAFETY §4, T10, T11, T13, T22)."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture

from studio.cards.images import original_url
from studio.models import Image
from studio.models.ids import uuid7
from studio.signing import thumbnail_url
from tests.factories import make_image
from tests.media import naughty

BYTES = b"\x89PNG\r\n\x1a\n the very bytes"


@pytest.fixture
def image(bob, model) -> Image:
    row = make_image(bob, model, content=BYTES)
    default_storage.save(row.thumbnail_key(512), ContentFile(b"small"))
    return row


@pytest.fixture
def private(bob, model) -> Image:
    return make_image(bob, model, content=BYTES, shared=False)


def original(image) -> str:
    return reverse("media.original", args=[image.pk])


def look_at(content: bytes) -> Picture.Image:
    return Picture.open(BytesIO(content))


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_original_visible_sends_the_stored_bytes_under_guarded_headers(as_charlie, image):
    response = as_charlie.get(original(image))

    assert body_of(response) == BYTES
    headers = dict(response.headers)
    assert {name: headers[name] for name in headers if name not in {"X-Request-Id", "Vary"}} == {
        "Content-Type": "image/png",
        "Content-Length": str(len(BYTES)),
        "Content-Disposition": f'inline; filename="{image.pk}.png"',
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-site",
        "Cross-Origin-Opener-Policy": "same-origin",
        "ETag": f'"{image.sha256}"',
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def test_original_download_is_an_attachment(as_bob, image):
    response = as_bob.get(original(image), {"download": "1"})

    name = f"A mountain lake at dawn {image.pk.hex[-6:]}.png"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert body_of(response) == BYTES


def test_original_with_its_prompt_has_it_inside_and_not_a_pixel_changed(as_charlie, bob, model):
    file = BytesIO()
    Picture.new("RGB", (8, 6), "teal").save(file, "PNG")
    image = make_image(bob, model, content=file.getvalue(), text="A müde lake")

    response = as_charlie.get(original(image), {"download": "prompt"})

    found = look_at(body_of(response))
    assert found.info["Description"] == "A müde lake"
    assert found.tobytes() == look_at(file.getvalue()).tobytes()
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("asked", "is_taken"), [({}, False), ({"download": "1"}, True), ({"download": "prompt"}, True)]
)
def test_original_that_is_taken_along_is_remembered(as_charlie, image, asked, is_taken):
    body_of(as_charlie.get(original(image), asked))

    assert (Image.objects.get(pk=image.pk).downloaded_at is not None) == is_taken


def test_original_that_is_only_asked_about_is_not_taken_along(as_charlie, image):
    as_charlie.head(original(image), {"download": "prompt"})

    assert Image.objects.get(pk=image.pk).downloaded_at is None


@pytest.mark.parametrize("way", ["1", "prompt"])
def test_download_of_a_private_picture_is_404_and_not_remembered(as_charlie, private, way):
    assert as_charlie.get(original(private), {"download": way}).content == b"Not found."
    assert Image.objects.get(pk=private.pk).downloaded_at is None


def test_original_with_its_etag_is_304(as_bob, image):
    response = as_bob.get(original(image), headers={"If-None-Match": f'"{image.sha256}"'})

    assert (response.status_code, response.content) == (304, b"")
    assert response["Cache-Control"] == "private, no-cache"


def test_original_under_its_edition_may_be_kept_for_a_year(as_bob, image):
    assert original_url(image) == f"/media/{image.pk}/?v={image.sha256[:12]}"

    response = as_bob.get(original_url(image))

    assert (body_of(response), response["Cache-Control"]) == (BYTES, "private, max-age=31536000, immutable")


def test_fault_47_original_kept_again_has_a_new_address_and_the_old_one_is_asked_again(as_bob, image):
    before = original_url(image)
    Image.objects.filter(pk=image.pk).update(sha256="e" * 64)

    assert original_url(Image.objects.get(pk=image.pk)) != before
    response = as_bob.get(before)
    assert (body_of(response), response["Cache-Control"]) == (BYTES, "private, no-cache")


def test_t10_original_anonymous_is_404_like_what_never_was(client, image):
    found = client.get(original(image))
    never = client.get(reverse("media.original", args=[uuid7()]))

    assert (found.status_code, found.content) == (404, b"Not found.")
    assert (never.status_code, never.content) == (404, b"Not found.")


def test_t11_original_private_of_another_is_404_like_what_never_was(as_charlie, private):
    hidden = as_charlie.get(original(private))
    never = as_charlie.get(reverse("media.original", args=[uuid7()]))

    assert (hidden.status_code, hidden.content) == (never.status_code, never.content) == (404, b"Not found.")
    names = set(hidden.headers) | set(never.headers)
    assert {name for name in names if hidden.get(name) != never.get(name)} == {"X-Request-Id"}


def test_t13_original_suspended_is_404(bob, image):
    client = Client()
    client.force_login(bob)
    bob.is_active = False
    bob.save()

    assert client.get(original(image)).status_code == 404


def test_original_private_for_moderator_is_404(mona, private):
    client = Client()
    client.force_login(mona)

    assert client.get(original(private)).status_code == 404


def test_original_in_the_trash_is_for_its_owner_only(as_bob, as_charlie, image):
    Image.objects.filter(pk=image.pk).update(trashed_at=timezone.now())

    assert body_of(as_bob.get(original(image))) == BYTES
    assert as_charlie.get(original(image)).status_code == 404


def test_original_unusable_is_for_administrators_only(as_bob, as_alice, image):
    Image.objects.filter(pk=image.pk).update(unusable=True)

    assert as_bob.get(original(image)).status_code == 404
    assert body_of(as_alice.get(original(image))) == BYTES


def test_original_missing_file_is_404_and_logged(as_bob, image, caplog):
    default_storage.delete(image.key)

    response = as_bob.get(original(image))

    assert (response.status_code, response.content) == (404, b"Not found.")
    assert f"storage.missing image={image.pk}" in caplog.messages


def test_original_post_is_405(as_bob, image):
    assert as_bob.post(original(image)).status_code == 405


def test_thumbnail_signed_sends_webp_for_an_hour(as_bob, bob, image):
    response = as_bob.get(thumbnail_url(image, 512, bob.pk))

    assert (body_of(response), response["Content-Type"]) == (b"small", "image/webp")
    assert response["Cache-Control"] == "private, max-age=3600, immutable"
    assert response["ETag"] == f'"{image.print_number}-512"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_thumbnail_large_is_made_when_it_is_asked_for(as_bob, bob, model):
    row = make_image(bob, model, content=naughty.png(1200, 600), width=1200, height=600)

    response = as_bob.get(thumbnail_url(row, 960, bob.pk))

    assert look_at(body_of(response)).size == (960, 480)
    assert response["Cache-Control"] == "private, max-age=3600, immutable"


def test_thumbnail_that_cannot_be_made_now_is_a_smaller_one_for_this_moment(as_bob, bob, image):
    response = as_bob.get(thumbnail_url(image, 960, bob.pk))

    assert (body_of(response), response["Cache-Control"]) == (b"small", "private, no-store")


def test_thumbnail_that_is_lost_is_made_again(as_bob, bob, model):
    image = make_image(bob, model, content=naughty.png(600, 300), width=600, height=300)
    default_storage.delete(image.thumbnail_key(512))

    response = as_bob.get(thumbnail_url(image, 512, bob.pk))

    assert look_at(body_of(response)).format == "WEBP"
    assert default_storage.exists(image.thumbnail_key(512))


@pytest.mark.parametrize("is_known", [False, True])
def test_thumbnail_that_is_lost_with_its_original_is_404(as_bob, bob, image, caplog, is_known: bool):
    for key in (image.thumbnail_key(512), image.key):
        default_storage.delete(key)
    Image.objects.filter(pk=image.pk).update(missing_since=timezone.now() if is_known else None)

    assert as_bob.get(thumbnail_url(image, 512, bob.pk)).status_code == 404
    assert ("thumbnail.not_made" in caplog.text) != is_known


def test_thumbnail_developed_again_has_a_new_address(as_bob, bob, image):
    before = thumbnail_url(image, 512, bob.pk)
    Image.objects.filter(pk=image.pk).update(developed_at=timezone.now())

    assert as_bob.get(before).status_code == 404
    assert body_of(as_bob.get(thumbnail_url(Image.objects.get(pk=image.pk), 512, bob.pk))) == b"small"


def test_thumbnail_signed_for_another_person_is_404(as_charlie, bob, image):
    assert as_charlie.get(thumbnail_url(image, 512, bob.pk)).status_code == 404


def test_thumbnail_signed_but_no_longer_visible_is_404(as_charlie, charlie, image):
    url = thumbnail_url(image, 512, charlie.pk)
    Image.objects.filter(pk=image.pk).update(shared=False)

    assert as_charlie.get(url).status_code == 404


@pytest.mark.parametrize("side", [0, 320, 4096])
def test_thumbnail_of_another_side_is_404(as_bob, bob, image, side):
    assert as_bob.get(thumbnail_url(image, side, bob.pk)).status_code == 404


def test_thumbnail_anonymous_is_404(client, bob, image):
    response = client.get(thumbnail_url(image, 512, bob.pk))

    assert (response.status_code, response.content) == (404, b"Not found.")


def test_t22_original_on_s3_redirects_after_the_check_for_a_minute(s3, as_bob, as_charlie, bob, model):
    image = make_image(bob, model, content=None, shared=False)

    response = as_bob.get(original(image), {"download": "1"})

    assert response.status_code == 302
    assert response["Cache-Control"] == "private, max-age=50"
    assert "X-Amz-Expires=60" in response["Location"]
    assert image.key in response["Location"]
    assert as_charlie.get(original(image)).status_code == 404


@pytest.fixture
def s3(settings):
    """S3 storage; nothing listens there, and nothing has to: signing a link needs no server."""
    options = {
        "bucket_name": "pictures",
        "access_key": "someone",
        "secret_key": "something",
        "endpoint_url": "http://127.0.0.1:1",
        "region_name": "us-east-1",
    }
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "studio.storages_s3.S3Storage", "OPTIONS": options}
    }
