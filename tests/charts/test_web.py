"""The page of every kind of chart in Chromium with the network off: keys, reflow, table, axe."""

import io
import re
from urllib.parse import unquote

import pandas as pd
import pytest

from bolton_jsna.charts._web import part, shown
from bolton_jsna.core.states import SIGNS
from browsing import violations
from charts_made import CHARTS

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

CUT = """() => {
    const svg = [...document.querySelectorAll('svg')].find(e => e.getBoundingClientRect().width);
    return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < -1 || box.right > document.documentElement.clientWidth + 1;
    }).map(text => text.textContent);
}"""
"""The words of the drawing that leave the page at the left or the right."""

SMALL = """() => {
    const svg = [...document.querySelectorAll('svg')].find(e => e.getBoundingClientRect().width);
    return Math.min(...[...svg.querySelectorAll('text')].map(
        text => parseFloat(text.getAttribute('font-size')) * svg.getScreenCTM().a));
}"""
"""The height of the smallest words of the drawing in pixels."""

LISTEN = """() => {
    window.heard = [];
    document.addEventListener('focusin', event => window.heard.push(
        [event.target.getAttribute('aria-label'), document.querySelector('.said').textContent]));
}"""
"""Note what is focused from now on, and what is written below the drawing then."""

FOCUSED = "document.activeElement.getAttribute('aria-label')"


@pytest.mark.parametrize("kind", CHARTS)
def test_the_page_of_a_chart(kind, visit, tmp_path):
    chart = CHARTS[kind].hidden()
    seen = visit(chart.save(tmp_path / f"{kind}.html"), width=1280)
    page = seen.page
    assert page.get_attribute("html", "lang") == "en-GB"
    assert page.title() == chart.title
    assert page.locator("h1").all_inner_texts() == [chart.title]
    assert page.inner_text(".description") == chart.alt
    _keys(page)
    _table(page, chart)
    # With the table open, and on the page whose targets are closest to each other.
    _narrow(page)
    assert violations(page, WCAG) == []
    page.emulate_media(media="print")
    assert page.locator("svg.wide").is_visible()
    assert not page.locator("svg.narrow").is_visible()
    seen.quiet()


def _keys(page):
    """The figures are one stop, the arrow keys go through all, and each is said and written."""
    items = page.locator("svg.wide .item")
    labels = items.evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert labels
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == labels[0]
    page.evaluate(LISTEN)
    for _ in labels[1:]:
        page.keyboard.press("ArrowRight")
    heard = page.evaluate("heard")
    assert [label for label, _ in heard] == labels[1:]
    assert all(label == written for label, written in heard)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == labels[0]
    page.keyboard.press("End")
    assert page.evaluate(FOCUSED) == labels[-1]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.locator("svg.wide .item[tabindex='0']").count() == 1


def _table(page, chart):
    """The skip link opens the table, which has every figure and the signs that it explains."""
    table = page.locator("#table table")
    assert not table.is_visible()
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    heads = [text for _, text in chart.spec.headings]
    assert table.locator("thead th").all_inner_texts() == heads
    cells = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    assert cells == shown(chart.spec)
    assert all(cell for row in cells for cell in row)
    signs = {cell for row in cells for cell in row} & set(SIGNS.values())
    below = page.inner_text("#table")
    assert all(f"{sign} " in below for sign in signs)
    address = page.get_attribute("#table .download", "href")
    held = pd.read_csv(io.StringIO(unquote(address.split(",", 1)[1])))
    assert list(held.columns) == list(chart.data.columns)
    assert len(held) == len(chart.data) == len(cells)


def _narrow(page):
    """A page 320 px wide, or at 400 per cent, is not scrolled sideways and its words are whole."""
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.locator("svg.narrow").is_visible()
    assert not page.locator("svg.wide").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) >= 11


@pytest.mark.parametrize("kind", CHARTS)
def test_charts_of_one_page_share_no_id(kind):
    spec = CHARTS[kind].hidden().spec
    both = part(spec, "figure-one") + part(spec, "figure-two")
    ids = re.findall(r'\bid="([^"]+)"', both)
    assert len(set(ids)) == len(ids)
    used = set(re.findall(r"url\(#([^)]+)\)", both))
    used |= set(re.findall(r'aria-describedby="([^"]+)"', both))
    assert used
    assert used <= set(ids)
    assert all(each.startswith(("figure-one-", "figure-two-")) for each in ids)
