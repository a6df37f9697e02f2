"""Rates and projections as people have them: odd columns, ages, years and areas."""

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError
from bolton_jsna.questions import _demand_record
from bolton_jsna.questions.projections import demand_from, demand_of, usable_years

BOLTON, RUTLAND, ENGLAND = "E08000001", "E06000017", "E92000001"
COUNTS = (2000.0, 2200.0, 1900.0, 2100.0)


def rates(counts=COUNTS, *, people=50_000.0, code=BOLTON, name="Bolton", last=2025, **columns):
    years = range(last + 1 - len(counts), last + 1)
    facts = {"area_code": code, "area_name": name, "area_level": "authority"}
    return pd.DataFrame(
        {
            **facts,
            "indicator": "referrals",
            "year": years,
            "count": counts,
            "population": people,
            "status": "value",
        }
        | columns
    )


def children(code=BOLTON, name="Bolton", each=2800.0):
    return pd.DataFrame(
        [
            {
                "area_code": code,
                "area_name": name,
                "base_year": 2022,
                "sex": "persons",
                "year": year,
                "age": age,
                "population": each + 10 * (year - 2024) * (age - 5),
            }
            for year in range(2022, 2031)
            for age in range(18)
        ]
    )


def by_age(indicator="referrals", bands=("0-4", "5-9", "10-17"), **columns):
    parts = [
        rates(tuple(each * (at + 1) for each in COUNTS), people=10_000.0).assign(age_band=band)
        for at, band in enumerate(bands)
    ]
    return pd.concat(parts, ignore_index=True).assign(indicator=indicator, **columns)


def project(frame, projected=None, **options):
    options = {"indicator": "referrals", "horizon": 2} | options
    return pd.DataFrame(
        jsna.project_demand(frame, children() if projected is None else projected, **options)
    )


def test_an_area_that_ends_before_another_has_no_projection():
    """Not an empty number with the state of a projection; and the advice works."""
    frame = pd.concat([rates(last=2024), rates(code=ENGLAND, name="England")], ignore_index=True)
    with pytest.raises(
        MissingDataError, match="last row of Bolton is of 2024, and other areas have 2025"
    ) as caught:
        project(frame)
    assert "rates[rates['year'] <= 2024]" in str(caught.value)
    assert project(frame[frame["year"] <= 2024])["count"].notna().all()


@pytest.mark.parametrize("level", ["LA", "Local authority", "Authority", np.nan])
def test_the_record_of_authorities_is_used_however_their_level_is_written(level):
    usual, found = project(rates()), project(rates(area_level=level))
    assert set(found["interval_from"]) == {"past_errors"}
    pd.testing.assert_frame_equal(found, usual)


def test_why_limits_are_from_the_own_series_is_true_of_the_area():
    nation = project(rates(code=ENGLAND, name="England"), children(code=ENGLAND, name="England"))
    assert nation["interval_basis"].str.contains("record of past projections is of auth").all()
    own = project(rates(indicator="early_help"), indicator="early_help")
    assert own["interval_basis"].str.contains("no record of past projections of this").all()


def test_limits_of_few_children_are_from_their_own_changes():
    """Limits from the errors of larger authorities held half of the outcomes there."""
    place = {"code": RUTLAND, "name": "Rutland"}
    few = project(rates((200, 300, 150, 320), people=8000.0, **place), children(**place, each=440))
    assert set(few["interval_from"]) == {"own_series"}
    assert few["interval_basis"].str.contains("with fewer than 10,000 children").all()
    assert few["held_80"].isna().all()
    enough = project(
        rates((200, 300, 150, 320), people=10_000.0, **place), children(**place, each=560)
    )
    assert set(enough["interval_from"]) == {"past_errors"}
    assert few["upper_80"].iloc[0] > enough["upper_80"].iloc[0]


def test_rates_by_age_beside_other_indicators_and_with_years_as_text():
    usual = project(by_age())
    assert usual["change_ages"].abs().gt(1).all()
    others = [by_age("cpp_started"), by_age("early_help", bands=("0-17",))]
    beside = pd.concat([by_age(), *others], ignore_index=True)
    texts = by_age().assign(year=lambda frame: frame["year"].astype(str))
    for frame in (beside, texts, texts.sample(frac=1, random_state=1)):
        assert project(frame)["count"].tolist() == pytest.approx(usual["count"].tolist())


def test_a_band_of_some_children_is_not_projected_as_all_children():
    for label in ("0-4", "0-15", "10-17"):
        with pytest.raises(UsageError, match=f"the age band '{label}' only"):
            project(rates(age_band=label))
    for label in ("0-17", "All", "under 18"):
        assert len(project(rates(age_band=label))) == 2


def test_a_repeated_row_of_an_age_band_is_named():
    twice = pd.concat([by_age(), by_age().tail(1)], ignore_index=True)
    with pytest.raises(SchemaError, match=r"several rows for 2025 and the age band '10-17'"):
        project(twice)


def test_a_projection_in_thousands_is_not_taken_as_published():
    thousands = children().assign(population=lambda frame: frame["population"] / 1000)
    with pytest.raises(MissingDataError, match="as if one were in thousands"):
        project(rates(), thousands, rebase=False)
    # The change of the children is that of any unit.
    assert project(rates(), thousands)["count"].tolist() == pytest.approx(
        project(rates())["count"].tolist()
    )


def test_people_by_sex_without_persons_are_named():
    sexes = [children().assign(sex=each) for each in ("males", "females")]
    with pytest.raises(SchemaError, match=r"males, females.* no rows of persons"):
        project(rates(), pd.concat(sexes, ignore_index=True))


def test_the_latest_of_several_gaps_is_named_so_that_its_advice_is_enough():
    frame = rates((90.0, 0, 80, 0, 70, 80, 90))
    with pytest.raises(MissingDataError, match=r"in 2022 is 0.*rates\['year'\] > 2022"):
        project(frame)
    assert len(project(frame[frame["year"] > 2022])) == 2


def test_a_gap_with_too_few_years_after_it_is_named():
    """As in Hampshire, whose figure of 2024 is not reliable."""
    frame = rates((90.0, 80, 70, np.nan, 90)).assign(status=["value"] * 3 + ["low", "value"])
    assert usable_years(frame, BOLTON)[1] == ""
    with pytest.raises(MissingDataError, match=r"Bolton in 2024 .* there is none until 2027"):
        demand_from(frame, children(), BOLTON, indicator="referrals", horizon=2)


def test_an_abolished_authority_is_named_before_its_files_are_asked_for():
    with pytest.raises(MissingDataError, match="Cumbria was abolished in 2023"):
        demand_of("Cumbria", "referrals")


def test_sums_of_a_combined_authority_are_rows_like_the_others(monkeypatch):
    """Rows of children in need and of indicators name the state of a count differently."""
    place = jsna.area("Greater Manchester")
    sums = rates(code=place.code, name=place.name).assign(
        count_status="value", status="not_applicable"
    )
    monkeypatch.setattr(_demand_record, "load_indicators", lambda *_, **__: sums)
    found = _demand_record.rows_for(place, "referrals", None)
    own = found[found["area_code"] == place.code]
    assert own["status"].tolist() == ["value"] * 4
    kept, _ = usable_years(found, place.code)
    projected = project(kept, children(code=place.code, name=place.name))
    assert projected["count"].notna().all()


def test_an_area_without_rows_is_named_by_a_back_test():
    with pytest.raises(MissingDataError, match="no two years of referrals of Bury"):
        jsna.backtest_demand(rates(), indicator="referrals", area="Bury")


def test_a_change_is_divided_with_years_as_text():
    texts = rates().assign(year=lambda frame: frame["year"].astype(str))
    usual = jsna.decompose_change(rates(), first=2022, last=2025)
    pd.testing.assert_frame_equal(jsna.decompose_change(texts, first=2022, last=2025), usual)


def test_a_change_across_two_definitions_is_not_divided():
    """As a projection across them is rejected; other indicators keep their parts."""
    both = pd.concat(
        [rates((500.0,) * 5, indicator="assessments", last=2017), rates((500.0,) * 5, last=2017)]
    )
    found = jsna.decompose_change(both, first=2013, last=2017).set_index("indicator")
    assert found.loc["assessments", "reason"] == "the definition of assessments changed in 2015"
    assert found.loc["assessments", "status"] == "not_available"
    assert found.loc["assessments", ["change", "change_rate"]].isna().all()
    assert found.loc["referrals", ["change", "status", "reason"]].tolist() == [0.0, "value", ""]
    later = jsna.decompose_change(both, first=2015, last=2017)
    assert set(later["status"]) == {"value"}


def test_own_records_by_age_give_an_age_specific_projection():
    """Count, match, project: no name and no level of the area, zero events of a band in a year."""
    counts = by_age().drop(columns=["area_name", "area_level", "indicator", "population", "status"])
    counts.loc[(counts["age_band"] == "0-4") & (counts["year"] == 2025), "count"] = 0
    matched = jsna.match_populations(counts, children())
    found = project(matched)
    assert set(found["area_name"]) == {"Bolton"}
    assert found["children_basis"].str.endswith("by age band").all()
    parts = found[["change_children", "change_ages", "change_rate"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(found["change"].tolist())


def test_a_back_test_has_no_limits_of_the_record_where_children_are_few():
    few = jsna.backtest_demand(rates(people=8000.0), indicator="referrals").misses
    enough = jsna.backtest_demand(rates(), indicator="referrals").misses
    assert few["lower_80"].isna().all()
    assert few["expected"].notna().all()
    assert enough["lower_80"].notna().any()


def test_a_back_test_of_an_own_figure_says_that_there_is_no_record():
    own = rates(indicator="early_help")
    said = jsna.backtest_demand(own, indicator="early_help").sentences
    assert said[0] == "There is no record of all authorities of this figure."
    usual = jsna.backtest_demand(rates(), indicator="referrals").sentences
    assert "There is no record" not in " ".join(usual)
