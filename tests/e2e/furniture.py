"""Furnishes a studio: `python -m tests.e2e.furniture OWNER`, in the studio of STUDIO_STATE.

Pictures of several months, long names and prompts, everything that can be kept, and what waits at a paused relay.
Prints as JSON the addresses of what has one of its own.
"""

import io
import json
import os
import sys
from datetime import UTC
from decimal import Decimal
from uuid import uuid4

import django

LONG = "Charlotte-Wilhelmina von Habsburg-Lothringen zu Schwarzenfels"
PROMPT = (
    "A lighthouse above the cliffs in the last warm light, watercolour, low mist, soft light from the left"
)
TITLE = "The final choice for the brochure of the year after next, in portrait and in full"
PAUSED = {"dialect": "routeway", "base_url": "http://127.0.0.1:1/v1", "api_key": "key-0123456789"}
BILL = "time,model,cost,trace_id\n2026-03-05T12:00:00,flux,0.04,aaaa1111\n2026-03-05T12:01:00,flux,0.08,bbbb2222\n"


def png(shade: int, size: tuple[int, int]) -> bytes:
    from PIL import Image  # noqa: PLC0415

    Image.new("RGB", size, (shade, 90, 120)).save(into := io.BytesIO(), "PNG")
    return into.getvalue()


def main() -> None:
    from studio.models import ImageModel, Relay, Role, User  # noqa: PLC0415
    from tests.factories import make_user  # noqa: PLC0415

    owner = User.objects.get(email=sys.argv[1])
    mate, third = make_user(LONG), make_user("Bo", role=Role.MODERATOR)
    model = ImageModel.objects.filter(relay__sandbox=True).order_by("pk")[0]
    pictures = _pictures(owner, mate, model)
    places = _shelves(owner, mate, pictures) | _outside(owner, pictures) | _prompts(owner, mate, model)
    _money(owner, mate, model)
    _queue((owner, mate, third), model)
    places["bill"] = _bill(owner, Relay.objects.filter(sandbox=True)[0])
    places["picture"] = f"/images/{pictures[0].pk}/"
    places["beside"] = f"/light-table/?image={pictures[0].pk}&image={pictures[1].pk}&image={pictures[2].pk}"
    print(json.dumps(places))


def _pictures(owner, mate, model) -> list:
    from django.conf import settings  # noqa: PLC0415

    from studio.models import Image  # noqa: PLC0415
    from studio.services.drawing import thumbnails  # noqa: PLC0415
    from tests.factories import make_image, make_old_image  # noqa: PLC0415

    made = []
    for number, size in enumerate([(256, 256), (448, 256), (160, 256), (256, 256), (448, 256)]):
        facts = {"content": png(40 * number, size), "width": size[0], "height": size[1], "developed": False}
        made.append(make_image(owner, model, text=f"{PROMPT}, {number}", **facts))
        make_image(mate, model, text=PROMPT * 4, **facts)
    facts = {"width": 256, "height": 256, "developed": False, "text": f"{PROMPT}, long ago"}
    for days in (40, 75, 400):
        row = make_old_image(owner, model, days, **facts)
        _store(row, png(days % 250, (256, 256)))
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)  # the worker may not have come so far
    for image in Image.objects.undeveloped():
        thumbnails.develop(pk=image.pk)
    return made


def _store(image, content: bytes) -> None:
    from django.core.files.base import ContentFile  # noqa: PLC0415
    from django.core.files.storage import default_storage  # noqa: PLC0415

    default_storage.save(image.key, ContentFile(content))


def _shelves(owner, mate, pictures) -> dict[str, str]:
    from studio.models import SavedSearch  # noqa: PLC0415
    from studio.services import collections, comments, images, library, tags  # noqa: PLC0415

    keys = [picture.pk for picture in pictures]
    shelf = collections.create(person=owner, name=TITLE[:80], description=PROMPT, audience="sees")
    collections.add(person=owner, collection=shelf, images=keys[:4])
    empty = collections.create(person=mate, name="Textures", audience="adds")
    tags.add(person=owner, images=keys[:1], names=["client", "the brochure of the year after next"])
    comments.write(person=mate, image=pictures[0], text=PROMPT)
    images.favourite(image=pictures[1], person=owner, liked=True)
    images.trash(person=owner, images=keys[4:], sure=True)
    SavedSearch.objects.create(
        owner=owner, name="All lighthouses by everybody", query="view=team&q=lighthouse"
    )
    text = "A {subject} at {time:dawn|dusk}, {style:watercolour|oil|photo}, soft light from the left"
    saved = library.save(
        person=owner, title=TITLE, text=text, tags="house, light", shared=True, example=pictures[0]
    )
    library.revise(saved=saved, person=owner, text=f"{text}, lots of paper", seen=1, why="It was too dense")
    library.save(person=mate, title="Poster", text="A {subject}, flat poster", shared=True)
    found = {"collection": f"/collections/{shelf.pk}/", "empty collection": f"/collections/{empty.pk}/"}
    return found | {"saved": f"/library/{saved.pk}/", "version": f"/library/{saved.pk}/versions/1/"}


def _outside(owner, pictures) -> dict[str, str]:
    from studio.models import Collection  # noqa: PLC0415
    from studio.services import outside, visitors  # noqa: PLC0415

    shelf = Collection.objects.get(owner=owner)
    facts = {"days": 7, "title": TITLE[:60], "reviews": True, "gives_originals": True}
    link, token = outside.make(person=owner, target=shelf, **facts)
    _, locked = outside.make(person=owner, target=pictures[1], days=7, password="a pass for the client")
    visitor = visitors.introduce(link=link, name=f"Dr. {LONG}"[:60], address="192.0.2.1")
    visitors.mark(visitor=visitor, image=pictures[0], answer="maybe", note=PROMPT, address="192.0.2.1")
    return {"link": f"/outside/{link.pk}/", "visit": f"/visit/{token}/", "locked": f"/visit/{locked}/"}


def _prompts(owner, mate, model) -> dict[str, str]:
    """One prompt with a fork, its difference, runs that failed in each way, a comparison and a grid."""
    from django.db.models.functions import Now  # noqa: PLC0415

    from studio.db import write_transaction  # noqa: PLC0415
    from studio.models import ImageModel, Relay, State  # noqa: PLC0415
    from studio.services import grids  # noqa: PLC0415
    from studio.services.grids import GridOrder  # noqa: PLC0415
    from tests.factories import make_comparison, make_generation  # noqa: PLC0415

    root = make_generation(owner, model, text=PROMPT, n=2, state=State.UNKNOWN)
    fork = make_generation(mate, model, text=f"{PROMPT}, in fog", state=State.BROKEN, parent=root.prompt)
    make_generation(owner, model, text=f"{PROMPT}, refused", state=State.REFUSED)
    make_generation(owner, model, text=f"{PROMPT}, cancelled", state=State.CANCELLED)
    others = list(ImageModel.objects.filter(relay__sandbox=True).order_by("pk")[:3])
    group = make_comparison(owner, others, text=f"{PROMPT}, compared", state=State.FAILED, reason="failed")
    text = f"{PROMPT}, {{light: golden hour|at dusk}}, {{medium: ink|oil painting}}"
    wish = GridOrder(text=text, models=[_paused()], shared=True)
    with write_transaction():  # the worker is to find the relay paused
        grid = grids.start(person=owner, submission_id=uuid4(), wish=wish)
        Relay.objects.filter(name="Paused").update(paused_at=Now())
    return {
        "prompt": f"/prompts/{root.prompt_id}/",
        "difference": f"/prompts/difference/?one={root.prompt_id}&other={fork.prompt_id}",
        "comparison": f"/comparisons/{group.pk}/",
        "grid": f"/grids/{grid.pk}/",
    }


def _paused():
    """A model whose relay is to be paused, so that what is asked of it waits."""
    from studio.models import ImageModel  # noqa: PLC0415
    from studio.services.relays import edit  # noqa: PLC0415

    found = ImageModel.objects.filter(relay__name="Paused").first()
    if found is None:
        relay = edit.add_relay(name="Paused", sandbox=False, **PAUSED)
        found = edit.add_model(relay=relay, model_id="slow", label="Slow", accepts={"size": ["1024x1024"]})
    return found


def _money(owner, mate, model) -> None:
    from studio.models import Unit  # noqa: PLC0415
    from studio.services import pleas, prices  # noqa: PLC0415
    from tests.factories import make_budget  # noqa: PLC0415

    prices.set_by_hand(administrator=owner, wanted={model: [prices.row_of(Decimal("0.04"), Unit.USD)]})
    make_budget(owner, cap=500_000_000)
    make_budget(owner, whom="person", person=mate, period="day", unit=Unit.IMAGES, cap=10)
    pleas.ask(person=mate, amount=500, note=PROMPT * 2)


def _queue(people, model) -> None:
    from tests.factories import make_generation  # noqa: PLC0415

    for number in range(6):
        make_generation(
            people[number % 3], _paused(), text=f"{PROMPT}, {number}", n=1 + number, shared=number != 4
        )


def _bill(owner, relay) -> str:
    from studio.services.relays import bills  # noqa: PLC0415

    row = bills.take_in(relay=relay, administrator=owner, text=BILL, zone=UTC, unit="USD")
    return f"/administration/bills/{row.pk}/"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
