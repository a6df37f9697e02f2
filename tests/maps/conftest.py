"""A borough of nine square wards, and what browser tests need."""

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

SIDE = 1500.0
NAMES = [
    "Ash Green",
    "Brook & Mill",
    "Church Town",
    "Dale",
    "East Moor",
    "Fold",
    "Great Hill",
    "Heath",
    "Inner Park",
]


def ward_code(at: int) -> str:
    return f"E0509900{at + 1}"


@pytest.fixture
def wards() -> gpd.GeoDataFrame:
    """Nine wards of 1.5 km in three rows, in the layout of ``load_boundaries``."""
    west, south = 370_000.0, 408_000.0
    squares = [
        shapely.box(
            west + column * SIDE,
            south + row * SIDE,
            west + (column + 1) * SIDE,
            south + (row + 1) * SIDE,
        )
        for row in range(3)
        for column in range(3)
    ]
    return gpd.GeoDataFrame(
        {
            "area_code": [ward_code(at) for at in range(9)],
            "area_name": NAMES,
            "level": "ward",
            "year": 2023,
            "authority_code": "E08000001",
            "source": "ward_boundaries@2023",
        },
        geometry=squares,
        crs="EPSG:27700",
    )


@pytest.fixture
def figures() -> pd.DataFrame:
    """Two measures of the nine wards: one rate suppressed, one not available."""
    return pd.DataFrame(
        {
            "area_code": [ward_code(at) for at in range(9)],
            "idaci": [0.11, 0.15, 0.22, 0.31, 0.35, 0.42, 0.55, 0.61, 0.69],
            "rate": [210.0, None, 330.0, 305.0, None, 520.0, 610.0, 0.0, 905.0],
            "rate_status": [
                "value",
                "suppressed",
                "value",
                "value",
                "not_available",
                "value",
                "modelled",
                "value",
                "value",
            ],
            "children": [900, 1200, 1100, 1500, 800, 1300, 2100, 1900, 2500],
        }
    )


@pytest.fixture(scope="session")
def bolton() -> gpd.GeoDataFrame:
    """Bolton's twenty wards with made-up rates, two of them withheld."""
    import bolton_jsna as jsna

    wards = jsna.load_boundaries("Bolton", level="ward", year=2023)
    order = range(len(wards))
    return wards.assign(
        idaci=[0.13 + 0.028 * at for at in order],
        rate=[None if at in {3, 10} else 300.0 + 37 * ((at * 7) % 20) for at in order],
        rate_status=["suppressed" if at in {3, 10} else "value" for at in order],
        plans=[20.0 + (at * 3) % 20 for at in order],
    )


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
