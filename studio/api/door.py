"""The process for programs: its views run in a few threads, and nobody holds one while a relay draws."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial
from typing import Any, cast
from uuid import UUID

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from studio.api import errors, waiting
from studio.api.bearer import ProgramRequest
from studio.api.waiting import Events, Wait
from studio.db import release_connection
from studio.middleware import UpToDate, answered, named
from studio.origin import coming_from
from studio.outages import outage

Handler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

_threads = ThreadPoolExecutor(settings.API_THREADS, "programs")


async def in_thread[T](job: Callable[..., T], *args: Any, context: Context | None = None, **kwargs: Any) -> T:
    """Run something that asks the database in one of a few threads; if the caller leaves, it ends first."""
    run = (context or copy_context()).run
    loop = asyncio.get_running_loop()
    running = loop.run_in_executor(_threads, partial(run, _alone, job, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])  # what tidies up must not meet it
        raise


def _alone[T](job: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Begin with a connection that works, and leave none behind."""
    close_old_connections()
    try:
        return job(*args, **kwargs)
    finally:
        release_connection()


class Waiters:
    """All who wait in this process: one question to the database for all of them, four times a second."""

    def __init__(self) -> None:
        self.ends: dict[UUID, set[asyncio.Future[bool]]] = {}
        self.looking: asyncio.Task[None] | None = None

    async def until_ended(self, wait: Wait) -> bool:
        """Wait for a generation; say whether it has ended."""
        if not wait.row.is_active:
            return True
        end = asyncio.get_running_loop().create_future()
        ends = self.ends.setdefault(wait.row.pk, set())
        ends.add(end)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            return await asyncio.wait_for(end, wait.seconds)
        except TimeoutError:
            return False
        finally:
            ends.discard(end)
            if not ends:
                self.ends.pop(wait.row.pk, None)

    async def _look(self) -> None:
        while self.ends:
            await asyncio.sleep(waiting.LOOKS)
            if not self.ends:
                return
            try:
                found = await in_thread(waiting.ended, list(self.ends))
            except Exception as error:
                if not outage(error):
                    self._tell(list(self.ends), error)
                    raise
                continue  # a database that is away for a moment: whoever waits goes on waiting
            self._tell(found)

    def _tell(self, pks: Any, error: Exception | None = None) -> None:
        for end in [end for pk in pks for end in self.ends.get(pk, ())]:
            if end.done():
                continue
            if error:
                end.set_exception(error)
            else:
                end.set_result(True)


_waiters = Waiters()


async def told[A](story: Generator[Wait, bool | None, A]) -> A:
    """Tell a story: its steps in threads, its waits here. Whoever leaves closes it, so that it hears of that."""
    context = copy_context()
    try:
        wait, answer = await in_thread(waiting.step, story, None, context=context)
        while wait:
            ended = await _waiters.until_ended(wait)
            wait, answer = await in_thread(waiting.step, story, ended, context=context)
    except asyncio.CancelledError:
        await in_thread(story.close, context=context)
        raise
    assert answer is not None
    return answer


async def told_events(first: bytes, events: Events) -> AsyncIterator[bytes]:
    """Tell a stream."""
    context = copy_context()
    each: Wait | bytes | None = first
    try:
        while each is not None:
            ended = await _waiters.until_ended(each) if isinstance(each, Wait) else None
            if isinstance(each, bytes):
                yield each
            each, _ = await in_thread(waiting.step, events, ended, context=context)
    finally:
        await in_thread(events.close, context=context)


async def _pieces(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read a file piece by piece: Django would take all of it into memory."""
    while (piece := await in_thread(next, pieces, None)) is not None:
        yield piece


class ProgramsDoor:
    """What every answer of this process goes through: the middleware of pages would hold a thread for each caller."""

    sync_capable, async_capable = False, True

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.version = UpToDate(get_response)  # type: ignore[arg-type]
        markcoroutinefunction(self)

    async def __call__(self, request: ProgramRequest) -> HttpResponseBase:
        began = time.monotonic()
        request.user = AnonymousUser()  # type: ignore[assignment] # until a token says who asks
        with coming_from(named(request)):
            fits = await in_thread(self.version.look)
            response = await self.get_response(request) if fits else errors.updating()
            answered(request, response, began)
        response["X-Request-Id"] = request.id
        return response

    async def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
        """Answer by the view's story if it has one, else by the view itself, in a thread."""
        story = getattr(view, "story", None)
        response = await (told(story(request, **kwargs)) if story else in_thread(view, request, **kwargs))
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _pieces(cast("Iterator[bytes]", response.streaming_content))
        return response
