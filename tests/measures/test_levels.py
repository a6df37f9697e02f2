"""A row for the authority among its wards would be added to them: every sum rejects it."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.comparable_rows import one_level
from bolton_jsna.core.errors import UsageError, VintageError

TEN = [f"E0501481{n}" for n in range(10)]


@pytest.fixture
def mixed() -> pd.DataFrame:
    """Ten wards and their authority, without a column that says what they are."""
    return pd.DataFrame(
        {
            "area_code": [*TEN, "E08000001"],
            "side": "all",
            "year": 2025,
            "quantile": range(1, 12),
            "idaci_score": [n / 20 for n in range(11)],
            "count": [20 + n for n in range(10)] + [245],
            "population": [1000] * 10 + [10_000],
        }
    )


@pytest.mark.parametrize(
    "summed",
    [
        lambda rows: jsna.crude_rates(rows, by="side"),
        jsna.slope_index_of_inequality,
        jsna.concentration_index,
        lambda rows: jsna.funnel_limits(rows, count="count", denominator="population"),
        jsna.smooth_rates,
        jsna.deprivation_association,
    ],
    ids=["rates", "slope", "concentration", "funnel", "smoothed", "association"],
)
def test_an_authority_is_not_added_to_its_wards(mixed, summed):
    with pytest.raises(UsageError, match=r"1 'authority' \(the first in row 11\)"):
        summed(mixed)
    summed(mixed.head(10))


def test_small_areas_of_another_level_are_not_carried_to_wards():
    idaci = jsna.load_idaci("Bolton", edition=2025)
    total = idaci.tail(1).assign(lsoa_code="E08000001")
    rows = pd.concat([idaci, total], ignore_index=True)
    with pytest.raises(VintageError, match="E08000001"):
        jsna.to_areas(rows, jsna.load_lookup("Bolton"), sums=["children_0_15"])


@pytest.mark.parametrize(
    "codes",
    [
        ["E06000001", "E08000001", "E09000002", "E10000003"],
        ["E06000001", "E07000004", "E08000001"],
        [*TEN],
        ["own code", "another"],
    ],
)
def test_areas_next_to_each_other_are_one_level(codes):
    assert one_level(pd.DataFrame({"area_code": codes})) is None


@pytest.mark.parametrize(
    "codes",
    [
        ["E07000004", "E10000003"],
        ["E01004766", "E02001013"],
        ["E12000002", "E92000001"],
        ["E08000001", "E12000002"],
    ],
)
def test_areas_within_each_other_are_not(codes):
    with pytest.raises(UsageError, match="hold the same people"):
        one_level(pd.DataFrame({"area_code": codes}))
