"""The law of addresses: each route of the project declares who may open it, and turns everyone else away.

RULES below has one line for every route; a route without a line fails, and so does a line without a route. To add a
route, add its line:

    "albums.detail": page(Who.TEAM, album),       # read only; the row is made by album(cast, shared), below
    "albums.cover": act(Who.OWNER, album),        # changes something: POST alone, 303, and 200 for htmx
    "people.index": page(Who.ADMINISTRATORS),     # others get 403; for moderators as well: Who.MODERATORS
    "people.invite": form(Who.ADMINISTRATORS, invalid="422"),  # a page and its POST, sent empty here
    "relays.answer": watched(Who.ADMINISTRATORS, relay_request), # a page whose every opening is in the audit

The name is that of `reverse()`; a route without a name is known by its pattern. `Who` says who may open it. The maker
under KINDS makes the owner's row, once private and once shared. `sends` is the body of the POST, `at` the arguments of
the address where they are not just the row's key, `instead` what one actor gets that the rule cannot say.

Then every actor asks with every method, as a browser and by htmx, and the whole answer is compared: the status, where
it leads, the line in the security log, and whether a row has changed. So a GET that changes something fails, and so
does an act that changes nothing. A view asks in this order: session, role, method, row; so the decorator that asks for
a role stands above `@require_POST`. A row is fetched by `studio.views.fetch.fetch_or_404`, which writes the log.

Static files are no route: WhiteNoise answers them before any of this, to everybody.
"""

import re
from datetime import UTC, date
from itertools import product
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import (
    AuditEntry,
    Bill,
    Budget,
    Case,
    CaseKind,
    Collection,
    Comment,
    Comparison,
    Delivery,
    Download,
    Generation,
    Image,
    ImageModel,
    Import,
    ImportState,
    Invitation,
    KeptLink,
    LedgerEntry,
    Notice,
    NoticeKind,
    OutsideLink,
    Plea,
    Prompt,
    Relay,
    RelayRequest,
    SavedPrompt,
    SavedSearch,
    Selection,
    State,
    Token,
    User,
    Webhook,
)
from studio.models.ids import uuid7
from studio.models.reservations import Account
from studio.models.units import Unit
from studio.search.asked import Asked
from studio.services import (
    accounts,
    audit,
    budgets,
    collections,
    comments,
    downloads,
    grids,
    library,
    notices,
    outside,
    pleas,
    searches,
    selections,
    sharing,
    tokens,
)
from studio.services.grids import GridOrder
from studio.services.imports import asking
from studio.services.moderation import cases, decisions
from studio.services.moderation.decisions import Decision
from studio.services.people import invitations, passwords
from studio.services.relays import bills
from studio.services.webhooks.sealing import seal
from studio.signing import VISIT, lasting, signed, thumbnail_url
from tests.factories import (
    make_budget,
    make_comparison,
    make_generation,
    make_image,
    make_preset,
    make_user,
)
from tests.passkeys import make_passkey
from tests.routes import (
    HTMX,
    METHODS,
    NOBODY,
    NOT_YOURS,
    PEOPLE,
    SIGN_IN,
    Actor,
    Cast,
    Kind,
    Question,
    Rows,
    Rule,
    Who,
    act,
    address_of,
    admin,
    admin_of,
    body_of,
    both,
    browser_of,
    form,
    page,
    route_names,
    rows_of_the_studio,
    told,
    undone,
    watched,
    writes,
)
from tests.services.screening.test_gate import make_rule

# KINDS: each makes one row of the owner; a private one was shared before, so the law holds for what is taken back


def taken_back(row: Generation) -> Generation:
    sharing.share_generation(generation=row, person=row.owner, shared=False)
    row.refresh_from_db()
    return row


def generation(cast: Cast, shared: bool) -> Generation:
    row = make_generation(cast.owner, cast.model, state=State.DONE)
    return row if shared else taken_back(row)


def queued(cast: Cast, shared: bool) -> Generation:
    return make_generation(cast.owner, cast.model, shared=shared)


def sent(cast: Cast, shared: bool) -> Generation:
    return make_generation(cast.owner, cast.model, shared=shared, state=State.SENT)


def failed(cast: Cast, shared: bool) -> Generation:
    return make_generation(cast.owner, cast.model, shared=shared, state=State.FAILED)


def asked(cast: Cast, shared: bool) -> Prompt:
    row = make_generation(cast.owner, cast.model, text=f"Asked for, shared: {shared}")
    return row.prompt if shared else taken_back(row).prompt


def saved_prompt(cast: Cast, shared: bool) -> SavedPrompt:
    return library.save(person=cast.owner, title="Lake", text="A lake", shared=shared)


def first_version(row: SavedPrompt, person: User | None) -> list[Any]:
    return [row.pk, 1]


def about(cast: Cast) -> dict[str, Any]:
    return {"title": "Sea"}


CANCELS = both("200", "303 changed")


def first(cast: Cast) -> dict[str, Any]:
    return {"to": "first"}


def few(cast: Cast) -> dict[str, Any]:
    return {"images": "3"}


def next_version(cast: Cast) -> dict[str, Any]:
    return {"text": "A sea", "seen": "1"}


def with_itself(row: Prompt, person: User | None) -> str:
    return reverse("prompts.difference", query={"one": row.pk, "other": row.pk})


def image(cast: Cast, shared: bool) -> Image:
    row = make_image(cast.owner, cast.model)
    default_storage.save(row.thumbnail_key(512), ContentFile(b"small"))
    if not shared:
        sharing.share_image(image=row, person=cast.owner, shared=False)
    return row


def set_aside(cast: Cast, shared: bool) -> Image:
    return make_image(cast.owner, cast.model, unusable=True)


def comparison(cast: Cast, shared: bool) -> Comparison:
    row = make_comparison(cast.owner, [cast.model, cast.model])
    make_image(cast.owner, cast.model, generation=row.generations.first())
    for each in [] if shared else row.generations.all():
        taken_back(each)
    return row


def relay(cast: Cast, shared: bool) -> Relay:
    fields = {"dialect": "openai", "base_url": "https://relay.example/v1", "position": 9}
    return Relay.objects.get_or_create(name="Last", defaults=fields)[0]


def paused(cast: Cast, shared: bool) -> Relay:
    Relay.objects.filter(pk=relay(cast, shared).pk).update(paused_at=timezone.now())
    return relay(cast, shared)


def sandbox_relay(cast: Cast, shared: bool) -> Relay:
    return cast.model.relay


def relay_request(cast: Cast, shared: bool) -> RelayRequest:
    return RelayRequest.objects.create(generation=failed(cast, shared), attempt=1)


def bill(cast: Cast, shared: bool) -> Bill:
    text = "time,model\n2026-03-05,flux"
    administrator = cast.people[Actor.ADMINISTRATOR]
    return bills.take_in(
        relay=relay(cast, shared), administrator=administrator, text=text, zone=UTC, unit="USD"
    )


def bill_of_lost(cast: Cast, shared: bool) -> Bill:
    row = make_generation(cast.owner, cast.model, state=State.UNKNOWN)
    request = RelayRequest.objects.create(generation=row, model=cast.model, attempt=1, outcome="unknown")
    text = f"time,model\n{request.sent_at.isoformat()},{cast.model.model_id}"
    administrator = cast.people[Actor.ADMINISTRATOR]
    return bills.take_in(relay=cast.model.relay, administrator=administrator, text=text, zone=UTC, unit="USD")


def audit_entry(cast: Cast, shared: bool) -> AuditEntry:
    generation(cast, shared)
    audit.record(actor=cast.owner, action="person.edited", subject=cast.owner.pk)
    return AuditEntry.objects.latest("seq")


def ledger_entry(cast: Cast, shared: bool) -> LedgerEntry:
    facts = {"reservation": uuid7(), "generation": uuid7(), "person": cast.owner.pk, "amount": 1}
    facts |= {
        "month": date(2026, 1, 1),
        "unit": Unit.IMAGES,
        "source": Account.FREE,
        "target": Account.RESERVED,
    }
    return LedgerEntry.objects.create(**facts)


def kept_link(cast: Cast, shared: bool) -> KeptLink:
    link = KeptLink(generation=failed(cast, shared), index=0, model=cast.model, host="10.0.0.1")
    link.url = "https://10.0.0.1/1.png"
    link.save()
    return link


def with_passkey(cast: Cast, shared: bool) -> User:
    make_passkey(cast.owner)
    return cast.owner


def collection(cast: Cast, shared: bool) -> Collection:
    audience = "sees" if shared else "private"
    return collections.create(person=cast.owner, name="Spring", audience=audience)


def collected(cast: Cast, shared: bool) -> Collection:
    """A collection with all shared pictures of the owner: two."""
    row, theirs = collection(cast, shared), Image.objects.owned_by(cast.owner)
    pictures = list(theirs) or [image(cast, True), image(cast, True)]
    collections.add(person=cast.owner, collection=row, images=[each.pk for each in pictures])
    return row


def the_picture(cast: Cast) -> dict[str, Any]:
    return {"image": Image.objects.owned_by(cast.owner).order_by("pk")[0].pk}


def comment(cast: Cast, shared: bool) -> Comment:
    return comments.write(person=cast.owner, image=image(cast, shared), text="More sky, please.")


def new_collection(cast: Cast) -> dict[str, Any]:
    return {"name": "Autumn"}


def a_tag(cast: Cast) -> dict[str, Any]:
    return {"names": "poster"}


def stars(cast: Cast) -> dict[str, Any]:
    return {"stars": "4"}


def said(cast: Cast) -> dict[str, Any]:
    return {"text": "More sky, please."}


def shown(cast: Cast) -> dict[str, Any]:
    return {"alt": "A lake under a red sun"}


def passkey(cast: Cast, shared: bool) -> Authenticator:
    return make_passkey(cast.owner)


def image_model(cast: Cast, shared: bool) -> ImageModel:
    return cast.model


def notice(cast: Cast, shared: bool) -> Notice:
    for each in cast.people.values():
        notices.tell(person=each, kind=NoticeKind.HELD)
    return Notice.objects.visible_to(cast.owner).newest_first()[0]


def screening_rule(cast: Cast, shared: bool) -> Any:
    make_rule(cast.people[Actor.ADMINISTRATOR], on=False)
    return make_rule(cast.people[Actor.ADMINISTRATOR], on=False)


def grid(cast: Cast, shared: bool) -> Any:
    order = GridOrder(models=[cast.model], text="A lake, {light: dawn|dusk}", shared=shared)
    return grids.start(person=cast.owner, submission_id=uuid4(), wish=order)


def two_lights(cast: Cast) -> dict[str, Any]:
    data = {"submission_id": str(uuid4()), "prompt": "{light: dawn|dusk}", "n": "1", "shared": "1"}
    return data | {"models": [str(cast.model.pk)]}


def house_preset(cast: Cast, shared: bool) -> Any:
    make_preset(f"Covers {uuid4()}")
    return make_preset(f"Product shots {uuid4()}")


def weapons(cast: Cast) -> dict[str, Any]:
    return {"list": "weapons"}


def person(cast: Cast, shared: bool) -> User:
    return cast.owner


def suspended(cast: Cast, shared: bool) -> User:
    return cast.people[Actor.SUSPENDED]


def former(cast: Cast, shared: bool) -> User:
    return make_user(f"Former {shared}", is_active=False, left_at=timezone.now())


def invitation(cast: Cast, shared: bool) -> Invitation:
    row, _ = invitations.make(administrator=cast.people[Actor.ADMINISTRATOR], role="member", days=7)
    return row


def by_its_link(row: Invitation, person: User | None) -> list[str]:
    Invitation.objects.filter(pk=row.pk).update(digest=invitations._digest(str(row.pk)))
    return [str(row.pk)]


def for_a_password(row: User, person: User | None) -> list[str]:
    return [passwords.make_link(person=row, administrator=None)]


def outside_link(cast: Cast, shared: bool) -> OutsideLink:
    """A link to the owner's picture; they may show it outside, whether the team sees it or not."""
    row = image(cast, shared)
    link, _ = outside.make(person=cast.owner, target=row, days=7, reviews=True, gives_originals=True)
    return link


def by_its_token(row: OutsideLink, person: User | None) -> list[Any]:
    OutsideLink.objects.filter(pk=row.pk).update(digest=outside._digest(str(row.pk)))
    return [str(row.pk)]


def at_its_picture(row: OutsideLink, person: User | None) -> list[Any]:
    return [*by_its_token(row, person), row.image_id]


def its_media(row: OutsideLink, person: User | None) -> list[Any]:
    return [row.pk, row.image_id, 512, signed(row.image, 512, row.pk, salt=VISIT)]


def lena(cast: Cast) -> dict[str, Any]:
    return {"name": "Lena", "answer": "yes"}


def order(cast: Cast) -> dict[str, Any]:
    return {"submission_id": uuid4(), "model": cast.model.pk, "prompt": "A lake at dawn", "n": "1"}


def rivals(cast: Cast) -> dict[str, Any]:
    return order(cast) | {"models": [model.pk for model in cast.model.relay.models.all()]}


def best(cast: Cast) -> dict[str, Any]:
    return {"column": "1"}


def on(cast: Cast) -> dict[str, Any]:
    return {"on": "1"}


def alone(cast: Cast) -> dict[str, Any]:
    return {"shared": "0"}


def nameless(cast: Cast) -> dict[str, Any]:
    return {"name": ""}


def renamed(cast: Cast) -> dict[str, Any]:
    return {"name": "Somebody else", "colour": "teal"}


def first_run(row: Any, person: User | None) -> list[str]:
    return [accounts.first_run_token()]


def reason(cast: Cast) -> dict[str, Any]:
    return {"reason": "It is being repaired."}


def more_images(cast: Cast) -> dict[str, Any]:
    return {"was": "1000", "cap": "1200", "monthly": ""}


def team_budget(cast: Cast, shared: bool) -> Budget:
    return make_budget(cast.people[Actor.ADMINISTRATOR], cap=25_000_000)


def another_cap(cast: Cast) -> dict[str, Any]:
    return {"was": "25000000", "cap": "12.50"}


def plea(cast: Cast, shared: bool) -> Plea:
    return pleas.ask(person=make_user(f"Asker {uuid4().hex[:8]}"), amount=5)


def why(cast: Cast) -> dict[str, Any]:
    return {"why": "The bill is unpaid."}


def news(cast: Cast) -> dict[str, Any]:
    return {"text": "Lunch at noon."}


def too_soon(cast: Cast) -> dict[str, Any]:
    return {"retention_days": "1"}


def up(cast: Cast) -> dict[str, Any]:
    return {"step": "-1"}


def off(cast: Cast) -> dict[str, Any]:
    return {"enabled": "0"}


def own_thumbnail(row: Image, person: User | None) -> str:
    return thumbnail_url(row, 512, person.pk if person else UUID(int=0))


def waiting_import(cast: Cast, shared: bool) -> Import:
    if found := Import.objects.owned_by(cast.owner).under_way().first():  # there is one at a time
        return found
    row = asking.open_row(person=cast.owner, name="holiday.zip", shared=shared, collection=None)
    Import.objects.filter(pk=row.pk).move(ImportState.COMING, to=ImportState.WAITING)
    return row


def brought(cast: Cast, shared: bool) -> Import:
    row = waiting_import(cast, shared)
    asking.stop(row=row, person=cast.owner)
    return row


def selection(cast: Cast, shared: bool) -> Selection:
    """A selection of the owner's, of a picture that the team may see or not."""
    return selections.start(person=cast.owner, images=[image(cast, shared).pk])


def download(cast: Cast, shared: bool) -> Download:
    return downloads.start(selection=selection(cast, shared), with_prompts=True)


def named(cast: Cast) -> dict[str, Any]:
    return {"name": "Lakes"}


def tagged(cast: Cast) -> dict[str, Any]:
    return {"names": "lake, dawn"}


def everything(cast: Cast) -> dict[str, Any]:
    return {"everything": "1"}


def wrong(cast: Cast) -> dict[str, Any]:
    return {"reason": "real_person"}


def open_case(cast: Cast, shared: bool) -> Case:
    row = image(cast, shared)
    return cases.open_for(kind=CaseKind.REPORT, generation=row.generation, image=row)


def decided_case(cast: Cast, shared: bool) -> Case:
    """A case that the moderator has just decided."""
    case = open_case(cast, shared)
    decision = Decision(verdict="hidden", reason="logo")
    decisions.decide(case=case, moderator=cast.people[Actor.MODERATOR], decision=decision)
    return case


def keeps(cast: Cast) -> dict[str, Any]:
    return {"verdict": "kept", "version": "1"}


def removed_case(cast: Cast, shared: bool) -> Case:
    case = open_case(cast, shared)
    decision = Decision(verdict="removed", reason="logo")
    decisions.decide(case=case, moderator=cast.people[Actor.MODERATOR], decision=decision)
    return Case.objects.get(pk=case.pk)


TO_MODERATORS = {Actor.MODERATOR: both("403", "403")}
OTHERS_TAKE_NOTHING = {actor: {"POST": ("303", "303")} for actor in PEOPLE - {Actor.OWNER}}
NOT_THEIR_DECISION = {Actor.ADMINISTRATOR: {"POST": ("409", "409")}}


def reported(of: Kind) -> Rule:
    """A page on which others report what somebody made; nobody reports their own."""
    tells = both("200", "303 changed")
    return Rule(Who.TEAM, tells, of, sends=wrong, instead={Actor.OWNER: both("400", "400")})


BROWSERS = ("GET", "POST")  # views of other packages take further methods as one of these
HOME = dict.fromkeys(PEOPLE, both("302 /", "302 /"))
STRANGERS = (*NOBODY, Actor.SUSPENDED)
OUT = dict.fromkeys(STRANGERS, both("302 /login/", "302 /login/"))
NOT_HALFWAY = both("302 /login/", "302 /login/")
PROVE = both("302 /account/again/", "302 /account/again/")
INTO_ADMIN = dict.fromkeys(PEOPLE, both("403 security.forbidden", "403 security.forbidden"))
INTO_ADMIN[Actor.ADMINISTRATOR] = both("302 /admin/", "302 /admin/")
BY_KEY = ("401", "401")  # the sandbox asks for the relay's key, whoever is signed in


BY_TOKEN = ("401 security.token_refused",) * 2  # programs have no session: every actor is a stranger there


def token(cast: Cast, shared: bool) -> Token:
    return tokens.make(person=cast.owner, name="Scripts")[0]


def webhook(cast: Cast, shared: bool) -> Webhook:
    """One of the person's own, at an address that is never called here."""
    url = "https://receiver.example/hook"
    return Webhook.objects.create(
        owner=cast.owner, url=url, kinds=["image.shared"], sealed=seal("whsec_AAAA")
    )


def failing_webhook(cast: Cast, shared: bool) -> Webhook:
    row = webhook(cast, shared)
    Delivery.objects.create(webhook=row, kind="webhook.test", state="failed")
    return row


def delivered(cast: Cast, shared: bool) -> Delivery:
    return Delivery.objects.create(webhook=webhook(cast, shared), kind="webhook.test", state="delivered")


def lasting_address(row: Image, person: User | None) -> list[Any]:
    return [row.pk, lasting(row.pk)]


def saved_search(cast: Cast, shared: bool) -> SavedSearch:
    return searches.save(person=cast.owner, name="Lakes", asked=Asked(words="lake"), shared=shared)


RULES: dict[str, Rule] = {
    # the studio
    "generations.index": page(Who.MEMBERS),
    "generations.composer": form(Who.MEMBERS, invalid="200 changed"),  # remembers the choice
    "generations.create": act(Who.MEMBERS, sends=order),
    "generations.estimate": Rule(Who.MEMBERS, {"POST": ("303", "200")}, sends=order),
    "generations.detail": page(Who.TEAM, generation),
    "generations.cancellation": act(Who.OWNER, queued),
    "generations.stop_waiting": act(Who.OWNER, sent),
    "generations.retry": act(Who.OWNER, failed),
    "generations.share": act(Who.OWNER, generation, sends=on),
    "generations.closure": act(Who.OWNER, failed),
    "grids.new": form(Who.MEMBERS, invalid="200"),
    "grids.create": act(Who.MEMBERS, htmx="303", sends=two_lights),
    "grids.detail": page(Who.TEAM, grid),
    "grids.cancellation": act(Who.OWNER, grid, htmx="303"),
    "comparisons.new": form(Who.MEMBERS, invalid="200"),
    "comparisons.create": act(Who.MEMBERS, htmx="303", sends=rivals),
    "comparisons.detail": page(Who.TEAM, comparison),
    "comparisons.pick": act(Who.OWNER, comparison, htmx="303", sends=best),
    "images.index": page(Who.MEMBERS),
    "searches.new": page(Who.MEMBERS),
    "searches.prompts": page(Who.MEMBERS),
    "searches.completions": page(Who.MEMBERS),
    "searches.create": act(Who.MEMBERS, htmx="303", sends=lambda cast: {"name": "Lakes", "query": "q=lake"}),
    "searches.removal": act(Who.OWNER, saved_search, htmx="303"),
    "images.detail": page(Who.TEAM, image),
    "images.favourite": act(Who.TEAM, image, sends=on),
    "images.share": act(Who.OWNER, image, sends=on),
    "images.trash": act(Who.OWNER, image, sends=on),
    "images.receipt": page(Who.TEAM, image),
    "images.alike": page(Who.TEAM, image),
    "collections.index": page(Who.MEMBERS),
    "collections.new": form(Who.MEMBERS, invalid="422"),
    "collections.detail": page(Who.TEAM, collection),
    "collections.edit": form(Who.OWNER, collection, invalid="422"),
    "collections.deletion": act(Who.OWNER, collection, htmx="303"),
    "collections.order": act(Who.OWNER, collected, htmx="303", sends=the_picture),
    "collections.cover": act(Who.OWNER, collected, htmx="303", sends=the_picture),
    "collections.removal": act(
        Who.TEAM, collected, htmx="303", sends=the_picture, instead=OTHERS_TAKE_NOTHING
    ),
    "kept.detail": page(Who.TEAM, image),
    "kept.collect": act(Who.TEAM, image, sends=new_collection),
    "kept.tag": act(Who.TEAM, image, sends=a_tag),
    "kept.rate": act(Who.TEAM, image, sends=stars),
    "kept.comment": act(Who.TEAM, image, sends=said),
    "kept.describe": act(Who.OWNER, image, sends=shown),
    "kept.uncomment": act(Who.OWNER_AND_STAFF, comment),
    "light_table.lay": Rule(Who.TEAM, {"POST": ("303", "200")}, image, sends=on),  # kept in the session
    "light_table.index": page(Who.MEMBERS),
    "light_table.clear": Rule(Who.MEMBERS, {"POST": ("303", "303")}),
    "imports.new": form(Who.MEMBERS, invalid="422"),
    "imports.detail": page(Who.OWNER, brought),
    "imports.stop": act(Who.OWNER, waiting_import, htmx="303"),
    "imports.selection": act(Who.OWNER, brought, htmx="303"),
    "selections.create": act(Who.MEMBERS, htmx="303"),
    "selections.tiles": page(Who.MEMBERS),
    "selections.detail": page(Who.OWNER, selection),
    "selections.picks": act(Who.OWNER, selection, htmx="303", sends=everything),
    "selections.favourite": act(Who.OWNER, selection, htmx="303", sends=on),
    "selections.share": act(Who.OWNER, selection, htmx="303", sends=on),
    "selections.trash": act(Who.OWNER, selection, htmx="303", sends=on),
    "selections.collect": act(Who.OWNER, selection, htmx="303", sends=named),
    "selections.tag": act(Who.OWNER, selection, htmx="303", sends=tagged),
    "downloads.create": act(Who.OWNER, selection, htmx="303"),
    "downloads.detail": page(Who.OWNER, download),
    "downloads.file": Rule(Who.OWNER, {"GET": ("200 changed",) * 2}, download),  # it says how far it is
    "reports.image": reported(image),
    "reports.prompt": reported(generation),
    "appeals.detail": form(Who.OWNER, decided_case, invalid="422"),
    "moderation.index": page(Who.MODERATORS),
    "moderation.detail": page(Who.MODERATORS, open_case),
    "moderation.picture": watched(Who.MODERATORS, open_case),
    "moderation.look": act(Who.MODERATORS, open_case, plain="204"),
    "decisions.create": act(Who.MODERATORS, open_case, sends=keeps),
    "decisions.several": Rule(Who.MODERATORS, {"POST": ("303", "303")}, sends=keeps),  # none is chosen
    "decisions.undo": act(Who.MODERATORS, decided_case, instead=NOT_THEIR_DECISION),
    "decisions.reopen": act(Who.MODERATORS, decided_case),
    "decisions.purge": act(Who.MODERATORS, removed_case),
    "openings.detail": form(Who.MODERATORS, image, invalid="422", instead=TO_MODERATORS),
    "openings.picture": Rule(  # no administrator has said why yet
        Who.MODERATORS, {"GET": ("403", "403")}, image
    ),
    "reasons.index": form(Who.MODERATORS, invalid="422"),
    "reasons.switch": act(Who.MODERATORS, htmx="303", at=lambda *_: ["logo"]),
    "live.index": Rule(
        Who.MEMBERS, {"GET": ("204", "204")}
    ),  # its rights by row are in tests/views/test_live.py
    "media.original": page(Who.TEAM, image, open_door=True),  # pictures send nobody to the sign-in page
    "media.thumbnail": page(Who.TEAM, image, open_door=True, at=own_thumbnail),
    "outside.index": page(Who.MEMBERS),
    "outside.new": Rule(
        Who.MEMBERS, both("404", "404")
    ),  # of nothing; whose picture: tests/views/test_outside.py
    "outside.detail": page(Who.OWNER, outside_link),
    "outside.answers": page(Who.OWNER, outside_link),
    "outside.revocation": act(Who.OWNER_AND_ADMINISTRATORS, outside_link, htmx="303"),
    "outside.everybody": page(Who.ADMINISTRATORS),
    "visits.detail": Rule(
        Who.EVERYBODY,
        {"GET": ("200 changed", "200 changed")},
        outside_link,
        at=by_its_token,
        instead={Actor.OWNER: {"GET": ("200", "200")}},
    ),  # who comes is counted
    "visits.picture": page(Who.EVERYBODY, outside_link, at=at_its_picture),
    "visits.unlock": Rule(
        Who.EVERYBODY, {"POST": ("422", "422")}, outside_link, at=by_its_token, sends=nameless
    ),
    "visits.name": act(Who.EVERYBODY, outside_link, htmx="303", at=by_its_token, sends=lena),
    "visits.mark": act(Who.EVERYBODY, outside_link, at=at_its_picture, sends=lena),
    "visit_media.show": page(Who.EVERYBODY, outside_link, at=its_media),
    "prompts.index": page(Who.MEMBERS),
    "prompts.detail": page(Who.TEAM, asked),
    "library.index": page(Who.MEMBERS),
    "library.suggestions": page(Who.MEMBERS),
    "library.export": page(Who.MEMBERS),
    "library.new": form(Who.MEMBERS, invalid="422"),
    "library.transfer": form(Who.MEMBERS, invalid="422"),
    "library.detail": page(Who.TEAM, saved_prompt),
    "library.edit": act(Who.OWNER, saved_prompt, htmx="303", sends=about),
    "library.revision": act(Who.TEAM, saved_prompt, htmx="303", sends=next_version),
    "library.version": form(Who.TEAM, saved_prompt, invalid="422", at=first_version),
    "library.removal": Rule(
        Who.TEAM,
        both("200", "303 changed"),
        saved_prompt,
        instead={Actor.MATE: both(NOT_YOURS, NOT_YOURS)},
    ),
    "prompts.difference": page(Who.TEAM, asked, at=with_itself),
    "rules.index": page(Who.MODERATORS),
    "rules.detail": page(Who.MODERATORS, screening_rule),
    "rules.new": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "classifiers.edit": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "rules.starter": Rule(Who.ADMINISTRATORS, {"POST": ("303 changed",) * 2}, sends=weapons),
    "rules.edit": form(Who.ADMINISTRATORS, screening_rule, invalid="422", sends=nameless),
    "rules.switch": act(Who.ADMINISTRATORS, screening_rule, htmx="303", sends=on),
    "rules.position": act(Who.ADMINISTRATORS, screening_rule, sends=up),
    "rules.deletion": Rule(
        Who.ADMINISTRATORS, {"GET": ("200", "200"), "POST": ("303 changed",) * 2}, screening_rule
    ),
    "screening.index": Rule(Who.MEMBERS, {"POST": ("200", "200")}),
    "administration.index": page(Who.ADMINISTRATORS),
    "administration.settings": form(Who.ADMINISTRATORS, invalid="422", sends=too_soon),
    "administration.drawing": act(Who.ADMINISTRATORS, htmx="303", sends=why),
    "administration.announcement": act(Who.ADMINISTRATORS, htmx="303", sends=news),
    "administration.dismissal": act(Who.MEMBERS, htmx="303"),
    "administration.live": page(Who.EVERYBODY),
    "administration.ready": Rule(Who.EVERYBODY, {"GET": ("503", "503")}),
    "audit.index": page(Who.ADMINISTRATORS),
    "audit.export": Rule(Who.ADMINISTRATORS, {"GET": ("200 audited", "200 audited")}),
    "presets.index": page(Who.ADMINISTRATORS),
    "presets.new": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "presets.edit": form(Who.ADMINISTRATORS, house_preset, invalid="422", sends=nameless),
    "presets.position": act(Who.ADMINISTRATORS, house_preset, htmx="303", sends=up),
    "presets.retirement": Rule(
        Who.ADMINISTRATORS, {"GET": ("200", "200"), "POST": ("303 changed",) * 2}, house_preset
    ),
    "relays.index": page(Who.ADMINISTRATORS),
    "relays.new": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "relays.detail": form(Who.ADMINISTRATORS, relay, invalid="422", sends=nameless),
    "relays.test": Rule(Who.ADMINISTRATORS, {"POST": ("200 audited", "200 audited")}, sandbox_relay),
    "relays.sync": act(Who.ADMINISTRATORS, sandbox_relay, htmx="303"),  # its trouble: nothing answers here
    "relays.pause": act(Who.ADMINISTRATORS, relay, htmx="303", sends=reason),
    "relays.resume": act(Who.ADMINISTRATORS, paused, htmx="303"),
    "relays.archive": act(Who.ADMINISTRATORS, relay, htmx="303", sends=on),
    "relays.deletion": Rule(Who.ADMINISTRATORS, {"GET": ("200", "200"), "POST": ("303 changed",) * 2}, relay),
    "relays.position": act(Who.ADMINISTRATORS, relay, sends=up),
    "sandboxes.choose": act(Who.ADMINISTRATORS, htmx="303"),
    "relays.model": form(Who.ADMINISTRATORS, image_model, invalid="422", sends=nameless),
    "relays.switch": act(Who.ADMINISTRATORS, image_model, sends=off),
    "relays.answer": watched(Who.ADMINISTRATORS, relay_request),
    "answers.again": Rule(Who.ADMINISTRATORS, {"POST": ("303", "303")}, relay_request),
    "answers.file": Rule(Who.ADMINISTRATORS, {"POST": ("303", "303")}, relay_request),
    "quarantine.develop": Rule(Who.ADMINISTRATORS, {"POST": ("303 changed", "303 changed")}, set_aside),
    "links.attempt": Rule(Who.ADMINISTRATORS, {"POST": ("303 audited", "303 audited")}, kept_link),
    "rescue.index": page(Who.ADMINISTRATORS),
    "bills.index": form(Who.ADMINISTRATORS, invalid="422"),
    "bills.detail": page(Who.ADMINISTRATORS, bill),
    "bills.export": page(Who.ADMINISTRATORS, bill),
    "bills.settlement": act(Who.ADMINISTRATORS, bill_of_lost, htmx="303"),
    "bills.deletion": act(Who.ADMINISTRATORS, bill, htmx="303"),
    "queue.index": page(Who.MEMBERS),
    "queue.cancellation": Rule(Who.OWNER_AND_ADMINISTRATORS, CANCELS, queued, sends=why),
    "queue.position": act(Who.ADMINISTRATORS, queued, htmx="303", sends=first),
    "notices.index": page(Who.MEMBERS),
    "notices.reading_all": act(Who.MEMBERS, notice, htmx="303", at=lambda *_: []),
    "notices.reading": act(Who.OWNER, notice, htmx="303"),
    "notices.choices": Rule(Who.MEMBERS, {"GET": ("200", "200"), "POST": ("303 changed",) * 2}),
    "usage.index": page(Who.MEMBERS),
    "usage.file": page(Who.MEMBERS),
    "usage.more": form(Who.MEMBERS, invalid="422", sends=nameless),
    "spending.index": page(Who.ADMINISTRATORS),
    "spending.file": page(Who.ADMINISTRATORS),
    "prices.index": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "budgets.index": page(Who.ADMINISTRATORS),
    "budgets.new": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "budgets.cap": act(Who.ADMINISTRATORS, team_budget, htmx="303", sends=another_cap),
    "budgets.ending": act(Who.ADMINISTRATORS, team_budget, htmx="303"),
    "budgets.grant": act(Who.ADMINISTRATORS, plea, htmx="303"),
    "budgets.decline": act(Who.ADMINISTRATORS, plea, htmx="303"),
    "people.index": page(Who.ADMINISTRATORS),
    "people.detail": form(Who.ADMINISTRATORS, person, invalid="422", sends=nameless),
    "people.budget": act(Who.ADMINISTRATORS, person, htmx="303", sends=more_images),
    "people.waiting": act(Who.ADMINISTRATORS, person, htmx="303", sends=few),
    "people.suspension": act(Who.ADMINISTRATORS, person, htmx="303", sends=reason),
    "people.restoration": act(Who.ADMINISTRATORS, suspended, htmx="303"),
    "people.reset_link": Rule(Who.ADMINISTRATORS, {"POST": ("303 audited", "303 audited")}, person),
    "people.factors_removal": act(Who.ADMINISTRATORS, with_passkey, htmx="303"),
    "people.end_sessions": act(Who.ADMINISTRATORS, person, htmx="303"),
    "invitations.new": form(Who.ADMINISTRATORS, invalid="422", sends=nameless),
    "invitations.index": page(Who.ADMINISTRATORS),
    "invitations.revocation": act(Who.ADMINISTRATORS, invitation, htmx="303"),
    "invitations.join": form(
        Who.EVERYBODY, invitation, invalid="422 changed", sends=nameless, at=by_its_link
    ),  # tries are counted
    "accounts.reset": form(Who.EVERYBODY, person, invalid="422 changed", sends=nameless, at=for_a_password),
    "leaving.detail": page(Who.ADMINISTRATORS, person),
    "leaving.leave": act(Who.ADMINISTRATORS, person, htmx="303"),
    "leaving.come_back": act(Who.ADMINISTRATORS, former, htmx="303"),
    "leaving.erase": Rule(Who.ADMINISTRATORS, {"POST": ("422", "422")}, person, sends=nameless),
    "exports.create": act(Who.MEMBERS, htmx="303"),
    "exports.file": Rule(Who.MEMBERS, {"GET": ("404", "404")}),  # nobody has asked for one
    "accounts.forgotten": Rule(Who.EVERYBODY, both("404", "404")),  # no mail is set
    "own.detail": page(Who.MEMBERS),
    "own.name": act(Who.MEMBERS, htmx="303", sends=renamed),
    "own.address": Rule(Who.MEMBERS, {"POST": ("422", "422")}, sends=nameless),
    "own.end_sessions": act(Who.MEMBERS, htmx="303"),
    "accounts.password": form(Who.MEMBERS, invalid="422", sends=nameless),
    "accounts.audience": act(Who.MEMBERS, plain="204", htmx="204", sends=alone),
    "accounts.welcome": form(Who.EVERYBODY, invalid="422", sends=nameless, at=first_run),
    "healthz": page(Who.EVERYBODY),
    "readyz": Rule(Who.EVERYBODY, {"GET": ("503", "503")}),  # no worker runs
    "metrics.index": Rule(Who.EVERYBODY, {"GET": ("404", "404")}),  # no token is set
    # sign in, sign out, password
    "account_login": form(Who.EVERYBODY, invalid="200", instead=HOME),
    "account_logout": form(Who.EVERYBODY, invalid="302 /login/", methods=BROWSERS, instead=OUT),
    # single sign-on, which is not set up here
    "openid_connect_login": Rule(Who.EVERYBODY, {"POST": ("404", "404")}, at=lambda *_: ["office"]),
    "openid_connect_callback": Rule(Who.EVERYBODY, {"GET": ("404", "404")}, at=lambda *_: ["office"]),
    # the second factor: nobody here has one, and a change asks for the password first
    "account_reauthenticate": form(Who.MEMBERS, invalid="422"),
    "mfa_index": page(Who.MEMBERS),
    "mfa_list_webauthn": page(Who.MEMBERS),
    "mfa_authenticate": form(
        Who.EVERYBODY, invalid="302 /login/", instead=HOME | dict.fromkeys(STRANGERS, NOT_HALFWAY)
    ),
    "mfa_login_webauthn": form(
        Who.EVERYBODY, invalid="302 /login/", instead=HOME | dict.fromkeys(STRANGERS, NOT_HALFWAY)
    ),
    "mfa_reauthenticate": Rule(Who.MEMBERS, PROVE),
    "mfa_reauthenticate_webauthn": Rule(Who.MEMBERS, PROVE),
    "mfa_activate_totp": Rule(Who.MEMBERS, PROVE),
    "mfa_deactivate_totp": Rule(Who.MEMBERS, both("404", "404")),
    "mfa_view_recovery_codes": Rule(Who.MEMBERS, {"GET": ("404", "404")}),
    "mfa_generate_recovery_codes": Rule(Who.MEMBERS, PROVE),
    "mfa_download_recovery_codes": Rule(Who.MEMBERS, both("404", "404")),
    "mfa_add_webauthn": Rule(Who.MEMBERS, PROVE),
    "mfa_edit_webauthn": Rule(Who.OWNER, PROVE, passkey),
    "mfa_remove_webauthn": Rule(Who.OWNER, PROVE, passkey),
    # Django's admin
    "admin:index": admin(),
    "admin:login": Rule(
        Who.EVERYBODY, both("302 /login/", "302 /login/"), methods=BROWSERS, instead=INTO_ADMIN
    ),
    "admin:logout": admin("405", "200", refusal="302 /admin/"),
    "admin:password_change": admin("302 /password/", "302 /password/"),
    "admin:password_change_done": admin(),
    "admin:autocomplete": admin("403 security.forbidden"),
    "admin:jsi18n": admin(),
    "admin:view_on_site": admin("404", at=lambda *_: [0, 0]),
    "admin:app_list": admin(at=lambda *_: ["studio"]),
    "admin/(?P<url>.*)$": admin("404", at=lambda *_: "/admin/nothing/"),
    **admin_of("studio_relay", relay, writes=False),
    **admin_of("studio_imagemodel", image_model, writes=False),
    **admin_of("studio_auditentry", audit_entry, writes=False),
    **admin_of("studio_ledgerentry", ledger_entry, writes=False),
    **admin_of("studio_user", person),
    **admin_of("studio_generation", generation, writes=False),
    # the sandbox relay
    "tokens.index": form(Who.MEMBERS, invalid="422"),
    "tokens.revocation": Rule(Who.OWNER_AND_ADMINISTRATORS, {"POST": ("303 changed",) * 2}, token),
    "trials.new": form(Who.MEMBERS, invalid="422"),
    "trials.detail": page(Who.OWNER, generation),
    "tokens.reference": page(Who.MEMBERS),
    "tokens.everybody": page(Who.ADMINISTRATORS),
    "webhooks.index": form(Who.MEMBERS, invalid="422"),
    "webhooks.team": form(Who.ADMINISTRATORS, invalid="422"),
    "webhooks.detail": form(Who.OWNER, webhook, invalid="422"),
    "webhooks.rotation": act(Who.OWNER, webhook, htmx="303"),
    "webhooks.test": act(Who.OWNER, webhook, htmx="303"),
    "webhooks.switch": act(Who.OWNER, webhook, htmx="303"),
    "webhooks.replay_failed": act(Who.OWNER, failing_webhook, htmx="303"),
    "webhooks.deletion": act(Who.OWNER, webhook, htmx="303"),
    "webhooks.delivery": page(Who.OWNER, delivered),
    "webhooks.replay": act(Who.OWNER, delivered, htmx="303"),
    "api.images": Rule(Who.EVERYBODY, {"POST": BY_TOKEN}),
    "api.task": Rule(Who.EVERYBODY, {"GET": BY_TOKEN}, generation),
    "api.task_alias": Rule(Who.EVERYBODY, {"GET": BY_TOKEN}, generation),
    "api.cancel": Rule(Who.EVERYBODY, {"POST": BY_TOKEN}, queued),
    "api.models": Rule(Who.EVERYBODY, {"GET": BY_TOKEN}),
    "api.model": Rule(Who.EVERYBODY, {"GET": BY_TOKEN}, at=lambda *_: ["sandbox-flux"]),
    "api.key": Rule(Who.EVERYBODY, {"GET": BY_TOKEN}),
    "api.openapi": page(Who.EVERYBODY),
    "api.picture": page(Who.EVERYBODY, image, at=lasting_address),
    "api.elsewhere": Rule(Who.EVERYBODY, dict.fromkeys(METHODS, ("404", "404")), at=lambda *_: ["nowhere"]),
    "sandbox:models": Rule(Who.EVERYBODY, {"GET": BY_KEY}, at=lambda *_: ["openai"]),
    "sandbox:generations": Rule(Who.EVERYBODY, {"POST": BY_KEY}, at=lambda *_: ["openai"]),
    "sandbox:usage": Rule(Who.EVERYBODY, {"GET": BY_KEY}, at=lambda *_: ["openai"]),
    "sandbox:moderations": Rule(Who.EVERYBODY, {"POST": BY_KEY}, at=lambda *_: ["openai"]),
    "sandbox:completions": Rule(Who.EVERYBODY, {"POST": BY_KEY}, at=lambda *_: ["routmy"]),
    "sandbox:result": Rule(Who.EVERYBODY, {"GET": ("403", "403")}, at=lambda *_: ["forged"]),
}
OF_A_ROW = {name: rule for name, rule in RULES.items() if rule.who in (Who.OWNER, Who.TEAM)}
OF_EVERYONE = [name for name, rule in RULES.items() if rule.who == Who.MEMBERS and "GET" in rule.tells]
TAKES_FORMS = [
    name
    for name, rule in RULES.items()
    if "POST" in rule.tells and rule.tells["POST"] != BY_KEY and not name.startswith("api.")
]


# The cast, and one question


@pytest.fixture
def cast(alice, bob, charlie, mona, sid, model, plain_model, settings) -> Cast:
    people = {
        Actor.OWNER: bob,
        Actor.MATE: charlie,
        Actor.MODERATOR: mona,
        Actor.ADMINISTRATOR: alice,
        Actor.SUSPENDED: sid,
    }
    for each in people.values():
        budgets.allowance(person=each)  # the first page a person opens makes it
    return Cast(people, model)


def session_of(actor: Actor, cast: Cast) -> str:
    """Sign a person in, as long before as it takes to be suspended since, or for the session to run out."""
    if actor == Actor.ANONYMOUS:
        return ""
    client = Client()
    client.force_login(cast.people.get(actor, cast.owner))
    key = client.session.session_key or ""
    if actor == Actor.EXPIRED:
        Session.objects.filter(pk=key).update(expire_date=timezone.now())
    return key


def ask(
    path: str, session: str, question: Question, sends: dict[str, Any], refusals: list[Any], before: Rows
) -> str:
    """Ask, say the answer in words, and take everything back, to what was there before."""
    refusals.clear()
    send = getattr(browser_of(session), question.method.lower())
    body = {"data": sends} if question.method == "POST" else {}
    with undone():
        with writes() as made:
            response = send(path, headers=HTMX if question.htmx else {}, **body)
            body_of(response)
        after = rows_of_the_studio() if made else before
        return told(response, refusals, changed=[table for table in after if after[table] != before[table]])


def is_in_sample(question: Question, rule: Rule, rows: dict[bool, Any]) -> bool:
    """Tell whether a sample asks this: everybody both ways and of both rows, and what is not offered once."""
    if question.method not in rule.tells:
        return not (question.htmx or question.shared)
    return len(rows) == 1 or question.htmx == question.shared


# The law


def test_every_route_has_a_rule_and_every_rule_a_route():
    routes = set(route_names())

    assert sorted(routes - set(RULES)) == [], "add a line for each to RULES"
    assert sorted(set(RULES) - routes) == [], "these addresses are gone"


@pytest.mark.parametrize("name", RULES)
def test_t11_t18_route_answers_every_actor_as_its_rule_says(name, cast, refusals, whole):
    rule = RULES[name]
    rows = {shared: rule.of(cast, shared) for shared in (False, True)} if rule.of else {False: None}
    sessions = {actor: session_of(actor, cast) for actor in Actor}
    before = rows_of_the_studio()

    answers = {}
    for question in map(Question._make, product(Actor, rule.methods, (False, True), rows)):
        if not (whole or is_in_sample(question, rule, rows)):
            continue
        with writes() as made:
            path = address_of(name, rule, rows[question.shared], cast.people.get(question.actor))
            sends = rule.sends(cast)
        before = rows_of_the_studio() if made else before
        answers[question] = ask(path, sessions[question.actor], question, sends, refusals, before)

    assert rows_of_the_studio() == before
    assert answers == {question: rule.expected(question) for question in answers}


@pytest.mark.parametrize("name", OF_A_ROW)
def test_t11_not_yours_looks_like_what_never_existed_and_is_logged(name, cast, charlie, as_charlie, refusals):
    rule = RULES[name]
    method = next(iter(rule.tells)).lower()
    row = rule.of(cast, False)
    nothing = SimpleNamespace(pk=uuid7() if isinstance(row.pk, UUID) else 10**9, print_number=0)

    never = getattr(as_charlie, method)(address_of(name, rule, nothing, charlie))
    assert refusals == []
    hidden = getattr(as_charlie, method)(address_of(name, rule, row, charlie))

    assert (hidden.status_code, without_token(hidden)) == (never.status_code, without_token(never))
    facts = {"actor": str(charlie.pk), "route": name, "kind": row._meta.model_name, "object": str(row.pk)}
    event = {"event": "security.authz_denied", "request": hidden["X-Request-Id"]}
    assert [line.pop("at")[:2] for line in refusals] == ["20"]
    assert refusals == [event | facts]


@pytest.mark.parametrize("name", OF_EVERYONE)
def test_t11_page_of_everyone_shows_nothing_that_was_taken_back(name, cast, charlie, as_charlie):
    kinds = (generation, image, comparison)
    rows = [make(cast, shared=False) for make in kinds]

    text = as_charlie.get(reverse(name)).text

    assert [row for row in rows if str(row.pk) in text] == []
    assert "A mountain lake at dawn" not in text


def without_token(response: Any) -> bytes:
    """The body without the one thing that is new in each page."""
    return re.sub(rb'"X-CSRFToken": "\w+"|value="\w{64}"', b"", body_of(response))


# T12: my own page, and somebody's id within it


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("query", ["from", "prompt"])
def test_t12_composer_opened_with_anothers_private_id_is_not_found(query, htmx, cast, as_charlie, refusals):
    row = make_generation(cast.owner, cast.model, text="A secret lake", shared=False)
    pk = {"from": row.pk, "prompt": row.prompt_id}[query]

    response = as_charlie.get(reverse("generations.index"), {query: pk}, headers=HTMX if htmx else {})

    assert told(response, refusals) == NOT_YOURS
    assert "A secret lake" not in response.text
    assert refusals[0]["object"] == str(pk)


@pytest.mark.parametrize("shared", [False, True])
def test_t12_thumbnail_with_the_signature_of_my_own_image_is_not_found(shared, cast, charlie, as_charlie):
    mine = make_image(charlie, cast.model)
    theirs = image(cast, shared)
    path = thumbnail_url(mine, 512, charlie.pk).replace(str(mine.pk), str(theirs.pk))

    response = as_charlie.get(path)

    assert (response.status_code, response.content) == (404, b"Not found.")


def test_t12_submission_id_of_another_starts_a_generation_of_my_own(cast, charlie, as_charlie):
    theirs = queued(cast, False)
    before = Generation.objects.values().get(pk=theirs.pk)

    as_charlie.post(reverse("generations.create"), order(cast) | {"submission_id": theirs.submission_id})

    assert Generation.objects.get(owner=charlie).prompt.text == "A lake at dawn"
    assert Generation.objects.values().get(pk=theirs.pk) == before


@pytest.mark.parametrize("name", ["generations.index", "images.index"])
def test_t12_older_than_anothers_private_row_shows_my_own_alone(name, cast, charlie, as_charlie):
    mine = make_image(charlie, cast.model, text="My lake")
    make_image(cast.owner, cast.model, text="A secret lake", shared=False)
    newest = make_image(cast.owner, cast.model, text="A secret lake", shared=False)
    pk = newest.pk if name == "images.index" else newest.generation_id

    response = as_charlie.get(reverse(name), {"before": pk})

    assert str(mine.pk) in response.text
    assert "A secret lake" not in response.text


# T13: suspended while signed in


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_t13_suspended_is_told_once_and_the_session_dies(method, htmx, bob, as_bob, refusals):
    User.objects.filter(pk=bob.pk).update(is_active=False)

    response = getattr(as_bob, method)(reverse("generations.composer"), headers=HTMX if htmx else {})

    assert response.status_code == 403
    assert "Your account is suspended. Contact an administrator." in response.text
    assert ("<html" in response.text) == (not htmx)
    assert [(line["event"], line["actor"]) for line in refusals] == [
        ("security.account_suspended", str(bob.pk))
    ]
    assert Session.objects.count() == 0
    again = as_bob.get(reverse("generations.index"))
    assert told(again, []) == SIGN_IN[0]


def test_t13_session_that_died_stays_dead_when_the_person_comes_back(bob, as_bob):
    old = as_bob.session.session_key
    User.objects.filter(pk=bob.pk).update(is_active=False)
    as_bob.get("/")
    User.objects.filter(pk=bob.pk).update(is_active=True)

    response = browser_of(old).get("/")

    assert told(response, []) == SIGN_IN[0]


# T18: a form from elsewhere


@pytest.mark.parametrize("name", TAKES_FORMS)
def test_t18_post_without_its_token_is_refused_and_changes_nothing(name, cast, alice, refusals):
    rule = RULES[name]
    path = address_of(name, rule, rule.of(cast, True) if rule.of else None, alice)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    before = rows_of_the_studio()

    answers = [browser.post(path, rule.sends(cast), headers=headers) for headers in ({}, HTMX)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("This form has expired. Reload and try again." in answer.text for answer in answers)
    assert [line["event"] for line in refusals] == ["security.csrf_failed"] * 2
    assert rows_of_the_studio() == before
