"""The section on projected use: each number with its interval, and what past ones were worth."""

from dataclasses import replace

import pytest

import chapter_made
import chapter_reader
from bolton_jsna.chapter.sections import demand


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return demand.section(given)


def with_rows(given, rows, **changed):
    return replace(given, tables=given.tables | {"projected_demand": rows}, **changed)


def without_numbers(rows, indicators, reason):
    """The rows, with one that has no number in place of those of some indicators."""
    rows = rows.copy()
    at = rows["indicator"].isin(indicators).to_numpy()
    rows.loc[at, "status"] = "not_available"
    rows.loc[at, "reason"] = reason
    return rows[~at | (rows["horizon"] == 1)].reset_index(drop=True)


def test_each_figure_is_in_the_row_that_it_names(given, made):
    assert chapter_reader.faults(made, chapter_reader.facts(given)) == []


def test_a_reader_finds_a_wrong_figure(given, made):
    rows = chapter_reader.facts(given)
    rows["projected_demand:referrals/E08000001/2030/constant"]["lower_80"] = 2_600.0
    assert any("2,524" in each for each in chapter_reader.faults(made, rows))


def test_parts_have_titles_and_figures_their_tables(made):
    assert {each.key: each.title for each in chapter_reader.below(made)} == demand.TITLES
    assert chapter_reader.out_of_place(made) == []
    assert chapter_reader.twice(made) == []


def test_every_expected_number_has_its_interval_and_its_name(made):
    sentences = [
        span.text
        for each in chapter_reader.paragraphs(chapter_reader.part(made, "demand_indicators"))
        for span in each.spans
        if span.rows
    ]
    assert len(sentences) == 10
    for each in sentences:
        assert "about" in each
        assert "80 per cent interval" in each
        assert each.endswith("projection, not a forecast of need.")


def test_the_first_table_has_the_last_number_and_those_ahead(made):
    table = chapter_reader.tables(made)["expected_numbers"]
    assert [[cell.text for cell in row] for row in table.rows[:3]] == [
        ["Referrals", "2025", "3,803", "2026", "3,777", "2,955", "4,600"],
        ["Referrals", "2025", "3,803", "2030", "3,612", "2,524", "5,291"],
        ["Referrals", "2025", "3,803", "2035", "3,446", "2,399", "5,195"],
    ]
    assert len(table.rows) == 15


def test_the_record_has_errors_and_how_often_the_interval_held(made):
    part = chapter_reader.part(made, "demand_record")
    table = chapter_reader.tables(part)["record_of_projections"]
    lines = {(row[0].text, row[1].text): [cell.text for cell in row[2:]] for row in table.rows}
    assert lines["Referrals", "5"] == ["315", "19", "49", "88", "5"]
    words = chapter_reader.text(part)
    assert "For 2025 this method would have said 3,855 in 2024, 6,008 in 2022" in words
    assert "2024.0" not in words


def test_the_notes_of_a_chart_do_not_repeat_the_record(made):
    for each in chapter_reader.blocks(made):
        if hasattr(each, "drawing"):
            assert each.notes == (
                "How far such projections have been out is in the last part of this section.",
            )


def test_beyond_the_measured_years_no_error_is_given(made):
    part = chapter_reader.part(made, "demand_record")
    table = chapter_reader.tables(part)["record_of_projections"]
    (far,) = [
        row
        for row in table.rows
        if row[0].text.startswith("Children looked") and row[1].text == "5"
    ]
    assert [cell.text for cell in far[2:6]] == ["[x]"] * 4
    words = chapter_reader.text(part)
    assert "Children looked after at 31 March: No past projection reaches beyond 3 years" in words


def test_intervals_beyond_the_tested_years_are_named_with_their_services(made):
    part = chapter_reader.part(made, "demand_record")
    (line,) = [
        each.text
        for each in chapter_reader.paragraphs(part)
        if "tested up to 5 years ahead, and not beyond" in each.text
    ]
    assert line.startswith("Referrals, child protection plans started, ")
    assert "looked after" not in line


def test_services_without_a_projection_are_named_with_the_reason(given):
    rows = without_numbers(
        given.tables["projected_demand"],
        ["cla_at_31_march"],
        "there is 1 year of cla_at_31_march.",
    )
    made = demand.section(with_rows(given, rows))
    words = chapter_reader.text(made, "missing")
    assert words == (
        "There is no projection of children looked after at 31 March. There is 1 year of children "
        "looked after at 31 March. To look for more figures: bolton-jsna refresh --only "
        "children_in_need --only children_looked_after --only population_projections --area Bolton."
    )
    assert "expected_cla_at_31_march" not in chapter_reader.tables(made)
    assert "expected_referrals" in chapter_reader.tables(made)


def test_without_projected_children_nothing_is_projected(given):
    rows = given.tables["projected_demand"]
    bare = without_numbers(rows, set(rows["indicator"]), "there is no projection of children")
    why = {"projections": "To fetch it: bolton-jsna refresh --only population_projections."}
    made = demand.section(with_rows(given, bare, missing=why))
    assert "bolton-jsna refresh --only population_projections" in chapter_reader.text(made)
    assert chapter_reader.tables(made) == {}
    assert made.sections == ()


def test_without_its_table_it_names_the_command(given):
    made = demand.section(replace(given, tables={}, missing={}))
    assert "bolton-jsna refresh --only" in chapter_reader.text(made, "missing")


def test_a_chart_that_is_not_drawn_leaves_the_table(given):
    rest = {name: each for name, each in given.drawings.items() if name != "projection_referrals"}
    made = demand.section(replace(given, drawings=rest))
    assert "chart of referrals is not drawn" in chapter_reader.text(made, "missing")
    assert "expected_referrals" in chapter_reader.tables(made)
