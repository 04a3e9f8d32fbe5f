"""Text that has broken programs, in every field, on every page: no element and no attribute comes out of it (T19)."""

import csv
import io
from collections import defaultdict
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from studio.media import names
from studio.models import Notice, Report, State
from studio.models.ids import uuid7
from studio.services import digests, letters
from studio.services.moderation import reports
from studio.spreadsheets import FORMULA
from tests.factories import make_generation
from tests.hostile_rows import Scene, with_next_pages
from tests.hostile_text import T19, TEXTS, Texts, bundles, harmless
from tests.routes import HTMX, body_of, undone

pytestmark = pytest.mark.django_db
LEADS = {"href", "src", "action", "formaction", "srcset", "poster", "data"}
SHOWN = {"names": 80, "prompts": 4000, "notes": 1000, "relays": 60, "announcements": 500, "models": 100}
SHOWN |= {"searches": 60, "reasons of versions": 200, "titles": 120}
MAIL_HEADERS = {"subject", "from", "to", "date", "message-id"}
MAIL_HEADERS |= {"content-type", "content-transfer-encoding", "mime-version"}
FEW = 60
"""Texts without harm, enough for a second page of each list."""


class Skeleton(HTMLParser):
    """Collects which elements and attributes pages have, where they lead to, and what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: set[str] = set()
        self.leads: set[str] = set()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts |= {tag} | {f"{tag} {name}" for name, _ in attrs}
        self.leads |= {value for name, value in attrs if value and (name in LEADS or is_hx(name))}

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_comment(self, data: str) -> None:
        self.parts.add("comment")

    def unknown_decl(self, data: str) -> None:
        self.parts.add("declaration")


def is_hx(name: str) -> bool:
    return name in {"hx-get", "hx-post", "hx-delete", "hx-put", "hx-patch"}


def leads_away(address: str) -> bool:
    """Tell whether an address is anything but one of the studio's own."""
    return not address.startswith(("/", "?", "#", "data:image/")) or address.startswith(("//", "/\\"))


def is_printable(line: str) -> bool:
    return line.isascii() and line.isprintable()


def few(length: int) -> list[str]:
    return harmless(length)[:FEW]


def pages_of(texts: Texts) -> dict[str, Skeleton]:
    """Return, for each address, what its pages are made of where everything that people write is one of the texts."""
    found: dict[str, Skeleton] = defaultdict(Skeleton)
    with undone():
        scene = Scene(texts)
        for who, starts in scene.starts().items():
            browser = scene.browser(who)
            for answer in (each for start in starts for each in with_next_pages(browser, start).values()):
                where = f"{who}: {answer.resolver_match.view_name}"
                assert answer.status_code == (403 if who == "suspended" else 200), where
                assert all(is_printable(line) for line in answer.headers.values()), where
                found[where].feed(answer.text)
    return found


def test_t19_text_on_a_page_makes_no_element_and_no_attribute():
    plain, hostile = pages_of(few), pages_of(bundles)

    assert plain.keys() == hostile.keys()
    for where, page in hostile.items():
        assert page.parts <= plain[where].parts, (where, page.parts - plain[where].parts)
        assert not {lead for lead in page.leads if leads_away(lead)}, where
    said = flat("".join(text for page in hostile.values() for text in page.said))
    lost = [
        (name, text) for name, length in SHOWN.items() for text in bundles(length) if flat(text) not in said
    ]
    assert lost == []


def flat(text: str) -> str:
    return " ".join(text.split())


def test_t19_text_in_exports_and_headers_is_no_formula_and_no_line():
    with undone():
        scene = Scene(lambda length: bundles(length)[:20])
        administrator, writer = scene.browser("administrator"), scene.browser("writer")

        sheet = administrator.get(reverse("audit.export"), {"format": "csv"})
        text = body_of(sheet).decode()
        names_of_rows = ("images.receipt", "media.original")
        urls = [reverse(name, args=[row.pk]) for row in scene.images for name in names_of_rows]
        answers = [writer.get(url, {"download": 1}) for url in urls]
        assert all(body_of(answer) for answer in answers)

    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len(cells) > 500
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []
    assert all(is_printable(line) for answer in [sheet, *answers] for line in answer.headers.values())


def test_t19_text_in_a_mail_is_one_subject_and_plain_words(settings):
    settings.HAS_MAIL = True
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    with undone():
        Scene(lambda length: bundles(length)[:20])
        Notice.objects.update(created_at=timezone.now() - timedelta(hours=4))

        digests.send()
        letters.deliver()

    assert len(mail.outbox) > 1
    for letter in mail.outbox:
        message = letter.message()
        headers = {name.lower() for name in message}
        assert headers <= MAIL_HEADERS, headers - MAIL_HEADERS
        assert message.get_content_type() == "text/plain"
        assert "\n" not in letter.subject
        assert not any(ord(sign) < 32 and sign != "\n" for sign in letter.body)


def test_t19_text_as_the_name_of_a_file_is_one_printable_header():
    lines = [str(content_disposition_header(True, names.download(text, uuid7(), "json"))) for text in TEXTS]

    assert [line for line in lines if not is_printable(line)] == []


def test_t19_text_in_an_address_comes_back_as_one_printable_header(as_alice, bob, charlie, model):
    for text in T19[::2]:
        run = make_generation(bob, model, state=State.DONE)
        case = reports.report(generation=run, image=None, person=charlie, reason="logo").case
        url = reverse("decisions.create", args=[case.pk], query={"q": text[:200], "tab": "all"})

        answer = as_alice.post(url, {"verdict": "kept", "version": case.version}, headers=HTMX)

        assert "HX-Push-Url" in answer
        assert all(is_printable(line) for line in answer.headers.values())
        Report.objects.all().delete()
