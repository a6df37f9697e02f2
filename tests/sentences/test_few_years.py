"""A few years in sentences: each named, and no word of a trend."""

import pandas as pd
import pytest

from bolton_jsna.sentences.few_years import as_published, before_census, years_named

PLANS = pd.DataFrame(
    {
        "area_name": "Bolton",
        "year": [2010, 2011, 2012],
        "count": [367, 359, 236],
        "population": [62_400, 62_646, 64_600],
        "rate": [58.814, 57.306, 36.533],
        "published_rate": [58.8, 57.3, 36.5],
        "status": "value",
        "release": ["2010", "2011", "2012"],
    }
)


def test_each_year_is_named_with_its_count_and_rate():
    said = years_named(PLANS, "cpp_at_31_march")
    assert said.startswith(
        "At 31 March there were 367 children on a child protection plan in Bolton in 2010, 359 in "
        "2011 and 236 in 2012: 58.8, 57.3 and 36.5 per 10,000 children. There are figures of three"
    )
    assert not {"rose", "fell", "rising", "falling", "decrease"} & set(said.split())
    assert years_named(PLANS, "referrals").startswith("In the years to 31 March there were 367 ref")


@pytest.mark.parametrize("years", [1, 5, 13])
def test_one_year_and_enough_years_have_no_such_sentence(years):
    rows = pd.concat([PLANS.head(1).assign(year=2000 + each) for each in range(years)])
    assert years_named(rows, "cpp_at_31_march") == ""


def test_a_hidden_year_is_left_out():
    hidden = PLANS.assign(status=["suppressed", "value", "value"])
    assert "367" not in years_named(hidden, "cpp_at_31_march")
    hidden = PLANS.assign(status=["suppressed", "suppressed", "value"])
    assert years_named(hidden, "cpp_at_31_march") == ""


def test_printed_rates_name_their_release():
    rows = pd.DataFrame(
        {
            "area_name": ["Bolton", "England", "Bury"],
            "year": 2012,
            "release": "2012",
            "published_rate": [606.0, 533.5, None],
        }
    )
    said = as_published(rows)
    assert "release of 2012 prints 606 for Bolton and 533.5 for England, per 10,000" in said
    assert "Bury" not in said
    assert as_published(rows.assign(published_rate=float("nan"))) == ""


def test_rates_on_both_sides_of_the_census_are_told_apart():
    assert before_census(PLANS).startswith("The rates of 2010 and 2011 are divided by children")
    assert before_census(PLANS.tail(1)) == ""
    assert before_census(PLANS.head(2)) == ""
