"""What a publisher does not have for an authority: the advice in the message works as printed."""

import re
import shlex

import pytest
from typer.testing import CliRunner

import bolton_jsna as jsna
from bolton_jsna import building
from bolton_jsna.building import inputs, summary
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import main as cli
from bolton_jsna.core.errors import MissingDataError, VintageError
from bolton_jsna.ingest import store

pytestmark = pytest.mark.usefixtures("sketched")

ROCHDALE = "E08000005"
WARDS, LOOKUP = "ward_boundaries@2025", "lookup@lsoa21-ward25"


@pytest.fixture
def here(live, tmp_path, monkeypatch):
    """The current folder is the workspace."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def follow(message: str) -> None:
    """Run the command of a message, which must be one."""
    found = re.findall(r"(bolton-jsna refresh(?: --\w+ (?:\"[^\"]+\"|[^\s.,]+))+)", message)
    (command,) = dict.fromkeys(found)
    done = CliRunner().invoke(cli.app, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output


def refused(call) -> str:
    with pytest.raises(MissingDataError) as caught:
        call()
    return str(caught.value)


def failed(folder, name, area="Rochdale", session=None) -> str:
    """What a refresh says of one file that cannot be had."""
    (outcome,) = refresh(area, workspace=folder, only=name, session=session).outcomes
    assert outcome.verdict == "missing"
    assert area in outcome.reason
    return outcome.reason


# ---------------------------------------------------------------- codes that a layer has not
def test_an_authority_with_a_code_that_is_not_known_yet(here, live):
    live.world.options["arcgis_codes"] = {2025: {ROCHDALE: "E08000999"}}
    said = failed(here, WARDS)
    assert (
        "no wards of 2025 (BGC) for Rochdale: WD_DEC_2025_UK_BGC has no row with a code of" in said
    )
    assert "It has Rochdale under E08000999, a code that is not in this version" in said
    assert "It has ward_boundaries@2024, ward_boundaries@2023 for Rochdale." in said
    follow(said)
    assert len(jsna.load_boundaries("Rochdale", year=2024)) == 8


@pytest.mark.parametrize(
    ("name", "gone", "there"),
    [
        (WARDS, {2025: {ROCHDALE: ""}}, "ward_boundaries@2024, ward_boundaries@2023"),
        # The layer of May 2024 has no codes of authorities: the lookup of wards leads to it.
        ("ward_boundaries@2024", {2024: {ROCHDALE: ""}}, f"{WARDS}, ward_boundaries@2023"),
        (LOOKUP, {2025: {ROCHDALE: ""}}, "lookup@lsoa21-ward24, lookup@lsoa21-ward23"),
    ],
)
def test_an_authority_that_a_year_does_not_have(here, live, name, gone, there):
    live.world.options["arcgis_codes"] = gone
    said = failed(here, name)
    assert f"It has {there} for Rochdale." in said
    follow(said)


def test_lsoas_are_reached_through_the_lookup_of_another_year(here, live, session):
    live.world.options["arcgis_codes"] = {2024: {ROCHDALE: "E08000999"}}
    (done,) = refresh("Rochdale", workspace=here, only="lsoa_boundaries", session=session).outcomes
    assert (done.verdict, done.rows) == ("updated", 32)
    assert "LAD25CD comes from LSOA21_WD25" in " ".join(done.notes)


@pytest.mark.parametrize("area", ["Cumberland", "Isles of Scilly"])
@pytest.mark.parametrize("name", [WARDS, LOOKUP, "lsoa_boundaries@2021"])
def test_an_authority_that_no_year_has(here, area, name):
    said = failed(here, name, area)
    year = "2021" if "2021" in name else "25"
    assert year in said.partition(" for ")[0]
    assert re.search(rf"It has no \w+@\S+.* for {area} either\.", said)
    assert f"put it in data/raw/{name.partition('@')[0]}/." in said
    assert "bolton-jsna refresh" not in said


def test_years_that_could_not_be_asked_about_are_not_called_missing(here, live, session):
    live.world.options["arcgis_codes"] = {2025: {ROCHDALE: ""}}
    live.fault("status", match="2024|2023|WD2[34]", code=403)
    said = failed(here, WARDS, session=session)
    assert "It could not be checked for ward_boundaries@2024, ward_boundaries@2023." in said
    assert "either" not in said


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        (WARDS, ["WD_DEC_2025_UK_BGC"]),
        ("ward_boundaries@2024", ["WD24_LAD24_UK_LU"]),
        (LOOKUP, ["LSOA21_WD25_LAD25_EW_LU_v2"]),
    ],
)
def test_a_layer_or_lookup_that_the_portal_does_not_have(here, live, name, gone):
    """The last: a layer without codes of authorities, to which no lookup leads."""
    live.world.options["arcgis_gone"] = gone
    said = failed(here, name)
    assert "The Open Geography Portal has no " in said
    follow(said)


def test_the_command_is_for_the_workspace_that_was_refreshed(here, live):
    live.world.options["arcgis_codes"] = {2025: {ROCHDALE: ""}}
    folder = here / "my work"
    folder.mkdir()
    said = failed(folder, WARDS)
    assert f'--workspace "{folder}" --only ward_boundaries@2024 --area Rochdale' in said
    follow(said)
    assert len(jsna.load_boundaries("Rochdale", year=2024, workspace=folder)) == 8


# ---------------------------------------------------------------- years and pairs not known
@pytest.mark.parametrize("download", [None, True])
@pytest.mark.parametrize(("level", "year"), [("ward", 2026), ("ward", 1999), ("lsoa", 2001)])
def test_a_year_that_cannot_be_fetched(here, level, year, download):
    ask = {"level": level, "download": download}
    said = refused(lambda: jsna.load_boundaries("Rochdale", year=year, **ask))
    assert f"of Rochdale of {year}. It cannot be fetched. These can: {level}_" in said
    nearest = int(re.search(r"ask for year=(\d+)\.", said)[1])
    follow(said)
    assert len(jsna.load_boundaries("Rochdale", level=level, year=nearest)) > 0


@pytest.mark.parametrize("download", [None, True])
@pytest.mark.parametrize(
    ("of", "to"), [("lsoa21", "ward26"), ("lsoa01", "ward23"), ("lsoa2021", "Ward"), ("oa21", "x")]
)
def test_a_lookup_that_cannot_be_fetched(here, of, to, download):
    said = refused(lambda: jsna.load_lookup("Rochdale", of=of, to=to, download=download))
    assert f"has {of} to {to} of Rochdale." in said
    assert "These can: lookup@lsoa21-ward25" in said
    if to == "Ward":
        assert "is not a kind and two digits of its year" in said
    pair = re.search(r"ask for of='(\w+)', to='(\w+)'\.", said)
    follow(said)
    assert len(jsna.load_lookup("Rochdale", of=pair[1], to=pair[2])) == 32


def test_a_file_put_where_the_message_says_is_read(here, session):
    """With the headings of 2026, as the portal will have them."""
    refresh("Rochdale", workspace=here, only=[WARDS, LOOKUP], session=session)
    calls = [
        (WARDS, lambda: jsna.load_boundaries("Rochdale", year=2026)),
        (LOOKUP, lambda: jsna.load_lookup("Rochdale", of="lsoa21", to="ward26")),
    ]
    for name, call in calls:
        said = refused(call)
        folder, file = re.search(r"in (data/raw/\w+/) as (\S+)\.$", said).groups()
        text = (here / store.RAW / store.entries(here)[f"{name}/{ROCHDALE}"].path).read_text()
        for column in ("WD", "LAD"):
            text = text.replace(f"{column}25", f"{column}26")
        (here / folder / file).write_text(text.replace("wards_2025", "wards_2026"))
        assert len(call()) in {8, 32}


def test_a_gap_names_the_file_and_the_area_in_its_command(here):
    said = refused(lambda: jsna.load_boundaries("Rochdale", year=2024))
    assert "bolton-jsna refresh --only ward_boundaries@2024 --area Rochdale (in Python" in said
    follow(said)
    assert len(jsna.load_boundaries("Rochdale", year=2024)) == 8


def test_wards_that_do_not_say_whose_they_are(here, session):
    refresh("Rochdale", workspace=here, only="ward_boundaries@2024", session=session)
    entry = store.entries(here)[f"ward_boundaries@2024/{ROCHDALE}"]
    path = here / store.RAW / entry.path
    own = here / store.RAW / "ward_boundaries" / "own_2024.geojson"
    own.write_text(re.sub(r',"LAD24CD":"\w+"', "", path.read_text()))
    path.unlink()
    (here / store.RAW / "sources.lock.json").unlink()
    said = refused(lambda: jsna.load_boundaries("Rochdale", year=2024))
    assert "has 8 wards of 2024 without their authority. The lookup" in said
    (command, _) = re.findall(r"bolton-jsna refresh[^(]+", said)
    follow(command)
    assert len(jsna.load_boundaries("Rochdale", year=2024)) == 8


def test_the_notes_of_a_build_without_shapes_have_a_command_and_no_path(here, monkeypatch):
    """The summary is printed for one person; the record of the build is read by others."""
    monkeypatch.setattr("bolton_jsna.building._maps.draw", lambda *_: None)
    folder = here / "jsna"
    folder.mkdir()
    refresh("Rochdale", workspace=folder)
    for path in (folder / store.RAW / "ward_boundaries").rglob("*.geojson"):
        path.unlink()
    record = building.build("Rochdale", workspace=folder)
    (note,) = [each for each in record.notes if "no ward boundaries of Rochdale" in each]
    assert "bolton-jsna refresh --only ward_boundaries@2023 --area Rochdale" in note
    assert str(folder) not in note
    printed = summary.summary(record)
    assert f"refresh --workspace {folder} --only ward_boundaries@2023 --area" in printed
    follow(printed)
    assert len(jsna.load_boundaries("Rochdale", year=2023, workspace=folder)) == 8


# ---------------------------------------------------------------- wards that do not fit each other
def test_boundaries_and_lookups_of_different_wards(here, session):
    names = ["ward_boundaries@2024", "lookup@lsoa21-ward24"]
    refresh("Rochdale", workspace=here, only=names, session=session)
    path = here / store.RAW / store.entries(here)[f"{names[1]}/{ROCHDALE}"].path
    text = path.read_text()
    code = re.search(r"E05\d{6}", text)[0]
    path.write_text(text.replace(code, "E05999999"))
    place = jsna.area("Rochdale")
    with pytest.raises(
        VintageError, match=r"No ward boundaries of Rochdale fit a lookup"
    ) as caught:
        inputs._ward_geography(place, "lsoa21", here)
    assert "To fetch both of 2025: " in str(caught.value)
    follow(str(caught.value))
    lookup, wards, *_ = inputs._ward_geography(place, "lsoa21", here)
    assert set(lookup["to_geography"]) == {"ward25"}
    assert set(wards["year"]) == {2025}
