"""Errors of past projections of children: figures by hand, and the published files."""

import math

import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError
from bolton_jsna.measures._children_errors import children_errors
from bolton_jsna.tables import population

BOLTON, BURY = "E08000001", "E08000002"


def projections(figures, base=2018, code=BOLTON):
    """Projected children of one authority by year."""
    rows = [(code, base, "principal", year, "persons", "0-17", people) for year, people in figures]
    names = ["area_code", "base_year", "variant", "year", "sex", "ages", "population"]
    return pd.DataFrame(rows, columns=names)


def estimates(figures, code=BOLTON, status="value"):
    """Estimated children of one authority by year."""
    rows = [(code, year, "persons", "0-17", people, status) for year, people in figures]
    return pd.DataFrame(rows, columns=["area_code", "year", "sex", "ages", "population", "status"])


def test_the_error_is_of_the_change_from_the_base():
    """The estimate of 2018 was revised from 1,000 to 1,100: that is no error of the projection."""
    found = children_errors(
        projections([(2018, 1000), (2019, 1010), (2020, 1020)]),
        estimates([(2018, 1100), (2019, 1111), (2020, 1155)]),
    )
    assert found.columns.tolist() == ["area_code", "base_year", "horizon", "error"]
    assert found[["area_code", "base_year", "horizon"]].to_numpy().tolist() == [
        [BOLTON, 2018, 1],
        [BOLTON, 2018, 2],
    ]
    assert found["error"].tolist() == pytest.approx([0, math.log(1.05 / 1.02)])


def test_single_years_of_age_are_added_up_and_other_ages_left_out():
    ages = pd.DataFrame({"age": range(19), "people": [100.0] * 18 + [5000.0]})
    single = projections([(2018, 0), (2019, 0)]).drop(columns="ages").merge(ages, how="cross")
    single["population"] = single.pop("people") * (single["year"] == 2019).map({True: 2, False: 1})
    found = children_errors(single, estimates([(2018, 1000), (2019, 1500)]))
    assert found["error"].tolist() == pytest.approx([math.log(1.5 / 2)])


def test_each_base_has_its_own_horizons():
    both = pd.concat(
        [
            projections([(2016, 900), (2019, 900)], base=2016),
            projections([(2018, 1000), (2019, 1000)]),
        ]
    )
    found = children_errors(both, estimates([(2016, 900), (2018, 1000), (2019, 1100)]))
    assert found[["base_year", "horizon"]].to_numpy().tolist() == [[2016, 3], [2018, 1]]
    assert found["error"].tolist() == pytest.approx([math.log(11 / 9), math.log(1.1)])


def test_only_authorities_with_numbers_of_both_years_have_errors():
    figures = [(2018, 1000), (2019, 1000)]
    codes = (BOLTON, BURY, "E08000003", "E12000002", "E92000001", "E07000004")
    projected = pd.concat([projections(figures, code=code) for code in codes])
    found = children_errors(
        projected,
        pd.concat(
            [
                estimates(figures),
                estimates(figures[1:], code=BURY),
                estimates(figures, code="E08000003", status="modelled"),
                *(estimates(figures, code=code) for code in codes[3:]),
            ]
        ),
    )
    assert found["area_code"].tolist() == [BOLTON]
    hidden = estimates([(2018, 1000), (2019, float("nan"))])
    hidden.loc[1, "status"] = "not_available"
    assert children_errors(projected, hidden).empty
    assert children_errors(projected, estimates([(2018, 1000), (2019, 0)])).empty


def test_an_empty_table_gives_no_errors():
    none = projections([])
    assert children_errors(none, estimates([(2018, 1000)])).columns.tolist() == [
        "area_code",
        "base_year",
        "horizon",
        "error",
    ]


def test_what_cannot_be_compared_is_rejected():
    figures = [(2018, 1000), (2019, 1000)]
    twice = pd.concat([projections(figures)] * 2)
    with pytest.raises(SchemaError, match="counted twice"):
        children_errors(twice, estimates(figures))
    young = projections(figures).assign(ages="0-15")
    with pytest.raises(SchemaError, match=r"projections of 2018 do not have .* ages 0-15"):
        children_errors(young, estimates(figures))
    with pytest.raises(SchemaError, match="estimates have no authority"):
        children_errors(projections(figures), estimates(figures, code="E05000650"))
    with pytest.raises(SchemaError, match="'base_year'"):
        children_errors(projections(figures).drop(columns="base_year"), estimates(figures))


@pytest.mark.reference
def test_errors_of_the_2018_based_projections(reference):
    """Against the estimates published in 2024, and DfE's denominators up to mid-2024."""
    folder = reference / "population"
    projected = population.read(
        folder / "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz", ages=(0, 17)
    )
    projected = projected[projected["sex"] == "persons"]
    ons = population.read(folder / "mye_la_syoa_sex_2000_2023.csv.gz", ages=(0, 17))
    found = children_errors(projected, ons[ons["sex"] == "persons"])
    assert found["area_code"].nunique() == 153
    spread = found.groupby("horizon")["error"].quantile([0.1, 0.5, 0.9]).round(3)
    assert spread.to_numpy().reshape(5, 3).tolist() == [
        [-0.011, -0.003, 0.004],
        [-0.027, -0.011, 0.002],
        [-0.044, -0.017, 0.001],
        [-0.045, -0.011, 0.015],
        [-0.046, -0.005, 0.028],
    ]
    # Bolton by hand: children of 2018 and 2023 in both files.
    own = found[(found["area_code"] == BOLTON) & (found["horizon"] == 5)]["error"].item()
    sums = [
        table[table["area_code"] == BOLTON].groupby("year")["population"].sum()
        for table in (ons[ons["sex"] == "persons"], projected)
    ]
    changes = [each[2023] / each[2018] for each in sums]
    assert own == pytest.approx(math.log(changes[0] / changes[1]))
    dfe = population.read(folder / "dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz")
    longest = children_errors(projected, dfe).query("horizon == 6")["error"]
    assert len(longest) == 147
    assert longest.quantile([0.1, 0.5, 0.9]).round(3).tolist() == [-0.044, 0.010, 0.058]
    # From a later estimate the projected change misses by less than the projection itself.
    later = children_errors(projected.assign(base_year=2020), ons[ons["sex"] == "persons"])
    moved = later[later["horizon"] == 3]["error"].abs()
    assert round(100 * moved.median(), 1) == 1.4
    both = pd.DataFrame(
        {
            name: table[table["year"] == 2023].groupby("area_code")["population"].sum()
            for name, table in (("there", ons[ons["sex"] == "persons"]), ("planned", projected))
        }
    ).loc[sorted(found["area_code"].unique())]
    raw = both["planned"] / both["there"] - 1
    assert round(100 * raw.abs().median(), 1) == 2.9
    assert both.loc[BOLTON].tolist() == [73_832, 69_236]
    assert round(100 * raw[BOLTON], 1) == -6.2
