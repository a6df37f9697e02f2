"""The panel of an area: every figure with its state, and a verdict only where a test has one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

import bolton_jsna as jsna
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.measures.multiple_testing import benjamini_hochberg
from bolton_jsna.measures.panel import COLUMNS, indicator_panel, panel_notes
from bolton_jsna.questions.profile import profile
from indicator_rows import NEAR, Entry, frame, neighbours, row

CASES = dict(zip(NEAR, [120, 90, 100, 140, 110, 95], strict=True))


def panel(*rows, near=NEAR, entries=None, place="Bolton", **options):
    found = frame(*rows)
    known = {name: Entry() for name in found["indicator"].unique()} | (entries or {})
    lists = neighbours(near) if near else None
    return indicator_panel(found, lists, known, place=area(place), **options)


def one(*rows, **options):
    return panel(*rows, **options).iloc[0]


def around(**more):
    """The neighbours, the region and England."""
    counts = CASES | {"North West": 20_000, "England": 150_000}
    sizes = dict.fromkeys(NEAR, 500) | {"North West": 100_000, "England": 750_000}
    return [row(name, count, sizes[name], **more) for name, count in counts.items()]


def test_a_share_with_its_comparators():
    found = one(row("Bolton", 105, 500), *around())
    assert (found["value"], found["england"], found["region"]) == (21.0, 20.0, 20.0)
    assert (found["method"], found["region_name"]) == ("Wilson", "North West")
    low, high = found["neighbours_lowest"], found["neighbours_highest"]
    assert (low, found["neighbours_median"], high) == (18.0, 21.0, 28.0)
    assert (found["neighbours_used"], found["neighbours_of"]) == (6, 6)
    assert (found["rank"], found["of"]) == (4, 7)
    verdicts = found[["against_england", "against_region", "against_neighbours"]]
    assert verdicts.tolist() == ["similar"] * 3
    assert found["trend"] == "not_compared"
    assert found["why"] == ("trend: 1 of 5 years have a figure; none for 2021, 2022, 2023, 2024")


def test_the_usual_range_of_shares_is_a_prediction_interval_of_log_odds():
    found = one(row("Bolton", 105, 500), *around())
    odds = [np.log((k + 0.5) / (500 - k + 0.5)) for k in CASES.values()]
    chance = [1 / (k + 0.5) + 1 / (500 - k + 0.5) for k in CASES.values()]
    own = 1 / 105.5 + 1 / 395.5
    spread = np.var(odds, ddof=1) * (1 + 1 / 6) + max(0, own - np.mean(chance))
    reach = stats.t.ppf(0.975, 5) * np.sqrt(spread)
    ends = special.expit([np.mean(odds) - reach, np.mean(odds) + reach]) * 100
    assert [found["usual_lower"], found["usual_upper"]] == pytest.approx(ends.tolist())
    inside = int(found["usual_upper"] * 5)
    assert one(row("Bolton", inside, 500), *around())["against_neighbours"] == "similar"
    high = one(row("Bolton", inside + 5, 500), *around())
    assert (high["against_neighbours"], high["neighbours_p"] < 0.05) == ("higher", True)
    assert one(row("Bolton", 30, 500), *around())["against_neighbours"] == "lower"


def test_the_region_is_compared_without_the_area():
    """Of a region of two areas the rest has another share than the whole."""
    rows = [row("Bolton", 300, 500), row("North West", 400, 1_000), row("England", 400, 1_000)]
    found = one(*rows)
    alone = jsna.core.areas.area("Bolton")
    assert alone.region == "North West"
    assert found["against_region"] == "higher"
    assert found["region_p"] < found["england_p"] < 1e-6


def test_verdicts_on_rates_are_those_of_the_other_functions():
    """Bolton's four indicators: the panel has the words of compare_with_neighbours and others."""
    names = ["referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march"]
    found = profile("Bolton", indicators=names).set_index("indicator")
    rows = jsna.load_children_in_need(indicators=names, years=[2025])
    region = jsna.compare_with_benchmark(rows, "region", confidence=0.95)
    region = region[region["area_name"] == "Bolton"].set_index("indicator")
    lines = jsna.recent_trends(jsna.load_children_in_need("Bolton", indicators=names))
    lines = lines.set_index("indicator")
    for name in names:
        expected = jsna.compare_with_neighbours("Bolton", name, year=2025).summary
        row = found.loc[name]
        assert (row["value"], row["lower"], row["upper"]) == pytest.approx(
            (expected["rate"], expected["lower"], expected["upper"])
        )
        assert row["england_p"] == pytest.approx(expected["england_p"])
        for word in ("against_england", "against_neighbours", "rank"):
            assert row[word] == expected[word]
        for figure in ("lowest", "median", "highest"):
            assert row[f"neighbours_{figure}"] == pytest.approx(expected[figure])
        assert row["usual_upper"] == pytest.approx(expected["usual_upper"])
        assert row["against_region"] == region.loc[name, "verdict"]
        assert (row["trend"], row["trend_p"]) == (
            lines.loc[name, "direction"],
            pytest.approx(lines.loc[name, "trend_p"]),
        )


def test_limits_are_those_of_crude_rates():
    found = profile("Bolton").set_index("indicator")
    rows = jsna.load_indicators("Bolton").set_index(["indicator", "year"])
    rows = rows.loc[list(zip(found.index, found["year"], strict=True))].reset_index()
    made = jsna.crude_rates(rows).set_index("indicator")
    known = made["rate"].notna()
    assert known.sum() >= 14
    for name in ("lower", "upper"):
        assert found.loc[known, name].tolist() == pytest.approx(made.loc[known, name].tolist())
    assert found.loc[known, "method"].tolist() == made.loc[known, "method"].tolist()


@pytest.mark.parametrize("state", ["suppressed", "not_available", "not_applicable", "low"])
def test_a_hidden_figure_stays_hidden_and_its_reason_is_given(state):
    found = one(row("Bolton", state, 500), *around())
    assert found["status"] == state
    assert found[["value", "lower", "upper", "count", "rank"]].isna().all()
    assert found["neighbours_median"] == 21.0
    assert found["usual_upper"] > 28
    assert found["against_england"] == "not_compared"
    assert found["against_neighbours"] == "not_available"
    assert f"the area's own figure is {state.replace('_', ' ')}" in found["why"]
    hidden = one(row("Bolton", 105, 500), *around()[:-1], row("England", state, 750_000))
    assert (hidden["england_status"], hidden["against_england"]) == (state, "not_compared")
    assert f"England: its figure is {state.replace('_', ' ')}" in hidden["why"]


def test_a_published_share_without_counts_has_a_range_and_a_rank_and_no_verdict():
    only = {"value": 21.0, "status": "value", "published_value": 21.0, "count_status": "value"}
    rows = [row(name, None, 500, **only) for name in ("Bolton", *NEAR, "England", "North West")]
    rows = [each | {"count_status": "not_available"} for each in rows]
    found = one(*rows)
    assert (found["value"], found["rank"], found["neighbours_median"]) == (21.0, 1, 21.0)
    assert np.isnan(found["lower"])
    assert found["why"].startswith("England, North West, neighbours: published without its counts")
    assert found[["against_england", "against_neighbours"]].tolist() == [
        "not_compared",
        "not_available",
    ]


def test_sessions_missed_by_one_child_are_not_independent():
    entry = {"tested": Entry(denominator="possible sessions")}
    found = one(row("Bolton", 9_000, 50_000), *around(), entries=entry)
    assert found["against_england"] == "not_compared"
    assert np.isnan(found["lower"])
    assert "many cases are of one person" in found["why"]
    assert found["against_neighbours"] == "similar"


def test_a_number_is_not_ranked_among_areas_of_other_sizes():
    rows = [
        row(name, None, np.nan, unit="number", value=10.0, status="value")
        for name in ("Bolton", *NEAR, "England")
    ]
    found = one(*rows)
    assert (found["value"], found["england_status"]) == (10.0, "not_applicable")
    assert found[["rank", "neighbours_median", "england"]].isna().all()
    assert "depends on the size of the area" in found["why"]


def test_none_and_all_are_shares_like_others():
    rows = [row(name, 500, 500) for name in NEAR[:5]]
    rows += [row(NEAR[5], 470, 500), row("England", 730_000, 750_000)]
    found = one(row("Bolton", 500, 500), *rows)
    assert found["against_neighbours"] == "similar"
    assert found["against_england"] == "higher"
    assert found["upper"] == 100
    few = one(row("Bolton", 300, 500), *[row(name, 500, 500) for name in NEAR])
    assert few["against_neighbours"] == "not_available"
    assert "fewer cases than neighbours" in few["why"]


def test_a_rate_without_events_has_no_usual_range():
    rows = [row(name, 30, 9_000, unit="per 10,000") for name in NEAR[:5]]
    none = row(NEAR[5], 0, 9_000, unit="per 10,000")
    found = one(row("Bolton", 12, 9_000, unit="per 10,000"), *rows, none)
    assert "no events in Salford" in found["why"]
    own = one(row("Bolton", 0, 9_000, unit="per 10,000"), *rows)
    assert "the area has no events" in own["why"]
    assert (own["value"], own["rank"], own["of"]) == (0.0, 6, 6)


def years(counts, **more):
    last = 2025 - len(counts) + 1
    return [row("Bolton", each, 500, year=last + at, **more) for at, each in enumerate(counts)]


def test_a_share_that_rises_steadily_has_a_trend_over_five_years():
    found = one(*years([300, 60, 82, 99, 121, 139]))
    assert (found["trend"], found["trend_years"]) == ("increasing", "2021 to 2025")
    assert found["trend_p"] < 0.05
    assert one(*years([139, 121, 99, 82, 60]))["trend"] == "decreasing"
    assert one(*years([100, 140, 60, 130, 95]))["trend"] == "no_significant_change"


def test_a_break_or_a_gap_in_the_window_gives_no_trend():
    counts = [60, 82, 99, 121, 139]
    broken = {"tested": Entry(breaks={2023: "Counted in another way."})}
    found = one(*years(counts), entries=broken)
    assert found["trend"] == "not_compared"
    assert "2023: Counted in another way." in found["why"]
    for year in (2021, 2026):
        before = {"tested": Entry(breaks={year: "Changed."})}
        assert one(*years(counts), entries=before)["trend"] == "increasing"
    hidden = one(*years([60, "suppressed", 99, 121, 139]))
    assert (hidden["trend"], hidden["why"].split("; none")[1]) == ("not_compared", " for 2022")


@pytest.mark.parametrize(
    ("state", "count_state", "reason"),
    [
        ("not_available", "value", "not available (its count is known, its denominator is not)"),
        ("not_applicable", "value", "not applicable"),
        ("not_applicable", "not_applicable", "not applicable"),
    ],
)
def test_an_old_figure_does_not_stand_for_a_later_year(state, count_state, reason):
    """The City of London has no children aged 0-17 in the file: 2012 was shown for 2025."""
    rows = years([60, 82, "suppressed", state])
    rows[-1] |= {"count_status": count_state, "population": np.nan}
    found = one(*rows, *around())
    assert (found["year"], found["status"]) == (2025, state)
    assert f"the area's own figure is {reason}" in found["why"]
    assert found["england"] == 20


def test_the_latest_year_with_a_figure_or_a_hidden_one_is_taken():
    rows = years([60, 82, "suppressed", "not_available"])
    found = one(*rows)
    assert (found["year"], found["status"]) == (2024, "suppressed")
    asked = one(*rows, year=2023)
    assert (asked["year"], asked["value"]) == (2023, 82 / 5)
    none = one(*rows, year=2019)
    assert (none["year"], none["status"]) == (2019, "not_available")
    assert none[["value", "count", "lower"]].isna().all()


def test_rows_are_grouped_by_subject_in_the_order_of_the_dictionary():
    names = ["b", "a", "c"]
    entries = {"c": Entry(subject="Z"), "a": Entry(subject="A"), "b": Entry(subject="Z")}
    rows = [row("Bolton", 5, 50, indicator=name) for name in names]
    found = indicator_panel(frame(*rows), None, entries, place=area("Bolton"))
    assert found["indicator"].tolist() == ["c", "b", "a"]


def test_parts_of_a_whole_are_not_rows():
    part = row("Bolton", 20, 500, breakdown="Neglect")
    assert len(panel(row("Bolton", 105, 500), part, *around())) == 1


def test_two_releases_of_one_year_are_rejected():
    twice = [row("Bolton", 105, 500), row("Bolton", 106, 500, release="2024")]
    with pytest.raises(SchemaError, match="more than one row of 'tested' for 2025"):
        panel(*twice)


def test_p_values_are_adjusted_over_the_indicators():
    rows = []
    for at, count in enumerate([105, 150, 122, 80]):
        rows += [row("Bolton", count, 500, indicator=f"i{at}"), *around(indicator=f"i{at}")]
    found = panel(*rows)
    for name in ("england", "region", "neighbours"):
        expected = benjamini_hochberg(found[f"{name}_p"])
        assert found[f"{name}_p_adjusted"].tolist() == pytest.approx(expected.tolist())
    assert (found["england_p_adjusted"] > found["england_p"]).any()


def test_children_referred_twice_make_a_share_less_certain():
    once = [row("Bolton", 118, 500), *around()]
    twice = [each | {"persons": each["count"] // 2, "persons_status": "value"} for each in once]
    plain, wider = one(*once), one(*twice)
    assert wider["england_p"] > plain["england_p"]
    assert wider["upper"] > plain["upper"]
    assert wider["method"] == "Wilson, repeated events"


def test_england_and_places_without_neighbours_are_not_compared_with_themselves():
    rows = [row("England", 150_000, 750_000), row("North West", 20_000, 100_000)]
    found = one(*rows, near=(), place="England")
    assert (found["against_england"], found["against_region"]) == ("not_compared", "not_compared")
    assert found["why"].startswith("neighbours: only authorities have statistical neighbours")
    region = one(*rows, near=(), place="North West")
    assert (region["region_name"], region["against_england"]) == ("", "similar")


def test_the_frame_shows_itself_as_a_short_table_and_its_parts_as_frames():
    found = panel(row("Bolton", 105, 500), *around())
    assert tuple(found.columns) == COLUMNS
    assert isinstance(found, pd.DataFrame)
    text = repr(found)
    assert text.startswith("Bolton: 1 indicator\n")
    assert "Tested (per cent)" in text
    assert "<caption" in found._repr_html_()
    assert type(found.head()) is pd.DataFrame
    assert "area_code" in repr(found.copy())
    del found["why"]
    assert "area_code" in repr(found)
    assert "area_code" in found._repr_html_()


def test_hostile_titles_are_text_in_a_notebook():
    entry = {"tested": Entry(title="<script>alert(1)</script>")}
    shown = panel(row("Bolton", 105, 500), *around(), entries=entry)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


STATES = st.sampled_from(["suppressed", "not_available", "low", "not_applicable"])


@st.composite
def figures(draw, name, unit, year=2025):
    """A row of any state: counted, published only, hidden, none, all."""
    people = draw(st.integers(1, 3_000))
    count = draw(st.one_of(st.integers(0, people), STATES))
    only = draw(st.booleans()) and not isinstance(count, str)
    more = {"count_status": "not_available", "value": 7.0, "status": "value"} if only else {}
    known = None if only else count
    persons = draw(st.one_of(st.none(), st.integers(1, 3_000)))
    again = {} if persons is None else {"persons": persons, "persons_status": "value"}
    return row(name, known, people, unit=unit, year=year, **more, **again)


@st.composite
def tables(draw):
    """The area over some years, and those it is compared with where they have a row."""
    unit = draw(st.sampled_from(["per cent", "per 10,000"]))
    own = [draw(figures("Bolton", unit, year)) for year in range(2020, 2026)]
    gone = draw(st.sets(st.integers(0, 4)))
    others = draw(st.sets(st.sampled_from([*NEAR, "England", "North West"])))
    rows = [each for at, each in enumerate(own) if at not in gone]
    return rows + [draw(figures(name, unit)) for name in sorted(others)]


@given(tables())
def test_whatever_the_rows_are_no_figure_appears_and_no_verdict_lacks_a_reason(rows):
    found = one(*rows)
    by_name = {(each["area_name"], each["year"]): each for each in rows}
    own = by_name["Bolton", found["year"]]
    assert found["status"] == own["status"]
    assert np.isnan(found["value"]) == (own["status"] not in ("value", "modelled"))
    for name, column in (("England", "england"), ("North West", "region")):
        other = by_name.get((name, found["year"]))
        state = "not_available" if other is None else other["status"]
        assert found[f"{column}_status"] == state
        assert np.isnan(found[column]) == (state != "value")
    if not np.isnan(found["lower"]):
        assert found["lower"] <= found["value"] <= found["upper"]
    if pd.notna(found["rank"]):
        assert 1 <= found["rank"] <= found["of"] <= 1 + found["neighbours_used"]
    columns = {"england": "against_england", "region": "against_region", "trend": "trend"}
    for name, column in (columns | {"neighbours": "against_neighbours"}).items():
        none = found[column] in ("not_compared", "not_available")
        assert np.isnan(found[f"{name}_p"]) == none
        word = {"england": "England", "region": "North West"}.get(name, name)
        assert (word in found["why"]) == none
        if not none and name != "trend" and found["value"] == found["value"]:
            assert 0 <= found[f"{name}_p"] <= 1


def test_a_region_of_which_nothing_is_left_is_not_compared():
    """Counts of regions are rounded: a region may seem to have fewer than its only area."""
    rows = [row("Bolton", 123, 500), row("North West", 120, 500), row("England", 900, 4_000)]
    found = one(*rows)
    assert found["against_region"] == "not_compared"
    assert "North West: nothing is left without the area" in found["why"]
    assert found["against_england"] == "similar"


@pytest.mark.parametrize("unit", ["per cent", "per 10,000"])
def test_a_hidden_neighbour_leaves_no_usual_range_and_the_others_their_ranks(unit):
    # Small counts are hidden: the neighbours that are left are not like all of them.
    rows = [row("Bolton", 60, 500, unit=unit), *around(unit=unit)]
    rows[1] = row(NEAR[0], "suppressed", 500, unit=unit)
    found = one(*rows)
    assert (found["neighbours_used"], found["rank"], found["of"]) == (5, 6, 6)
    assert np.isnan([found["usual_lower"], found["usual_upper"], found["neighbours_p"]]).all()
    assert found["against_neighbours"] == "not_available"
    assert f"neighbours: hidden for {NEAR[0]}" in found["why"]
    # A figure that was not supplied says nothing about its size.
    rows[1] = row(NEAR[0], "not_available", 500, unit=unit)
    assert one(*rows)["against_neighbours"] == "similar"


def test_an_area_without_neighbours_has_no_rank():
    for near in ((), NEAR[:2]):
        found = one(row("Bolton", 105, 500), near=near)
        assert pd.isna(found["rank"])


def test_limits_that_do_not_allow_for_repeats_are_noted():
    """How many children are behind the events is not known: the panel says so."""
    events = {"unit": "per 10,000", "persons_status": "not_available"}
    panel_of_events = panel(row("Bolton", 60, 5_000, **events), *around(**events))
    assert panel_of_events["method"].iloc[0] == "Byar, repeats not allowed for"
    assert any("not allowed for in Tested" in each for each in panel_notes(panel_of_events))
    once = panel(row("Bolton", 60, 5_000), *around())
    assert not any("not allowed for" in each for each in panel_notes(once))


def test_a_tie_shares_the_better_place():
    found = one(row("Bolton", 110, 500), *around())
    assert (found["rank"], found["of"]) == (3, 7)
