"""Projections, associations and maps in sentences, each borne out by its rows."""

import pandas as pd
import pytest

import bolton_jsna as jsna
import face
from sentence_reader import NUMBER, is_printed


def numbers_of(sentence, table, *known):
    """The numbers of a sentence that are neither in its rows nor known otherwise."""
    rows = table[table["id"].isin(sentence.rows)]
    given = list(known)
    for value in rows.drop(columns="id").to_numpy().ravel():
        if isinstance(value, str):
            given += [float(each.replace(",", "")) for each in NUMBER.findall(value)]
            given += [float(each) for each in value.replace("-", " ").split() if each.isdigit()]
        elif not pd.isna(value):
            given.append(float(value))
    texts = [each.rstrip(",") for each in NUMBER.findall(sentence.text)]
    return [each for each in texts if not any(is_printed(each, one) for one in given)]


@pytest.fixture(scope="module")
def projected():
    rates = jsna.load_children_in_need("Bolton")
    children = jsna.load_population_projections("Bolton")
    return jsna.project_demand(rates, children, indicator="referrals", horizon=5)


def test_a_projection_has_its_label_interval_and_record(projected):
    found = jsna.describe(projected)
    first, last = found.sentences[:2]
    assert first.text.startswith("If the rate of 2025 goes on, Bolton has about 3,777 referrals")
    assert (
        "(80 per cent interval 2,955 to 4,600): projection, not a forecast of need." in first.text
    )
    assert (first.rows, last.rows) == (
        ("referrals/E08000001/2026/projection/constant",),
        ("referrals/E08000001/2030/projection/constant",),
    )
    assert "half of 499 past projections" in found.text
    # The level, the day, and the one base whose projected children were compared with estimates.
    assert [numbers_of(each, found.table, 80, 31, 2018, 100) for each in found.sentences] == (
        [[]] * len(found.sentences)
    )


def test_a_projection_without_its_interval_is_rejected(projected):
    bare = pd.DataFrame(projected).drop(columns=["lower_80", "upper_80"])
    with pytest.raises(jsna.UsageError, match=r"keep 0\.8 among levels="):
        jsna.describe(bare)


def test_an_area_that_cannot_be_projected_has_its_reason(projected):
    row = {
        **dict.fromkeys(projected.columns),
        "area_code": "E08000005",
        "area_name": "Rochdale",
        "indicator": "referrals",
        "year": 2026,
        "horizon": 1,
        "status": "not_available",
        "reason": "2024 is hidden",
    }
    found = jsna.describe(pd.DataFrame([row]))
    assert found.text == "Referrals, Rochdale: no projection. 2024 is hidden."


def test_an_association_is_about_areas():
    result = jsna.deprivation_association(face.small_areas(), areas="LSOAs", events="referrals")
    found = jsna.describe(result)
    assert found.text == result.summary["sentence"]
    assert found.sentences[0].rows == ("referrals-idaci_score/rate_ratio",)
    assert found.text.endswith(
        "it does not show that the children counted live in deprived families."
    )
    assert [numbers_of(each, found.table, 95) for each in found.sentences] == (
        [[]] * len(found.sentences)
    )


def test_a_map_has_its_own_words():
    drawn = jsna.choropleth_map(face.wards(), "rate", boundaries=face.shapes())
    found = jsna.describe(drawn)
    assert found.sentences[0].text.startswith("Map of 9 wards by “Rate” in 4 classes, from 42.9 (")
    assert "Without a number: 1 suppressed." in found.sentences[0].text
    hidden = found.table.set_index("area_code").loc["E05014817"]
    assert (hidden["Rate"], hidden["class"]) == ("Suppressed", "Suppressed")
    assert found.sentences[0].rows[0] == "map/Rate/E05014810"


def test_illustrative_figures_are_named():
    drawn = jsna.choropleth_map(face.wards(), "rate", boundaries=face.shapes(), illustrative=True)
    assert jsna.describe(drawn).text.startswith("These are illustrative local data. Map of 9 wards")


def test_a_foreign_map_is_not_described():
    folium = pytest.importorskip("folium")
    with pytest.raises(jsna.UsageError, match="result is of the kind Map"):
        jsna.describe(folium.Map())


def test_the_table_of_a_comparison_holds_every_number():
    result = jsna.compare_with_neighbours("Bolton", "referrals", year=2025)
    before = result.table.copy(deep=True)
    found = jsna.describe(result)
    assert [numbers_of(each, found.table, 95, 10_000, 31) for each in found.sentences] == (
        [[]] * len(found.sentences)
    )
    own = found.table.iloc[0]
    assert (own["summary_model"], own["summary_against_neighbours"]) == ("2025", "similar")
    pd.testing.assert_frame_equal(result.table, before)
