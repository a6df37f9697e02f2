"""The chapter as a page: its text says all of the document, is safe, whole and the same twice."""

import dataclasses
import re

import pytest

import sample_chapter
import sample_page
from bolton_jsna.chapter.document import Paragraph, Section, Span
from bolton_jsna.chapter.page.html import to_html
from page_checks import text_faults


@pytest.fixture(scope="module")
def text():
    return to_html(sample_page.document())


@pytest.mark.parametrize("mark", ["", "Draft", "Not for publication"])
def test_a_small_chapter_has_no_fault(mark):
    document = sample_chapter.document(mark=mark)
    assert text_faults(to_html(document), document) == []


def test_a_chapter_with_everything_has_no_fault(text):
    assert text_faults(text, sample_page.document()) == []


def test_the_same_document_gives_the_same_text(text):
    # Drawn again, not kept.
    sample_page.document.cache_clear()
    sample_page.maps.cache_clear()
    assert to_html(sample_page.document()) == text


def test_what_maps_share_is_in_the_page_once(text):
    assert text.count("Leaflet 1.9.4") == 1
    assert text.count("@preserve") <= 1
    assert len(text) < 3_000_000


def test_a_page_without_maps_has_no_leaflet():
    assert "Leaflet" not in to_html(sample_chapter.document())


def test_a_mark_that_is_in_the_title_is_said_once_in_it_and_at_the_foot():
    document = sample_chapter.document(mark="Draft", title="Draft: Children in Bolton")
    text = to_html(document)
    assert "<title>Draft: Children in Bolton</title>" in text
    assert "<footer><p>Draft: Children in Bolton, figures to" in text
    assert text_faults(text, document) == []


def test_hostile_text_stays_text_in_the_style_of_paper_too():
    hostile = sample_page.HOSTILE
    document = sample_chapter.document(title=hostile, mark=hostile, dated=hostile)
    text = to_html(document)
    assert "<img" not in text
    assert text.count("<script") == 2
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert "alert(1)" not in style


SPOILS = {
    "language": ('lang="en-GB"', 'lang="en"'),
    "policy": ("default-src 'none'", "default-src *"),
    "main": ('<main id="chapter"', '<main id="other"'),
    "loads": ("</main>", '<img src="https://example.org/a.png" alt="a"></main>'),
    "ids": ('id="figure-trend_figure-title"', 'id="figure-trend_figure-words"'),
    "heading": ("<h3 ", "<h4 "),
    "contents": ('<a href="#section-services">', '<a href="#section-summary">'),
    "role": ("<strong>Caution:</strong> ", ""),
    "number": ("Figure 1:", "Figure 2:"),
    "twin": ("The figures are in Table 1", "The figures are in Table 2"),
    "cell": ('data-head="Referrals">1,234<', 'data-head="Referrals">1,235<'),
    "sign": ('<p class="sign">[c]', '<p class="sign">[x]'),
    "csv": ("%2C1234%2C", "%2C1235%2C"),
    "row head": ('<th scope="row"', '<th scope="col"'),
    "note": ("A child referred twice is counted twice.", ""),
    "mark": ('<p class="mark">', '<p class="mark">Not '),
    "foot": ("figures to 31 March 2025, bolton-jsna", "figures, bolton-jsna"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_the_checks_find_what_is_wrong(name):
    document = sample_chapter.document(mark="Draft")
    text = to_html(document)
    before, after = SPOILS[name]
    assert before in text
    assert text_faults(text.replace(before, after), document) != []


def test_a_link_to_a_script_is_text(text):
    assert "javascript:" not in text
    document = sample_chapter.document(
        sections=(Section("a", "A", (Paragraph((Span("go", address=" javascript:alert(1)"),)),)),)
    )
    assert "<p>go</p>" in to_html(document)


def test_an_illustrative_table_says_so_in_its_csv():
    table = dataclasses.replace(sample_chapter.table(), illustrative=True)
    document = sample_chapter.document(sections=(Section("a", "A", (table,)),))
    text = to_html(document)
    assert text_faults(text, document) == []
    assert "illustrative%2CArea%2CReferrals" in text


def test_an_empty_chapter_is_a_page():
    document = sample_chapter.document(sections=())
    assert text_faults(to_html(document), document) == []
