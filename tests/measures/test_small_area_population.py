"""Children of small areas: modelled from those aged 0-15, and scaled to another year's total."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures.small_area_population import adds_up, modelled_children, rake_to_authority


def idaci(children=(150, 300), area="E08000001", edition=2025):
    return pd.DataFrame(
        {
            "lsoa_code": ["E01004766", "E01004767"],
            "lsoa_name": ["Bolton 016A", "Bolton 016B"],
            "area_code": area,
            "children_0_15": pd.array(children, dtype="Int64"),
            "edition": edition,
            "source": f"idaci@{edition}",
        }
    )


def projections(ages=range(18), each=10.0):
    return pd.DataFrame(
        [
            {
                "area_code": "E08000001",
                "area_name": "Bolton",
                "base_year": 2022,
                "year": year,
                "age": age,
                "population": each * (year - 2021),
                "source": "population_projections@2022",
            }
            for year in (2022, 2023)
            for age in ages
        ]
    )


def test_the_ratio_of_the_base_year_carries_0_to_15_to_0_to_17():
    """Eighteen equal years of age to sixteen: nine eighths."""
    found = modelled_children(idaci(), projections())
    assert found["population"].tolist() == pytest.approx([168.75, 337.5])
    assert found["status"].tolist() == ["modelled", "modelled"]
    assert found["year"].tolist() == [2022, 2022]
    assert found["ages"].tolist() == ["0-17", "0-17"]
    assert found["source"].unique().tolist() == ["idaci@2025; population_projections@2022"]


def test_the_children_are_those_of_the_editions_own_mid_year():
    assert modelled_children(idaci(edition=2019), projections())["year"].unique().tolist() == [2015]
    with pytest.raises(UsageError, match="Expected one edition with children aged 0-15"):
        modelled_children(idaci(edition=2010), projections())


def test_a_missing_number_stays_missing_and_zero_stays_zero():
    found = modelled_children(idaci([None, 0]), projections())
    assert found["population"].isna().tolist() == [True, False]
    assert found["population"].iloc[1] == 0
    assert found["status"].tolist() == ["not_available", "modelled"]


def test_inputs_are_not_changed():
    small, future = idaci(), projections()
    before = small.copy(deep=True), future.copy(deep=True)
    modelled_children(small, future)
    pd.testing.assert_frame_equal(small, before[0])
    pd.testing.assert_frame_equal(future, before[1])


def test_rejections():
    with pytest.raises(UsageError, match="Expected the ages 0 to 17 of one area"):
        modelled_children(idaci(), projections(ages=range(16)))
    with pytest.raises(UsageError, match="Expected the ages 0 to 17 of one area"):
        modelled_children(idaci(), pd.concat([projections(), projections()]))
    with pytest.raises(UsageError, match="LSOAs lie in E08000005, the projections are of Bolton"):
        modelled_children(idaci(area="E08000005"), projections())


BOLTON = ("E08000001", "Bolton")


def people(numbers, *, year=2022, code=None, source="population_estimates@2022"):
    """Rows of ``population_estimates``; numbers by area and ages, or by ages of one area."""
    if code is not None:
        numbers = {code: numbers}
    return pd.DataFrame(
        [
            {
                "area_code": area,
                "area_name": dict([BOLTON]).get(area, area),
                "area_level": "authority" if area.startswith("E08") else "lsoa",
                "year": year,
                "sex": "persons",
                "ages": ages,
                "age": None,
                "population": number,
                "status": "value",
                "source": source,
            }
            for area, bands in numbers.items()
            for ages, number in bands.items()
        ]
    )


def authority(numbers, year=2024):
    return people(numbers, year=year, code=BOLTON[0], source="population_estimates@2024")


def sums(frame):
    return frame.groupby("ages")["population"].sum().to_dict()


def test_small_areas_are_scaled_to_the_authority_of_another_year():
    small = people({"a": {"0-17": 100}, "b": {"0-17": 300}})
    found = rake_to_authority(small, authority({"0-17": 500}), areas={"a", "b"})
    assert found["population"].tolist() == pytest.approx([125, 375])
    assert found["year"].tolist() == [2024, 2024]
    assert found["base_year"].tolist() == [2022, 2022]
    assert found["status"].tolist() == ["modelled", "modelled"]
    both = "population_estimates@2022; population_estimates@2024"
    assert found["source"].tolist() == [both, both]
    assert [*found.columns] == [*small.columns, "base_year"]


SINGLE = {str(age): 1.0 for age in range(18)}


@pytest.mark.parametrize(
    ("small", "whole", "expected"),
    [
        # By each band that both have.
        ({"0-15": 100, "16-17": 20}, {"0-15": 150, "16-17": 10}, {"0-15": 150, "16-17": 10}),
        # Single years against bands: by band; ages that are not asked for are not used.
        (SINGLE, {"0-4": 10, "5-17": 26, "18-24": 999}, {"0": 2, "4": 2, "5": 2, "17": 2}),
        # Bands that cross are joined until both can be summed: here 0-15 and 16-17.
        (
            {"0-4": 10, "5-15": 10, "16-17": 5},
            {"0-9": 30, "10-15": 10, "16-17": 5},
            {"0-4": 20, "5-15": 20, "16-17": 5},
        ),
        # By the total where the authority has no other ages.
        ({"0-15": 100, "16-17": 20}, {"0-17": 60}, {"0-15": 50, "16-17": 10}),
        # The band of the whole span is the total, its parts divide it.
        ({"0-15": 100, "16-17": 20}, {"0-17": 220, "0-15": 90, "16-17": 20}, {"0-15": 180}),
        # Parts that leave a gap divide nothing.
        ({"0-15": 100, "16-17": 20}, {"0-17": 60, "16-17": 59}, {"0-15": 50}),
        # Single years and bands that overlap them: the single years.
        (SINGLE, {**dict.fromkeys(SINGLE, 3.0), "0-4": 99}, {"0": 3, "17": 3}),
    ],
)
def test_ages_are_scaled_by_the_finest_bands_that_both_have(small, whole, expected):
    found = rake_to_authority(people({"a": small}), authority(whole))
    assert {each: sums(found)[each] for each in expected} == pytest.approx(expected)


@st.composite
def populations(draw):
    """Small areas by three bands, none of them empty in all areas, and an authority."""
    number = st.floats(0, 1e5, allow_subnormal=False).map(lambda each: round(each, 3))
    bands = ["0-4", "5-15", "16-17"]
    areas = draw(st.integers(1, 6))
    rows = {
        f"L{place}": {band: draw(number) + (1 if not place else 0) for band in bands}
        for place in range(areas)
    }
    return people(rows), authority({band: draw(number) + 1 for band in bands})


@given(populations())
def test_raking_keeps_the_authoritys_sum_of_each_band(both):
    small, whole = both
    assert sums(rake_to_authority(small, whole)) == pytest.approx(sums(whole), rel=1e-12)


@given(populations())
def test_raking_keeps_each_areas_share_of_a_band(both):
    small, whole = both
    found = rake_to_authority(small, whole)
    for before, after in zip(small.groupby("ages"), found.groupby("ages"), strict=True):
        shares = [rows["population"] / rows["population"].sum() for _, rows in (before, after)]
        assert shares[1].tolist() == pytest.approx(shares[0].tolist(), rel=1e-9)


@given(populations())
def test_raking_again_changes_nothing(both):
    small, whole = both
    once = rake_to_authority(small, whole)
    again = rake_to_authority(once, whole)
    assert again["population"].tolist() == pytest.approx(once["population"].tolist(), rel=1e-12)
    pd.testing.assert_frame_equal(again.drop(columns="population"), once.drop(columns="population"))


@given(populations(), st.floats(0.01, 100))
def test_raking_does_not_depend_on_the_size_of_the_small_areas(both, times):
    small, whole = both
    other = small.assign(population=small["population"] * times)
    found = [rake_to_authority(each, whole)["population"].tolist() for each in (small, other)]
    assert found[1] == pytest.approx(found[0], rel=1e-9)


@given(populations())
def test_raking_changes_no_input(both):
    before = [each.copy(deep=True) for each in both]
    rake_to_authority(*both)
    for now, then in zip(both, before, strict=True):
        pd.testing.assert_frame_equal(now, then)


def test_an_age_that_nobody_has_stays_empty():
    small = people({"a": {"0-15": 100, "16-17": 0}})
    found = rake_to_authority(small, authority({"0-15": 90, "16-17": 0}))
    assert sums(found) == {"0-15": 90, "16-17": 0}


TWO = {"a": {"0-17": 100}, "b": {"0-17": 300}}
WHOLE = authority({"0-17": 500})


@pytest.mark.parametrize(
    ("small", "whole", "areas", "words"),
    [
        (people(TWO).iloc[:0], WHOLE, None, "no rows for the small areas"),
        (people(TWO), WHOLE.iloc[:0], None, "no rows for the authority"),
        (people(TWO), WHOLE, {"a"}, r"1 small areas are not in Bolton \(b\)"),
        (people(TWO), WHOLE, {"a", "b", "c"}, r"1 small areas of Bolton have no row \(c\)"),
        (
            people(TWO),
            pd.concat([WHOLE, WHOLE.assign(area_code="E08000002", area_name="Bury")]),
            None,
            "Expected one authority; found Bolton, Bury",
        ),
        (
            people(TWO),
            pd.concat([WHOLE, WHOLE.assign(year=2023)]),
            None,
            "one year for the authority; found 2024, 2023",
        ),
        (people(TWO).assign(year=[2021, 2022]), WHOLE, None, "one year for the small areas"),
        (people(TWO), WHOLE.assign(sex="males"), None, "are of persons, the authority's of males"),
        (pd.concat([people(TWO)] * 2), WHOLE, None, "More than one row for the small areas"),
        (people(TWO).assign(population=[-1, 3]), WHOLE, None, "first a: -1"),
        (people(TWO).assign(population=[None, 3]), WHOLE, None, "1 rows for the small areas"),
        (people(TWO), WHOLE.assign(population=float("inf")), None, "1 rows for the authority"),
        (people(TWO), WHOLE.assign(population=None), None, "1 rows for the authority"),
        (people(TWO), authority({"0-15": 9}), None, "no estimate of the ages 0-17; it has 0-15"),
        (people(TWO), authority({"0-17": 0}), None, "an estimate of zero people"),
        (
            people({"a": {"0-15": 5, "16-17": 0}}),
            authority({"0-15": 5, "16-17": 7}),
            None,
            "No small area has people aged 16-17; the authority has 7",
        ),
        (people({"a": {"0-4": 5, "6-17": 5}}), WHOLE, None, "overlap or leave a gap: 0-4, 6-17"),
        (people({"a": {"0-17": 5, "0-4": 5}}), WHOLE, None, "overlap or leave a gap"),
        (
            people({"a": {"0-15": 5, "16-17": 5}, "b": {"0-15": 5}}),
            WHOLE,
            None,
            "do not have all 2 age bands, first b with 1",
        ),
    ],
)
def test_raking_rejects_what_would_give_wrong_numbers(small, whole, areas, words):
    with pytest.raises(UsageError, match=words):
        rake_to_authority(small, whole, areas=areas)


def test_published_areas_may_be_rounded_and_modelled_ones_may_not():
    small = people(TWO)
    assert adds_up(small, 401)
    assert not adds_up(small, 401.5)
    assert not adds_up(small.assign(status="modelled"), 401)
    assert adds_up(small.assign(status="modelled"), 400)
