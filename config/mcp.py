"""Model Context Protocol at /mcp: the official server around `studio.api.tools`, for the tokens of programs."""

import base64
import json
import logging
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ImageContent, TextContent
from pydantic import Field
from starlette.datastructures import Headers

from studio import VERSION, security
from studio.api import errors, tools
from studio.api.bearer import no_token, secret_of
from studio.api.door import in_thread, told
from studio.errors import StudioError
from studio.models import Token
from studio.origin import Origin, coming_from
from studio.outages import outage
from studio.services import tokens
from studio.words import Reason

logger = logging.getLogger(__name__)

TOKEN = "lightfast.token"  # noqa: S105 - where the request carries it

Content = list[TextContent | ImageContent]
Whose = Annotated[Literal["mine", "team"], Field(description="One's own, or what the team shares.")]

server = MCPServer(
    "lightfast",
    title="Lightfast",
    instructions="An image studio. Images are drawn on the token's person's budget and land in their gallery.",
    version=VERSION,
)


@server.tool()
async def draw(
    ctx: Context,
    prompt: Annotated[str, Field(description="What to see.")],
    model: Annotated[str | None, Field(description="A name from list_models; else the last choice.")] = None,
    n: Annotated[int, Field(description="How many images.")] = 1,
    size: Annotated[str | None, Field(description="Such as 1024x1024, where the model takes it.")] = None,
    aspect_ratio: Annotated[str | None, Field(description="Such as 16:9, where the model takes it.")] = None,
    quality: str | None = None,
    shared: Annotated[bool | None, Field(description="Whether the team sees it.")] = None,
) -> Content:
    """Draw images and wait for them. This spends the person's budget."""
    asked: dict[str, Any] = {"prompt": prompt, "model": model, "n": n, "size": size}
    asked |= {"aspect_ratio": aspect_ratio, "quality": quality, "shared": shared}
    return await _by(ctx, lambda token: told(tools.draw(token, **asked)))


@server.tool()
async def look(
    ctx: Context,
    id: Annotated[str, Field(description="A generation or an image that another tool has named.")],
) -> Content:
    """Look at a generation, whether it is done and what came of it, or at one image."""
    return await _by(ctx, lambda token: in_thread(tools.look, token, id))


@server.tool()
async def find_images(ctx: Context, words: str = "", whose: Whose = "mine") -> Content:
    """Search the gallery: the newest images whose prompt has these words."""
    return await _by(ctx, lambda token: in_thread(tools.find_images, token, words=words, view=whose))


@server.tool()
async def find_prompts(ctx: Context, words: str = "", whose: Whose = "team") -> Content:
    """Search the prompts that were drawn, to learn from them."""
    return await _by(ctx, lambda token: in_thread(tools.find_prompts, token, words=words, view=whose))


@server.tool()
async def list_models(ctx: Context) -> Content:
    """List the models that may be used, and the settings that each takes."""
    return await _by(ctx, lambda token: in_thread(tools.models, token))


async def _by(ctx: Context, work: Callable[[Token], Any]) -> Content:
    """Have the person of the request's token do something; what the studio refuses it says in a sentence."""
    request: Any = ctx.request_context.request
    token: Token = request.scope[TOKEN]
    try:
        with coming_from(Origin(request_id=uuid.uuid4().hex[:12], token=str(token.pk))):
            shown: tools.ToolAnswer = await work(token)
    except StudioError as error:
        raise ToolError(error.sentence) from error
    except Exception as error:  # the server would repeat what it says, which is no assistant's business
        if not outage(error):
            logger.exception("mcp.broken")
        raise ToolError(Reason("database_busy" if outage(error) else "api_broken").said()) from None
    facts = TextContent(type="text", text=json.dumps(shown.facts, ensure_ascii=False))
    return [facts, *map(_image, shown.images)]


def _image(one: tuple[bytes, str]) -> ImageContent:
    return ImageContent(type="image", data=base64.b64encode(one[0]).decode(), mime_type=one[1])


_served = server.streamable_http_app(
    stateless_http=True, max_request_body_size=settings.API_BODY_MB * 1024**2, host=""
)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve whoever has a token; its person is looked up for each request, so a revoked one is out at once."""
    if scope["type"] == "http":
        headers = Headers(scope=scope)
        try:
            token = await in_thread(tokens.find, secret=secret_of(headers), headers=headers)
        except DatabaseError as error:
            if not outage(error):
                raise
            await _refuse(send, errors.out_of_order(again=True))
            return
        if token is None:
            security.refused("token_refused", route="mcp")
            await _refuse(send, errors.refused(no_token(headers)))
            return
        scope[TOKEN] = token
    await _served(scope, receive, send)


async def _refuse(send: Any, refusal: HttpResponse) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in refusal.items()]
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.content})
