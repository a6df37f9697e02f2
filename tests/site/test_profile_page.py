"""The profile of a build as a page: a table first, for every width, without a mouse and safe."""

import re
from html import unescape

import pandas as pd
import pytest

from bolton_jsna.core.areas import area
from bolton_jsna.core.export import NOT_FOR_PUBLICATION
from bolton_jsna.measures.panel import indicator_panel
from bolton_jsna.site.profile_page import profile_page
from browsing import violations
from indicator_rows import NEAR, Entry, frame, neighbours, row

HOSTILE = "</style><script>alert(1)</script> {{7*7}} \"'><img src=x onerror=alert(2)>"
TAG = re.compile(r'<span class="tag (\w+)">')


def made(*rows, place="Bolton", **entries):
    found = frame(*rows)
    known = {name: Entry() for name in found["indicator"].unique()} | entries
    near = neighbours() if place == "Bolton" else None
    return indicator_panel(found, near, known, place=area(place))


def rows_of(count, **more):
    others = [row(name, 100, 500, **more) for name in NEAR]
    return [row("Bolton", count, 500, **more), *others, row("England", 150_000, 750_000, **more)]


@pytest.fixture
def opened(visit, bolton_built):
    return lambda **size: visit(bolton_built / "data/processed/profile.html", **size)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 768, 390])
def test_axe_finds_nothing_and_nothing_is_cut_off(opened, width):
    seen = opened(width=width)
    assert violations(seen.page) == []
    seen.page.locator("summary").first.click()
    assert violations(seen.page) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    seen.quiet()


@pytest.mark.browser
def test_the_table_comes_first_and_keeps_its_meaning_when_narrow(opened, bolton_built):
    panel = pd.read_parquet(bolton_built / "data/processed/profile.parquet")
    page = opened(width=390).page
    assert page.locator("main > *").first.evaluate("e => e.tagName") == "TABLE"
    # Rows that are shown as blocks are rows of a table to a screen reader all the same.
    assert page.get_by_role("row").count() == 2 * len(panel) + panel["subject"].nunique() + 1
    assert page.get_by_role("columnheader").count() == 7
    first = page.get_by_role("row").nth(2)
    assert first.get_by_role("cell").count() == 6
    assert first.get_by_role("rowheader").inner_text().startswith(panel["title"].iloc[0])
    box = first.get_by_role("cell").first.bounding_box()
    assert 0 <= box["x"] < 390


@pytest.mark.browser
def test_the_page_is_used_with_a_keyboard(opened):
    page = opened(width=1280).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.locator("details[open]").count() == 0
    page.keyboard.press("Enter")
    assert page.locator("details[open] dt").first.inner_text() == "Definition"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#meanings"


@pytest.mark.browser
def test_hostile_text_runs_nothing_and_is_shown_as_it_is(visit, tmp_path):
    entry = Entry(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    panel = made(*rows_of(100, period=HOSTILE, source=HOSTILE), tested=entry)
    path = tmp_path / "profile.html"
    path.write_text(profile_page(panel, sources=[HOSTILE], mark=HOSTILE), encoding="utf-8")
    seen = visit(path)
    assert seen.page.locator(".title").inner_text() == HOSTILE
    assert seen.page.locator("img, script").count() == 0
    seen.quiet()


def test_rows_stand_under_their_subjects_in_order(bolton_built):
    panel = pd.read_parquet(bolton_built / "data/processed/profile.parquet")
    text = (bolton_built / "data/processed/profile.html").read_text(encoding="utf-8")
    found = re.findall(r'(?:rowheader" colspan="7">|<span class="title">)(.*?)</', text)
    expected = []
    for subject, rows in panel.groupby("subject", sort=False):
        expected += [subject, *rows["title"]]
    assert [unescape(each) for each in found] == expected
    assert text.count("Open Government Licence") >= 1


@pytest.mark.parametrize(
    ("count", "better", "tags"),
    [
        (300, "lower", {"worse"}),
        (300, "higher", {"better"}),
        (300, "", set()),
        (100, "lower", set()),
        (20, "lower", {"better"}),
    ],
)
def test_better_and_worse_are_only_where_a_test_supports_them(count, better, tags):
    text = profile_page(made(*rows_of(count), tested=Entry(better=better)))
    assert set(TAG.findall(text)) == tags


def test_a_figure_that_no_test_compares_is_neither_better_nor_worse():
    only = {"value": 90.0, "status": "value", "count_status": "not_available"}
    rows = [row("Bolton", None, 500, **only)]
    rows += [row(name, None, 500, **only | {"value": 10.0}) for name in (*NEAR, "England")]
    panel = made(*rows, tested=Entry(better="lower"))
    assert TAG.findall(profile_page(panel)) == []
    assert "published without its counts" in profile_page(panel)


def test_a_hidden_figure_is_its_state_in_words():
    text = profile_page(made(*rows_of("suppressed")))
    assert '<span class="state">Suppressed</span>' in text
    assert "nan" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL).lower()


def test_the_page_of_england_has_no_column_against_itself():
    text = profile_page(made(row("England", 150_000, 750_000), place="England"))
    heads = re.findall(r'role="columnheader">(.*?)<', text)
    assert heads == ["Indicator", "England", "Trend"]
    assert ">20.0<" in text


def test_a_page_with_a_mark_has_it_in_its_heading():
    text = profile_page(made(*rows_of(100)), mark=NOT_FOR_PUBLICATION)
    assert f"<h1>{NOT_FOR_PUBLICATION}: Profile of Bolton</h1>" in text
