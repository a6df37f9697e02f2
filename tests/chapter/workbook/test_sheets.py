"""The sheets of a workbook have the words, notes and numbers of the document."""

import dataclasses

import pytest

import odd_chapter
import sample_chapter
from bolton_jsna.chapter.document import Cell, Column, Section, paragraph
from bolton_jsna.chapter.workbook._sheets import book_of


def _book(*blocks, **changed):
    sections = (Section("one", "One", blocks),)
    return book_of(sample_chapter.document(sections=sections, **changed))


def test_sheets_are_numbered_as_the_tables_of_the_document():
    document = sample_chapter.document()
    book = book_of(document)
    assert [each.name for each in book.sheets] == ["Contents", "Notes", "1_trend", "2_glossary"]
    for number, (table, sheet) in enumerate(
        zip(document.tables(), book.sheets[2:], strict=True), 1
    ):
        assert sheet.title.startswith(f"Table {number}: {table.title}")


def test_the_same_note_has_the_same_number_on_every_sheet():
    first = sample_chapter.table(key="a", notes=("Shared.", "First."))
    second = sample_chapter.table(key="b", notes=("Second.", "Shared."))
    book = _book(first, second)
    _, notes, one, two = book.sheets
    assert one.title.endswith("[note 1] [note 2]")
    assert two.title.endswith("[note 3] [note 1]")
    assert [[each.text for each in row] for row in notes.rows] == [
        ["1", "Shared.", "Table 1, Table 2"],
        ["2", "First.", "Table 1"],
        ["3", "Second.", "Table 2"],
    ]


def test_cautions_of_a_section_are_notes_of_its_tables():
    book = _book(
        sample_chapter.table(notes=()),
        paragraph("Chance is in the counts.", role="caution"),
        paragraph("A plain sentence."),
    )
    notes = book.sheets[1]
    assert [row[1].text for row in notes.rows] == ["Chance is in the counts."]
    assert book.sheets[2].title.endswith("[note 1]")


def test_tables_without_notes_have_no_sheet_of_notes_and_none_is_named():
    book = _book(sample_chapter.table(notes=()))
    assert [each.name for each in book.sheets] == ["Contents", "1_trend"]
    words = [*book.cover.introduction, *(each.instructions for each in book.sheets)]
    assert not any("Notes" in each for each in words)


def test_a_document_without_tables_is_a_cover_that_says_what_is_missing():
    book = _book(paragraph("There are no figures: run refresh.", role="missing"))
    assert not book.sheets
    assert "There are no tables." in book.cover.introduction
    assert "One: There are no figures: run refresh." in book.cover.about


def test_marks_and_made_up_figures_are_said_before_the_table():
    table = sample_chapter.table(illustrative=True)
    sheet = _book(table, mark="Not for publication").sheets[-1]
    assert sheet.warnings[0] == "Not for publication"
    assert sheet.warnings[1].startswith("Illustrative local data")
    assert not _book(sample_chapter.table(), mark="").sheets[-1].warnings
    cover = _book(table, mark="Draft").cover
    assert cover.introduction[0] == "Draft"
    assert any(each.startswith("Illustrative local data") for each in cover.introduction)
    plain = _book(table, illustrative=False).cover
    assert not any("made up" in each for each in plain.introduction)


def test_years_and_ages_are_numbers_without_a_comma_and_other_texts_are_texts():
    sheet = _book(odd_chapter.number_table()).sheets[-1]
    assert sheet.headings[0].kind == "label"
    assert [row[0].number for row in sheet.rows] == [2021, 2022, 2023, 2024, None, None, None, None]
    codes = sample_chapter.table(
        columns=(Column("Code"), Column("Count", "number")),
        rows=((Cell("2021"), Cell("1", 1.0, "value")), (Cell("0350"), Cell("2", 2.0, "value"))),
        ids=(),
    )
    assert _book(codes).sheets[-1].headings[0].kind == "text"


def test_a_number_with_a_state_that_has_none_is_never_written():
    hidden = Cell("[c]", 3.0, "suppressed")
    table = sample_chapter.table(
        columns=(Column("Area"), Column("Count", "number")),
        rows=((Cell("Ward"), hidden),),
        ids=(),
    )
    entry = _book(table).sheets[-1].rows[0][1]
    assert (entry.text, entry.number) == ("[c]", None)


def test_headings_that_programs_take_for_one_are_rejected():
    columns = (Column("Area"), Column("Count", "number"), Column("count", "number", 1))
    table = dataclasses.replace(sample_chapter.table(), columns=columns)
    with pytest.raises(ValueError, match=r"'trend' has the headings .* differ in more than"):
        _book(table)


def test_a_table_without_rows_says_so_and_has_signs():
    sheet = _book(sample_chapter.table(lines=0)).sheets[-1]
    assert [[each.text for each in row] for row in sheet.rows] == [["[x]"] * 3]
    lines = [each.text for each in sheet.lines]
    assert lines[0].startswith("The table has 0 rows")
    assert any(each.startswith("[x] Not available") for each in lines)
