"""What is said of own text names every heading that it can have, and its example is read."""

import re

from bolton_jsna.chapter.contents import PARTS, TITLES
from bolton_jsna.chapter.own_text import read_own_text
from bolton_jsna.chapter.own_text_guide import guide


def test_the_guide_lists_every_heading_as_it_is_written_in_own_text():
    listed = guide().partition("Headings of sections")[2]
    assert re.findall(r"^#+ (.*)$", listed, re.MULTILINE) == list(TITLES.values())
    text = "\n\n".join(f"{each}\n\nWords." for each in listed.splitlines() if each.startswith("#"))
    own = read_own_text({"chapter/text/all.md": text}, TITLES)
    assert set(own.sections) == set(TITLES)
    assert own.remarks == ()


def test_the_example_of_the_guide_can_be_copied():
    example = guide().partition("An example:")[2].partition("(End of the example.)")[0]
    own = read_own_text({"chapter/text/example.md": example}, TITLES)
    assert [len(each) for each in own.sections.values()] == [2]
    assert own.remarks == ()


def test_the_page_lists_the_parts_of_each_section(root):
    page = " ".join((root / "docs/chapter.md").read_text(encoding="utf-8").split())
    for section, parts in PARTS.items():
        assert f"| {section} | " in page
        if parts:
            assert f"- **{section}**: {'; '.join(parts)} " in page
