"""Makes people who are signed in already: `python -m tests.e2e.crowd FIRST LAST`, in the studio of STUDIO_STATE.

Prints a JSON list of [name, email, role, session]; everybody's password is PASSWORD.
"""

import json
import os
import sys
from itertools import product

import django

PASSWORD = "a long pass phrase for everybody"
ROLES = ("member", "moderator", "administrator")


def main() -> None:
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from studio.models import User  # noqa: PLC0415

    secret, made = make_password(PASSWORD), []
    numbers = range(int(sys.argv[1]), int(sys.argv[2]) + 1)
    with transaction.atomic():
        for number, role in product(numbers, ROLES):
            name = f"{role.capitalize()}{number:03}"
            email = f"{name.lower()}@studio.example"
            person = User.objects.create(email=email, name=name, role=role, password=secret)
            browser = Client()
            browser.force_login(person)
            made.append([name, email, role, browser.cookies["sessionid"].value])
    print(json.dumps(made))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
