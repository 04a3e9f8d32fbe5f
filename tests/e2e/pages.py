"""What browser tests look through: viewports, a watch that collects trouble, and axe."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, ViewportSize

DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=375, height=812)
VIEWPORTS = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES = ("light", "dark")

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", event => console.error(
    `CSP: ${event.violatedDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`))"""


ALREADY_MADE = re.compile(r"status of 409 \(Conflict\) \(http://[^/]*/generations/\)")
"""How Chromium tells of a prompt that another test has drawn; people.draw has it made again."""


class Watch:
    """Collects console errors and warnings, page errors and CSP violations of the pages that it watches."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.forgiven: list[re.Pattern[str]] = [ALREADY_MADE]

    def over(self, page: Page) -> None:
        page.add_init_script(REPORT_VIOLATIONS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def forgive(self, pattern: str) -> None:
        """Expect trouble that matches: Chromium reports every 4xx answer as a console error."""
        self.forgiven.append(re.compile(pattern))

    @property
    def trouble(self) -> list[str]:
        return [line for line in self.seen if not any(pattern.search(line) for pattern in self.forgiven)]


def axe(page: Page, *, within: str = "html") -> list[str]:
    """Return the serious and critical violations inside the selector as "rule: target, target"."""
    page.evaluate(AXE)
    result: dict[str, Any] = page.evaluate("within => axe.run(within, {resultTypes: ['violations']})", within)
    grave = [
        violation for violation in result["violations"] if violation["impact"] in {"serious", "critical"}
    ]
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}" for each in grave]


def touch(page: Page, *steps: list[tuple[int, int]]) -> None:
    """Put fingers down, move them and take them away, one list of places for each moment."""
    session = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(steps) - 1)]
    for kind, places in zip(kinds, steps, strict=True):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
