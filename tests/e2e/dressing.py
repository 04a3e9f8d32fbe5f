"""Dresses a demo for its pictures: `python -m tests.e2e.dressing RECEIVER`, in the studio of STUDIO_STATE, which runs.

Everything by the services, as people would have done it. Prints as JSON the addresses of what has one of its own.
"""

import json
import os
import sys
import time
from datetime import UTC
from decimal import Decimal
from uuid import uuid4

import django

FIELDS = "A {subject} at {time:dawn|dusk}, {style:watercolour|ink|gouache}, soft light from the left"
FORKS = ("in fog", "in fog, lots of empty paper", "with reeds in front", "in winter")
POPPIES = "Poppies on a cliff above a calm sea in summer, gouache, golden hour"
PASSWORD = "look-at-the-pictures"
BILL = "time,model,cost,trace_id\n2026-03-05T12:00:00,flux,0.04,aaaa1111\n2026-03-05T12:01:00,flux,0.08,bbbb2222\n"
PAUSED = {"dialect": "routeway", "base_url": "http://127.0.0.1:1/v1", "api_key": "key-0123456789"}


def main() -> None:
    from studio.models import Image, ImageModel, User  # noqa: PLC0415

    User.objects.create_user("nora@demo.example", PASSWORD, name="Nora Lindt")  # who has done nothing yet
    people = {each.email.split("@")[0]: each for each in User.objects.all()}
    flux = ImageModel.objects.get(model_id="sandbox-flux")
    lakes = list(
        Image.objects.filter(generation__prompt__text__startswith="A watercolor painting").order_by("pk")
    )
    places = _kept(people, lakes) | _prompts(people, flux, lakes[0]) | _money(people, flux)
    places |= _moderation(people, flux) | _programs(people, sys.argv[1]) | _doors(people)
    _settle(
        [_submit(people["alice"], flux, POPPIES, n=4, settings={"size": "1792x1024"})]
    )  # what Create shows first
    places["picture"] = f"/images/{lakes[0].pk}/"
    places["beside"] = "/light-table/?" + "&".join(f"image={each.pk}" for each in lakes[:3])
    print(json.dumps(places))


def _submit(person, model, text, n=1, **facts):
    from studio.services import generations  # noqa: PLC0415
    from studio.services.orders import Order  # noqa: PLC0415

    facts = {"settings": {"size": "1024x1024"}} | facts
    order = Order(model=model, text=text, n=n, shared=True, **facts)
    return generations.submit(person=person, submission_id=uuid4(), order=order)


def _settle(rows) -> None:
    """Wait until the worker has drawn them."""
    from studio.models import Generation, Image  # noqa: PLC0415
    from studio.models.states import ACTIVE  # noqa: PLC0415

    keys, until = [row.pk for row in rows], time.monotonic() + 120
    while time.monotonic() < until:
        drawn = not Generation.objects.filter(pk__in=keys, state__in=ACTIVE).exists()
        if drawn and not Image.objects.undeveloped().exists():
            return
        time.sleep(0.5)
    raise RuntimeError("The worker has not drawn what the looks need.")


def _kept(people, lakes) -> dict[str, str]:
    from studio.models import Image, SavedSearch  # noqa: PLC0415
    from studio.services import collections, comments, outside, ratings, tags, visitors  # noqa: PLC0415

    alice, others = people["alice"], Image.objects.filter(generation__owner=people["bob"]).order_by("pk")[:3]
    keys = [each.pk for each in (*lakes, *others)]
    about = "What the client chooses from. Two of them go into print."
    shelf = collections.create(person=alice, name="Spring brochure", description=about, audience="sees")
    collections.add(person=alice, collection=shelf, images=keys)
    collections.create(person=people["bob"], name="Textures", audience="adds")
    tags.add(person=alice, images=keys[:1], names=["client", "spring"])
    ratings.give(person=alice, image=lakes[0], stars=5)
    comments.write(person=people["bob"], image=lakes[0], text="This one has the light we talked about.")
    SavedSearch.objects.create(owner=alice, name="Lakes of the team", query="view=team&q=lake", shared=True)
    link, token = outside.make(person=alice, target=shelf, days=7, title="Spring brochure", reviews=True)
    for name, answers in (
        ("Dr. Okonkwo", ("yes", "maybe", "yes", "no")),
        ("Print shop", ("yes", "no", "maybe")),
    ):
        who = visitors.introduce(link=link, name=name, address="192.0.2.1")
        for image, answer in zip((*lakes, *others), answers, strict=False):
            note = "More air above the peaks, please." if answer == "maybe" else ""
            visitors.mark(visitor=who, image=image, answer=answer, note=note, address="192.0.2.1")
    places = {"collection": f"/collections/{shelf.pk}/", "link": f"/outside/{link.pk}/"}
    return places | {"visit": f"/visit/{token}/"}


def _prompts(people, flux, lake) -> dict[str, str]:
    """Forks of one prompt, saved prompts, a grid, and what went wrong in each way."""
    from studio.models import Generation  # noqa: PLC0415
    from studio.services import grids, library  # noqa: PLC0415
    from studio.services.grids import GridOrder  # noqa: PLC0415

    alice, bob = people["alice"], people["bob"]
    root = _submit(bob, flux, "A lighthouse above the cliffs, ink")
    rows, parent = [root], root
    for number, change in enumerate(FORKS):
        text = f"A lighthouse above the cliffs, ink, {change}"
        parent = _submit(
            (alice, bob)[number % 2], flux, text, parent=parent.prompt_id if number < 2 else root.prompt_id
        )
        rows.append(parent)
    wish = GridOrder(
        text="A lighthouse at {light: dawn|dusk}, {medium: ink|oil painting|watercolour}",
        models=[flux],
        shared=True,
    )
    grid = grids.start(person=alice, submission_id=uuid4(), wish=wish)
    faults = ("[two of four]", "[refuse]", "[drop]")
    storms = [_submit(alice, flux, f"A harbour in a storm {fault}", n=4) for fault in faults]
    saved = library.save(
        person=alice, title="House lake", text=FIELDS, tags="house, light", shared=True, example=lake
    )
    library.revise(saved=saved, person=bob, text=f"{FIELDS}, lots of paper", seen=1, why="It was too dense")
    library.save(
        person=bob,
        title="Flat poster",
        text="A {subject}, flat poster, two colours",
        tags="poster",
        shared=True,
    )
    library.save(
        person=alice, title="Night city", text="A city at night, {weather:rain|snow}, neon", shared=False
    )
    _settle([*rows, *storms, *Generation.objects.filter(grid=grid)])
    places = {"trouble": f"/generations/{storms[0].pk}/"}
    return places | {
        "tree": f"/prompts/{root.prompt_id}/",
        "saved": f"/library/{saved.pk}/",
        "grid": f"/grids/{grid.pk}/",
    }


def _money(people, flux) -> dict[str, str]:
    from django.db.models.functions import Now  # noqa: PLC0415

    from studio.models import ImageModel, Relay, Unit  # noqa: PLC0415
    from studio.services import pleas, prices  # noqa: PLC0415
    from studio.services.relays import bills, edit  # noqa: PLC0415
    from tests.factories import make_budget  # noqa: PLC0415

    alice = people["alice"]
    rows = {flux: "0.04", ImageModel.objects.get(model_id="sandbox-poster"): "0.08"}
    wanted = {model: [prices.row_of(Decimal(each), Unit.USD)] for model, each in rows.items()}
    prices.set_by_hand(administrator=alice, wanted=wanted)
    make_budget(alice, cap=500_000_000)
    pleas.ask(person=people["charlie"], amount=500, note="The catalogue of spring needs more.")
    relay = edit.add_relay(name="Studio relay", sandbox=False, **PAUSED)
    slow = edit.add_model(relay=relay, model_id="slow", label="Slow", accepts={"size": ["1024x1024"]})
    names = ("bob", "charlie", "mona", "bob", "charlie")
    for number, name in enumerate(names):
        _submit(people[name], slow, f"A market square at noon, gouache, {number + 1}", n=1 + number % 3)
    Relay.objects.filter(pk=relay.pk).update(paused_at=Now())
    bill = bills.take_in(relay=flux.relay, administrator=alice, text=BILL, zone=UTC, unit="USD")
    return {"bill": f"/administration/bills/{bill.pk}/", "relay": f"/administration/relays/{flux.relay_id}/"}


def _moderation(people, flux) -> dict[str, str]:
    from studio.models import Act, Image  # noqa: PLC0415
    from studio.services.moderation import reports, rules, starters  # noqa: PLC0415

    alice, bob = people["alice"], people["bob"]
    facts = {"patterns": "", "in_prompt": True, "in_negative": False, "on": True}
    rules.add(administrator=alice, act=Act.HOLD, words="northpeak", name="Names of clients",
              sentence="Ask the client before drawing their name.", **facts)  # fmt: skip
    rules.add(administrator=alice, act=Act.BLOCK, words="in the style of", name="Living artists",
              sentence="No living artist’s style: say what you like about it.", **facts)  # fmt: skip
    starters.take(key=next(iter(starters.STARTERS)), administrator=alice)
    held = _submit(bob, flux, "The northpeak logo on a sail at dusk")
    for image in Image.objects.filter(generation__owner=bob, shared=True).order_by("pk")[:2]:
        for name in ("charlie", "alice"):
            about = {"generation": image.generation, "image": image, "person": people[name]}
            reports.report(
                **about, reason="logo", note="This mark is somebody’s." if name == "charlie" else ""
            )
    return {"bob": f"/administration/people/{bob.pk}/", "held": f"/generations/{held.pk}/"}


def _programs(people, receiver) -> dict[str, str]:
    from studio.models import Delivery, WebhookKind  # noqa: PLC0415
    from studio.services import tokens  # noqa: PLC0415
    from studio.services.webhooks import edit  # noqa: PLC0415

    for name, what in (("alice", "Nightly catalogue"), ("bob", "Plug-in of the drawing program")):
        tokens.make(person=people[name], name=what)
    hook, _ = edit.add(person=people["alice"], url=receiver, kinds=list(WebhookKind)[:3])
    for _ in range(6):
        edit.ask_for_test(webhook=hook, person=people["alice"])
    until = time.monotonic() + 30
    while Delivery.objects.filter(tries=0).exists() and time.monotonic() < until:
        time.sleep(0.5)
    delivery = Delivery.objects.order_by("pk")[1]
    return {"hook": f"/webhooks/{hook.pk}/", "delivery": f"/webhooks/deliveries/{delivery.pk}/"}


def _doors(people) -> dict[str, str]:
    from studio.models import Role  # noqa: PLC0415
    from studio.services.people import invitations  # noqa: PLC0415

    _, token = invitations.make(administrator=people["alice"], role=Role.MEMBER, days=7)
    return {"join": f"/join/{token}/"}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
