"""Asks the studio in this container whether it answers; for HEALTHCHECK, with Python alone."""

import os
import sys
import urllib.request


def main(port: str = "", path: str = "/healthz") -> int:
    place = f"127.0.0.1:{port or os.environ.get('PORT', '8000')}"
    try:
        with urllib.request.urlopen(f"http://{place}{path}", timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:  # among them urllib's own
        print(error, file=sys.stderr)  # noqa: T201 - read by `docker inspect`
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
