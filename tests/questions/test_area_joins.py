"""Own tables with the codes of their areas, and what did not join."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import AreaNotFoundError, SchemaError, UsageError, VintageError

OWN = pd.DataFrame(
    {"team": ["a", "b", "c"], "Ward": ["RUMWORTH WARD", "Hulton", "Great  Leaver"], "n": [1, 2, 3]},
    index=[7, 8, 9],
)


def test_each_name_that_does_not_join_is_an_error():
    with pytest.raises(
        AreaNotFoundError, match=r"1 of 3 .*'Great  Leaver' \(did you mean 'Great Lever"
    ):
        jsna.join_areas(OWN)


def test_what_does_not_join_is_shown_and_listed():
    joined = jsna.join_areas(OWN, unmatched="show")
    assert list(joined.columns) == ["area_code", "area_name", "matched", "team", "Ward", "n"]
    assert list(joined.index) == [7, 8, 9]
    assert joined["area_name"].tolist()[:2] == ["Rumworth", "Hulton"]
    assert joined["area_code"].isna().tolist() == [False, False, True]
    assert joined["matched"].tolist() == ["spelling", "name", "not matched"]
    assert joined.attrs["unmatched"] == ["Great  Leaver"]
    assert len(joined.attrs["without_row"]) == 18
    assert "Great Lever" in joined.attrs["without_row"]


def test_the_result_is_drawn_on_the_map():
    joined = jsna.join_areas(OWN.iloc[:2])
    drawn = jsna.choropleth_map(
        joined, "n", boundaries=jsna.load_boundaries(), classes=2, allow_missing=True
    )
    assert drawn.get_root().spec.layers[0].entries[-1].count == 18


def test_an_area_may_have_several_rows():
    years = pd.concat([OWN.iloc[:2].assign(year=year) for year in (2024, 2025)])
    assert jsna.join_areas(years)["area_code"].nunique() == 2


def test_own_frames_join_by_their_codes_and_keep_what_was_there():
    joined = jsna.join_areas(jsna.load_idaci(), level="lsoa")
    assert (joined["area_code"] == joined["lsoa_code"]).all()
    assert set(joined["given_area_code"]) == {"E08000001"}
    assert joined.attrs == {"unmatched": [], "without_row": []}


def test_a_column_is_named_where_two_could_be_meant():
    both = OWN.iloc[:2].assign(school=["Hulton", "Rumworth"])
    with pytest.raises(SchemaError, match="code='Ward' or code='school'"):
        jsna.join_areas(both)
    assert jsna.join_areas(both, code="school")["area_name"].tolist() == ["Hulton", "Rumworth"]


def test_codes_of_another_year_are_rejected():
    old = pd.DataFrame({"ward_code": ["E05000650"]})
    with pytest.raises(VintageError, match="wards of Bolton of 2023"):
        jsna.join_areas(old, unmatched="show")
    with pytest.raises(UsageError, match="unmatched='drop' is not known"):
        jsna.join_areas(OWN, unmatched="drop")


def test_a_column_of_mixed_spellings_joins_twenty_of_twenty():
    wards = jsna.load_boundaries()
    changed = [
        lambda name: name.replace("&", "and"),
        str.upper,
        lambda name: f"{name} Ward",
        lambda name: name.replace("Queens", "Queen\u2019s"),
        lambda name: name.replace(" ", "  "),
        lambda name: name.replace(" ", "-"),
        lambda name: f"{name} (Bolton)",
    ]
    names = [changed[at % 7](name) for at, name in enumerate(wards["area_name"])]
    joined = jsna.join_areas(pd.DataFrame({"Ward": names, "n": range(20)}))
    assert joined["area_code"].tolist() == wards["area_code"].tolist()
    assert joined.attrs["unmatched"] == joined.attrs["without_row"] == []
