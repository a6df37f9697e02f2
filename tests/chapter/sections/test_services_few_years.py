"""The services of 2012: the sentences of the printed chapter, as far as figures support them."""

from pathlib import Path
from unittest import mock

import pytest

import bolton_jsna as jsna
import chapter_made
import chapter_reader
import files_of_2012 as old
from bolton_jsna.building import _chapter
from bolton_jsna.chapter.document import Figure
from bolton_jsna.chapter.sections import services


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("services_of_2012")
    old.published(folder)
    (folder / "plans.csv").write_text(old.OWN)
    found = []
    with mock.patch.object(_chapter, "write", lambda given, *_: found.append(given)):
        jsna.build(
            "Bolton",
            workspace=folder,
            to_year=2012,
            local_records=folder / "plans.csv",
            chapter="html",
        )
    return found[0]


@pytest.fixture(scope="module")
def made(given):
    return services.section(given)


def test_each_figure_is_in_the_row_that_it_names(given, made):
    rows = chapter_reader.facts(given)
    ours = [each for each in chapter_reader.faults(made, rows) if "5 in 100" not in each]
    assert ours == []
    rows["rates:cpp_at_31_march/E08000001/2010"]["count"] = 366
    assert any("367" in each for each in chapter_reader.faults(made, rows))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("services_referrals", "606 per 10,000 children"),
        ("services_referrals", "higher than England (534) by more than chance in the counts"),
        ("services_referrals", "prints 606 for Bolton and 533.5 for England"),
        ("services_plans_started", "252 child protection plans started in Bolton, 39.0 per"),
        ("services_plans_started", "prints 39 for Bolton and 46 for England"),
        ("services_plans", "there were 367 children on a child protection plan in Bolton in 2010"),
        ("services_plans", "and 236 in 2012: 58.8, 57.3 and 36.5 per 10,000 children"),
    ],
)
def test_the_numbers_of_the_printed_chapter_are_said(made, part, words):
    assert words in chapter_reader.text(chapter_reader.part(made, part))


def test_no_word_is_said_that_no_test_supports(made):
    parts = ("services_referrals", "services_plans_started", "services_plans")
    for part in parts:
        said = chapter_reader.text(chapter_reader.part(made, part), "body")
        assert "(2025 model)" in said
        for word in ("significant", "significantly", "rose", "fell", "rising", "falling"):
            assert word not in said.split()


def test_the_printed_shares_are_hidden_and_the_chapter_says_so(made):
    said = chapter_reader.text(chapter_reader.part(made, "services_plan_groups"))
    assert "No figure by age band is shown for 2012" in said
    assert "DfE has published such tables by age, sex and ethnic group" in said
    assert "No figure by category is shown for 2012" in said
    assert "per cent" not in said


def test_a_chapter_of_many_years_is_as_before():
    said = chapter_reader.text(services.section(chapter_made.materials()))
    assert "too few to test" not in said
    assert "2011 Census" not in said


def test_no_command_fetches_what_the_year_cannot_have(made):
    said = chapter_reader.text(chapter_reader.part(made, "services_looked_after"))
    assert "The chapter stands at 2012 (--to-year), and there are none of that year" in said
    assert "bolton-jsna refresh" not in said


def test_a_source_of_several_releases_is_named_once(made):
    figures = [each for each in chapter_reader.blocks(made) if isinstance(each, Figure)]
    assert len(figures) >= 4
    for each in figures:
        assert len(set(each.sources)) == len(each.sources) > 0
