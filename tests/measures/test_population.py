"""Children aged 0-17 modelled from those aged 0-15."""

import pandas as pd
import pytest

from bolton_jsna.errors import UsageError
from bolton_jsna.measures.population import modelled_children


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


def test_refusals():
    with pytest.raises(UsageError, match="Expected the ages 0 to 17 of one area"):
        modelled_children(idaci(), projections(ages=range(16)))
    with pytest.raises(UsageError, match="Expected the ages 0 to 17 of one area"):
        modelled_children(idaci(), pd.concat([projections(), projections()]))
    with pytest.raises(UsageError, match="LSOAs lie in E08000005, the projections are of Bolton"):
        modelled_children(idaci(area="E08000005"), projections())
