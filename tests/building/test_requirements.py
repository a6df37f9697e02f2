"""What a build needs is looked at before it: `status` says what `build` would stumble over."""

import csv
from importlib import resources

import pytest
from typer.testing import CliRunner

from bolton_jsna.building import inputs
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.cli import _status
from bolton_jsna.cli import main as cli
from bolton_jsna.core.errors import MissingDataError

INDEX = "Income Deprivation Affecting Children Index (IDACI)"


def edit(workspace, dataset, change) -> None:
    (path,) = (workspace / "data" / "raw" / dataset).glob("*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = change(list(csv.reader(file)))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def without(*words):
    def change(rows):
        kept = [n for n, name in enumerate(rows[0]) if not any(word in name for word in words)]
        return [[row[n] for n in kept] for row in rows]

    return change


def blank(word):
    def change(rows):
        (column,) = [n for n, name in enumerate(rows[0]) if word in name]
        return [
            rows[0],
            *([*row[:column], "", *row[column + 1 :]] for row in rows[1:]),
        ]

    return change


def rows_gone(first, last):
    return lambda rows: [*rows[:first], *rows[last:]]


CASES = [
    (
        "idaci",
        without("Score", "Dependent", "Total"),
        "have no IDACI scores of any LSOA of Rochdale",
    ),
    ("idaci", without("Score"), "File 3 has ranks and deciles only; File 5 or 7 has the scores"),
    ("idaci", without("Dependent"), "have no IDACI numbers of children aged 0-15"),
    ("idaci", blank("Score"), "have no IDACI scores"),
    (
        "idaci",
        rows_gone(1, 3),
        "2 of Rochdale's 12 LSOAs (E01991001, E01991002) are not in the",
    ),
    (
        "lookup",
        rows_gone(1, 2),
        "1 of Rochdale's 12 LSOAs (E01991001) are not in the lookup to",
    ),
    ("population_projections", rows_gone(2, 4), "has age 1, age 2. Available: "),
]


@pytest.mark.parametrize(("dataset", "change", "words"), CASES)
def test_what_a_build_cannot_do_without_is_reported_before_it(rochdale, dataset, change, words):
    edit(rochdale, dataset, change)
    lacks = _status.status("Rochdale", workspace=rochdale).lacks
    assert words in lacks
    assert f"in data/raw/{dataset}/" in lacks
    with pytest.raises(MissingDataError) as caught:
        inputs.gather("Rochdale", BuildOptions(workspace=rochdale))
    assert str(caught.value) == lacks


def test_a_file_3_in_the_workspace_stops_a_build_before_it_begins(tmp_path):
    """Ranks without scores, as File 3 has them, of another issue than that of the snapshot."""
    text = resources.files("bolton_jsna.snapshot").joinpath("idaci_2025.csv").read_text("utf-8")
    head = ["LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)"]
    head += [f"{INDEX} Rank (where 1 is most deprived)"]
    rows = [
        [row["lsoa_code"], row["lsoa_name"], "E08000001", int(row["idaci_rank"]) + 1]
        for row in csv.DictReader(text.splitlines())
    ]
    folder = tmp_path / "data" / "raw" / "idaci"
    folder.mkdir(parents=True)
    with (folder / "File_3_IoD2025.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    told = CliRunner().invoke(cli.app, ["status", "--workspace", str(tmp_path)])
    assert "A build of Bolton cannot be made now" in told.stdout
    assert "\nBolton cannot be built" in told.stdout
    assert "File 3 has ranks and deciles only" in told.stdout
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(MissingDataError, match="File 5 or 7 has the scores"):
        CliRunner().invoke(cli.app, ["build", "--workspace", str(tmp_path)], catch_exceptions=False)
    assert sorted(tmp_path.rglob("*")) == before


def test_some_scores_are_enough_and_a_lookup_without_names_takes_those_of_the_wards(rochdale):
    from bolton_jsna.building import _requirements

    edit(rochdale, "lookup", without("WD24NM"))
    found = inputs.gather("Rochdale", BuildOptions(workspace=rochdale))
    assert found.lookup["to_name"].tolist()[0] == "Ward 1"
    some = found.idaci["idaci_score"].where(found.idaci.index > 0)
    assert _requirements.unmet(found.place, idaci=found.idaci.assign(idaci_score=some)) == []


def test_shapes_children_and_england_are_needed_too(rochdale):
    from bolton_jsna.building import _requirements

    found = inputs.gather("Rochdale", BuildOptions(workspace=rochdale))
    place = found.place
    bare = found.wards.assign(geometry=found.wards.geometry.where(found.wards.index > 0))
    assert (
        "1 of Rochdale's 4 wards of 2024 have no shape" in _requirements.unmet(place, wards=bare)[0]
    )
    children = found.children.assign(
        population=found.children["population"].where(found.children.index > 0)
    )
    (line,) = _requirements.unmet(place, children=children, lookup=found.lookup)
    assert "1 of Rochdale's 12 LSOAs (E01991001) have no number of children aged 0-17" in line
    own = found.children_in_need[found.children_in_need["area_code"] == place.code]
    (line,) = _requirements.unmet(place, figures=own)
    assert line.startswith("There are no figures of England")
