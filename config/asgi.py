"""The ASGI entry of the process for programs: /v1/ and /mcp, on a port of its own that a proxy leads to by path."""

import os
from importlib import import_module
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402

from studio.api import errors  # noqa: E402

mcp: Any = import_module("config.mcp").application if settings.MCP else None
settings.MIDDLEWARE = settings.API_MIDDLEWARE
settings.API_AT_ONCE = 2000  # a caller that waits costs memory here, no thread


class Programs(ASGIHandler):
    """Django for programs. It gives no request a thread, and takes no body before it is known how long it is."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await (mcp or _lives)(scope, receive, send)
        elif scope["type"] != "http":
            return
        elif not scope["path"].startswith("/v1/") and not (mcp and scope["path"] == "/mcp"):
            await self.send_response(errors.nowhere(scope["path"]), send)
        elif not _fits(dict(scope["headers"])):
            await self.send_response(errors.too_large(settings.API_BODY_MB * 1024**2), send)
        elif mcp and scope["path"] == "/mcp":
            await mcp(scope, receive, send)
        else:
            await self.handle(scope, receive, send)


async def _lives(scope: Any, receive: Any, send: Any) -> None:
    """Start and stop with the server; there is nothing to do then."""
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


def _fits(headers: dict[bytes, bytes]) -> bool:
    """Tell whether a body says how long it is, and is short enough: Django would write it to the disk first."""
    length = headers.get(b"content-length", b"0")
    most: int = settings.API_BODY_MB * 1024**2
    return b"transfer-encoding" not in headers and length.isdigit() and int(length) <= most


application = Programs()
