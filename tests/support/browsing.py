"""Pages opened in headless Chromium with the network off, and what axe finds in them."""

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; a test that asks for it is skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine: the pages are not opened")
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


class Visit:
    """A page opened with the network off, and what it tried, said and threw."""

    def __init__(self, page, path: Path) -> None:
        self.page, self.asked, self.said = page, [], []
        page.route("**/*", self._answer)
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        page.goto(path.as_uri())

    def _answer(self, route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def quiet(self) -> None:
        """Fail when the page asked the network, wrote to the console or threw."""
        assert self.asked == []
        assert self.said == []


@pytest.fixture
def visit(browser):
    """Open a file in Chromium: ``visit(path, width=1200, height=900)``."""
    opened = []

    def open_(path: Path, *, width: int = 1200, height: int = 900) -> Visit:
        page = browser.new_page(viewport={"width": width, "height": height})
        opened.append(page)
        return Visit(page, path)

    yield open_
    for page in opened:
        page.close()


def violations(page, rules: Sequence[str] | None = None) -> list[str]:
    """What axe finds against some of its rules by tag, by default against all of them."""
    with warnings.catch_warnings():
        # axe's package reads its own file in a way that newer Pythons advise against.
        warnings.simplefilter("ignore", DeprecationWarning)
        from axe_playwright_python.sync_playwright import Axe
    # What has no fault is not listed: to name each of its elements takes most of the time.
    options = {"resultTypes": ["violations"]} | ({} if rules is None else {"runOnly": list(rules)})
    found = Axe().run(page, options=options)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]
