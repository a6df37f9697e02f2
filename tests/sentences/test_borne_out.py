"""Whatever the rows are, each number and each word of a description is borne out by them."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
import indicator_rows
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.areas import area
from bolton_jsna.measures.comparison import neighbour_comparison
from bolton_jsna.measures.panel import indicator_panel
from sentence_reader import count_of, problems

NEAR = ("Rochdale", "Derby", "Oldham", "Tameside", "Walsall", "Salford", "Bury")
STATES = ("value", "value", "value", "suppressed", "not_available", "low", "not_applicable")
COUNTS = st.one_of(st.integers(0, 3), st.integers(0, 40), st.integers(0, 6_000))
CHILDREN = st.integers(900, 150_000)


@st.composite
def rows(draw, years=(2025,), places=("Bolton", "England")):
    """Rows of several areas and years with counts, children and states."""
    indicator = draw(st.sampled_from(["referrals", "cpp_at_31_march", "assessments"]))
    found = []
    for name in places:
        place = area(name)
        size = draw(CHILDREN) * (100 if name == "England" else 1)
        for year in years:
            state = draw(st.sampled_from(STATES))
            known = state == "value"
            count = draw(COUNTS) * (100 if name == "England" else 1)
            persons = draw(st.integers(min(count, 1), count)) if known else 0
            found.append(
                {
                    "area_code": place.code,
                    "area_name": place.name,
                    "area_level": place.level,
                    "year": year,
                    "indicator": indicator,
                    "count": count if known else pd.NA,
                    "population": max(size, count),
                    "persons": persons if known and indicator == "referrals" else pd.NA,
                    "persons_status": "not_applicable"
                    if indicator != "referrals"
                    else ("value" if known else state),
                    "status": state,
                    "published_rate": math.nan,
                    "release": "2025",
                    "source": "made up",
                }
            )
    return pd.DataFrame(found).astype({"count": "Int64", "persons": "Int64"})


def facts_of(frame, ids=None):
    """The rows of a table by their ids, made here by themselves."""
    if ids is None:
        ids = frame["indicator"] + "/" + frame["area_code"] + "/" + frame["year"].astype(str)
    records = frame.to_dict(orient="records")
    breaks = [str(dictionary()[row["indicator"]].breaks) for row in records]
    return {
        name: {**row, "breaks": text} for name, row, text in zip(ids, records, breaks, strict=True)
    }


@given(rows())
def test_rates(frame):
    made = jsna.crude_rates(frame)
    assert problems(jsna.describe(made), facts_of(made)) == []


@given(rows())
def test_rates_compared_with_england(frame):
    made = jsna.compare_with_benchmark(frame, "England").query("area_name == 'Bolton'")
    facts = facts_of(made)
    for row in facts.values():
        row |= {"usual_lower": row["unusual_lower_95"], "usual_upper": row["unusual_upper_95"]}
    assert problems(jsna.describe(made), facts) == []


@given(rows(places=("Bolton", *NEAR, "North West", "England")))
def test_comparisons_with_neighbours(frame):
    near = pd.DataFrame(
        {
            "area_code": area("Bolton").code,
            "neighbour_code": [area(each).code for each in NEAR],
            "neighbour_name": NEAR,
            "rank": range(1, len(NEAR) + 1),
            "model": "2025",
        }
    )
    found = neighbour_comparison(
        frame, near, place="Bolton", indicator=frame["indicator"].iloc[0], year=2025
    )
    facts = facts_of(found.table)
    own = facts[next(iter(facts))]
    own |= {name: each for name, each in found.summary.items() if name != "releases"}
    own |= {"benchmark_rate": found.summary["england"], "p": found.summary["england_p"]}
    assert problems(jsna.describe(found), facts) == []


@given(rows(years=range(2016, 2026), places=("Bolton", "Rochdale")))
def test_trends(frame):
    made = jsna.recent_trends(frame)
    spans = made["first_year"].astype(str) + "-" + made["last_year"].astype(str)
    facts = facts_of(made, made["indicator"] + "/" + made["area_code"] + "/" + spans)
    assert problems(jsna.describe(made), facts) == []


@st.composite
def panels(draw):
    """The panel of one indicator: a rate or a share of five years, with comparators and states."""
    unit = draw(st.sampled_from(["per 10,000", "per cent"]))
    more = {"unit": unit, "indicator": "referrals"}
    most = 40 if unit == "per cent" else 3_000
    counts = st.one_of(st.integers(0, most), st.sampled_from(STATES[3:6]))
    found = [
        indicator_rows.row("Bolton", draw(counts), 3_500, year=year, **more)
        for year in range(2021, 2026)
    ]
    found += [
        indicator_rows.row(name, draw(counts), draw(st.integers(3_001, 9_000)), **more)
        for name in indicator_rows.NEAR
    ]
    found += [
        indicator_rows.row(name, 100 * draw(st.integers(most, most * 2)), 900_000, **more)
        for name in ("North West", "England")
    ]
    return indicator_panel(
        indicator_rows.frame(*found),
        indicator_rows.neighbours(),
        {"referrals": indicator_rows.Entry()},
        place=area("Bolton"),
    )


@given(panels())
def test_profiles(panel):
    facts = facts_of(panel)
    for row in facts.values():
        row["rank_of"] = row["of"]
    assert problems(jsna.describe(panel), facts) == []


def test_the_profile_of_bolton():
    panel = jsna.profile("Bolton")
    facts = facts_of(panel)
    for row in facts.values():
        row["rank_of"] = row["of"]
    found = jsna.describe(panel)
    assert problems(found, facts) == []
    assert sum(count_of(each.text)[1] for each in found.sentences) > 50


TAMPERED = {
    "another number": ("503", "504"),
    "another limit": ("486", "487"),
    "the figure of another": ("England (519)", "England (529)"),
    "limits the wrong way": ("486 to 521", "521 to 486"),
    "the median of another": ("a median of 594", "a median of 519"),
    "another verdict": ("similar to", "lower than"),
    "a word without a test": ("similar to England", "far below England"),
    "the wrong side": ("within the usual range", "above the usual range"),
    "a trend": ("503 per", "rising, 503 per"),
    "another rank": ("8th highest", "7th highest"),
    "the rest": ("in Bolton", "in Bolton and 120 in the remaining areas"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_the_reader_finds_what_is_not_borne_out(name):
    found = jsna.compare_with_neighbours("Bolton", "referrals", year=2025)
    facts = facts_of(found.table)
    own = facts[next(iter(facts))]
    own |= {name: each for name, each in found.summary.items() if name != "releases"}
    own |= {"benchmark_rate": found.summary["england"], "p": found.summary["england_p"]}
    description = jsna.describe(found)
    assert problems(description, facts) == []
    before, after = TAMPERED[name]
    changed = tuple(
        type(each)(each.text.replace(before, after), each.rows) for each in description.sentences
    )
    assert changed != description.sentences
    assert problems(type(description)(changed, description.table), facts) != []


def test_the_reader_finds_a_number_of_a_hidden_figure():
    hidden = pd.DataFrame(
        [
            {
                "area_code": "E08000001",
                "area_name": "Bolton",
                "year": 2025,
                "indicator": "referrals",
                "count": pd.NA,
                "population": 75_000,
                "status": "suppressed",
            }
        ]
    )
    made = jsna.crude_rates(hidden)
    found = jsna.describe(made)
    assert problems(found, facts_of(made)) == []
    told = type(found.sentences[0])(
        found.sentences[0].text.replace("is hidden", "of 75,000 is hidden"),
        found.sentences[0].rows,
    )
    assert problems(type(found)((told,), found.table), facts_of(made)) != []


@pytest.mark.reference
def test_some_authorities_of_the_published_files(reference, monkeypatch, root):
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import sentences

    monkeypatch.setattr(sentences, "REFERENCE", reference)
    chosen, every = sentences.prepared(reference, step=80)
    said = 0
    for kind, description, facts in sentences.described(chosen, every):
        assert problems(description, facts) == [], kind
        said += len(description.sentences)
    assert said > 250
