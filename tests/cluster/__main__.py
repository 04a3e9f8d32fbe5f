"""`make cluster`: a studio on several machines, all of them here, rehearses what may befall it; ends with a table.

PostgreSQL, S3 and Redis are real; each machine is a line of the Procfile with a state folder and a name of its own.
`--short` sends less and leaves some acts out; `--celery` has Celery bring the tickets, with `--rabbit` by RabbitMQ
instead of Redis (Debian's rabbitmq-server). It ends with 1 if anything was lost, sent twice or cannot be explained.
"""

import os
import signal
import sys
import tempfile
from pathlib import Path

import django
from cryptography.fernet import Fernet

import tests.environment  # noqa: F401  (forgets the developer's variables)
from tests.servers import PostgresServer, S3Server, leave


def common(postgres: PostgresServer, store: S3Server) -> dict[str, str]:
    """Return what all machines have in common, and this process with them."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": postgres.url,
        "STORAGE_URL": store.url,
        "SECRET_KEY": "a-key-that-all-machines-of-the-rehearsal-have-in-common",
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "SANDBOX_KEY": "sandbox-key-of-the-rehearsal",
        "STUDIO_SANDBOX": "yes",
        "STUDIO_QUEUE_PER_PERSON": "1000",
        "STUDIO_MONTHLY_IMAGES": "100000",
    }


def main(arguments: list[str]) -> int:
    """Start the servers, rehearse, and leave nothing behind, whoever ends it."""
    signal.signal(signal.SIGTERM, leave)
    with (
        tempfile.TemporaryDirectory(prefix="lightfast-cluster-") as folder,
        PostgresServer() as postgres,
        S3Server() as store,
    ):
        os.environ.update(common(postgres, store))
        os.environ["TASK_BACKEND"] = "django.tasks.backends.dummy.DummyBackend"  # this process wakes nobody
        django.setup()
        from tests.cluster import acts  # noqa: PLC0415 - the settings had to be there

        chosen = {name: f"--{name}" in arguments for name in ("short", "celery", "rabbit")}
        return acts.rehearse(Path(folder), postgres, store, **chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
