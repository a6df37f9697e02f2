"""The client of the Open Geography Portal meets every quirk and fault that its contract names."""

import csv
import re
from dataclasses import replace

import pytest

from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import StoredCopy, Wanted, _arcgis_layers, arcgis
from bolton_jsna.tables import boundaries, lookups

WARDS = Wanted("ward_boundaries", "2023", "arcgis", {"kind": "wards", "year": 2023}, area("Bolton"))
LSOAS = Wanted("lsoa_boundaries", "2021", "arcgis", {"kind": "lsoas", "year": 2021}, area("Bolton"))
LOOKUP = Wanted(
    "lookup",
    "lsoa21-ward23",
    "arcgis",
    {"kind": "lookup", "of": "lsoa21", "to": "ward23"},
    area("Bolton"),
)


@pytest.fixture
def portal(publisher):
    return publisher


def asked(portal, part):
    return [each for each in portal.requests if part in each.path]


def test_wards_of_an_authority_are_read_as_they_are_left(portal, session, tmp_path):
    fetched = arcgis.fetch(WARDS, session, tmp_path)
    frame = boundaries.read(fetched.path, level="ward")
    assert len(frame) == fetched.rows == 20
    assert frame.crs.to_epsg() == 27700
    assert set(frame["authority_code"]) == {"E08000001"}
    assert frame["year"].unique().tolist() == [2023]
    # ONS: Bolton covers 139.8 square kilometres.
    assert frame.area.sum() / 1e6 == pytest.approx(140, abs=1)
    assert fetched.name == "wards_2023_bgc_E08000001.geojson"
    assert re.match(r"WD_MAY_2023_UK_BGC/0@\d{13} E08000001 EPSG:27700$", fetched.stamp)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
@pytest.mark.parametrize("place", ["Bolton", "Rochdale", "Lancashire", "Barnsley"])
def test_wards_of_every_year_and_kind_of_authority(portal, session, tmp_path, place, year):
    wanted = replace(WARDS, ask={"kind": "wards", "year": year}, area=area(place))
    frame = boundaries.read(arcgis.fetch(wanted, session, tmp_path).path, level="ward")
    assert len(frame) == {"Bolton": 20, "Lancashire": 24}.get(place, 8)
    if place == "Lancashire":  # filed under its twelve districts
        assert frame["authority_code"].nunique() == 12
    else:
        assert set(frame["authority_code"]) == {area(place).code}


def test_a_layer_without_the_authority_is_reached_through_the_lookup(portal, session, tmp_path):
    fetched = arcgis.fetch(LSOAS, session, tmp_path)
    frame = boundaries.read(fetched.path, level="lsoa")
    assert len(frame) == 177
    assert set(frame["authority_code"]) == {"E08000001"}
    assert "LAD24CD comes from LSOA21_WD24_LAD24_EW_LU" in fetched.notes[0]
    # A list of codes is too long for an address: it is sent as a form.
    assert {each.method for each in asked(portal, "Output_Areas") if "query" in each.path} == {
        "POST"
    }


def test_lsoas_of_2011_are_reached_through_the_change_lookup(portal, session, tmp_path):
    wanted = replace(LSOAS, edition="2011", ask={"kind": "lsoas", "year": 2011})
    frame = boundaries.read(arcgis.fetch(wanted, session, tmp_path).path, level="lsoa")
    assert len(frame) == 177
    assert frame["year"].unique().tolist() == [2011]


def test_a_lookup_is_left_as_one_table(portal, session, tmp_path):
    fetched = arcgis.fetch(LOOKUP, session, tmp_path)
    with fetched.path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == fetched.rows == 177
    assert set(rows[0]) == {"LSOA21CD", "LSOA21NM", "WD23CD", "WD23NM", "LAD23CD", "LAD23NM"}
    assert len({row["WD23CD"] for row in rows}) == 20
    assert fetched.name == "lsoa21_ward23_E08000001.csv"
    assert set(lookups.read(fetched.path)["source"]) == {"lookup@lsoa21-ward23"}


def test_a_national_layer_needs_no_lookup(portal, session, tmp_path):
    fetched = arcgis.fetch(replace(LSOAS, area=None), session, tmp_path)
    assert fetched.rows == len(portal.world.lsoas)
    assert not asked(portal, "_LU")


@pytest.mark.parametrize("flag", ["properties", "top", "both"])
def test_pages_are_followed_wherever_the_flag_stands(portal, session, tmp_path, flag):
    portal.world.options |= {"arcgis_page": 7, "arcgis_flag": flag}
    fetched = arcgis.fetch(WARDS, session, tmp_path)
    assert len(boundaries.read(fetched.path)) == 20
    pages = asked(portal, "resultOffset")
    assert [re.search(r"resultOffset=(\d+)", each.path)[1] for each in pages] == ["0", "7", "14"]
    assert all("orderByFields=FID" in each.path and "outSR=27700" in each.path for each in pages)


def test_a_page_cut_without_the_flag_is_gone_on_from(portal, session, tmp_path):
    portal.fault("row_cut", match="/query", times=1)
    assert arcgis.fetch(WARDS, session, tmp_path).rows == 20


@pytest.mark.parametrize("fault", ["duplicate_page", "missing_page", "edited"])
def test_a_page_that_comes_wrong_once_is_mended(portal, session, tmp_path, fault):
    portal.world.options["arcgis_page"] = 7
    portal.fault(fault, match="/query", times=1)
    assert arcgis.fetch(WARDS, session, tmp_path).rows == 20


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("duplicate_page", "the row FID=\\d+ was sent twice"),
        ("missing_page", "it sent only 13 rows"),
        ("wrong_count", "it sent only 20 rows"),
    ],
)
def test_rows_that_stay_wrong_are_rejected(portal, session, tmp_path, fault, said):
    portal.world.options["arcgis_page"] = 7
    portal.fault(fault, match="/query")
    with pytest.raises(SourceError, match=said):
        arcgis.fetch(WARDS, session, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_renamed_service_is_found_in_the_list(portal, session, tmp_path):
    portal.world.options["arcgis_renamed"] = {
        "LSOA21_WD23_LAD23_EW_LU": "LSOA21_WD23_LAD23_EW_LU_v2"
    }
    fetched = arcgis.fetch(LOOKUP, session, tmp_path)
    assert fetched.rows == 177
    assert "LSOA21_WD23_LAD23_EW_LU_v2" in fetched.address


def test_a_year_that_no_service_holds_is_an_error(portal, session, tmp_path):
    wanted = replace(WARDS, ask={"kind": "wards", "year": 2031})
    with pytest.raises(SourceError, match=r"has no wards of 2031 \(BGC\).*add that"):
        arcgis.fetch(wanted, session, tmp_path)


@pytest.mark.parametrize("place", [1, 2])
def test_the_only_layer_may_have_another_number(portal, session, tmp_path, place):
    portal.world.options["arcgis_place"] = {"WD_MAY_2023_UK_BGC": place}
    fetched = arcgis.fetch(WARDS, session, tmp_path)
    assert fetched.address.endswith(f"WD_MAY_2023_UK_BGC/FeatureServer/{place}")


def test_fields_in_lower_case_are_the_same_fields(portal, session, tmp_path):
    portal.world.options["arcgis_lower"] = True
    assert len(boundaries.read(arcgis.fetch(WARDS, session, tmp_path).path)) == 20
    assert len(boundaries.read(arcgis.fetch(LSOAS, session, tmp_path).path)) == 177


def test_degrees_are_said_to_be_degrees(portal, session, tmp_path):
    wanted = replace(WARDS, ask={**WARDS.ask, "crs": 4326})
    in_degrees = boundaries.read(arcgis.fetch(wanted, session, tmp_path).path)
    portal.world.options["arcgis_degrees"] = True  # outSR is not heeded
    fetched = arcgis.fetch(WARDS, session, tmp_path)
    assert "degrees" in fetched.notes[0]
    unheeded = boundaries.read(fetched.path)
    assert in_degrees.geometry.geom_equals_exact(unheeded.geometry, 0.01).all()


def test_an_unchanged_layer_transfers_no_rows(portal, session, tmp_path):
    first = arcgis.fetch(LSOAS, session, tmp_path)
    known = StoredCopy(first.address, stamp=first.stamp)
    portal.requests.clear()
    again = arcgis.fetch(LSOAS, session, tmp_path, known)
    assert again.path is None
    assert again.stamp == first.stamp
    assert not asked(portal, "/query")
    # Another authority's rows are other rows, and an edit makes new ones.
    assert arcgis.fetch(replace(LSOAS, area=area("Rochdale")), session, tmp_path, known).rows == 32
    portal.world.revise("lsoa_boundaries")
    assert arcgis.fetch(LSOAS, session, tmp_path, known).rows == 177


def test_a_layer_without_a_date_is_fetched_again_with_the_same_bytes(portal, session, tmp_path):
    portal.world.options["arcgis_undated"] = True
    first = arcgis.fetch(WARDS, session, tmp_path)
    content = first.path.read_bytes()
    again = arcgis.fetch(WARDS, session, tmp_path, StoredCopy(first.address, stamp=first.stamp))
    assert first.stamp == ""
    assert again.path.read_bytes() == content


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_service_under_200_is_asked_again(portal, session, tmp_path, code):
    body = f'{{"error":{{"code":{code},"message":"An error occurred.","details":[]}}}}'.encode()
    portal.fault("json_error", match="/query", times=1, body=body)
    assert arcgis.fetch(WARDS, session, tmp_path).rows == 20


def test_an_error_under_200_is_an_error(portal, session, tmp_path):
    body = b'{"error":{"code":503,"message":"An error occurred.","details":[]}}'
    portal.fault("json_error", match="/query", body=body)
    with pytest.raises(SourceError, match=r"answered 200 with an error 503 .*An error occurred"):
        arcgis.fetch(WARDS, session, tmp_path)


def test_a_field_that_is_gone_is_named(portal, session, tmp_path):
    body = (
        b'{"error":{"code":400,"message":"Cannot perform query. Invalid query parameters.",'
        b'"details":["\'Invalid field: LAD23CD\' parameter is invalid"]}}'
    )
    portal.fault("json_error", match="/query", body=body)
    with pytest.raises(SourceError, match=r"Invalid field: LAD23CD.*renamed"):
        arcgis.fetch(WARDS, session, tmp_path)


@pytest.mark.parametrize("fault", ["html", "empty"])
def test_what_is_no_json_is_rejected(portal, session, tmp_path, fault):
    portal.fault(fault, match="/query")
    with pytest.raises(SourceError, match="something other than JSON"):
        arcgis.fetch(WARDS, session, tmp_path)


def test_an_authority_without_rows_is_an_error(portal, session, tmp_path):
    with pytest.raises(SourceError, match=r"has no wards of 2023 .* for Kent"):
        arcgis.fetch(replace(WARDS, area=area("Kent")), session, tmp_path)


def test_quotes_in_a_condition_are_doubled():
    from bolton_jsna.services._arcgis_query import conditions

    assert conditions("WD23NM", ["King's"]) == ["WD23NM IN ('King''s')"]
    assert len(conditions("WD23CD", map(str, range(500)))) == 3


def test_a_script_in_a_name_stays_text_in_the_file(portal, session, tmp_path):
    name = '<script>alert("x")</script>'
    portal.fault("script_name", match="/query", name=name)
    frame = boundaries.read(arcgis.fetch(WARDS, session, tmp_path).path)
    assert set(frame["area_name"]) == {name}


@pytest.mark.parametrize("ask", [{}, {"kind": "lookup", "of": "lsoa21"}, {"kind": "wards"}])
def test_a_request_that_is_not_understood_is_the_catalogues(session, tmp_path, ask):
    ask = {**ask, "year": "next"} if ask.get("kind") == "wards" else ask
    with pytest.raises(SourceError, match="Correct the catalogue"):
        arcgis.fetch(replace(WARDS, ask=ask), session, tmp_path)


@pytest.mark.parametrize(
    ("year", "resolution", "name"),
    [
        (2021, "BFC", "Wards_December_2021_UK_BFC_V2_2022"),
        (2022, "BGC", "Wards_December_2022_Boundaries_GB_BGC"),
        (2023, "BSC", "Wards_December_2023_Boundaries_UK_BSC"),
        (2024, "BFE", "Wards_May_2024_Boundaries_UK_BFE_"),
        (2024, "BGC", "Wards_December_2024_Boundaries_UK_BGC"),
        (2025, "BSC", "WD_DEC_2025_UK_BSC_V2"),
        # Not published yet: by the patterns alone.
        (2026, "BGC", "WD_MAY_2026_UK_BGC"),
        (2026, "BGC", "Wards_December_2026_Boundaries_UK_BGC_V2"),
    ],
)
def test_ward_services_of_any_year_are_recognised_by_their_names(year, resolution, name):
    others = ["WD_MAY_2026_UK_NC", "Wards_December_2019_Boundaries_UK_BGC", "WD26_LAD26_UK_LU"]
    layer = _arcgis_layers.boundaries("wards", year, resolution=resolution)
    assert _arcgis_layers.find(layer, [*others, name]) == (name,)


@pytest.mark.parametrize(
    ("of", "to", "name"),
    [
        ("lsoa21", "ward25", "LSOA21_WD25_LAD25_EW_LU_v2"),
        ("lsoa21", "ward26", "LSOA21_WD26_LAD26_EW_LU_V3"),
        ("lsoa11", "ward20", "LSOA11_WD20_LAD20_EW_LU_v2_f514a75a131249caa65227cdc6275a21"),
        ("lsoa11", "ward18", "LSOA11_WD18_LAD18_EW_LUv3_e5d65dec131249caa65227cdc6275a21"),
        ("ward23", "lad23", "WD23_LAD23_UK_LU_DEC"),
    ],
)
def test_lookups_of_any_year_are_recognised_by_their_names(of, to, name):
    others = ["LSOA21_WD19_LAD19_EW_LU", "MSOA21_WD25_LAD25_EW_LU", "WD24_LAD24_UK_LU"]
    assert _arcgis_layers.find(_arcgis_layers.lookup(of, to), [*others, name]) == (name,)


@pytest.fixture
def recorded(root):
    path = root.parent / "shared" / "recorded" / "arcgis_services_2024-10.csv"
    if not path.is_file():
        pytest.skip("no recorded catalogue of the portal")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.reference
def test_every_ward_service_of_the_recorded_catalogue_is_found(recorded):
    names = [row["service"] for row in recorded]
    for row in recorded:
        year = re.search(r"(?:^|,)wd(2[2-5])cd", row["code_fields"])
        if year is None or row["has_geometry"] != "True":
            continue
        resolution = re.search(r"_(BFC|BFE|BGC|BSC)", row["service"])[1]
        layer = _arcgis_layers.boundaries("wards", 2000 + int(year[1]), resolution=resolution)
        assert row["service"] in _arcgis_layers.find(layer, names)
        # The list alone is enough: as if none of the names were known.
        assert row["service"] in _arcgis_layers.find(replace(layer, names=()), names)


@pytest.mark.reference
def test_every_lookup_of_the_recorded_catalogue_is_found(recorded):
    names = [row["service"] for row in recorded]
    checked = 0
    for row in recorded:
        fields = [each.removesuffix("cd") for each in row["code_fields"].split(",")]
        kinds = [re.sub(r"^wd(\d)", r"ward\1", each) for each in fields]
        wards = [each for each in kinds if re.fullmatch(r"ward2[2-5]", each)]
        # NC: names and codes alone, neither boundaries nor a lookup.
        if not wards or row["has_geometry"] == "True" or row["service"].endswith("_NC"):
            continue
        found = set()
        for other in kinds:
            for of, to in ((other, wards[0]), (wards[0], other)):
                if of != to:
                    layer = replace(_arcgis_layers.lookup(of, to), names=())
                    found.update(_arcgis_layers.find(layer, names))
        assert row["service"] in found
        checked += 1
    assert checked > 20


@pytest.mark.reference
def test_the_best_of_the_recorded_catalogue_comes_first(recorded):
    names = [row["service"] for row in recorded]
    found = {
        pair: _arcgis_layers.find(_arcgis_layers.lookup(*pair), names)[0]
        for pair in [
            ("lsoa21", "ward22"),
            ("lsoa21", "ward23"),
            ("lsoa21", "ward24"),
            ("lsoa11", "lsoa21"),
            ("ward23", "lad23"),
            ("ward24", "lad24"),
        ]
    }
    assert list(found.values()) == [
        "LSOA21_WD22_LAD22_EW_LU_v3",
        "LSOA21_WD23_LAD23_EW_LU",
        "LSOA21_WD24_LAD24_EW_LU",
        "LSOA11_LSOA21_LAD22_EW_LU_v5",
        "WD23_LAD23_UK_LU",
        "WD24_LAD24_UK_LU",
    ]
