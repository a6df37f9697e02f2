"""The model of the chapter that every format is made from."""

import pytest

import sample_chapter


@pytest.mark.parametrize("title", ["Children in Bolton", "Draft: Children in Bolton"])
def test_the_footer_has_the_mark_once(title):
    footer = sample_chapter.document(title=title, mark="Draft").footer
    assert footer.count("Draft") == 1
    assert footer.startswith("Draft")


def test_the_footer_of_a_chapter_without_a_mark_begins_with_its_title():
    assert sample_chapter.document().footer.startswith("Safeguarding children in Bolton, figures")
