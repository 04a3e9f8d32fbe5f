"""Fills the studio of STUDIO_STATE with text that has broken programs: `python -m tests.e2e.hostility`.

Prints as JSON: for each actor the session and the pages to open, and of some pages a text that must be there as text.
"""

import json
import os

import django


def main() -> None:
    from django.urls import reverse  # noqa: PLC0415

    from studio.db import write_transaction  # noqa: PLC0415
    from tests.hostile_rows import Scene  # noqa: PLC0415
    from tests.hostile_text import bundles  # noqa: PLC0415

    with write_transaction():
        scene = Scene(bundles)
    told = {}
    for who, pages in scene.starts().items():
        cookies = scene.browser(who).cookies
        told[who] = {"session": cookies["sessionid"].value if cookies else "", "pages": pages}
    first = {length: bundles(length)[0] for length in (60, 80, 100, 200, 300, 500, 1000, 4000)}
    spots = [
        ("writer", reverse("images.detail", args=[scene.images[0].pk]), first[4000]),
        ("writer", reverse("generations.index"), first[500]),
        ("writer", reverse("own.detail"), first[80]),
        ("moderator", reverse("rules.index"), first[80]),
        ("moderator", reverse("reasons.index"), first[80]),
        ("administrator", reverse("relays.index"), first[60]),
        ("administrator", reverse("relays.model", args=[scene.model.pk]), first[60]),
        ("administrator", reverse("people.detail", args=[scene.suspended.pk]), first[500]),
        ("administrator", reverse("administration.settings"), first[300]),
        ("suspended", reverse("generations.index"), first[500]),
        ("anonymous", reverse("invitations.join", args=[scene.token]), bundles(80)[3]),
    ]
    print(json.dumps({"actors": told, "spots": spots}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
