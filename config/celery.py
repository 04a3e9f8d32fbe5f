"""Celery as the engine, for those who run it already: TASK_BACKEND=config.celery.Backend (requirements-celery.txt).

Rows decide what is drawn; a ticket only wakes a worker. So nothing here has to be reliable: a ticket that is lost is
replaced by a heartbeat, and one that comes twice finds nothing to do. Tickets are signed, as with Huey.
"""

import os
import signal
from contextlib import suppress
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.utils.module_loading import import_string

from studio import security

SALT = "studio.tickets"
THREADS = 4
"""For tickets; those who draw are studio.services.drawing.crew."""

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("studio", broker=settings.TASK_URL)
app.conf.update(
    task_ignore_result=True,
    task_publish_retry=False,  # whoever submits does not wait for a queue that is away
    broker_connection_timeout=2,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 10},
    worker_pool="threads",
    worker_concurrency=THREADS,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
)


@app.task(name="studio.ticket")
def ticket(signed: str) -> None:
    """Do what a ticket says, if it is one of ours."""
    try:
        name, args, kwargs = signing.loads(signed, salt=SALT)
    except signing.BadSignature:
        security.refused("ticket_forged", bytes=len(signed))
        return
    import_string(name).call(*args, **kwargs)


class Backend(BaseTaskBackend):
    """Hands Django's tasks to Celery when the transaction is committed."""

    supports_defer = True

    def enqueue(self, task: "Task[Any, Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":
        self.validate_task(task)
        signed = signing.dumps([task.module_path, list(args), dict(kwargs)], salt=SALT)
        transaction.on_commit(lambda: ticket.apply_async([signed], eta=task.run_after))
        return TaskResult(
            task=task,
            id="",  # nobody asks for it
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )

    @staticmethod
    def work() -> None:
        """Be a worker until it is told to stop: `manage.py work`."""
        from studio.shift import Shift  # noqa: PLC0415 - web processes load the engine, and no worker

        begun: list[Shift] = []

        @signals.worker_ready.connect(weak=False)
        def begin(**_: Any) -> None:
            begun.append(Shift(outdated=lambda: signal.raise_signal(signal.SIGTERM)))

        @signals.worker_shutting_down.connect(weak=False)
        def close_the_door(**_: Any) -> None:
            for shift in begun:
                shift.close_the_door()

        with suppress(SystemExit):  # so it ends, once tickets are done
            app.worker_main(["worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"])
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a second one stops at once
        for shift in begun:
            shift.finish(settings.STOP_GRACE)
