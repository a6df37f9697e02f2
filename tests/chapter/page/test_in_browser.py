"""The chapter in Chromium with the network off: keys, reflow, maps, paper, axe."""

import dataclasses
import shutil

import pytest

import sample_chapter
import sample_page
from bolton_jsna.chapter.document import Cell, Section
from bolton_jsna.chapter.page.html import to_html
from open_page_checks import (
    axe,
    focus,
    heads_repeated,
    maps_on_paper,
    paper,
    paper_faults,
    reflow,
    scrolls_have_names,
    walk,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = tmp_path_factory.mktemp("page") / "chapter.html"
    made.write_text(to_html(sample_page.document()), encoding="utf-8", newline="\n")
    return made


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (900, 900), (660, 900), (320, 256)])
def test_nothing_is_cut_at_any_width_or_at_400_per_cent(visit, path, width, height):
    seen = visit(path, width=width)
    assert reflow(seen.page, width, height) == []
    assert scrolls_have_names(seen.page) == []
    seen.quiet()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(visit, path, width):
    seen = visit(path, width=width)
    page = seen.page
    walk(page)
    # An area chosen, a text opened, and a table that scrolls in focus.
    assert len(page.frames) == 3
    for frame in page.frames[1:]:
        frame.locator("path.area").nth(3).focus()
        page.keyboard.press("Enter")
        assert frame.inner_text("#panel h2") == "Church Town"
    page.locator("summary").first.click()
    page.locator(".scroll").last.focus()
    assert axe(page) == []
    assert page.locator("img").evaluate_all(
        "all => all.every(each => !each.getClientRects().length)"
    )
    seen.quiet()


def test_a_table_that_is_too_wide_scrolls_by_keys(visit, path):
    page = visit(path, width=800).page
    box = page.locator("#table-wards .scroll")
    assert scrolls_have_names(page) == []
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert box.evaluate("each => each.scrollLeft") > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 800


@pytest.mark.parametrize("width", [1280, 320])
def test_every_stop_of_tab_is_seen(visit, path, width):
    page = visit(path, width=width, height=700 if width > 400 else 256).page
    walk(page)
    faults, names = focus(page)
    assert faults == []
    assert names[0] == "A Skip to the chapter"
    assert "A Current services in relation to need" in names
    assert "A Download Table 1 (CSV)" in names
    assert sum(each.startswith("g ") for each in names) == page.locator(".jsna-chart").count()


def test_the_links_go_where_they_say(visit, path):
    page = visit(path).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "chapter"
    page.get_by_role("link", name="Plans", exact=True).click()
    assert page.evaluate("location.hash") == "#section-services_plans"
    assert page.locator("#section-services_plans").bounding_box()["y"] < 300
    page.locator("#figure-ward_rate .actions a").first.click()
    assert page.evaluate("location.hash") == "#table-wards"


def test_the_arrow_keys_go_through_each_chart_alone(visit, path):
    page = visit(path).page
    charts = page.locator(".jsna-chart")
    assert charts.count() > 2
    for at in range(charts.count()):
        chart = charts.nth(at)
        items = chart.locator("svg.wide .item")
        items.first.focus()
        page.keyboard.press("End")
        last = items.last.get_attribute("aria-label")
        assert chart.locator(".said").inner_text() == " ".join(last.split())
        assert items.last.evaluate("each => each === document.activeElement")


def test_a_map_is_searched_and_moved_by_keys(visit, path):
    seen = visit(path)
    walk(seen.page)
    frame = seen.page.frames[1]
    frame.locator("#find").fill("Dale")
    frame.locator("#find").press("Enter")
    assert frame.inner_text("#panel h2") == "Dale"
    frame.locator("path.area[tabindex='0']").focus()
    seen.page.keyboard.press("Home")
    assert frame.inner_text("#panel h2") == sample_page.HOSTILE
    seen.quiet()


def test_rows_of_a_narrow_page_are_rows_of_a_table(visit, path):
    page = visit(path, width=390).page
    table = page.get_by_role("table").first
    assert table.get_by_role("row").count() == 1 + 5
    assert table.get_by_role("columnheader").count() == 3
    first = table.get_by_role("row").nth(1)
    assert first.get_by_role("rowheader").inner_text() == "Bolton 0"
    assert first.get_by_role("cell").count() == 2


def test_a_narrow_page_shows_the_first_rows_of_a_long_table_and_all_on_request(visit, path):
    page = visit(path, width=390).page
    rows = page.locator("#table-wards tbody tr:visible")
    assert rows.count() == 5
    more = page.get_by_role("button", name="Show all 60 rows of Table 3")
    more.focus()
    page.keyboard.press("Enter")
    assert rows.count() == 60
    page.get_by_role("button", name="Show only 5 rows of Table 3").click()
    assert rows.count() == 5
    page.set_viewport_size({"width": 1280, "height": 900})
    assert rows.count() == 60
    assert page.get_by_role("button").count() == 0


def test_without_scripts_the_maps_are_pictures(browser, path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    pictures = page.locator(".jsna-map img")
    assert pictures.count() == 2
    assert all(pictures.nth(at).is_visible() for at in range(2))
    assert page.locator("iframe").count() == 0
    assert page.get_by_role("table").count() == 3
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.locator("#table-wards tbody tr:visible").count() == 60
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_it_prints_on_paper(visit, path, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: the sheets are not read")
    page = visit(path).page
    walk(page)
    assert maps_on_paper(page) == []
    document = sample_page.document()
    sheets = paper(page, tmp_path / "chapter.pdf")
    assert paper_faults(sheets, document) == []
    long = sample_page.wide(60)
    named = dataclasses.replace(
        long, rows=tuple(row for row in long.rows if row[0].text.startswith("Ward 0"))
    )
    held, without = heads_repeated(sheets, named)
    assert len(held) >= 2
    assert without == []


def test_paper_faults_finds_what_is_cut():
    document = sample_chapter.document(mark="Draft")
    sheets = ["Draft some words bolton-jsna 0.1.0 Page 1 of 1"]
    found = paper_faults(sheets, document)
    assert any("1,234" in each for each in found)
    assert any("bolton.gov.uk" in each for each in found)
    assert any("all but empty" in each for each in found)


def test_the_checks_find_what_leaves_the_page(visit, tmp_path):
    given = sample_chapter.table(rows=((Cell("W" * 90), Cell("1"), Cell("2")),), ids=())
    document = sample_chapter.document(sections=(Section("a", "A", (given,)),))
    broken = to_html(document).replace("</head>", "<style>main{width:900px}</style></head>")
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(broken, encoding="utf-8")
    page = visit(spoilt, width=390).page
    assert reflow(page, 390) != []
