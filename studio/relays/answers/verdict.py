"""The table of RELAYS.md §2.8: what a relay said, and the first class whose rule holds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.relays.shapes import Kind

_URLS = re.compile(r"https?://\S+")
_FUNDS = re.compile(
    r"quota|\bbalance\b|_balance|credit|billing|budget|insufficient.?funds|余额|额度", re.IGNORECASE
)
_RATE = re.compile(
    r"rate.?limit|too.?many.?requests|per.?(?:second|minute|hour|day)|(?:requests|tokens|images)/",
    re.IGNORECASE,
)
_SHORTAGE = re.compile(
    r"insufficient|not enough|out of|no (?:more )?credit|exceeded your current quota|too low|used up|exhausted"
    r"|budget\W+(?:\w+\W+){0,4}(?:exceeded|reached)|over\W?budget|exceeded\W?\w*budget|billing.{0,20} reached"
    r"|top.?up|不足",
    re.IGNORECASE,
)
_POLICY_CODE = re.compile(
    r"moderation|content.?polic|policy.?violation|safety|content.?filter|responsible.?ai|nsfw", re.IGNORECASE
)
_POLICY_TEXT = re.compile(
    r"moderation_blocked|content.{0,2}polic|safety|content.?filter|responsible.?ai|nsfw|\bflagged\b"
    r"|violat\w*.{0,40}\bpolic|(?:blocked|rejected|refused).{0,40}\b(?:moderation|policy)",
    re.IGNORECASE | re.DOTALL,
)
_PARAMETER_CODE = re.compile(r"param|invalid_(?:value|type|enum)|extra_forbidden|missing", re.IGNORECASE)
_KEYISH = r"(?:(?:api|access|secret|auth\w*|bearer)[\W_]?(?:key|token)s?|credentials?)\b"
_KEY_WORDS = re.compile(
    rf"(?:\bno|invalid|incorrect|wrong|expired|revoked|disabled|missing|unknown|malformed)[\W_]{{1,3}}(?:\w+\W){{0,2}}?"
    rf"{_KEYISH}"
    rf"|{_KEYISH}.{{0,40}}?(?:not valid|invalid|incorrect|expired|revoked|disabled|missing|not found|required|deleted)"
    r"|\bkey (?:is |was |has been )?(?:disabled|revoked|expired|invalid|deleted)|\Ainvalid token\W*\Z|无效的令牌",
    re.IGNORECASE | re.DOTALL,
)
_ACCESS_CODE = re.compile(
    r"model.?access|access.?denied|not.?verified|unverified|verification|model.?not.?(?:allowed|permitted|in.?plan)"
    r"|(?:insufficient|wrong).?(?:plan|tier)",
    re.IGNORECASE,
)
_ACCESS_403 = re.compile(
    r"\bmodels?\b|\bplans?\b|\bverif|\baccess\b|subscription|\btier\b|模型|无权", re.IGNORECASE
)
_ACCESS_TEXT = re.compile(
    r"must be verified|organi[sz]ation.{0,60}\bverif|\bverif\w+.{0,60}organi[sz]ation"
    r"|(?:no|not have|without|not allowed to|cannot|can't) access\b.{0,20}\bmodel|access denied|not allowed to access"
    r"|not (?:included|available|allowed|enabled|open) (?:in|on|for|with|to) (?:your|this) (?:\w+ )?(?:plan|tier|key"
    r"|account|subscription|organi)|upgrade (?:your|to a)|requires? an? .{0,30}(?:plan|subscription|tier)",
    re.IGNORECASE | re.DOTALL,
)
_MODEL_CODE = re.compile(
    r"model.?(?:not.?found|does.?not.?exist|not.?exist|not.?available|not.?supported|deprecated|retired)"
    r"|(?:no.?such|invalid|unknown|unsupported).?model",
    re.IGNORECASE,
)
_MODEL_TEXT = re.compile(
    r"(?:invalid|unknown|unsupported|unrecogni[sz]ed|no such|not a valid|non-?existent) (?:image )?model\b"
    r"|\bmodel\b(?: name| id)?[\s:=]{0,3}['\"`]?[^\s'\"`]{0,200}['\"`]?\s{0,3}"
    r"(?:(?:was |is |could )?not (?:be )?found|does(?: not|n't) exist|not exist|(?:is )?no longer\b"
    r"|is(?: not|n't) (?:available|valid|known|recogni[sz]ed|supported)\b(?! for| with)"
    r"|(?:has been |is |was )(?:deprecated|removed|retired|decommissioned|shut ?down)|is (?:invalid|unknown))"
    r"|could not resolve provider|provider not provided|no endpoints found|模型.{0,40}不存在",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\A\s*(?:<!doctype html|<html)", re.IGNORECASE)
_FRONT = re.compile(r"\Aerror code: \d{3,4}\s*\Z", re.IGNORECASE)
"""What Cloudflare says instead of a page to what is no browser."""

_INVALID = frozenset({400, 409, 413, 415, 422, 451})
_CUT_OFF = frozenset({408, 425, 499})


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What a relay said about a failure, in the words of the relay, cleaned but not yet judged.

    `is_page` marks a web page in the place of an answer: its words are for people, and no relay wrote them.
    """

    status: int
    code: str = ""
    type: str = ""
    message: str = ""
    param: str = ""
    reasons: bool = False
    headers: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    retries_502: bool = False
    inside_200: bool = False
    is_page: bool = False

    @property
    def words(self) -> str:
        """The code and the type in one string."""
        return f"{self.code} {self.type}"

    @property
    def text(self) -> str:
        """The message without web addresses, whose paths name things the message does not."""
        return "" if self.is_page else _URLS.sub("", self.message)

    @property
    def is_front(self) -> bool:
        """Whether something in front of the relay said no, and the relay itself was never asked."""
        return self.status == 403 and (self.is_page or bool(_FRONT.match(self.message)))

    @property
    def blames_a_setting(self) -> bool:
        """Whether it is about one field of the request that is neither the prompt nor the model."""
        return self.param not in ("", "prompt", "model")


def is_page(text: str, headers: Mapping[str, Any]) -> bool:
    """Say whether a body that is no JSON is a web page."""
    is_html = str(headers.get("content-type", "")).lower().startswith("text/html")
    return bool(_PAGE.match(text)) or (is_html and text.lstrip().startswith("<"))


def out_of_funds(said: Complaint) -> bool:
    """Tell an empty account from a rate limit: both come as 429, and a rate limit may mention billing."""
    if said.status == 402:
        return True
    if said.status not in (200, 400, 403, 422, 429):
        return False
    if _FUNDS.search(said.words):
        return True
    if not _FUNDS.search(said.text):
        return False
    is_short = bool(_SHORTAGE.search(said.text))
    if said.status in (403, 429):
        return is_short or not _RATE.search(f"{said.words} {said.text}")
    return is_short and not said.blames_a_setting


def blocked(said: Complaint) -> bool:
    """Tell a refused prompt from a refused parameter that happens to be called safety_checker."""
    if said.status not in (200, 400, 403, 422, 502):
        return False
    if said.reasons or _POLICY_CODE.search(said.words):
        return True
    is_parameter = _PARAMETER_CODE.search(said.code) or said.param not in ("", "prompt")
    return not is_parameter and bool(_POLICY_TEXT.search(said.text))


def rate_limited(said: Complaint) -> bool:
    """Any other 429, and a 503 that says when to come back."""
    return said.status == 429 or (said.status == 503 and "retry-after" in said.headers)


def not_open(said: Complaint) -> bool:
    """Tell a model that this key may not use, and a guard in front of the relay, from a key that is wrong."""
    if said.is_front:
        return True
    if said.status not in (400, 401, 403):
        return False
    if _ACCESS_CODE.search(said.words):
        return True
    if said.status == 401 or _wrong_key(said) or said.blames_a_setting:
        return False
    if said.status == 403:
        return bool(_ACCESS_403.search(f"{said.code} {said.text}"))
    return bool(_ACCESS_TEXT.search(said.text)) and not _MODEL_CODE.search(said.words)


def auth(said: Complaint) -> bool:
    """A wrong key, also where a relay calls it a bad request."""
    return said.status in (401, 403) or (said.status == 400 and _wrong_key(said))


def model_gone(said: Complaint) -> bool:
    """A 404 that names the model, a 400 that says it is not known, or a code that says so whatever the status."""
    if _MODEL_CODE.search(said.words):
        return True
    if said.status in (400, 422) and said.param == "model":
        return True
    if said.status == 400:
        return not said.blames_a_setting and bool(_MODEL_TEXT.search(said.text))
    names = "model" in said.text.lower() or bool(said.model and said.model.lower() in said.text.lower())
    return said.status in (404, 410) and (names or bool(_MODEL_TEXT.search(said.text)))


def wrong_address(said: Complaint) -> bool:
    """Nobody draws at this address: a 404 without a word of the model, a 405, or a redirect."""
    return not said.inside_200 and (said.status in (404, 405, 410) or 300 <= said.status < 400)


def invalid(said: Complaint) -> bool:
    """The listed statuses, and the rest of 4xx but those that say the call was cut off on the way."""
    return said.status in _INVALID or (400 <= said.status < 500 and said.status not in _CUT_OFF)


def transient(said: Complaint) -> bool:
    """The relay itself says that it failed; a 502 only where its own pages mean that by it."""
    return said.status in (500, 503) or (said.status == 502 and said.retries_502)


RULES: list[tuple[Kind, Callable[[Complaint], bool]]] = [
    (Kind.OUT_OF_FUNDS, out_of_funds),
    (Kind.BLOCKED, blocked),
    (Kind.RATE_LIMITED, rate_limited),
    (Kind.NOT_OPEN, not_open),
    (Kind.AUTH, auth),
    (Kind.MODEL_GONE, model_gone),
    (Kind.WRONG_ADDRESS, wrong_address),
    (Kind.INVALID, invalid),
    (Kind.BAD_ANSWER, lambda said: said.inside_200 or said.status < 300),
    (Kind.TRANSIENT, transient),
]


def kind_of(said: Complaint) -> Kind:
    """Return the first class whose rule holds, in the order of RELAYS.md §2.8; UNKNOWN when none does."""
    return next((kind for kind, rule in RULES if rule(said)), Kind.UNKNOWN)


def _wrong_key(said: Complaint) -> bool:
    return bool(_KEY_WORDS.search(said.words) or _KEY_WORDS.search(said.text))
