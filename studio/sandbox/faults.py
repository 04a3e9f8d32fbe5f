"""Words in brackets, anywhere in a prompt, that order a failure for rehearsal; they are taken out before painting.

| word             | what happens                                                                          |
|------------------|---------------------------------------------------------------------------------------|
| `[401]`          | 401, as for a wrong key                                                               |
| `[401 once]`     | 401 for the first attempt with this prompt at any dialect: a stand-in then draws it   |
| `[402]`          | 402, the account is empty                                                             |
| `[403]`          | 403, the model is not in the key's plan                                               |
| `[403 page]`     | 403 with a web page, as of a guard in front of the relay                              |
| `[404]`          | 404, nobody draws at this address                                                     |
| `[422 budget]`   | 422, the key's budget has been exceeded, as LiteLLM says it                           |
| `[429]`          | 429 with `Retry-After: 2`                                                             |
| `[500]`          | 500 each time                                                                         |
| `[500 once]`     | 500 for the first attempt with this very body, then pictures (forgotten after 10 min) |
| `[502]` `[503]` `[504]` | that status, without `Retry-After`                                             |
| `[200 error]`    | 200 whose body is the error of a 500                                                  |
| `[refuse]`       | 400 as for a prompt against the policy, in the dialect's shape                        |
| `[empty]`        | 200 with `data: []`                                                                   |
| `[slow 20]`      | the answer comes 20 seconds later (at most 600; `[slow]` is 20)                       |
| `[two of four]`  | half of n pictures, at least one                                                      |
| `[one extra]`    | n + 1 pictures                                                                        |
| `[broken image]` | the last picture's bytes are damaged in the middle and end too early                  |
| `[gif]` `[svg]`  | the last picture comes as a GIF, or as an SVG drawing                                 |
| `[late url]`     | links that answer 404 for their first ten seconds (no effect on base64)               |
| `[expired url]`  | links that answer 403 from the start (no effect on base64)                            |
| `[hang]`         | no byte of an answer for 700 s (`[hang 5]`: 5 s), then the connection is cut          |
| `[drip]`         | a 200 whose body is a blank each second for 700 s (`[drip 5]`: 5 s), then cut         |
| `[drop]`         | a 200 whose body ends before its Content-Length, and the connection is cut            |
| `[cut end]`      | the whole answer under a Content-Length that is too high, and the connection is cut   |
| `[html]`         | 200 with an HTML page                                                                 |
| `[not json]`     | 200 called JSON that is not JSON                                                      |

Words may be combined: `[slow 5] [500]` waits and fails. A request with any of them still counts in the ledger.
"""

import re
from dataclasses import dataclass, field

from studio.sandbox.dialects import Refused, SandboxDialect

HANG_SECONDS = 700.0
SLOW_LIMIT = 600.0
PLAIN = (
    *(
        "401 once",
        "401",
        "402",
        "403 page",
        "403",
        "404",
        "422 budget",
        "429",
        "500 once",
        "500",
        "502",
        "503",
        "504",
        "200 error",
        "refuse",
        "empty",
    ),
    *("two of four", "one extra"),
    *("broken image", "gif", "svg", "late url", "expired url", "cut end", "drop", "html", "not json"),
)
UNDRAWN = {
    "401",
    "402",
    "403",
    "403 page",
    "404",
    "422 budget",
    "429",
    "500",
    "502",
    "503",
    "504",
    "200 error",
    "refuse",
    "empty",
    "hang",
    "drip",
    "drop",
    "html",
    "not json",
}
TIMED = {"slow": 20.0, "hang": HANG_SECONDS, "drip": HANG_SECONDS}

GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="20"/></svg>'

_SECONDS = r"(?:\s+(\d{1,4}(?:\.\d+)?)\s*s?)?"
_WORD = re.compile(rf"\[\s*(?:({'|'.join(PLAIN)})|({'|'.join(TIMED)}){_SECONDS})\s*\]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The failures one prompt orders."""

    words: frozenset[str] = frozenset()
    seconds: dict[str, float] = field(default_factory=dict)

    def __contains__(self, word: str) -> bool:
        return word in self.words

    @property
    def draws(self) -> bool:
        """Say whether pictures are sent at all."""
        return not self.words & UNDRAWN

    def count(self, n: int) -> int:
        """Return how many pictures come back when n were asked for."""
        count = max(n // 2, 1) if "two of four" in self.words else n
        return count + ("one extra" in self.words)

    def refusal(self, dialect: SandboxDialect) -> Refused | None:
        """Return the error that was ordered, in the dialect's words."""
        for status in (500, 502, 503, 504):
            if str(status) in self.words:
                return dialect.failed(status)
        if "200 error" in self.words:
            disguised = dialect.failed(500)
            disguised.answered = 200
            return disguised
        made = {
            "401": lambda: dialect.unauthorized(key="rehearsed-key"),
            "402": dialect.out_of_funds,
            "403": dialect.not_open,
            "404": dialect.no_such_path,
            "422 budget": dialect.over_budget,
            "429": dialect.rate_limited,
            "refuse": dialect.blocked,
        }
        return next((make() for word, make in made.items() if word in self.words), None)


def split(prompt: str) -> tuple[Faults, str]:
    """Return the faults a prompt orders and the prompt without them."""
    words, seconds = set(), dict[str, float]()
    for plain, timed, amount in _WORD.findall(prompt):
        word = (plain or timed).lower()
        words.add(word)
        if timed:
            limit = SLOW_LIMIT if word == "slow" else HANG_SECONDS
            seconds[word] = min(float(amount) if amount else TIMED[word], limit)
    return Faults(words=frozenset(words), seconds=seconds), " ".join(_WORD.sub(" ", prompt).split())


def spoil(data: bytes, ordered: Faults) -> bytes:
    """Return the last picture of an answer as it was ordered: of another kind, or damaged."""
    if "gif" in ordered:
        return GIF
    if "svg" in ordered:
        return SVG
    return damage(data) if "broken image" in ordered else data


def damage(data: bytes) -> bytes:
    """Return a picture that still begins like one but cannot be decoded."""
    middle = len(data) // 2
    return data[:middle] + b"\x00" * 64 + data[middle + 64 : len(data) * 3 // 4]
