"""The embedded snapshot says what the publishers say, and nothing has touched its files."""

import hashlib
import importlib.util
import json
import shutil
from importlib import resources

import pandas as pd
import pytest

from bolton_jsna import snapshot
from bolton_jsna.core.errors import MissingDataError, SourceError
from bolton_jsna.tables import schemas

OFFICIAL = [each.id for each in snapshot.manifest() if each.dataset != "local_records"]
WORKED_OUT = ["projection_errors@2025", "projection_tests@2025"]


@pytest.fixture(scope="module")
def origin(root):
    """The folder of carried-over official facts from which the snapshot is laid."""
    folder = root.parent / "shared" / "snapshot"
    if not folder.is_dir():
        pytest.skip("no folder of carried-over official facts beside the project")
    return folder


def test_every_file_is_the_one_of_the_manifest():
    assert snapshot.verify() == snapshot.manifest()


def test_everything_promised_is_there():
    assert set(OFFICIAL) == {
        "assessment_factors@2025",
        "children_in_need@2025",
        "children_looked_after@2025",
        "idaci@2019",
        "idaci@2025",
        "lookup@lsoa21-ward23",
        "lsoa_boundaries@2021",
        "participation_and_neet@2026",
        "population_estimates@2024",
        "population_projections@2022",
        "postcodes@2025",
        "projection_errors@2025",
        "projection_tests@2025",
        "statistical_neighbours@2021",
        "statistical_neighbours@2025",
        "ward_boundaries@2023",
    }


def test_the_snapshot_is_small():
    sizes = [file.stat().st_size for file in resources.files("bolton_jsna.snapshot").iterdir()]
    assert sum(sizes) < 1_000_000


@pytest.mark.parametrize("source", OFFICIAL)
def test_each_source_says_who_publishes_it_and_under_which_licence(source):
    found = snapshot.entry(source)
    assert found.licence.startswith("Open Government Licence v3.0")
    assert "Open Government Licence" in found.attribution
    assert found.address.startswith("https://")
    assert found.publisher
    assert found.vintage
    assert found.notes


def test_the_licence_file_gives_every_attribution(root):
    text = (root / "LICENSE-DATA.md").read_text(encoding="utf-8")
    for source in map(snapshot.entry, OFFICIAL):
        assert source.attribution in text
        assert f"`{source.file}`" in text


@pytest.mark.parametrize(
    "source", [each for each in OFFICIAL if snapshot.table(each) != snapshot.BOUNDARIES]
)
def test_reading_without_checks_gives_what_the_checks_would_give(source):
    frame = snapshot.read(source)
    pd.testing.assert_frame_equal(frame, schemas.conform(frame, snapshot.table(source)))
    assert frame["source"].str.split("; ").str[0].eq(source).all()


@pytest.mark.parametrize(
    ("source", "areas"), [("ward_boundaries@2023", 20), ("lsoa_boundaries@2021", 177)]
)
def test_boundaries_are_whole_areas_in_metres(source, areas):
    frame = snapshot.read(source)
    assert frame.crs.to_epsg() == 27700
    assert list(frame.columns) == [*(c.name for c in schemas.BOUNDARY_COLUMNS), "geometry"]
    assert frame["area_code"].nunique() == areas
    assert frame.geometry.is_valid.all()
    # Bolton covers 139.8 km2 (ONS Standard Area Measurements).
    assert frame.area.sum() / 1e6 == pytest.approx(139.8, rel=0.01)


def test_codes_of_one_vintage_agree_between_files():
    wards = set(snapshot.read("ward_boundaries@2023")["area_code"])
    lsoas = set(snapshot.read("lsoa_boundaries@2021")["area_code"])
    lookup = snapshot.read("lookup@lsoa21-ward23")
    postcodes = snapshot.read("postcodes@2025")
    assert set(lookup["to_code"]) == wards == set(postcodes["ward_code"])
    assert set(lookup["from_code"]) == lsoas
    assert set(postcodes["lsoa_code"].dropna()) == lsoas
    assert set(snapshot.read("idaci@2025")["lsoa_code"]) == lsoas


def test_published_rates_of_bolton_follow_from_counts_and_populations():
    # Children in need, reporting year 2025: referrals 794.7 (2022) and 503.0 (2025) per 10,000,
    # plans at 31 March 48.9 and 42.2; England 2025: 519.4 and 40.6.
    frame = snapshot.read("children_in_need@2025").set_index(["area_name", "year", "indicator"])
    rate = 10_000 * frame["count"] / frame["population"]
    published = {
        ("Bolton", 2022, "referrals"): 794.7,
        ("Bolton", 2025, "referrals"): 503.0,
        ("England", 2025, "referrals"): 519.4,
        ("Bolton", 2022, "cpp_at_31_march"): 48.9,
        ("Bolton", 2025, "cpp_at_31_march"): 42.2,
        ("England", 2025, "cpp_at_31_march"): 40.6,
    }
    for key, figure in published.items():
        assert round(rate[key], 1) == figure


def test_the_one_count_that_is_not_available_stays_so():
    frame = snapshot.read("children_in_need@2025")
    gap = frame[frame["count"].isna()]
    assert gap[["area_name", "year", "indicator", "status"]].to_numpy().tolist() == [
        ["Oldham", 2013, "cin_at_31_march", "not_available"]
    ]
    assert frame["status"].eq("not_available").sum() == 1
    assert frame["published_rate"].isna().all()


def test_most_deprived_shares_of_england():
    # Bolton LSOAs in the most deprived 10 and 20 per cent of England by IDACI.
    for edition, tenth, fifth in [(2019, 31, 57), (2025, 35, 68)]:
        decile = snapshot.read(f"idaci@{edition}")["idaci_decile"]
        assert (decile.eq(1).sum(), decile.le(2).sum()) == (tenth, fifth)


def test_base_year_of_the_projection_is_not_the_revised_estimate():
    projection = snapshot.read("population_projections@2022")
    base = projection[projection["year"].eq(2022) & projection["age"].le(17)]
    estimates = snapshot.read("population_estimates@2024")
    revised = estimates[estimates["area_name"].eq("Bolton") & estimates["year"].eq(2022)]
    assert base["population"].sum() == pytest.approx(72_493)
    assert revised["population"].item() == 72_655


def test_an_unknown_source_is_refused_with_those_there_are():
    with pytest.raises(MissingDataError, match=r"no 'idaci@2015'.*idaci@2019.*Did you mean"):
        snapshot.read("idaci@2015")


@pytest.mark.parametrize("change", [{"sha256": "0"}, {"rows": 178}])
def test_a_changed_file_is_found(monkeypatch, change):
    text = resources.files(snapshot).joinpath("manifest.json").read_text(encoding="utf-8")
    entries = {f"{each['dataset']}@{each['edition']}": each for each in json.loads(text)}
    entries["idaci@2025"] |= change
    monkeypatch.setattr(snapshot, "_entries", lambda: entries)
    with pytest.raises(SourceError, match=r"'idaci_2025.csv' has .* manifest has"):
        snapshot.verify()


@pytest.mark.parametrize(
    ("source", "file", "columns"),
    [
        (
            "population_projections@2022",
            "projections_2022based.csv",
            {"area_code": "area_code", "year": "year", "sex": "sex", "population": "population"},
        ),
        (
            "population_estimates@2024",
            "population_0_17.csv",
            {"area_code": "area_code", "mid_year": "year", "children_0_17": "population"},
        ),
        *(
            (
                f"idaci@{edition}",
                f"idaci_{edition}.csv",
                {
                    f"LSOA{census}CD": "lsoa_code",
                    f"LSOA{census}NM": "lsoa_name",
                    "idaci_score": "idaci_score",
                    "idaci_rank": "idaci_rank",
                    "idaci_decile": "idaci_decile",
                    "children_0_15": "children_0_15",
                },
            )
            for edition, census in [(2019, 11), (2025, 21)]
        ),
        (
            "lookup@lsoa21-ward23",
            "lsoa21_to_ward.csv",
            {"LSOA21CD": "from_code", "WD24CD": "to_code", "WD24NM": "to_name"},
        ),
        (
            "postcodes@2025",
            "postcodes.csv.gz",
            {"postcode": "postcode", "WDCD": "ward_code"},
        ),
    ],
)
def test_figures_are_those_carried_over(origin, source, file, columns):
    carried = pd.read_csv(origin / file)[list(columns)].rename(columns=columns)
    laid = snapshot.read(source)[list(columns.values())]
    pd.testing.assert_frame_equal(laid, carried, check_dtype=False, check_exact=True)


def test_counts_of_children_in_need_are_those_carried_over(origin):
    first = pd.read_csv(origin / "children_in_need.csv")
    second = pd.read_csv(origin / "children_in_need_more.csv").rename(columns={"value": "count"})
    names = {
        "rereferrals": "re_referrals",
        "children_referred": "referred_children",
        "children_rereferred": "re_referred_children",
        "cpp_repeat": "cpp_second_or_subsequent",
    }
    carried = pd.concat([first, second.replace({"indicator": names})], ignore_index=True)
    columns = ["area_code", "area_name", "year", "indicator", "count"]
    laid = snapshot.read("children_in_need@2025")
    pd.testing.assert_frame_equal(laid[columns], carried[columns], check_dtype=False)
    children = second[second["indicator"] == "children_referred"].set_index(["area_code", "year"])
    referrals = laid[laid["indicator"] == "referrals"].set_index(["area_code", "year"])
    assert referrals["persons"].to_dict() == children["count"].to_dict()


def test_neighbours_are_those_carried_over(origin):
    carried = pd.read_csv(origin / "statistical_neighbours.csv")
    laid = pd.concat(snapshot.read(f"statistical_neighbours@{model}") for model in (2021, 2025))
    columns = ["rank", "neighbour_code", "neighbour_name", "closeness"]
    assert laid[columns].to_numpy().tolist() == carried[columns].to_numpy().tolist()
    assert laid["model"].tolist() == carried["model"].str[:4].tolist()


def test_only_live_postcodes_have_an_lsoa(origin):
    carried = pd.read_csv(origin / "postcodes.csv.gz")
    laid = snapshot.read("postcodes@2025")
    live = carried["lsoa_status"].eq("live_in_may22")
    assert laid["lsoa_code"].isna().tolist() == (~live).tolist()
    assert laid.loc[live, "lsoa_code"].tolist() == carried.loc[live, "LSOA11CD"].tolist()


@pytest.mark.parametrize(
    ("laid", "carried", "code"),
    [
        ("wards_2023.geojson", "wards_2023.geojson", "WD23CD"),
        ("lsoas_2021.geojson", "lsoa_boundaries_20m.geojson", "LSOA21CD"),
    ],
)
def test_coordinates_are_those_carried_over(origin, laid, carried, code):
    here = json.loads(resources.files(snapshot).joinpath(laid).read_text(encoding="utf-8"))
    there = json.loads((origin / carried).read_text(encoding="utf-8"))
    assert {f["properties"]["area_code"]: f["geometry"] for f in here["features"]} == {
        f["properties"][code]: f["geometry"] for f in there["features"]
    }


def test_laying_again_gives_the_same_bytes(origin, root, tmp_path):
    spec = importlib.util.spec_from_file_location(
        "make_snapshot", root / "scripts" / "make_snapshot.py"
    )
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shutil.copy(str(resources.files(snapshot).joinpath("manifest.json")), tmp_path)
    script.main(origin, tmp_path)
    made = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert [f"{each['dataset']}@{each['edition']}" for each in made] == [
        each.id for each in snapshot.manifest()
    ]
    for source in map(snapshot.entry, sorted({*OFFICIAL} - {*WORKED_OUT})):
        again = (tmp_path / source.file).read_bytes()
        if source.file.endswith(".parquet"):
            # Another release of pyarrow may lay out the same rows differently.
            here = resources.files(snapshot).joinpath(source.file)
            pd.testing.assert_frame_equal(
                pd.read_parquet(tmp_path / source.file), pd.read_parquet(str(here))
            )
        else:
            assert hashlib.sha256(again).hexdigest() == source.sha256
