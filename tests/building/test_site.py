"""A static site: its pages, links, tables and search; what stays and what goes with a new one."""

import hashlib
import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building.many import _task
from bolton_jsna.core.errors import UsageError
from browsing import violations

pytestmark = pytest.mark.usefixtures("sketched")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BOLTON, ROCHDALE = "areas/e08000001-bolton", "areas/e08000005-rochdale"
NAMES = ["Bolton", "Rochdale", "Bury"]


@pytest.fixture(scope="module")
def built(
    lay_rochdale: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, jsna.SiteRecord]]:
    """Bolton from the snapshot, Rochdale with one neighbour suppressed, Bury without figures."""
    folder = lay_rochdale(tmp_path_factory.mktemp("site"))
    yield folder / "site", jsna.write_site(NAMES, workspace=folder)
    _task._shared.cache_clear()


@pytest.fixture
def again(built: tuple[Path, jsna.SiteRecord], tmp_path: Path) -> Path:
    """A copy of the workspace with its site."""
    return Path(shutil.copytree(built[0].parent, tmp_path / "again"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def links(page: Path) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8"))


def test_every_link_leads_to_a_file_of_the_site_and_nowhere_else(built) -> None:
    site, record = built
    assert len(pages(site)) == record.pages > 60
    for page in pages(site):
        for link in links(page):
            if link.startswith(("#", "data:")):
                continue
            assert not re.match(r"[\w.+-]+:|//", link), (page, link)
            goal = (page.parent / unquote(link.partition("#")[0])).resolve()
            assert goal.is_file(), (page, link)
            assert goal.is_relative_to(site)


def test_every_page_has_a_title_of_its_own_one_heading_and_its_size(built) -> None:
    site, record = built
    titles = []
    for page in pages(site):
        text = page.read_text(encoding="utf-8")
        titles.append(text.partition("<title>")[2].partition("</title>")[0])
        assert text.count("<h1>") == 1
        assert 'lang="en-GB"' in text
        assert len(text.encode()) <= 500_000
        levels = [int(each) for each in re.findall(r"<h(\d)", text)]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(set(titles)) == len(titles) == record.pages
    assert record.largest == max(each.stat().st_size for each in pages(site))


def test_figures_of_a_page_are_those_of_the_tables(built) -> None:
    site, _ = built
    text = (site / BOLTON / "referrals/index.html").read_text(encoding="utf-8")
    years = pd.read_csv(site / BOLTON / "referrals/years.csv")
    own = years[(years["area_code"] == "E08000001") & (years["year"] == 2025)].iloc[0]
    assert f"{own['value']:,.1f}" in text
    assert f"{own['lower']:,.1f} to {own['upper']:,.1f}" in text
    loaded = jsna.load_children_in_need("Bolton", indicators="referrals", workspace=site.parent)
    rate = jsna.crude_rates(loaded)
    known = rate[rate["year"] == 2025].iloc[0]
    assert own["value"] == pytest.approx(known["rate"])
    assert own["count"] == known["count"]
    profile = pd.read_csv(site / BOLTON / "profile.csv")
    panel = pd.read_parquet(site.parent / "data/processed/national/profile.parquet")
    assert len(profile) == (panel["area_code"] == "E08000001").sum()


def test_expected_numbers_have_their_interval_and_their_record(tmp_path: Path) -> None:
    jsna.write_site("Bolton", workspace=tmp_path)
    site = tmp_path / "site"
    text = (site / BOLTON / "referrals/index.html").read_text(encoding="utf-8")
    table = pd.read_csv(site / BOLTON / "referrals/projected.csv")
    assert table["horizon"].tolist() == list(range(1, 11))
    last = table.iloc[-1]
    assert f"{last['lower_80']:,.0f} to {last['upper_80']:,.0f}" in text
    assert "not a forecast of need" in text
    assert "past projections" in text
    assert "has been tested up to" in text
    # Only where the method has a record, or the authority years enough, is there a projection.
    assert not (site / BOLTON / "neet/projected.csv").exists()


def test_states_are_words_and_never_a_number(built) -> None:
    site, _ = built
    text = (site / ROCHDALE / "referrals/index.html").read_text(encoding="utf-8")
    row = re.search(r'<tr><th scope="row">Salford</th>(.*?)</tr>', text, re.DOTALL)
    assert row is not None
    assert "Suppressed" in row[1]
    assert not re.search(r"\d", row[1].replace("number", ""))
    neighbours = pd.read_csv(site / ROCHDALE / "referrals/neighbours.csv")
    salford = neighbours[neighbours["area_name"] == "Salford"].iloc[0]
    assert salford["status"] == "suppressed"
    assert pd.isna(salford["value"])
    assert pd.isna(salford["count"])


def test_each_table_has_its_description(built) -> None:
    site, _ = built
    tables = sorted(site.rglob("*.csv"))
    assert len(tables) > 60
    for table in tables:
        found = json.loads(Path(f"{table}-metadata.json").read_text(encoding="utf-8"))
        assert found["url"] == table.name
        heads = table.read_text(encoding="utf-8").partition("\n")[0].split(",")
        assert [each["name"] for each in found["tableSchema"]["columns"]] == heads
        keys = found["tableSchema"]["primaryKey"]
        assert not pd.read_csv(table).duplicated(keys).any(), table


def test_nothing_of_wards_or_made_up_records_is_on_the_site(built) -> None:
    for path in built[0].rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "Illustrative" not in text or "assets" in path.parts
            assert "E05" not in text


def test_an_authority_without_figures_is_named_and_has_no_page(built) -> None:
    site, record = built
    assert [each.area_name for each in record.failed] == ["Bury"]
    assert not list(site.glob("areas/*bury*"))
    assert "Bury</a>" not in (site / "index.html").read_text(encoding="utf-8")


def test_the_same_figures_give_the_same_bytes(built, again: Path) -> None:
    assert jsna.write_site(NAMES, workspace=again).files == built[1].files


def test_pages_of_an_area_that_is_left_out_go_and_other_files_stay(again: Path) -> None:
    site = again / "site"
    (site / "CNAME").write_text("figures.example")
    (site / "about/index.html").write_text("changed by hand")
    (site / ROCHDALE / "mine.txt").write_text("mine")
    record = jsna.write_site("Bolton", workspace=again, title="Bolton & more <b>")
    assert not (site / ROCHDALE / "index.html").exists()
    assert (site / "CNAME").read_text() == "figures.example"
    assert (site / ROCHDALE / "mine.txt").read_text() == "mine"
    assert "changed by hand" not in (site / "about/index.html").read_text(encoding="utf-8")
    assert "Bolton &amp; more &lt;b&gt;" in (site / "index.html").read_text(encoding="utf-8")
    assert not any(name.startswith(ROCHDALE) for name in record.files)
    assert [each.name for each in again.iterdir() if each.name.startswith(".bolton")] == []


def test_a_site_that_cannot_be_completed_leaves_the_one_before(
    again: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in pages(again / "site")}

    def stop(*_: object, **__: object) -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr("bolton_jsna.site._csvw.metadata", stop)
    with pytest.raises(Exception, match="disk is full"):
        jsna.write_site("Bolton", workspace=again)
    assert {path: path.read_bytes() for path in pages(again / "site")} == before
    assert [each.name for each in again.iterdir() if each.name.startswith(".bolton")] == []


def test_a_chapter_is_linked_unless_its_wards_are_made_up(again: Path) -> None:
    folder = again / _task.folder_of("E08000005")
    (folder / "chapter").mkdir(parents=True)
    (folder / "data/processed").mkdir(parents=True)
    page = folder / "chapter/chapter.html"
    page.write_text("<!DOCTYPE html>The chapter")
    mark = hashlib.sha256(page.read_bytes()).hexdigest()
    facts = {"area_code": "E08000005", "outputs": {"chapter/chapter.html": mark}}
    for more, linked in (
        ({"illustrative": False, "unprotected": ""}, True),
        ({"illustrative": True, "unprotected": ""}, False),
        ({"illustrative": False, "unprotected": "for a test"}, False),
    ):
        record = json.dumps(facts | more)
        (folder / "data/processed/run.json").write_text(record)
        made = jsna.write_site("Rochdale", workspace=again)
        assert (f"{ROCHDALE}/chapter.html" in made.files) is linked
        text = (again / "site" / ROCHDALE / "index.html").read_text(encoding="utf-8")
        assert ("The chapter" in text) is linked


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"output": "."}, "of its own"),
        ({"title": " "}, "name of the site"),
    ],
)
def test_what_is_not_valid_is_rejected_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=words):
        jsna.write_site("Bolton", workspace=tmp_path, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize(
    "address",
    [
        "index.html",
        "about/index.html",
        f"{BOLTON}/index.html",
        f"{ROCHDALE}/referrals/index.html",
        "indicators/referrals/index.html",
    ],
)
def test_pages_are_accessible_and_fit(built, visit, address: str, width: int) -> None:
    page = visit(built[0] / address, width=width)
    page.quiet()
    assert violations(page.page, WCAG) == []
    wide = "() => document.documentElement.scrollWidth - window.innerWidth"
    assert page.page.evaluate(wide) <= 0


@pytest.mark.browser
def test_the_search_needs_no_server(built, visit) -> None:
    page = visit(built[0] / "index.html").page
    page.locator("#find").press_sequentially("rochdale referr")
    assert "fit" in page.locator("#found").inner_text()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/e08000005-rochdale/**")
    assert "Rochdale" in page.locator("h1").inner_text()
