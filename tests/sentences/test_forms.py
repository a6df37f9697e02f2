"""Each form of a sentence: none, one, few, hidden, not available, equal, rose, fell, and others."""

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.catalogue.indicators import dictionary
from sentence_reader import problems

AREA = {"area_code": "E08000001", "area_name": "Bolton", "area_level": "authority"}


def rates(count, status="value", *, indicator="referrals", year=2025, population=75_000, **more):
    """One row of counts."""
    known = status in ("value", "modelled")
    row = {
        **AREA,
        "year": year,
        "indicator": indicator,
        "count": count if known else pd.NA,
        "population": population,
        "status": status,
        **more,
    }
    return pd.DataFrame([row]).astype({"count": "Int64"})


def text(frame, **options):
    """The text of rows, once a reader finds it borne out."""
    found = jsna.describe(frame, **options)
    made = jsna.crude_rates(frame) if "rate" not in frame.columns else frame
    keys = made["indicator"] + "/" + made["area_code"] + "/" + made["year"].astype(str)
    facts = dict(zip(keys, made.to_dict(orient="records"), strict=True))
    assert problems(found, facts) == []
    return found.text


def test_number_then_interval():
    assert text(rates(3803, population=75_599, persons=3425, persons_status="value")) == (
        "In the year to 31 March 2025 there were 3,803 referrals of 3,425 children in Bolton, 503 "
        "per 10,000 children (95% interval 486 to 521)."
    )
    assert text(rates(319, population=75_599, indicator="cpp_at_31_march")) == (
        "At 31 March 2025 there were 319 children on a child protection plan in Bolton, 42.2 per "
        "10,000 children (95% interval 37.7 to 47.1)."
    )


def test_none_one_and_few():
    assert text(rates(0)).startswith(
        "In the year to 31 March 2025 there were no referrals in Bolton, 0 per 10,000 children "
        "(95% interval 0 to 0.5)."
    )
    one = text(rates(1, persons=1, persons_status="value", indicator="referrals"))
    assert "there was 1 referral in Bolton, 0.1 per 10,000" in one
    child = text(rates(1, indicator="cpp_at_31_march"))
    assert "there was 1 child on a child protection plan in Bolton" in child
    assert "A rate or share from 1 in Bolton may change much by chance" in child
    assert "may change much" not in text(rates(20))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("suppressed", "is hidden to protect people"),
        ("not_available", "is not available"),
        ("not_applicable", "does not apply"),
        ("low", "is left out, because it is not reliable enough"),
        ("rounds_to_zero", "is not zero, but is zero when rounded as published"),
    ],
)
def test_a_state_is_all_that_is_written(state, words):
    assert text(rates(3, state)) == (
        f"In the year to 31 March 2025, the number of referrals in Bolton {words}."
    )


def test_a_rate_does_not_give_away_a_hidden_count():
    hidden = pd.DataFrame(
        [
            {
                **AREA,
                "year": 2025,
                "period": "year ending 31 March 2025",
                "indicator": "referrals",
                "breakdown": "total",
                "count": pd.NA,
                "count_status": "suppressed",
                "population": 75_000,
                "value": 0.4,
                "unit": "per 10,000",
                "status": "value",
            }
        ]
    )
    assert jsna.describe(hidden).text.endswith("in Bolton is hidden to protect people.")


def test_about_is_for_modelled_figures_only():
    made = jsna.crude_rates(rates(300).assign(population_status="modelled"))
    assert ", about 40.0 per 10,000 children" in jsna.describe(made).text
    assert "about" not in text(rates(300))


def benchmark(count, verdict, p, england=519.4, **more):
    """One row of a comparison with England."""
    made = jsna.crude_rates(rates(count, population=75_599)).iloc[0]
    more = {"benchmark": "England", "benchmark_rate": england, "verdict": verdict, "p": p, **more}
    return pd.DataFrame([{**made.to_dict(), **more}])


def test_words_of_chance_need_their_verdict():
    assert "similar to England (519)" in text(benchmark(3803, "similar", 0.07))
    lower = text(benchmark(3600, "lower", 0.001))
    assert "lower than England (519) by more than chance in the counts" in lower
    assert lower.endswith("most areas differ in this way.")
    none = text(benchmark(3803, "not_compared", np.nan))
    assert "The figure of England is 519 per 10,000 children; no test compares the two." in none


def test_figures_that_differ_are_not_printed_as_equal():
    rate = 3803 * 10_000 / 75_599
    found = text(benchmark(3803, "lower", 0.01, england=rate + 0.2))
    assert "503.0 per 10,000 children" in found
    assert "lower than England (503.2)" in found


def test_equal_is_said_of_equal_figures():
    rate = 3803 * 10_000 / 75_599
    assert "the same as England (503)" in text(benchmark(3803, "similar", 1.0, england=rate))


def test_unusual_is_another_sentence():
    usual = {
        "unusual_lower": 300.0,
        "unusual_upper": 400.0,
        "unusual": "higher",
        "usual_lower": 300.0,
        "usual_upper": 400.0,
    }
    found = jsna.describe(benchmark(3803, "lower", 0.01, **usual))
    assert (
        "Authorities of England usually lie between 300 and 400: Bolton is above the usual range."
        in [each.text for each in found.sentences]
    )
    assert "5 in 100 lie outside" in found.text
    assert text(benchmark(3803, "lower", 0.01, **usual)) == found.text


def test_a_changed_definition_and_a_first_year_are_named():
    changed = jsna.describe(rates(900, indicator="assessments", year=2015)).text
    assert "The definition changed in 2015, so that earlier years cannot be compared" in changed
    assert jsna.describe(rates(900, year=2010)).text.endswith(
        "2010 is the first year of this series."
    )


def series(counts, indicator="cpp_at_31_march", last=2025, **more):
    """Rows of one area by year."""
    return pd.concat(
        [
            rates(each, indicator=indicator, year=last - len(counts) + 1 + at, **more)
            for at, each in enumerate(counts)
        ],
        ignore_index=True,
    )


def trend(counts, points=5, **more):
    """The description of a trend, once a reader finds it borne out."""
    rows = jsna.recent_trends(series(counts, **more), points=points)
    found = jsna.describe(rows)
    row = rows.iloc[0].to_dict()
    row["breaks"] = str(dictionary()[row["indicator"]].breaks)
    ident = f"{row['indicator']}/{row['area_code']}/{row['first_year']}-{row['last_year']}"
    assert problems(found, {ident: row}) == []
    assert "is rising" not in found.text
    assert "is falling" not in found.text
    return found.text


def test_fell_and_rose_are_about_the_years_named():
    fell = trend([500, 470, 430, 400, 360])
    assert fell.startswith(
        "From 66.7 per 10,000 children in 2021 to 48.0 in 2025, the rate of children on a child "
        "protection plan in Bolton fell, along a line through the 5 years by"
    )
    assert fell.endswith("they do not say what happens next.")
    assert "rose, along a line" in trend([360, 400, 430, 470, 500])


def test_no_clear_change_and_equal_ends():
    assert "shows no clear trend, given how much the years vary." in trend(
        [400, 300, 500, 300, 410]
    )
    assert trend([400, 300, 500, 300, 400]).startswith(
        "At 53.3 per 10,000 children in both 2021 and 2025, the rate of children on a child "
        "protection plan in Bolton shows no clear trend."
    )


def test_rose_and_then_fell():
    counts = [*range(300_000, 320_001, 2_000), 314_000]
    found = trend(counts, points=10, population=7_500_000)
    assert "in 2025, the rate of children on a child protection plan in Bolton rose" in found
    assert "then fell between 2024 and 2025 (95% interval of the change" in found
    assert "by more than it usually changes from one year to the next" in found


def test_a_gap_or_a_changed_definition_has_no_trend():
    assert trend([400, 300, 500]).startswith(
        "No trend of the rate of children on a child protection plan in Bolton from 2021 to 2025 "
        "is given: 3 of 5 years have a rate; none for 2021, 2022."
    )
    broken = trend([500, 470, 430, 400, 360], indicator="assessments", last=2016)
    assert (
        "No trend of the rate of assessments completed in Bolton from 2012 to 2016 is given: the "
        in (broken)
    )
    assert "fell" not in broken


def test_own_events_have_own_words():
    found = jsna.describe(rates(40, indicator="contacts"), events="contacts").text
    assert found.startswith("In 2025 there were 40 contacts in Bolton, 5.3 per 10,000 (95% ")
    unnamed = jsna.describe(rates(40, indicator="front_door")).text
    assert unnamed.startswith(
        "In 2025, the rate of “Front door” in Bolton was 5.3 per 10,000, from 40"
    )


def test_a_description_has_its_rows_and_shows_itself():
    found = jsna.describe(series([10, 12]))
    assert [each.rows for each in found.sentences[:2]] == [
        ("cpp_at_31_march/E08000001/2024",),
        ("cpp_at_31_march/E08000001/2025",),
    ]
    assert found.table["id"].tolist() == [each.rows[0] for each in found.sentences[:2]]
    assert str(found) == found.text == repr(found)
    assert "<p>At 31 March 2024 there were 10 children" in found._repr_html_()


def test_names_are_text_in_a_notebook():
    found = jsna.describe(rates(9).assign(area_name="<b>Bolton\x1b[2J"))
    assert "<b>" not in found._repr_html_()
    assert "\x1b" not in found.text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pd.DataFrame({"x": [1]}), "result has the columns x. Expected a row of crude_rates"),
        (pd.DataFrame(), "result"),
        (3, "result is of the kind int. Expected a row of crude_rates"),
        ("Bolton", "result is of the kind str"),
        (pd.concat([rates(3), rates(4)]), "result has 2 rows with 1 ids"),
    ],
)
def test_what_cannot_be_described_is_named(given, message):
    with pytest.raises((jsna.UsageError, jsna.SchemaError), match=message):
        jsna.describe(given)


def test_levels_that_the_table_does_not_have_are_named():
    made = jsna.crude_rates(rates(40), confidence=[0.95, 0.998])
    assert "(99.8% interval" in jsna.describe(made, confidence=0.998).text
    with pytest.raises(jsna.UsageError, match=r"confidence=0\.9: result has no limits at this lev"):
        jsna.describe(made, confidence=0.9)


def test_per_is_read_from_the_rates():
    made = jsna.crude_rates(rates(40), per=1_000)
    assert "0.5 per 1,000 children" in jsna.describe(made).text
    with pytest.raises(jsna.UsageError, match=r"per=10000.*: the rates of result are per 1000"):
        jsna.describe(made, per=10_000)


def test_limits_of_another_level_are_not_written_as_these():
    narrow = jsna.crude_rates(rates(40), confidence=0.8)
    assert "(80% interval" in jsna.describe(narrow, confidence=0.8).text
    with pytest.raises(jsna.UsageError, match="the limits of result are not of this level"):
        jsna.describe(narrow)
    none = jsna.crude_rates(rates(0))
    assert "(95% interval 0 to 0.5)" in jsna.describe(none).text


def test_a_trend_of_another_level_is_not_written_as_this():
    rows = jsna.recent_trends(series([500, 470, 430, 400, 360]), confidence=0.8)
    assert "(80% interval" in jsna.describe(rows, confidence=0.8).text
    with pytest.raises(jsna.UsageError, match=r"are of the level 0\.8\. Give confidence=0\.8"):
        jsna.describe(rows)


def test_rates_that_are_not_counts_over_people_are_rejected():
    made = jsna.crude_rates(rates(40))
    with pytest.raises(jsna.UsageError, match="Expected one round number, such as 10,000"):
        jsna.describe(made.assign(rate=made["rate"] * 1.1, upper=99.0))
    wrong = jsna.crude_rates(jsna.load_indicators("Bolton", indicators="referrals"), per=1_000)
    with pytest.raises(jsna.UsageError, match=r"per 1,000 people, and its unit is per 10,000\."):
        jsna.describe(wrong)


def test_rows_without_an_indicator_need_the_word_for_what_was_counted():
    rows = pd.DataFrame({"area_name": ["Bolton"], "year": [2025], "count": [40], "population": 9e4})
    with pytest.raises(jsna.UsageError, match="events='referrals'"):
        jsna.describe(rows)
    assert "40 contacts in Bolton" in str(jsna.describe(rows, events="contacts"))
