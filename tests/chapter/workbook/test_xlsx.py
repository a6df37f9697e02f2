"""The Excel file has what gptables leaves out."""

import io

import openpyxl
import pytest
from lxml import etree

import workbook_checks
from bolton_jsna.chapter.workbook._guarded import guarded, restored
from bolton_jsna.core.packed import unpacked


@pytest.fixture
def changed(made):
    """Return the sample after a change to its table's sheet, as openpyxl writes it."""

    def change(what):
        book = openpyxl.load_workbook(io.BytesIO(made("sample", "xlsx")))
        what(book, book["1_trend"])
        done = io.BytesIO()
        book.save(done)
        return done.getvalue()

    return change


def _restyled(cell, **options):
    cell.font = openpyxl.styles.Font(name="Arial", size=12, **options)


def _reformatted(cell, code):
    cell.number_format = code


def _with(sheet, cell, value):
    sheet[cell] = value


BREAKS = {
    "order": lambda book, sheet: book.move_sheet("Notes", -1),
    "layout": lambda book, sheet: _with(sheet, "A2", "This sheet has words."),
    "alone": lambda book, sheet: _with(sheet, "E12", "beside"),
    "marked_up": lambda book, sheet: sheet.tables.pop("trend"),
    "nothing_more": lambda book, sheet: sheet.merge_cells("A1:B1"),
    "states_and_notes": lambda book, sheet: _with(sheet, "A5", "What the sign means"),
    "sheet_names": lambda book, sheet: setattr(sheet, "title", "History"),
    "links": lambda book, sheet: setattr(sheet["A7"].hyperlink, "location", "'Lost'!A1"),
    "letters": lambda book, sheet: _restyled(sheet["A9"], italic=True),
    "properties": lambda book, sheet: setattr(book.properties, "language", None),
    "numbers": lambda book, sheet: _reformatted(sheet["C9"], "#,##0"),
}


@pytest.mark.parametrize("check", BREAKS)
def test_each_check_finds_what_breaks_its_rule(changed, check):
    found = {each.__name__: each for each in workbook_checks.CHECKS}[check]
    assert found(changed(lambda book, sheet: None)) == []
    assert found(changed(BREAKS[check])) != []


@pytest.mark.parametrize(
    ("check", "what"),
    [
        ("numbers", lambda book, sheet: _with(sheet, "B9", "=1+1")),
        ("numbers", lambda book, sheet: _with(sheet, "B9", "1,234")),
        ("numbers", lambda book, sheet: [_with(sheet, f"A{row}", "7") for row in range(9, 14)]),
        ("states_and_notes", lambda book, sheet: _with(sheet, "B9", "[note 1]")),
        ("states_and_notes", lambda book, sheet: _with(sheet, "B9", None)),
        ("states_and_notes", lambda book, sheet: _with(sheet, "A1", "Table 1: No [note 7]")),
        ("nothing_more", lambda book, sheet: setattr(sheet, "freeze_panes", "B2")),
        ("nothing_more", lambda book, sheet: setattr(sheet, "sheet_state", "hidden")),
        ("nothing_more", lambda book, sheet: setattr(sheet.auto_filter, "ref", "A8:C13")),
        ("properties", lambda book, sheet: setattr(book, "active", 2)),
    ],
)
def test_checks_find_other_breaks(changed, check, what):
    found = {each.__name__: each for each in workbook_checks.CHECKS}[check]
    assert found(changed(what)) != []


def test_titles_have_the_headings_that_excel_knows(made):
    book = openpyxl.load_workbook(io.BytesIO(made("sample", "xlsx")))
    assert {sheet["A1"].style for sheet in book} == {"Heading 1"}
    assert book["Cover"]["A2"].style == "Heading 2"
    assert book["Cover"]["A3"].style == "Normal"


def test_a_text_like_a_formula_stays_one_when_its_cell_is_edited(made):
    book = openpyxl.load_workbook(io.BytesIO(made("odd", "xlsx")))
    sheet = book["1_odd_texts"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert len(cells) == 2
    assert all(cell.quotePrefix and cell.data_type == "s" for cell in cells)


def test_the_headings_are_repeated_on_every_printed_page(made):
    book = openpyxl.load_workbook(io.BytesIO(made("sample", "xlsx")))
    assert book["1_trend"].print_title_rows == "$8:$8"
    assert book["1_trend"].page_setup.orientation == "landscape"


def test_parts_are_well_formed(made):
    for name, part in unpacked(made("odd", "xlsx")).items():
        assert etree.fromstring(part) is not None, name


@pytest.mark.parametrize("text", ["$$a$$", "[a](b)", "$$$", "…", "…](", "plain", "x", "[c]"])
def test_a_guarded_text_is_restored(text):
    assert restored(guarded(text).encode()).decode() == text
    assert "$$" not in guarded(text)
    assert "](" not in guarded(text)
