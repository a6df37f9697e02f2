"""The authors' own paragraphs: where they go, what they may have, what is said of the rest."""

import pytest

import bolton_jsna as jsna
from bolton_jsna.chapter.contents import PARTS, TITLES
from bolton_jsna.chapter.document import Bullets, Paragraph
from bolton_jsna.chapter.own_text import read_own_text


def read(text, name="chapter/text/words.md"):
    return read_own_text({name: text}, TITLES)


@pytest.mark.parametrize(
    "heading",
    [
        "# Current services in relation to need",
        "## current SERVICES in relation to need",
        "### 2. Current services in relation to need",
        "services\n========",
        "# Services",
    ],
)
def test_a_heading_of_a_section_puts_the_text_there(heading):
    own = read(f"{heading}\n\nOur early help offer.\n")
    assert list(own.sections) == ["services"]
    (block,) = own.sections["services"]
    assert (block.text, block.role) == ("Our early help offer.", "author")
    assert own.others == ()
    assert own.remarks == ()


def test_a_file_without_a_heading_goes_where_its_name_says():
    own = read("First.\n\nSecond.\n", name="chapter/text/need.md")
    assert [each.text for each in own.sections["need"]] == ["First.", "Second."]


def test_text_of_several_files_for_a_section_is_in_the_order_of_the_files():
    texts = {"chapter/text/a.md": "# Need\n\nOne.", "chapter/text/b.md": "# need\n\nTwo."}
    own = read_own_text(texts, TITLES)
    assert [each.text for each in own.sections["need"]] == ["One.", "Two."]


def test_a_heading_that_no_section_has_is_a_section_of_its_own_and_named():
    own = read("# Curent services in relation to need\n\nText.\n\n## Schools\n\nMore.\n")
    assert own.sections == {}
    (section,) = own.others
    assert section.title == "Curent services in relation to need"
    assert [each.text for each in section.blocks] == ["Text."]
    assert [each.title for each in section.sections] == ["Schools"]
    first, second, third = own.remarks
    assert "chapter/text/words.md: no section has the heading 'Curent services" in first
    assert first.endswith(
        "a section of its own. Did you mean 'Current services in relation to need'?"
    )
    assert "'Schools', so its text is a part of 'Curent services" in second
    assert "Did you mean" not in second
    assert all(each in third for each in PARTS)
    assert not any(each in third for parts in PARTS.values() for each in parts)
    assert "README.txt" in third


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("Current services", "Current services in relation to need"),
        ("2. Level of needs", "The level of need in the population"),
        ("Chidlren looked after:", "Children looked after"),
        ("Sources & licenses", "Sources and licences"),
        ("What families say", ""),
        ("Schools", ""),
    ],
)
def test_a_heading_like_one_of_the_chapter_is_asked_about(heading, meant):
    (about, _) = read(f"# {heading}\n\nText.\n").remarks
    assert about.endswith(f"Did you mean {meant!r}?" if meant else "a section of its own.")


@pytest.mark.parametrize("above", ["Services", "Our plan"])
def test_a_short_name_below_other_text_does_not_lead_out_of_it(above):
    own = read(f"# {above}\n\nLead.\n\n## Summary\n\nWords.\n")
    assert "summary" not in own.sections
    assert any("Did you mean 'At a glance'?" in each for each in own.remarks)
    (part,) = own.parts["services"] if own.parts else own.others[0].sections
    assert (part.title, part.blocks[0].text) == ("Summary", "Words.")


def test_a_heading_without_text_is_left_out_and_named():
    own = read("# Notes of 2025\n\n## Services\n\nOurs.\n\n# Plan\n\n## Aims\n\nTwo.\n\n## None\n")
    assert list(own.sections) == ["services"]
    (plan,) = own.others
    assert (plan.title, [each.title for each in plan.sections]) == ("Plan", ["Aims"])
    left_out = [each for each in own.remarks if each.endswith("so it is left out.")]
    assert len(left_out) == 2
    assert "'Notes of 2025'" in left_out[0]
    assert "'None'" in left_out[1]


def test_a_file_without_a_heading_has_its_name_for_one():
    (section,) = read("Words.", name="chapter/text/early_help.md").others
    assert section.title == "Early help"


def test_a_deeper_heading_is_a_part_of_the_section_above_it():
    own = read("# Services\n\nLead.\n\n## What families say\n\nWords.\n\n# Our plan\n\nPlan.\n")
    assert [each.text for each in own.sections["services"]] == ["Lead."]
    (part,) = own.parts["services"]
    assert (part.title, part.blocks[0].text) == ("What families say", "Words.")
    assert [each.title for each in own.others] == ["Our plan"]


def test_words_keep_their_look_and_lists_their_order():
    own = read(
        "# Need\n\nA **bold** and *slanted* word, [the council](https://www.bolton.gov.uk/),\n"
        "<script>alert(1)</script> & `code`.\n\n- one\n- two\n\n1. first\n2. second\n"
    )
    words, bullets, numbers = own.sections["need"]
    assert isinstance(words, Paragraph)
    assert isinstance(bullets, Bullets)
    looks = {each.text: (each.bold, each.italic, each.address) for each in words.spans}
    assert looks["bold"] == (True, False, "")
    assert looks["slanted"] == (False, True, "")
    assert looks["the council"] == (False, False, "https://www.bolton.gov.uk/")
    assert "<script>alert(1)</script> & code." in words.text
    assert [each.text for each in bullets.items] == ["one", "two"]
    assert not bullets.numbered
    assert [each.text for each in numbers.items] == ["first", "second"]
    assert numbers.numbered


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# Need\n\n| a | b |\n| - | - |\n| 1 | 2 |\n", "line 3 has a table"),
        ("# Need\n\nSee ![map](map.png).\n", "line 3 has a picture"),
        ("# Need\n\n```\ncode\n```\n", "line 3 has a block of code"),
        ("# Need\n\n- a\n\n      code in a list\n", "has a block of code"),
        ("# Need\n\n[here](page.html)\n", "line 3 has a link to 'page.html'"),
        ("# Need\n\nText[^1].\n\n[^1]: Note.\n", "line 3 has a footnote"),
        ("# Need\n\n##\n\nText.\n", "line 3 has a heading without words"),
        ("# Need\n\n<!-- a\nb -->\n\n| a |\n| - |\n", "line 6 has a table"),
        ("# Need\n\n1. a\n   - b\n2. c\n", "line 4 has a list inside of a numbered list"),
        ("# Need\n\n1. a\n\nText.\n\n2. b\n", "line 7 has a list that begins with 2"),
        ("# Need\n\n2019. It was a good year.\n", "write 2019\\. with a backslash"),
        ("# Need\n\n5*3*2 places\n", "line 3 has * between digits (5 and 3)"),
        ("# Need\n\nA **5**3\n", "line 3 has ** between digits (5 and 3)"),
        ("# Need\n\nT\0e\0x\0t\0\n", "line 3 has a character that is not text"),
    ],
)
def test_what_own_text_cannot_have_is_named_with_its_line(text, what):
    with pytest.raises(jsna.SourceError) as caught:
        read(text)
    assert str(caught.value).startswith("chapter/text/words.md")
    assert what in str(caught.value)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:a,b"])
def test_an_unsafe_address_is_text_and_not_a_link(address):
    own = read(f"# Need\n\n[press]({address})\n")
    (block,) = own.sections["need"]
    assert not any(each.address for each in block.spans)


@pytest.mark.parametrize("text", ["", "\n\n", "# Need\n", "---\n"])
def test_a_file_without_text_is_nothing(text):
    own = read(text, name="chapter/text/need.md")
    assert not any(own.sections.values())
    assert not own.others


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "# II. Services",
            "# a) Services:",
            "# Section 2: Services",
            "#\N{NO-BREAK SPACE}Services",
        ),
        *(
            "# Part 3 - Current services in relation to need",
            "## **Services** ##",
            "# 2.1 Services",
        ),
    ],
)
def test_a_heading_is_known_however_it_is_numbered_and_set(heading):
    own = read(f"{heading}\n\nOurs.\n")
    assert list(own.sections) == ["services"]
    assert own.remarks == ()


def test_numbers_of_own_text_stay_as_they_were_written():
    own = read(
        "# Need\n\n1. First.\n\n   Its second paragraph.\n2. Second.\n\n2019\\. A year.\n\n"
        "- A\n  - B\n\n  Of A.\n\nFrom 5 \\* 3 to **5** or 2*a*, 7 *of* 8.\n"
    )
    numbers, year, bullets, rest = own.sections["need"]
    assert [each.text for each in numbers.items] == ["First. Its second paragraph.", "Second."]
    assert year.text == "2019. A year."
    assert [each.text for each in bullets.items] == ["A Of A.", "B"]
    assert rest.text == "From 5 * 3 to 5 or 2a, 7 of 8."


def test_a_comment_is_not_printed():
    own = read("# Need\n\nOne <!-- ask Jane\nabout it --> two.\n\n<!-- all of it -->\n")
    assert [" ".join(each.text.split()) for each in own.sections["need"]] == ["One two."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#Services\n\nOurs.\n", "line 1 begins with # without a space after it"),
        ("Services\n\nOurs.\n", "write # Services"),
        ("**Children looked after**\n\nOurs.\n", "write # Children looked after"),
        ("# Need\n\nOne<br>two\n", "line 3 has HTML, which is printed as it is: <br>"),
        ("Ours.\n", "begins without a heading, and no section is 'Words'"),
        ("", "chapter/text/words.md has no text"),
        ("# Services\n", "chapter/text/words.md has no text"),
    ],
)
def test_what_may_not_be_meant_is_named(text, words):
    remarks = read(text).remarks
    assert any(words in each for each in remarks)
    assert all(each.startswith(("chapter/text/words.md", "The sections")) for each in remarks)


def test_plain_words_with_signs_are_not_asked_about():
    own = read("# Need\n\nWhere a < b and c > d, see <https://www.bolton.gov.uk/> & #1.\n")
    assert own.remarks == ()
