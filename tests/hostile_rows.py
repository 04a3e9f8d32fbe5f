"""Puts texts into every field that people write, through services and factories, and names the pages that show them."""

import io
import re
from datetime import timedelta
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Canvas

from studio.models import (
    AuditEntry,
    Case,
    CaseKind,
    Image,
    ImageModel,
    Invitation,
    Notice,
    NoticeKind,
    PublicReason,
    Relay,
    RelayRequest,
    Role,
    Rule,
    State,
    User,
)
from studio.services import audit, notices, sharing, team
from studio.services.moderation import appeals, cases, decisions, openings, reasons, reports, rules
from studio.services.moderation.decisions import Decision
from studio.services.people import invitations, suspensions
from studio.services.relays import edit
from tests.factories import make_comparison, make_generation, make_image, make_user
from tests.hostile_shelves import Shelves
from tests.hostile_text import Texts

MORE = re.compile(r'href="(?:[^"]*/)?\?([^"]*\b(?:after|before)=[^"]+)"')
"""A link to the next page of a list."""

PAGES = 20
"""How many pages of one list are looked at."""


class Scene:
    """A studio in which everything that people write holds one of the texts."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        names = texts(80)
        self.writer = make_user("Writer")
        self.mate = make_user("Mate")
        self.moderator = make_user("Moderator", role=Role.MODERATOR)
        self.administrator = make_user("Administrator", role=Role.ADMINISTRATOR)
        self.suspended = make_user("Suspended")
        people = [self.writer, self.mate, self.moderator, self.administrator, self.suspended]
        for person, name in zip(people, names, strict=False):
            person.name = name
            person.save()
        self.model = self._model()
        self._office()
        self.images = self._pictures()
        self._desk()
        self._rules()
        self._people(names[len(people) :])
        self._relays()
        kept = [self._picture(text) for text in self.texts(3900)[:3]]
        Image.objects.filter(pk__in=[row.pk for row in kept]).update(developed_at=timezone.now())
        self.shelves = Shelves(self.texts, self.writer, self.mate, kept)

    def _model(self) -> ImageModel:
        facts = {"dialect": "routeway", "base_url": "http://127.0.0.1:1/v1", "api_key": "key-0123456789"}
        relay = edit.add_relay(name=self.texts(60)[0], sandbox=False, **facts)
        return edit.add_model(
            relay=relay, model_id="m", label=self.texts(100)[0], accepts={"size": ["1024x1024"]}
        )

    def _office(self) -> None:
        """Announcements, the message of the day, why nothing is drawn: those that are over stand in the audit."""
        for text in self.texts(500):
            team.announce(administrator=self.administrator, text=text)
        team.announce(administrator=self.administrator, text=self.texts(500)[0])
        for text in self.texts(300):
            team.choose(administrator=self.administrator, message=text)
            team.stop_drawing(administrator=self.administrator, why=text)
            team.resume_drawing(administrator=self.administrator)
        team.choose(administrator=self.administrator, message=self.texts(300)[0])
        team.stop_drawing(administrator=self.administrator, why=self.texts(300)[1])

    def _pictures(self) -> list[Any]:
        images = [self._picture(text) for text in self.texts(4000)]
        first = self.texts(4000)[0]
        self.comparison = make_comparison(self.writer, [self.model, self.model], text=first)
        self.held = make_generation(self.writer, self.model, text=first, state=State.HELD)
        found = {"rule": self.texts(80)[0], "matches": [[0, 9], [12, 40]]}
        cases.open_for(kind=CaseKind.HELD, generation=self.held, **found)
        broken = make_generation(self.writer, self.model, text=first, state=State.FAILED)
        self.request = RelayRequest.objects.create(
            generation=broken, attempt=1, raw=self.texts(2000)[0], trace_id=self.texts(80)[0], status=500
        )
        return images

    def _picture(self, text: str) -> Any:
        settings = {"size": "1024x1024", "negative_prompt": text}
        run = make_generation(self.writer, self.model, text=text, settings=settings, state=State.DONE)
        paper = io.BytesIO()
        Canvas.new("RGB", (8, 8)).save(paper, "PNG")
        return make_image(
            self.writer, self.model, generation=run, content=paper.getvalue(), developed=False,
            revised_prompt=text,
        )  # fmt: skip

    def _desk(self) -> None:
        """Reports, decisions, appeals and openings."""
        words, notes = cycle(self.texts(500)), cycle(self.texts(1000))
        self.decided = []
        for number, image in enumerate(self.images):
            facts = {"generation": image.generation, "image": image, "person": self.mate}
            case = reports._write(**facts, reason="logo", note=next(notes)).case
            if number % 2:
                said = {"verdict": "hidden", "reason": "logo", "words": next(words), "note": next(notes)}
                said |= {"warn": True}
                decisions.decide(case=case, moderator=self.moderator, decision=Decision(**said))
                case.refresh_from_db()
                appeals.appeal(case=case, person=self.writer, text=next(notes))
                self.decided.append(case)
                # So long ago that none can be undone: how long one takes is no difference between pages.
                Case.objects.filter(pk=case.pk).update(decided_at=timezone.now() - timedelta(minutes=1))
        private = self.images[0]
        sharing.share_image(image=private, person=self.writer, shared=False)
        for text in self.texts(500)[:20]:
            openings.open_for_a_while(image=private, administrator=self.administrator, why=text)
        for text in self.texts(80)[:20]:
            reasons.add(words=text, moderator=self.moderator)
        rows = enumerate(self.texts(80)[20:])
        PublicReason.objects.bulk_create(PublicReason(code=f"own-{n}", words=text) for n, text in rows)

    def _rules(self) -> None:
        said, looked_for = cycle(self.texts(300)), cycle(self.texts(300))
        for number, text in enumerate(self.texts(80)):
            facts = {"name": text, "sentence": next(said), "words": next(looked_for), "act": "hold"}
            if number < 3:
                rule = rules.add(administrator=self.administrator, **facts)
                rules.edit(rule=rule, administrator=self.administrator, sentence=next(said))
            else:
                Rule.objects.create(**facts, position=number + 9, made_by=self.administrator)

    def _people(self, names: list[str]) -> None:
        """People with these names, some suspended, each with a line in the audit; and what they announced."""
        whys, told = cycle(self.texts(500)), cycle(self.texts(500))
        suspensions.suspend(person=self.suspended, actor=self.administrator, reason=next(whys))
        people = [
            User(email=f"guest-{n}@example.com", name=name, is_active=n % 3 > 0)
            for n, name in enumerate(names)
        ]
        for person in people:
            person.suspension_reason = "" if person.is_active else next(whys)
        User.objects.bulk_create(people)
        for person in people:
            audit.record(actor=person, action="person.renamed", subject=person.pk, reason=next(whys))
        Notice.objects.bulk_create(
            Notice(person=self.writer, kind=NoticeKind.ANNOUNCEMENT, by=person, values={"text": next(told)})
            for person in people
        )
        about = {"generation": self.images[0].generation, "image": self.images[0]}
        for person, note in zip(people, self.texts(1000), strict=False):
            reports._write(**about, person=person, reason="logo", note=note)
        notices.tell(person=self.writer, kind=NoticeKind.HELD, generation=self.held)
        row, self.token = invitations.make(administrator=self.administrator, role="member", days=7)
        self.invitation = Invitation.objects.get(pk=row.pk)

    def _relays(self) -> None:
        labels, whys = iter(self.texts(100)[1:]), cycle(self.texts(200))
        rows = [
            Relay(
                name=name,
                dialect="openai",
                base_url="https://relay.example/v1",
                position=number + 5,
                paused_at=timezone.now(),
                pause_reason="own_words",
                pause_values={"text": next(whys)},
            )
            for number, name in enumerate(self.texts(60)[1:])
        ]
        Relay.objects.bulk_create(rows)
        ImageModel.objects.bulk_create(
            ImageModel(relay=relay, model_id=label, label=label, accepts={}, max_n=1)
            for relay, label in zip(rows, labels, strict=False)
        )

    # Where they are shown

    def starts(self) -> dict[str, list[str]]:
        """Return the pages that show the texts, for the name of each who opens them."""
        to = reverse
        hidden = [to("appeals.detail", args=[case.pk]) for case in self.decided]
        pictures = [to("images.detail", args=[image.pk]) for image in self.images]
        runs = [to("generations.detail", args=[image.generation_id]) for image in self.images[:3]]
        desk = [to("moderation.detail", args=[case.pk]) for case in Case.objects.order_by("pk")]
        rule, relay = Rule.objects.order_by("position")[0], self.model.relay
        of = [
            to("people.detail", args=[person.pk])
            for person in (self.writer, self.administrator, self.suspended)
        ]
        guests = User.objects.filter(is_active=False, email__startswith="guest-").order_by("email")[:5]
        of += [to("people.detail", args=[person.pk]) for person in guests]
        one = [self.images[0].pk]
        kept = self.shelves.starts()
        return {
            "writer": [
                to("generations.index"),
                to("images.index"),
                *pictures,
                *runs,
                to("prompts.index"),
                f"{to('prompts.index')}?view=mine",
                to("comparisons.detail", args=[self.comparison.pk]),
                to("notices.index"),
                to("own.detail"),
                *hidden,
                *kept["writer"],
            ],
            "mate": [
                f"{to('images.index')}?view=team",
                to("reports.image", args=[self.images[2].pk]),
                to("prompts.index"),
                *kept["mate"],
            ],
            "moderator": [
                *(f"{to('moderation.index')}?tab={tab}" for tab in ("all", "held", "reports", "appeals")),
                *desk,
                to("reasons.index"),
                to("rules.index"),
                to("rules.detail", args=[rule.pk]),
            ],
            "administrator": [
                to("administration.index"),
                to("administration.settings"),
                to("people.index"),
                f"{to('people.index')}?state=suspended",
                *of,
                to("leaving.detail", args=[self.writer.pk]),
                to("invitations.index"),
                to("audit.index"),
                to("relays.index"),
                to("relays.detail", args=[relay.pk]),
                to("relays.model", args=[self.model.pk]),
                to("relays.answer", args=[self.request.pk]),
                to("openings.detail", args=one),
                to("rules.edit", args=[rule.pk]),
                *self._django_admin(),
            ],
            "suspended": [to("generations.index")],
            "anonymous": [to("invitations.join", args=[self.token]), *kept["anonymous"]],
        }

    def _django_admin(self) -> list[str]:
        """Return the lists of Django's admin, and a row of each."""
        rows = [
            self.writer,
            self.model,
            self.model.relay,
            self.images[0].generation,
            AuditEntry.objects.first(),
        ]
        names = [(f"admin:studio_{row._meta.model_name}", row) for row in rows if row]
        lists = [reverse(f"{name}_changelist") for name, _ in names]
        return lists + [reverse(f"{name}_change", args=[row.pk]) for name, row in names]

    def browser(self, who: str) -> Client:
        """Return a browser in which this actor is signed in."""
        client = Client()
        if who != "anonymous":
            client.force_login(getattr(self, who))
        return client


def with_next_pages(client: Client, start: str) -> dict[str, Any]:
    """Return the answers of a page and of those that its list goes on with."""
    found: dict[str, Any] = {}
    url = start
    while url and url not in found and len(found) < PAGES:
        found[url] = client.get(url)
        links = MORE.findall(found[url].text)
        url = f"{urlsplit(start).path}?{links[-1].replace('&amp;', '&')}" if links else ""
    return found
