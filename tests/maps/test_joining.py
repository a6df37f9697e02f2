"""What cannot be drawn truthfully is refused, with the codes and the way out."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from bolton_jsna.core.errors import AreaNotFoundError, SchemaError, UsageError, VintageError
from bolton_jsna.maps._joining import join


def test_rows_meet_their_shapes_whatever_the_order(figures, wards):
    joined = join(figures.sample(frac=1, random_state=1), wards.to_crs("EPSG:4326"))
    assert list(joined["area_name"]) == sorted(wards["area_name"])
    assert list(joined["children"]) == list(figures["children"])
    assert joined.crs == "EPSG:27700"
    assert joined.geometry.area.round(-2).eq(1500**2).all()


def test_inputs_are_not_changed(figures, wards):
    before, shapes = figures.copy(), wards.copy()
    join(figures, wards)
    pd.testing.assert_frame_equal(figures, before)
    assert wards.equals(shapes)


def test_wards_of_another_year_are_rejected_with_their_codes(figures, wards):
    old = figures.assign(area_code=[f"E0500065{at}" for at in range(9)])
    with pytest.raises(VintageError) as caught:
        join(old, wards)
    message = str(caught.value)
    assert "9 of 9 codes of the frame (E05000650, E05000651" in message
    assert "E05099001" in message
    assert "load_lookup(of='lsoa21', to='ward23')" in message


def test_a_total_among_the_rows_is_rejected(figures, wards):
    total = pd.concat([figures, pd.DataFrame({"area_code": ["E08000001"], "idaci": [0.4]})])
    with pytest.raises(VintageError, match=r"1 of 10 codes .*E08000001.*Leave out rows"):
        join(total, wards)


def test_a_shape_without_a_row_is_rejected_unless_allowed(figures, wards):
    with pytest.raises(VintageError, match=r"1 of 9 areas .*E05099001.*allow_missing=True"):
        join(figures.iloc[1:], wards)
    assert join(figures.iloc[1:], wards, allow_missing=True)["idaci"].isna().sum() == 1


def test_a_frame_needs_shapes(figures):
    with pytest.raises(UsageError, match=r"boundaries=load_boundaries"):
        join(figures)


def test_a_frame_with_shapes_is_enough(figures, wards):
    assert len(join(wards.merge(figures, on="area_code"))) == 9


def _moved(wards, at, shape):
    shapes = list(wards.geometry)
    shapes[at] = shape
    return wards.set_geometry(gpd.GeoSeries(shapes, crs=wards.crs))


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda w: _moved(w, 2, shapely.Polygon()), SchemaError, r"1 areas have no shape"),
        (lambda w: _moved(w, 2, None), SchemaError, r"no shape \(E05099003\)"),
        (lambda w: _moved(w, 2, shapely.Point(370_000, 408_000)), SchemaError, "not polygons"),
        (
            lambda w: _moved(
                w,
                2,
                shapely.Polygon(
                    [(370_000, 408_000), (371_000, 409_000), (371_000, 408_000), (370_000, 409_000)]
                ),
            ),
            SchemaError,
            "invalid shape",
        ),
        (lambda w: w.set_crs(None, allow_override=True), SchemaError, "no CRS"),
        (lambda w: w.set_crs("EPSG:4326", allow_override=True), SchemaError, "United Kingdom"),
        (
            lambda w: w.to_crs("EPSG:4326").set_crs("EPSG:27700", allow_override=True),
            SchemaError,
            "have the CRS EPSG:27700, but their coordinates",
        ),
        (lambda w: pd.concat([w, w.iloc[:1]]), SchemaError, r"several shapes \(E05099001\)"),
        (
            lambda w: w.assign(year=[2022] * 4 + [2023] * 5),
            VintageError,
            "of several years",
        ),
        (lambda w: w.drop(columns="area_code"), SchemaError, "'area_code'"),
        (pd.DataFrame, UsageError, "must be a GeoDataFrame"),
    ],
)
def test_impossible_shapes_are_rejected(figures, wards, spoil, error, message):
    with pytest.raises(error, match=message):
        join(figures, spoil(wards))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: pd.concat([f, f.iloc[:1]]), r"several rows \(E05099001\).*one year"),
        (lambda f: f.assign(area_code=None), "without an area_code"),
        (lambda f: f.iloc[:0], "no rows"),
        (lambda f: f.rename(columns={"idaci": "idaci_score"}), "Did you mean 'idaci_score'"),
    ],
)
def test_rows_that_cannot_be_drawn_are_rejected(figures, wards, spoil, message):
    with pytest.raises(SchemaError, match=message):
        join(spoil(figures), wards, columns=("idaci",))


def _by_name(figures, wards):
    names = [name.replace("&", "and").upper() for name in wards["area_name"]]
    return figures.drop(columns="area_code").assign(Ward=names)


def test_a_table_of_names_meets_the_same_shapes(figures, wards):
    expected, found = join(figures, wards), join(_by_name(figures, wards), wards)
    pd.testing.assert_frame_equal(found[expected.columns], expected)


def test_names_without_a_shape_are_an_error_or_shown(figures, wards):
    own = _by_name(figures, wards)
    own.loc[[0, 8], "Ward"] = ["Ashgren", "Town total"]
    with pytest.raises(
        AreaNotFoundError, match=r"'Ashgren' \(did you mean 'Ash Green'.*'Town total'"
    ):
        join(own, wards, allow_missing=True)
    shown = join(own, wards, unmatched="show")
    assert shown["idaci"].isna().sum() == 2
    assert shown.attrs["left_out"] == (
        "Not on the map, because they match no area: 2 rows of the table (Ashgren; Town total).",
    )
    with pytest.raises(AreaNotFoundError, match="9 of 9"):
        join(
            own.assign(Ward=[f"Nowhere {at}" for at in range(9)]),
            wards,
            code="Ward",
            unmatched="show",
        )
    with pytest.raises(UsageError, match=r"unmatched='hide' is not known"):
        join(own, wards, unmatched="hide")


def test_rows_without_a_name_are_counted_when_shown(figures, wards):
    own = _by_name(figures, wards)
    own.loc[4, "Ward"] = None
    (text,) = join(own, wards, unmatched="show").attrs["left_out"]
    assert text == "Not on the map: 1 row of the table without an area."


def test_one_area_in_two_spellings_is_rejected(figures, wards):
    own = _by_name(figures, wards)
    own.loc[1, "Ward"] = "Ash Green Ward"
    for unmatched in ("error", "show"):
        with pytest.raises(SchemaError, match=r"several rows \(ASH GREEN, Ash Green Ward\)"):
            join(own, wards, unmatched=unmatched)


def test_a_frame_with_shapes_may_have_its_codes_under_another_heading(figures, wards):
    own = wards.merge(figures, on="area_code").rename(columns={"area_code": "WD23CD"})
    assert list(join(own)["area_code"]) == list(figures["area_code"])
    with pytest.raises(SchemaError, match="no column 'area_code'"):
        join(own.drop(columns=["WD23CD", "authority_code"]))
    by_name = own.drop(columns="WD23CD").rename(columns={"area_name": "WD23NM"})
    with pytest.raises(SchemaError, match="names of wards in 'WD23NM', and no column of their"):
        join(by_name.iloc[:1])
    with pytest.raises(SchemaError, match="names of wards in 'Ward'"):
        join(by_name.iloc[:1].rename(columns={"WD23NM": "Ward"}))


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_shapes_with_the_headings_of_ons_are_taken(figures, wards, change):
    headings = {"area_code": "wd23cd", "area_name": "wd23nm", "authority_code": "lad23cd"}
    shapes = wards.drop(columns="year", errors="ignore").rename(
        columns={name: change(each) for name, each in headings.items()}
    )
    expected = join(figures, wards)
    pd.testing.assert_frame_equal(join(figures, shapes)[expected.columns], expected)
    names = figures.drop(columns="area_code").assign(WD22NM=wards["area_name"])
    with pytest.raises(VintageError, match="of areas of 2022, not of 2023"):
        join(names, shapes)


def test_idaci_as_it_comes_is_drawn_on_lsoas_and_not_on_wards():
    import bolton_jsna as jsna

    idaci, lsoas = jsna.load_idaci(), jsna.load_boundaries(level="lsoa")
    joined = join(idaci, lsoas, columns=("idaci_score",), drawn=("idaci_score",))
    scores = idaci.set_index("lsoa_code")["idaci_score"]
    assert joined.set_index("area_code")["idaci_score"].to_dict() == scores.to_dict()
    with pytest.raises(VintageError, match=r"177 of 177 .*rows are of LSOAs.*to_areas"):
        join(idaci, jsna.load_boundaries())
