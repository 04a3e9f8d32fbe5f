"""What a relay answers, and what must come of it: rows 9 to 15, 18, 19, 26, 27 and 30 of SAFETY §6."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from studio.models import State
from tests.faults.scene import RESET, Play, Step, answer, b64, drawn, error, flood, png, send, wait
from tests.relays.chaos import reply

POLICY = (
    "The relay's safety system refused this prompt. Nothing was charged by this studio. "
    "Change the prompt and try again."
)
EMPTY = "The relay returned no image. This is often a silent safety refusal. Nothing was sent again."
KEY = "The studio's relay key was refused. An administrator was told."
FUNDS = "The studio's balance at the relay is used up. An administrator was told."
SIZE = "The relay does not accept size 4096x4096. Choose another size."
BUSY = "The relay is still busy after 4 tries. Nothing was charged. Try again later."
UNREADABLE = (
    "The relay's answer could not be read. It may have been charged. An administrator can look at it."
)
LOST = (
    "We lost contact with the relay after sending your request. It may have been charged. "
    "Nothing was sent again."
)
GONE = "The relay no longer offers this model. Nothing was charged. Choose another model."
DRAWING = "One image came as an SVG drawing, which the studio does not keep."
GIF = "One image came as a GIF, which the studio does not keep."
DAMAGED = "{} of {} images saved. One arrived damaged."
OURS = "The relay does not accept the studio's request. Nothing was charged. An administrator was told."
NOT_OPEN = (
    "This model is not open to the studio's key. Nothing was charged. An administrator was told. "
    "Choose another model."
)
IN_FRONT = (
    "Something in front of the relay blocked the request. Nothing was charged. An administrator was told."
)
ADDRESS = "The relay's address seems wrong. Nothing was charged. An administrator was told."
SAID_NO = (
    "The relay answered with an error instead of images. It may have been charged. "
    "An administrator can look at it."
)
SETTINGS = "The relay does not accept these settings. Change them and try again."


def failed(status: int, trace: str = " Trace id req-7.") -> str:
    return f"The relay failed ({status}). Tried 3 times.{trace}"


def after_accepting(status: int) -> str:
    return f"The relay failed after accepting the request ({status}). It may have been charged."


@dataclass(frozen=True)
class Case:
    """One way to answer a request for `n` images, and how the generation ends."""

    row: str
    plays: tuple[Play, ...]
    state: State
    sentence: str = ""
    n: int = 2
    requests: int = 1
    spent: int = 0
    presumed: int = 0
    kind: str = ""
    dialect: str = "openai"


def refused(row: str, *plays: Play, sentence: str = POLICY, kind: str = "blocked", **more: object) -> Case:
    return Case(row, plays, State.REFUSED, sentence, kind=kind, **more)  # type: ignore[arg-type]


def ended(row: str, *plays: Play, sentence: str, kind: str, **more: object) -> Case:
    return Case(row, plays, State.FAILED, sentence, kind=kind, **more)  # type: ignore[arg-type]


def broken(row: str, body: bytes, *, sentence: str = UNREADABLE, **more: object) -> Case:
    play = answer(200, body)
    return Case(row, (play,), State.BROKEN, sentence, presumed=2, kind="bad_answer", **more)  # type: ignore[arg-type]


def lost(row: str, *steps: Step, sentence: str = LOST, **more: object) -> Case:
    return Case(row, (list(steps),), State.UNKNOWN, sentence, presumed=2, kind="unknown", **more)  # type: ignore[arg-type]


def done(row: str, *plays: Play, spent: int, **more: object) -> Case:
    return Case(row, plays, State.DONE, spent=spent, **more)  # type: ignore[arg-type]


def stream(*events: dict[str, object]) -> Play:
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return answer(200, text.encode(), {"Content-Type": "text/event-stream"})


def response_failed(**said: str) -> dict[str, object]:
    return {"type": "response.failed", "response": {"status": "failed", "error": said}}


STARTED: dict[str, object] = {"type": "response.created", "response": {"instructions": "Draw. " * 3000}}
TRACE = {"x-request-id": "req-7"}
PICTURE = b64()
PAGE = b"<!DOCTYPE html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked"
GOOD = drawn(PICTURE, b64(png(2)))

WHOLE = json.dumps({"data": [{"b64_json": PICTURE}, {"b64_json": b64(png(2))}]}).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

REFUSALS = [
    refused("row_9-content_policy", error(400, code="content_policy_violation")),
    refused("row_9-moderation", error(400, code="moderation_blocked", type="image_generation_user_error")),
    refused("row_9-routmy-words", error(400, message="Blocked by our content policy."), dialect="routmy"),
    refused("row_10-no-data", answer(200, {"created": 1, "data": []}), sentence=EMPTY, kind="empty"),
    refused(
        "row_10-all-flagged",
        answer(200, {"data": [{"url": None, "b64_json": None, "flagged": True}] * 2}),
        sentence=EMPTY,
        kind="empty",
    ),
    refused("row_11-policy-in-403", error(403, message="This prompt violates our usage policy.")),
    refused("row_19-502-named", error(502, message="Upstream: rejected by the moderation policy.")),
    refused("row_19-200-shaped-502", error(200, code=502, message="Provider: content policy violation")),
    refused("row_19-200-shaped-400", answer(200, {"error": {"code": 400, "type": "moderation_blocked"}})),
    refused(
        "row_19-stream-named", stream(STARTED, response_failed(code="moderation_blocked", message="No."))
    ),
    refused(
        "row_19-stream-unnamed",
        stream(STARTED, response_failed(code="server_error", message="Sorry.")),
        sentence=EMPTY,
        kind="empty",
    ),
    refused(
        "row_19-chat-refusal",
        answer(200, {"choices": [{"message": {"content": None, "refusal": "I cannot draw that."}}]}),
        sentence=EMPTY,
        kind="empty",
        dialect="chat",
    ),
]
FAILURES = [
    ended("row_11-401", error(401, code="invalid_api_key"), sentence=KEY, kind="auth"),
    ended("row_11-403", error(403, message="This key is disabled."), sentence=KEY, kind="auth"),
    ended("row_11-402", error(402, message="Payment required"), sentence=FUNDS, kind="out_of_funds"),
    ended("row_11-429-funds", error(429, code="insufficient_quota"), sentence=FUNDS, kind="out_of_funds"),
    ended(
        "row_11-403-funds", error(403, message="Insufficient balance"), sentence=FUNDS, kind="out_of_funds"
    ),
    ended("row_12-400", error(400, param="size", code="invalid_value"), sentence=SIZE, kind="invalid"),
    ended(
        "row_12-422",
        answer(422, {"detail": [{"loc": ["body", "size"], "msg": "wrong", "type": "enum"}]}),
        sentence=SIZE,
        kind="invalid",
    ),
    ended("row_12-unnamed", error(400, message="Bad."), sentence=SETTINGS, kind="invalid"),
    ended("row_12-not-ours", error(400, param="Pay at evil.example"), sentence=OURS, kind="invalid"),
    ended("row_12-415", error(415), sentence=OURS, kind="invalid"),
    ended("row_11-422-budget", error(422, type="budget_exceeded"), sentence=FUNDS, kind="out_of_funds"),
    ended("row_11-400-key", error(400, message="Incorrect API key."), sentence=KEY, kind="auth"),
    ended("row_11-403-plan", error(403, message="Not in your plan."), sentence=NOT_OPEN, kind="not_open"),
    ended("row_11-403-page", answer(403, PAGE), sentence=IN_FRONT, kind="not_open"),
    ended("row_14-400-model", error(400, message="Invalid model name."), sentence=GONE, kind="model_gone"),
    ended("row_14-404", answer(404, {"detail": "Not Found"}), sentence=ADDRESS, kind="wrong_address"),
    ended("row_14-405", answer(405, b""), sentence=ADDRESS, kind="wrong_address"),
    ended(
        "row_11-200-funds",
        answer(200, {"message": "Insufficient balance", "data": None}),
        sentence=FUNDS,
        kind="out_of_funds",
    ),
    ended("row_13-always", error(429), sentence=BUSY, kind="rate_limited", requests=4),
    ended("row_13-503", error(503, {"Retry-After": "1"}), sentence=BUSY, kind="rate_limited", requests=4),
    ended("row_14-500", error(500, TRACE), sentence=failed(500), kind="transient", requests=3),
    ended("row_14-503", error(503), sentence=failed(503, ""), kind="transient", requests=3),
    ended(
        "row_14-502-routmy",
        error(502, TRACE, message="Bad gateway"),
        sentence=failed(502),
        kind="transient",
        requests=3,
        dialect="routmy",
    ),
    ended("row_14-model-gone", error(404, code="model_not_found"), sentence=GONE, kind="model_gone"),
]
DOUBTS = [
    *(
        lost(f"row_14b-{status}", *error(status, TRACE), sentence=after_accepting(status))
        for status in (502, 504, 520, 521, 522, 523, 524)
    ),
    broken("row_15-error", b'{"error": {"message": "Boom"}, "data": null}', sentence=SAID_NO),
    broken("row_15-message", b'{"message": "Boom", "data": null}', sentence=SAID_NO),
    broken("row_15-html", b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
    broken("row_15-truncated", json.dumps({"data": [{"b64_json": PICTURE}]}).encode()[:-9]),
    broken("row_15-list", b"[1, 2, 3]"),
    broken("row_15-data-is-a-number", b'{"data": 7}'),
    broken("row_15-nan", b'{"data": [{"b64_json": "%b"}], "took": NaN}' % PICTURE.encode()),
    broken("row_15-deep", b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    broken("row_15-digits", b'{"created": ' + b"9" * 5000 + b', "data": []}'),
    broken("row_15-twice", b'{"data": [], "data": [{"b64_json": "%b"}]}' % PICTURE.encode()),
    broken("row_15-empty", b""),
    lost("row_30-reset-before-head", RESET),
    lost("row_30-reset-in-head", send(b"HTTP/1.1 200 OK\r\nContent-"), wait(0.05), RESET),
    lost("row_30-reset-in-body", send(reply(200, b'{"data": [', length=5000)), wait(0.05), RESET),
    lost("row_30-closed"),
    lost("row_30-cut", send(reply(200, b'{"data": [', length=5000))),
]
SUCCESSES = [
    done("row_30-length-too-big", [send(reply(200, WHOLE, length=10**6))], spent=2),
    done("row_30-last-chunk", [send(CHUNKED + b"%x\r\n%b\r\n" % (len(WHOLE), WHOLE))], spent=2),
    done("row_13-once", error(429, {"Retry-After": "7"}), GOOD, spent=2, requests=2),
    done("row_14-once", error(500), GOOD, spent=2, requests=2),
    done("row_27-extra", drawn(*[PICTURE] * 5), spent=2),
    done("row_28-same-bytes-twice", drawn(PICTURE, PICTURE), spent=2),
    Case(
        "row_26-fewer",
        (drawn(PICTURE, PICTURE),),
        State.DONE,
        "The relay returned 2 of 4 images. You were counted for 2.",
        n=4,
        spent=2,
    ),
    Case(
        "row_16-base64",
        (drawn(*[PICTURE] * 3, PICTURE[:80]),),
        State.DONE,
        DAMAGED.format(3, 4),
        n=4,
        spent=3,
    ),
]
BASE64: dict[str, Callable[[str], str]] = {
    "prefix": lambda text: f"data:image/png;base64,{text}",
    "lines": lambda text: "\r\n ".join(text[start : start + 76] for start in range(0, len(text), 76)),
    "url-safe": lambda text: text.replace("+", "-").replace("/", "_"),
    "unpadded": lambda text: text.rstrip("="),
}
CLEAN = [done(f"row_18-{name}", drawn(change(PICTURE)), spent=1, n=1) for name, change in BASE64.items()]
UNCLEAN = [
    Case(f"row_18-{name}", (drawn(text, PICTURE),), State.DONE, sentence.format(1, 2), spent=1)
    for name, text, sentence in (
        ("other", "*" + PICTURE, DAMAGED),
        ("middle", PICTURE[:40] + "==" + PICTURE[40:], DAMAGED),
        ("svg", b64(b"<svg />"), "{} of {} images saved. " + DRAWING),
        ("gif", b64(b"GIF89a"), "{} of {} images saved. " + GIF),
    )
]
CASES = REFUSALS + FAILURES + DOUBTS + SUCCESSES + CLEAN + UNCLEAN
LATE = [
    lost("row_30-silent", wait(5)),
    lost("row_24-slow-head", send(b"HTTP/1.1 200 OK\r\n"), flood(b"X-A: b\r\n", 0.02)),
    lost("row_24-slow-body", send(reply(200, b"{", length=99_999)), flood(b" ", 0.02)),
]
