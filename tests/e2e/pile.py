"""Makes pictures that EMAIL reports: `python -m tests.e2e.pile EMAIL COUNT`, in the studio of STUDIO_STATE."""

import os
import sys

import django


def main() -> None:
    from studio.models import ImageModel, User  # noqa: PLC0415
    from studio.services.moderation import reports  # noqa: PLC0415
    from tests.factories import make_image, make_user  # noqa: PLC0415

    reporter, count = User.objects.get(email=sys.argv[1]), int(sys.argv[2])
    owner = make_user(f"Owner of what {reporter.name} reports")
    model = ImageModel.objects.filter(relay__sandbox=True).first()
    for number in range(count):
        text = f"{reporter.name} looks at number {number}"
        image = make_image(owner, model, text=text, developed=False)
        about = {"generation": image.generation, "image": image}
        reports._write(**about, person=reporter, reason="logo", note="")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
