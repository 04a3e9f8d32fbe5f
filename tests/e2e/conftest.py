"""Fixtures of the browser tests: the real processes, Chromium, and pages that must stay free of errors."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import find, flags
from tests.e2e.pages import DESKTOP, Watch
from tests.e2e.studio import ADMINISTRATOR, ROOT, Studio

RESULTS = ROOT / "test-results"
PHASES = pytest.StashKey[dict[str, pytest.TestReport]]()
expect.set_options(timeout=15_000)  # milliseconds: a busy machine is no fault of the page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/e2e/"):
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep each phase's report for the fixtures, and put the studio's last words beside a failure."""
    report = yield
    item.stash.setdefault(PHASES, {})[report.when] = report
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Studio):
                report.sections.append(("studio", value.tail()))
    return report


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """A function that starts a studio with the variables given, on the folder given or a new one."""
    studios: list[Studio] = []

    def start(folder: Path | None = None, *, bare: bool = False, **variables: str) -> Studio:
        studio = Studio(folder or tmp_path, bare=bare, **variables)
        studios.append(studio)
        studio.start()
        return studio

    yield start
    for studio in studios:
        studio.stop()


@pytest.fixture
def fresh_studio(launch: Callable[..., Studio]) -> Studio:
    """A studio on its first day: nobody is in it, and it has printed its first link."""
    return launch(bare=True)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for the whole run; ADMINISTRATOR can sign in."""
    email, password = ADMINISTRATOR
    folder = tmp_path_factory.mktemp("studio")
    studio = Studio(folder, STUDIO_ADMIN_EMAIL=email, STUDIO_ADMIN_PASSWORD=password)
    studio.start()
    yield studio
    studio.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; the test is skipped where there is none."""
    program = find()
    if program is None:
        pytest.skip("no Chromium on this machine: install it, or run `python -m playwright install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags())
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Watch:
    """What went wrong in the pages of this test; `watch.forgive(pattern)` expects some of it."""
    return Watch()


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, watch: Watch
) -> Iterator[Callable[..., Page]]:
    """A function that opens a page of its own context, with Playwright's options: viewport, color_scheme,
    java_script_enabled, storage_state and so on. The test fails when a page had an error."""
    pages: list[Page] = []

    def new(**options: object) -> Page:
        context = browser.new_context(
            **{"viewport": DESKTOP, "locale": "en-GB", "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        watch.over(page)
        pages.append(page)
        return page

    yield new
    reports = request.node.stash.get(PHASES, {})
    failed = "call" not in reports or reports["call"].failed or bool(watch.trouble)
    for number, page in enumerate(pages):
        if failed:
            page.screenshot(path=_picture(request.node.nodeid, number), full_page=True)
        page.context.close()
    if watch.trouble:
        pytest.fail("\n".join(watch.trouble), pytrace=False)


def _picture(nodeid: str, number: int) -> Path:
    return RESULTS / f"{re.sub(r'[^\w.-]+', '-', nodeid.removeprefix('tests/e2e/'))}-{number}.png"


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page on a desktop in light colours with JavaScript."""
    return open_page()
