"""Tokens as lists show them, and the samples that use one."""

import json
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from studio.models import Generation, Token
from studio.models.tokens import Delivers, Scope, TokenState

YOURS = "YOUR_TOKEN"


@dataclass(frozen=True)
class TokenCard:
    """One token in words."""

    name: str
    ending: str
    state: str
    open: bool
    person: str
    may: str
    comes: str
    used_at: object
    until: object
    revoke_url: str


def card_of(row: Token) -> TokenCard:
    state = row.state
    return TokenCard(
        name=row.name,
        ending=row.ending,
        state=state.label,
        open=state == TokenState.OPEN,
        person=str(row.person),
        may=Scope(row.scope).label,
        comes=Delivers(row.delivers).label,
        used_at=row.used_at,
        until=row.expires_at,
        revoke_url=reverse("tokens.revocation", args=[row.pk]),
    )


@dataclass(frozen=True)
class Sample:
    """A few lines that draw, in one language."""

    title: str
    code: str


def base_url() -> str:
    """Return what a script puts in place of its relay's address."""
    return f"{settings.API_URL}/v1"


def assistants_url() -> str:
    """Return where assistants find the tools of Model Context Protocol; nothing where it is not served."""
    return f"{settings.API_URL}/mcp" if settings.MCP else ""


def samples(body: dict[str, object], token: str = YOURS) -> list[Sample]:
    """Return the same call as curl, Python and JavaScript."""
    return [
        Sample("curl", _curl(body, token)),
        Sample("Python", _python(body, token)),
        Sample("JavaScript", _javascript(body, token)),
    ]


def samples_of(row: Generation) -> list[Sample]:
    """Return the call that asks for the same generation again."""
    return samples({"model": row.model.model_id, "prompt": row.prompt.text, "n": row.n, **row.settings})


def _curl(body: dict[str, object], token: str) -> str:
    said = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl {base_url()}/images/generations \\\n"
        f'  -H "Authorization: Bearer {token}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d '{said}'"
    )


def _python(body: dict[str, object], token: str) -> str:
    own, beyond = _parted(body)
    lines = [f"    {name}={value!r}," for name, value in own.items()]
    lines += [f"    extra_body={beyond!r},"] if beyond else []
    call = "\n".join(lines)
    return (
        "from openai import OpenAI\n\n"
        f'client = OpenAI(base_url="{base_url()}", api_key="{token}")\n'
        f"answer = client.images.generate(\n{call}\n)\n"
        "print(answer.data[0].url)"
    )


def _javascript(body: dict[str, object], token: str) -> str:
    said = json.dumps(body, ensure_ascii=False, indent=2)
    return (
        'import OpenAI from "openai"\n\n'
        f'const client = new OpenAI({{ baseURL: "{base_url()}", apiKey: "{token}" }})\n'
        f"const answer = await client.images.generate({said})\n"
        "console.log(answer.data[0].url)"
    )


OPENAI = {
    "model",
    "prompt",
    "n",
    "size",
    "quality",
    "style",
    "background",
    "output_format",
    "output_compression",
}
OPENAI |= {"moderation", "response_format", "stream", "user"}
"""What OpenAI's Python library takes by name; the rest goes into extra_body."""


def _parted(body: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    own = {name: value for name, value in body.items() if name in OPENAI}
    return own, {name: value for name, value in body.items() if name not in OPENAI}
