"""A workbook follows the rules for what authors publish, in both formats alike."""

import csv
import shutil
import subprocess
import sys

import pytest

import odd_chapter
import sample_chapter
import workbook_checks
from bolton_jsna.chapter.workbook import to_ods, to_xlsx
from bolton_jsna.chapter.workbook._sheets import book_of
from workbook_read import read_workbook

KINDS = ("xlsx", "ods")
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true,false,false,-1"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chapter", ["sample", "odd", "no_tables", "no_notes"])
@pytest.mark.parametrize("check", workbook_checks.CHECKS, ids=lambda each: each.__name__)
def test_a_workbook_breaks_no_rule(made, chapter, kind, check):
    assert check(made(chapter, kind)) == []


@pytest.mark.parametrize("chapter", ["sample", "odd"])
def test_both_formats_have_the_same_cells(made, chapter):
    excel, open_document = (read_workbook(made(chapter, kind)) for kind in KINDS)
    for one, other in zip(excel.sheets, open_document.sheets, strict=True):
        assert (one.name, one.tables) == (other.name, other.tables)
        assert {at: cell.value for at, cell in one.cells.items()} == {
            at: cell.value for at, cell in other.cells.items()
        }
        assert _look(one) == _look(other)


def _look(sheet):
    """Return how each cell looks."""
    return {
        at: (
            cell.size,
            bool(cell.link),
            cell.heading,
            isinstance(cell.value, float) and cell.commas,
        )
        for at, cell in sheet.cells.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_of_the_document_is_in_the_file(made, kind):
    document = odd_chapter.document()
    sheets = read_workbook(made("odd", kind)).sheets[3:]
    for table, sheet in zip(document.tables(), sheets, strict=True):
        _, (top, _, _, _) = sheet.tables[0]
        assert [sheet.text(top, at) for at in range(len(table.columns))] == [
            each.name for each in table.columns
        ]
        for row, cells in enumerate(table.rows, top + 1):
            for column, cell in enumerate(cells):
                found = sheet.cells[row, column]
                if cell.value is not None:
                    assert found.value == cell.value
                    assert found.decimals == table.columns[column].decimals
                elif isinstance(found.value, float):
                    assert f"{found.value:.0f}" == cell.text
                else:
                    assert found.value == " ".join(cell.text.replace("\x07", "").split())


@pytest.mark.parametrize("writer", [to_xlsx, to_ods])
def test_the_same_document_gives_the_same_bytes(writer):
    assert writer(sample_chapter.document()) == writer(sample_chapter.document())


def test_neither_library_is_loaded_before_it_is_used():
    code = (
        "import sys, bolton_jsna.chapter.workbook\n"
        "print(*{'gptables', 'odfdo', 'xlsxwriter', 'lxml', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.fixture(scope="module")
def opened(made, tmp_path_factory):
    """Return what LibreOffice shows of each sheet, by format."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    folder = tmp_path_factory.mktemp("opened")
    for kind in KINDS:
        (folder / f"{kind}.{kind}").write_bytes(made("odd", kind))
    subprocess.run(
        [
            office,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            _CSV,
            "--outdir",
            str(folder),
            *(str(folder / f"{kind}.{kind}") for kind in KINDS),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return {
        kind: {
            each.stem.removeprefix(f"{kind}-"): list(
                csv.reader(each.read_text(encoding="utf-8").splitlines())
            )
            for each in folder.glob(f"{kind}-*.csv")
        }
        for kind in KINDS
    }


@pytest.mark.parametrize("kind", KINDS)
def test_libreoffice_shows_every_number_as_the_chapter_prints_it(opened, kind):
    book = book_of(odd_chapter.document())
    assert set(opened[kind]) == {"Cover", *(each.name for each in book.sheets)}
    for sheet in book.sheets:
        shown = opened[kind][sheet.name]
        assert shown[0][0] == sheet.title
        assert shown[sheet.top] == [each.name for each in sheet.headings]
        assert shown[sheet.top + 1 :] == [[each.text for each in row] for row in sheet.rows]
