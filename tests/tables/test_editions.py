"""A file's edition is told by what it says of itself, where its headings do not tell it."""

import csv

import pytest

from bolton_jsna import snapshot
from bolton_jsna.areas import area
from bolton_jsna.errors import SchemaError
from bolton_jsna.tables import neighbours

OLD_HEADINGS = ["LA num", "LA Name", "LA number", "GOInd", "GOReg"]
OLD_HEADINGS += [cell for rank in range(1, 11) for cell in (f"SN{rank}", "SNP")]
NEW_HEADINGS = ["old_la_code", "la_name", "region_ind", "region_name"]
NEW_HEADINGS += [cell for rank in range(1, 11) for cell in (f"SN_{rank}", f"SN_{rank}P")]
# Lists that are of no model.
LEEDS = (340, 351, 353, 354, 355, 356, 357, 358, 359, 370)


def bolton_of(model):
    """Bolton's neighbours as the snapshot has them."""
    near = snapshot.read(f"statistical_neighbours@{model}")["neighbour_code"]
    return [area(code).dfe_number for code in near]


def rows_of(*lists, headings=OLD_HEADINGS):
    own = 5 if headings is OLD_HEADINGS else 4
    rows = [headings]
    for number, near in lists:
        first = [number, area(number).name, number, 1, "North West"][:own]
        rows.append([*first, *(cell for each in near for cell in (each, "Close"))])
    return rows


def as_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def as_workbook(path, sheets):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def models(path, **options):
    return sorted(set(neighbours.read(path, **options)["model"]))


# ---------------------------------------------------------------- statistical neighbours
@pytest.mark.parametrize("headings", [OLD_HEADINGS, NEW_HEADINGS])
@pytest.mark.parametrize("model", ["2021", "2025"])
def test_a_list_that_is_known_tells_the_model_whatever_the_headings(tmp_path, headings, model):
    rows = rows_of((350, bolton_of(model)), (383, LEEDS), headings=headings)
    assert models(as_csv(tmp_path / "list.csv", rows)) == [model]
    assert models(as_workbook(tmp_path / "tool.xlsx", {"LA SN Groups": rows})) == [model]
    other = {"2021": "2025", "2025": "2021"}[model]
    with pytest.raises(SchemaError, match=f"is of the {model} model, not of model='{other}'"):
        neighbours.read(tmp_path / "list.csv", model=other)


@pytest.mark.parametrize("model", ["2021", "2025"])
def test_title_sheet_cover_and_name_tell_the_model(tmp_path, model):
    rows = rows_of((383, LEEDS))
    title = [[f"Statistical neighbours, May {model}"], [], *rows]
    assert models(as_workbook(tmp_path / "a.xlsx", {"SN": title})) == [model]
    assert models(as_workbook(tmp_path / "b.xlsx", {f"SN model {model}": rows})) == [model]
    cover = [["Local authority interactive tool"], [f"Version of {model}"]]
    assert models(as_workbook(tmp_path / "c.xlsx", {"Cover": cover, "SN": rows})) == [model]
    assert models(as_csv(tmp_path / f"New_Groupings_April_{model}.csv", rows)) == [model]


def test_a_file_that_does_not_tell_its_model_is_a_question_and_can_be_asked_for(tmp_path):
    path = as_csv(tmp_path / "neighbours.csv", rows_of((383, LEEDS)))
    with pytest.raises(SchemaError, match=r"does not say of which model.*2021 and 2025.*model="):
        neighbours.read(path)
    assert models(path, model="2025") == ["2025"]
    assert models(path, model="2021") == ["2021"]
    # What the message advises.
    assert models(path.rename(tmp_path / "statistical_neighbours_2025.csv")) == ["2025"]


def test_a_file_that_contradicts_itself_about_its_model_is_refused(tmp_path):
    rows = rows_of((350, bolton_of("2025")))
    words = "contradicts itself.*Bolton's list is of 2025, the name of the file is of 2021"
    with pytest.raises(SchemaError, match=words):
        neighbours.read(as_csv(tmp_path / "Groupings_April_2021.csv", rows))


def test_a_workbook_with_a_sheet_for_each_model_has_both(tmp_path):
    sheets = {
        "SN 2021": rows_of((350, bolton_of("2021"))),
        "SN 2025": rows_of((350, bolton_of("2025"))),
    }
    path = as_workbook(tmp_path / "LAIT_2025.xlsx", sheets)
    assert models(path) == ["2021", "2025"]
    assert models(path, model="2025") == ["2025"]


def test_the_lists_by_which_models_are_known_are_those_of_the_snapshot():
    for model, listed in neighbours._KNOWN.items():
        assert [str(each) for each in bolton_of(model)] == list(listed)
