"""Text that has broken programs: the 485 strings of `blns`, those of SAFETY T19, and more that matter here."""

import json
from pathlib import Path

BLNS: list[str] = json.loads(
    (Path(__file__).parent / "e2e" / "vendor" / "blns.json").read_text(encoding="utf-8")
)

T19 = [
    "<img src=x onerror=alert(1)>",
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
