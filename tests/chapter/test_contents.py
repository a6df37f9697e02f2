"""The sections of a chapter in their order, and that no text of the authors is lost."""

from dataclasses import replace

import chapter_made
from bolton_jsna.chapter.contents import TITLES, document_of
from bolton_jsna.chapter.own_text import read_own_text


def test_text_for_every_heading_is_in_the_chapter_also_without_figures():
    words = {key: f"Our words on {key}." for key in TITLES}
    text = "\n\n".join(
        f"# {TITLES[key]}\n\n{each}\n\n## Of {key}\n\nMore." for key, each in words.items()
    )
    own = read_own_text({"chapter/text/all.md": text}, TITLES)
    given = chapter_made.materials()
    few = chapter_made.changed(given, *(each for each in given.tables if each.startswith("depriv")))
    for materials in (given, few):
        document = document_of(replace(materials, own_text=own))
        found = {each.key: each for _, each in document.headings()}
        assert set(TITLES) <= set(found)
        for key, each in words.items():
            assert found[key].blocks[0].text == each
            assert f"Of {key}" in [part.title for part in found[key].sections]
