"""The section on services: each figure is that of its row; hidden and missing ones are named."""

import re
from dataclasses import replace

import pandas as pd
import pytest

import chapter_made
import chapter_reader
from bolton_jsna.chapter.sections import services
from bolton_jsna.core import wording
from bolton_jsna.sentences import profile_words
from chapter_made import changed
from sentence_reader import GIVES_AWAY, WORDS

PLANS = "services_plan_groups"
GROUPS = ("services_referral_groups", PLANS)


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return services.section(given)


def hidden_shares(given, **which):
    """The local shares with some groups hidden, as a build publishes them."""
    rows = given.tables["local_shares"].copy()
    gone = pd.Series(True, rows.index)
    for name, value in which.items():
        gone &= rows[name].isin(value)
    of = rows.set_index(["event", "by"]).index
    alike = of.isin(of[gone.to_numpy()])
    rows.loc[gone, "count"] = pd.NA
    rows.loc[gone, "status"] = "suppressed"
    rows.loc[alike, "percent"] = float("nan")
    rows.loc[alike, "percent_status"] = "not_available"
    return changed(given, local_shares=rows)


def test_each_figure_is_in_the_row_that_it_names(given, made):
    rows = chapter_reader.facts(given)
    assert chapter_reader.faults(made, rows) == []
    rows["neighbour_summary:referrals/2025/2025"]["usual_upper"] = 1_017.0
    assert any("1,016" in each for each in chapter_reader.faults(made, rows))


def test_every_sentence_with_a_comparison_names_its_rows(made):
    plain = [
        span.text
        for part in made.sections
        for each in chapter_reader.paragraphs(part, "body")
        for span in each.spans
        if not span.rows
    ]
    # What the words of the profile mean is no figure.
    plain = [each for each in plain if each not in profile_words.MEANINGS]
    assert not [each for each in plain if WORDS.search(each)]


def test_parts_have_titles_and_figures_their_tables(made):
    assert {each.key: each.title for each in chapter_reader.below(made)} == services.TITLES
    assert chapter_reader.out_of_place(made) == []
    figures = {each.key for each in chapter_reader.blocks(made) if hasattr(each, "drawing")}
    assert {f"trend_{each}" for each in wording.INDICATORS} < figures
    assert {f"neighbours_{each}" for each in wording.INDICATORS} < figures
    assert {"spine", "shares_referrals_category", "shares_plans_age_band"} < figures


def test_no_caution_is_written_twice(made):
    assert chapter_reader.twice(made) == []
    words = chapter_reader.text(made, "caution")
    assert words.count(wording.NOT_UNUSUAL) == 1


def test_number_then_interval_then_comparisons(made):
    words = chapter_reader.text(chapter_reader.part(made, "services_referrals"), "body")
    first = words.partition("\n")[0]
    order = [
        "there were 3,803 referrals of 3,425 children in Bolton, 503 per 10,000 children",
        "(95% interval 486 to 521)",
        "similar to England (519)",
        "compared with the rest of the region",
        "Areas like Bolton usually lie between 343 and 1,016",
        "10 statistical neighbours (2025 model)",
        "Between 2021 and 2025",
    ]
    places = [first.index(each) for each in order]
    assert places == sorted(places)


def test_tables_of_years_and_of_areas(made):
    tables = chapter_reader.tables(made)
    years = tables["referrals_by_year"]
    assert [each.name for each in years.columns][-2:] == ["England, rate", "North West, rate"]
    assert [cell.text for cell in years.rows[-1]] == [
        *("2025", "3,803", "503.0", "485.5", "521.0", "519.4", "529.1"),
    ]
    areas = tables["referrals_by_area"]
    assert [cell.text for cell in areas.rows[7]] == [
        *("Bolton", "3,803", "503.0", "485.5", "521.0", "8", "Similar"),
    ]
    assert [row[0].text for row in areas.rows[-2:]] == ["North West", "England"]
    assert [row[5].text for row in areas.rows[-2:]] == ["[z]", "[z]"]
    assert len(areas.rows) == 13


def test_verdicts_of_the_profile_are_those_of_its_rows(given, made):
    table = chapter_reader.tables(made)["indicators"]
    panel = given.tables["profile"]
    heads = [each.name for each in table.columns]
    found = pd.DataFrame([[cell.text for cell in row] for row in table.rows], columns=heads)
    assert found["Compared with England"].tolist() == [
        wording.PANEL_VERDICTS[each] for each in panel["against_england"]
    ]
    assert found["Among neighbours"].tolist() == [
        wording.PANEL_VERDICTS[each] for each in panel["against_neighbours"]
    ]
    assert found["Trend over five years"].tolist() == [
        wording.TRENDS[each] for each in panel["trend"]
    ]
    # NEET is published without its counts, so it has no interval and no test.
    neet = found[found["Indicator"].str.startswith("Not in education")].iloc[0]
    assert neet["Lower 95% limit"] == "[x]"
    assert neet["Compared with England"] == "Not compared"


def test_repeats_and_children_looked_after_are_told(made):
    words = chapter_reader.text(chapter_reader.part(made, "services_repeats"))
    assert "30.7 per cent of 401 child protection plans started" in words
    assert "20.5 per cent of 3,803 referrals" in words
    words = chapter_reader.text(chapter_reader.part(made, "services_looked_after"))
    assert "590 children looked after in Bolton" in words
    assert "220 children starting to be looked after in Bolton" in words


def test_groups_are_named_without_being_compared(made):
    words = chapter_reader.text(chapter_reader.part(made, PLANS), "body")
    assert "The illustrative local records have 319 plans at 31 March 2025." in words
    assert (
        "Of the plans, 139 (43.6 per cent) are in the category emotional abuse and 130 (40.8 per "
        "cent) are in the category neglect." in words
    )
    # Two bands have as many, and neither is left out by chance.
    assert "96 (30.1 per cent) are in the age band 1 to 4 and 96" in words
    assert "\u201cSexual abuse, multiple or not known\u201d puts several groups together" in words
    assert not re.search(r"\b(most|largest|mainly|majority)\b", words)


def test_made_up_groups_say_so(made):
    words = chapter_reader.text(made, "caution")
    assert words.count("The ages and categories are illustrative") == 1
    for key in GROUPS:
        part = chapter_reader.part(made, key)
        assert all(each.illustrative for each in chapter_reader.tables(part).values())
        assert "illustrative local records" in chapter_reader.text(part, "body")


def test_some_groups_hidden(given):
    events = ["cpp_at_31_march"]
    found = hidden_shares(given, event=events, by=["category"], group=["Neglect", "Physical abuse"])
    part = chapter_reader.part(services.section(found), PLANS)
    assert chapter_reader.faults(part, chapter_reader.facts(found)) == []
    rows = chapter_reader.tables(part)["plans_by_category"].rows
    assert [[cell.text for cell in row] for row in rows[:3]] == [
        ["Neglect", "[c]", "[x]"],
        ["Emotional abuse", "139", "[x]"],
        ["Physical abuse", "[c]", "[x]"],
    ]
    words = chapter_reader.text(part, "body")
    # Also if shares of the others were known, no group is picked out by its number.
    shown = given.tables["local_shares"].assign(status=found.tables["local_shares"]["status"])
    again = chapter_reader.part(services.section(changed(given, local_shares=shown)), PLANS)
    assert chapter_reader.text(again, "body") == words
    assert "\u201cNeglect\u201d and \u201cPhysical abuse\u201d are hidden to protect" in words
    assert "139" not in words
    assert not GIVES_AWAY.search(words)
    assert given.rule in chapter_reader.text(part, "caution")


def test_all_groups_hidden(given):
    found = hidden_shares(given, event=["cpp_at_31_march"], by=["category"])
    note = "Child protection plans at 31 March by category: no group is shown for 2025, because."
    part = chapter_reader.part(services.section(replace(found, notes=(note,))), PLANS)
    words = chapter_reader.text(part, "missing")
    assert "No figure by category is shown for 2025" in words
    assert note in words
    assert set(chapter_reader.tables(part)) == {"plans_by_age_band"}


def test_a_hidden_total_is_not_written(given):
    rows = given.tables["local_shares"].assign(total=pd.NA, total_status="suppressed")
    part = chapter_reader.part(services.section(changed(given, local_shares=rows)), PLANS)
    assert "local records have" not in chapter_reader.text(part, "body")


def test_an_earlier_count_names_its_date(given):
    rows = given.tables["local_shares"].assign(as_of="2025-05-01")
    made = services.section(changed(given, local_shares=rows))
    notes = chapter_reader.tables(made)["plans_by_category"].notes
    assert "These are the counts as they were on 2025-05-01." in notes


def test_a_hidden_neighbour_has_its_sign_and_no_rank(given):
    rows = given.tables["neighbour_comparison"].copy()
    gone = ((rows["area_name"] == "Tameside") & (rows["indicator"] == "referrals")).to_numpy()
    rows.loc[gone, ["count", "rate", "lower", "upper", "rank", "p"]] = None
    rows.loc[gone, "status"] = "suppressed"
    rows.loc[gone, "verdict"] = "not_compared"
    made = services.section(changed(given, neighbour_comparison=rows))
    lines = chapter_reader.tables(made)["referrals_by_area"].rows
    (line,) = ([cell.text for cell in row] for row in lines if row[0].text == "Tameside")
    assert line == ["Tameside", "[c]", "[c]", "[c]", "[c]", "[c]", "Not compared"]
    assert lines[-3][0].text == "Tameside"


def test_a_hidden_indicator_says_that_it_is_hidden_and_nothing_else(given):
    rows = given.tables["profile"].copy()
    gone = (rows["indicator"] == "cla_started").to_numpy()
    numbers = ["count", "value", "lower", "upper"]
    rows.loc[gone, numbers] = None
    rows.loc[gone, "status"] = "suppressed"
    made = services.section(changed(given, profile=rows))
    part = chapter_reader.part(made, "services_looked_after")
    words = chapter_reader.paragraphs(part, "body")[-1].text
    assert words == (
        "In the year to 31 March 2025, the number of children starting to be looked after in "
        "Bolton is hidden to protect people."
    )
    lines = chapter_reader.tables(made)["indicators"].rows
    (line,) = (row for row in lines if row[0].text.startswith("Children who started"))
    assert [cell.text for cell in line[2:5]] == ["[c]", "[c]", "[c]"]


def test_without_local_records_the_command_is_named(given):
    made = services.section(changed(given, "local_counts", "local_shares"))
    for key in GROUPS:
        words = chapter_reader.text(chapter_reader.part(made, key), "missing")
        assert "There are no local records of Bolton" in words
        assert "bolton-jsna build --area Bolton --local-records FILE" in words


def test_local_records_without_a_group(given):
    rows = given.tables["local_shares"]
    made = services.section(changed(given, local_shares=rows[rows["by"] == "age band"]))
    words = chapter_reader.text(chapter_reader.part(made, PLANS), "missing")
    assert "local records of Bolton have no categories of plans" in words


def test_without_neighbours_nothing_is_compared_with_them(given):
    near, summary = (given.tables[each] for each in ("neighbour_comparison", "neighbour_summary"))
    near = near[(near["role"] != "neighbour") & (near["model"] == "2025")]
    none = {"used": 0, "of": 0, "model": "", "against_neighbours": "not_available"}
    charts = {name: each for name, each in given.drawings.items() if "neighbours" not in name}
    panel = given.tables["profile"].assign(
        neighbours_of=0, neighbours_used=0, against_neighbours="not_available"
    )
    made = services.section(
        changed(
            given,
            missing={"neighbours": "No list: put the model's file into data/raw."},
            drawings=charts,
            neighbour_comparison=near.assign(model=""),
            neighbour_summary=summary[summary["model"] == "2025"].assign(**none),
            profile=panel,
        )
    )
    words = chapter_reader.text(made)
    assert words.count("No list: put the model's file into data/raw.") == 1
    assert "usually lie" not in words
    assert "neighbours (" not in words
    assert "similar to England (519)" in words
    tables = chapter_reader.tables(made)
    assert not [each for each in tables if each.endswith("_by_area")]
    assert "Among neighbours" not in [each.name for each in tables["indicators"].columns]


def test_without_england_its_columns_and_words_are_left_out(given):
    lost = {"england_rate": float("nan"), "england_status": "not_available"}
    near = given.tables["neighbour_comparison"]
    near = near[near["role"] != "country"].assign(verdict="not_compared")
    none = {"england": float("nan"), "against_england": "not_compared"}
    panel = given.tables["profile"].assign(**none, england_status="not_available")
    made = services.section(
        changed(
            given,
            rates_by_year=given.tables["rates_by_year"].assign(**lost),
            neighbour_comparison=near,
            neighbour_summary=given.tables["neighbour_summary"].assign(**none),
            profile=panel,
        )
    )
    words = chapter_reader.text(made, "missing")
    assert words.count("There are no figures of England") == 1
    assert "bolton-jsna refresh --only children_in_need --area England" in words
    body = chapter_reader.text(chapter_reader.part(made, "services_referrals"), "body")
    assert "England" not in body
    heads = [
        column.name for each in chapter_reader.tables(made).values() for column in each.columns
    ]
    assert not [each for each in heads if "England" in each]


def test_a_chart_that_cannot_be_drawn_leaves_its_table(given):
    rest = {name: each for name, each in given.drawings.items() if name != "trend_referrals"}
    why = {"trend_referrals": "Expected two years."}
    made = services.section(changed(given, drawings=rest, missing=why))
    part = chapter_reader.part(made, "services_referrals")
    assert "The chart of the years is not drawn. Expected two years." in (
        chapter_reader.text(part, "missing")
    )
    assert "referrals_by_year" in chapter_reader.tables(part)


def test_nothing_at_all(given):
    made = services.section(replace(given, tables={}, drawings={}, missing={}))
    assert chapter_reader.tables(made) == {}
    for each in chapter_reader.below(made):
        if each.key != "services":
            words = "\n".join(block.text for block in each.blocks if block.role == "missing")
            assert "bolton-jsna" in words, each.key


def among_all(given, verdict, **figures):
    """The materials as a build with the files of all authorities has them, read from a file."""
    rows = given.tables["neighbour_summary"].copy()
    found = {
        "unusual": verdict,
        "unusual_used": 153,
        "unusual_of": 153,
        "unusual_reason": "",
        "unusual_lower": 261.17,
        "unusual_centre": 513.73,
        "unusual_upper": 1010.53,
        **figures,
    }
    return changed(given, neighbour_summary=rows.assign(**found))


def test_all_authorities_are_apart_from_neighbours_and_chance(given, made):
    other = "Judged by 152 other authorities of England with a rate"
    assert other not in chapter_reader.text(made)
    whole = among_all(given, "similar")
    words = chapter_reader.text(
        chapter_reader.part(services.section(whole), "services_referrals"), "body"
    )
    assert (
        f"{other}, authorities usually lie between 261 and 1,011: Bolton is within the usual range."
        in words
    )
    assert words.index("rest of the region") < words.index(other) < words.index("Areas like")
    outside = services.section(among_all(given, "higher", unusual_upper=450.0))
    words = chapter_reader.text(chapter_reader.part(outside, "services_referrals"))
    assert "between 261 and 450: Bolton is above the usual range." in words
    assert "Of authorities that are like all others, 5 in 100 lie outside" in words


def test_a_hidden_figure_of_the_area_has_no_rank(given):
    """As in the City of London: what has no rank in a file is not a number."""
    rows = given.tables["neighbour_summary"].copy()
    ranks = ["rank", "rank_first", "rank_last", "rate", "lower", "upper"]
    rows[ranks] = rows[ranks].astype(float)
    hit = rows["indicator"] == "cpp_started"
    rows.loc[hit, ranks] = float("nan")
    rows.loc[hit, ["status", "against_england", "against_neighbours"]] = [
        *("suppressed", "not_compared", "not_available"),
    ]
    table = given.tables["neighbour_comparison"].copy()
    own = (table["indicator"] == "cpp_started") & (table["role"] == "area")
    table.loc[own, ["rate", "lower", "upper"]] = float("nan")
    table.loc[own, "count"] = pd.NA
    table.loc[own, "status"] = "suppressed"
    made = services.section(changed(given, neighbour_summary=rows, neighbour_comparison=table))
    words = chapter_reader.text(chapter_reader.part(made, "services_plans_started"), "body")
    assert "the number of child protection plans started in Bolton is hidden" in words
    assert "highest of" not in words.partition("Between")[0]


def test_notes_of_later_years_are_not_in_the_chapter_of_an_earlier_one(given, made):
    note = "Hackney has no figures for 2021 and 2022"
    assert note in chapter_reader.text(made)
    panel = given.tables["profile"].assign(year=2012)
    assert note not in chapter_reader.text(services.section(changed(given, profile=panel)))
