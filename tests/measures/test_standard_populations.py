"""Standard populations: the published figures, and bands of any number."""

import ast
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures.standard_populations import standard_population, total


def test_esp_2013_as_eurostat_printed_it():
    """Eurostat 2013, doi:10.2785/11470: 100,000 people in 19 bands of five years, 90 and over."""
    bands = [f"{low}-{low + 4}" for low in range(0, 90, 5)] + ["90+"]
    assert standard_population(bands=bands)["standard"].tolist() == [
        *(5_000, 5_500, 5_500, 5_500, 6_000, 6_000, 6_500, 7_000, 7_000, 7_000),
        *(7_000, 6_500, 6_000, 5_500, 5_000, 4_000, 2_500, 1_500, 1_000),
    ]
    assert standard_population()["standard"].sum() == total("esp2013") == 100_000
    assert standard_population()["age_band"].tolist()[-2:] == ["90-94", "95+"]


@given(st.sets(st.integers(1, 89), max_size=12))
def test_bands_of_any_number_hold_everybody(edges):
    starts = [0, *sorted(edges), 90]
    bands = [f"{low} to {high - 1}" for low, high in itertools.pairwise(starts)] + ["90 and over"]
    assert standard_population(bands=bands, split=True)["standard"].sum() == pytest.approx(100_000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "esp1976"}, "name='esp1976' is not known"),
        ({"bands": ["0-4", "15-17"]}, "'15-17' cuts the band '15-19' of 'esp2013'"),
        ({"bands": ["97+"], "split": True}, r"'97\+' cuts the band '95\+'"),
        ({"bands": ["0-4", "3-9"], "split": True}, "'0-4' and '3-9' overlap"),
        ({"name": "esp2013_0_19", "bands": ["20-24"]}, "goes beyond the ages of 'esp2013_0_19'"),
        ({"bands": ["children"]}, "'children' is not an age band"),
        ({"bands": ["9-5"]}, "ends before it begins"),
    ],
)
def test_rejections(options, message):
    with pytest.raises(UsageError, match=message):
        standard_population(**options)


@pytest.mark.parametrize(
    "bands", [["0-4", "5-9", "10-15", "16+"], ["0-14", "15 and over"], ["Under 5", ">=5"]]
)
def test_an_open_band_of_children_is_not_weighed_with_adults(bands):
    with pytest.raises(UsageError, match=r"has no last age.* split=True\)") as error:
        standard_population(bands=bands, split=True)
    advised = re.search(r"bands=(\{.*\}), split", str(error.value)).group(1)
    of_children = standard_population(bands=ast.literal_eval(advised), split=True)
    assert of_children["standard"].sum() == 5_000 + 5_500 + 5_500 + 5_500 * 3 / 5
    assert standard_population(bands=["0-17", "18+"], split=True)["standard"].sum() == 100_000


def test_bands_by_name_are_named_with_their_ages_in_the_advice():
    with pytest.raises(UsageError, match=r"bands=\{'young': \(0, 15\), 'old': \(16, 17\)\}, split"):
        standard_population(bands={"young": (0, 15), "old": (16, None)})
