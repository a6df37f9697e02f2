"""One odd row, column or area of a published table leaves out itself, and is named."""

import json

import pytest

from bolton_jsna.core.errors import MissingDataError, SchemaError
from bolton_jsna.tables import boundaries, fingertips, lookups, population

HEAD = "AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2022,2023"
CODES = {"E08000001": "Bolton", "E08000002": "Bury", "E08000003": "Manchester"}


def projection(tmp_path, *, change=lambda text: text, below=""):
    lines = [HEAD]
    for code, name in CODES.items():
        lines += [f"{code},{name},Population,persons,{age},10,20" for age in range(3)]
    path = tmp_path / "snpp.csv"
    path.write_text(change("\n".join(lines)) + "\n" + below, encoding="utf-8")
    return path


def test_an_area_of_a_projection_with_a_gap_is_left_out_and_no_other(tmp_path, caplog):
    def gap(text):
        return text.replace("E08000002,Bury,Population,persons,1,10", "E08000002,Bury,,persons,1,:")

    table = population.read_projections(projection(tmp_path, change=gap))
    assert set(table["area_name"]) == {"Bolton", "Manchester"}
    assert "has no figure for E08000002 persons 2022 age 1" in caplog.text
    with pytest.raises(SchemaError, match="has no figure for"):
        population.read_projections(
            projection(tmp_path, change=lambda text: text.replace(",1,10,", ",1,x,"))
        )


def test_an_area_whose_ages_do_not_sum_is_left_out_and_no_other(tmp_path, caplog):
    lines = [HEAD]
    for code, name in CODES.items():
        ages = [*range(90), "90 and over"]
        lines += [f"{code},{name},Population,persons,{age},10,20" for age in ages]
        total = 910 if name != "Bury" else 2000
        lines.append(f"{code},{name},Population,persons,All ages,{total},1820")
    path = tmp_path / "snpp.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = population.read_projections(path)
    assert set(table["area_name"]) == {"Bolton", "Manchester"}
    assert "do not sum to 'All ages'" in caplog.text


def test_a_row_that_repeats_is_used_once_and_a_contradiction_leaves_out_its_year(tmp_path, caplog):
    head = (
        "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
        "region_name,old_la_code,new_la_code,la_name,age_group,population_estimate"
    )
    place = "Reporting year,Local authority,E92000001,England,E12000002,North West,350"
    rows = [
        f"{year},{place},{code},{area},Children aged 0 to 17 years,{year}"
        for code, area in CODES.items()
        for year in (2012, 2013)
    ]

    def read(*more):
        path = tmp_path / "estimates.csv"
        path.write_text("\n".join([head, *rows, *more]) + "\n", encoding="utf-8")
        return population.read_estimates(path)

    assert read(rows[0]).equals(read())
    assert read(rows[0].replace("years,2012", "years,z")).equals(read())
    found = read(rows[3][: -len("2013")] + "1")
    gone = {("E08000002", 2013)}
    there = set(zip(found["area_code"], found["year"], strict=True))
    assert there == {(code, year) for code in CODES for year in (2012, 2013)} - gone
    assert "has two figures of the same sex and age for E08000002 2013" in caplog.text


@pytest.mark.parametrize("below", ["\nSource: ONS\n", '"Notes: 1, 2"\n', "1,see the guide\n"])
def test_footnotes_below_a_table_of_populations_are_passed_over(tmp_path, caplog, below):
    whole = population.read_projections(projection(tmp_path))
    caplog.clear()
    assert population.read_projections(projection(tmp_path, below=below)).equals(whole)
    assert "lines of text below its table" in caplog.text


def test_a_year_of_blanks_is_not_used(tmp_path, caplog):
    table = population.read_projections(
        projection(tmp_path, change=lambda text: text.replace("10,20", "10,"))
    )
    assert set(table["year"]) == {2022}
    assert "no figures in its columns of 2023" in caplog.text


LOOKUP = "LSOA21CD,LSOA21NM,WD24CD,LAD24CD\n" + "".join(
    f"E0100476{n},Bolton 00{n},E05014818,E08000001\n" for n in range(5)
)


@pytest.mark.parametrize(
    "below", ["\nSource: ONS,,,\n", "Total,,5,\n", "E01004799,x,none,E08000001\n"]
)
def test_lines_below_a_lookup_are_passed_over(tmp_path, caplog, below):
    path = tmp_path / "lu.csv"
    path.write_text(LOOKUP + below, encoding="utf-8")
    assert len(lookups.read(path)) == 5
    assert "'lu.csv' has" in caplog.text


def test_a_postcode_that_is_none_is_left_out(tmp_path, caplog):
    path = tmp_path / "pcd_2025.csv"
    rows = "BL1 1AP,E01004768\nBL1 1AQ,E01004768\nBOLTON,E01004768\nSource: ONS,\n"
    path.write_text("pcds,lsoa21cd\n" + rows, encoding="utf-8")
    assert lookups.read_postcodes(path)["postcode"].tolist() == ["BL1 1AP", "BL1 1AQ"]
    assert "has 'BOLTON'" in caplog.text


def test_a_feature_without_code_or_shape_is_left_out(tmp_path, caplog):
    def feature(code, shape):
        return {"type": "Feature", "properties": {"WD24CD": code}, "geometry": shape}

    ring = [[-2.4, 53.5], [-2.3, 53.5], [-2.3, 53.6], [-2.4, 53.5]]
    square = {"type": "Polygon", "coordinates": [ring]}
    features = [feature(f"E0599900{n}", square) for n in range(4)]
    features += [feature(None, square), feature("E05999009", None)]
    path = tmp_path / "wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert boundaries.read(path)["area_code"].tolist() == [f"E0599900{n}" for n in range(4)]
    assert "no shape for E05999009" in caplog.text
    assert "neither a code nor a name" in caplog.text


def test_an_area_and_a_period_that_are_not_known_are_left_out(tmp_path, caplog):
    head = "Indicator ID,Area Code,Sex,Time period,Value,Count,Denominator,Value note"
    rows = [f"90803,E0800000{n},Persons,2023/24,101.2,765,75599," for n in range(1, 5)]
    odd = [
        "90803,E38000001,Persons,2023/24,1,1,1,",
        "90803,E08000001,Persons,2021/22 - 23/24,1,1,1,",
    ]
    path = tmp_path / "fingertips.csv"
    path.write_text("\n".join([head, *rows, *odd]) + "\n", encoding="utf-8")
    assert len(fingertips.read(path)) == 4
    assert "E38000001" in caplog.text
    assert "'2021/22 - 23/24'" in caplog.text


def test_postcodes_that_repeat_or_have_no_code_stop_no_other(tmp_path, caplog):
    rows = [f"BL1 1A{letter},E01004766,E05014818" for letter in "ABDEFG"]
    rows += [rows[0], "BL1 1AH,E01004767,E05014818", "BL1 1AH,E01004768,E05014818"]
    rows += ["BL1 1AJ,[c],E05014818", "JE2 3AB,L99999999,L99999999", "BT1 1AA,95GG01S1,N08000303"]
    path = tmp_path / "postcodes.csv"
    path.write_text("\n".join(["pcds,lsoa21cd,wd24cd", *rows]) + "\n", encoding="utf-8")
    found = lookups.read_postcodes(path).set_index("postcode")
    assert found.index.is_unique
    assert "BL1 1AH" not in found.index
    assert found.index[found["lsoa_code"].isna()].tolist() == ["BL1 1AJ", "JE2 3AB"]
    assert found.loc["BT1 1AA", "lsoa_code"] == "95GG01S1"
    assert "in more than one place: 'BL1 1AH'" in caplog.text
    assert "has '[c]'" in caplog.text


FLAT = {
    "type": "GeometryCollection",
    "geometries": [{"type": "LineString", "coordinates": [[-2.4, 53.5], [-2.4, 53.6]]}],
}


@pytest.mark.parametrize("odd", ["flat", "twice", "two shapes"])
def test_one_odd_feature_leaves_out_itself(tmp_path, caplog, odd):
    features = []
    for number in range(6):
        west = -2.5 + number / 100
        ring = [[west, 53.5], [west + 0.01, 53.5], [west + 0.01, 53.51], [west, 53.5]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        named = {"WD23CD": f"E0501481{number}", "WD23NM": "x"}
        features.append({"type": "Feature", "properties": named, "geometry": shape})
    words = {
        "flat": "without an area",
        "twice": "each is used once",
        "two shapes": "more than once",
    }
    if odd == "flat":
        features[2]["geometry"] = FLAT
    else:
        shape = features[2 if odd == "twice" else 3]["geometry"]
        features.append({**features[2], "geometry": shape})
    path = tmp_path / "wards.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")
    found = boundaries.read(path)
    assert found["area_code"].is_unique
    assert ("E05014812" in set(found["area_code"])) is (odd == "twice")
    assert len(found) == (6 if odd == "twice" else 5)
    assert words[odd] in caplog.text


def test_years_are_not_taken_for_blank_where_an_area_is_not_in_the_file(tmp_path, caplog):
    with pytest.raises(MissingDataError, match="E06000017"):
        population.read_projections(projection(tmp_path), areas="E06000017")
    assert "no figures in its columns" not in caplog.text
