"""The dictionary of indicators: what lists and profiles rely on in each entry."""

import re

import pytest

from bolton_jsna.catalogue import datasets
from bolton_jsna.catalogue.indicators import PER, dictionary
from bolton_jsna.tables import children_in_need

ENTRIES = dictionary()
# Whether a high or low figure is good is not known of these: they measure need and how it is met.
NO_DIRECTION = re.compile(
    r"referrals|referred_children|section_47|icpc|cpp_|cin_|cla_(at_31|started|ceased|by_)|assessments"
    r"|second_or|plans_|factor_|free_school_meals|pupils|ehc_plans"
)
DIRECTION = {
    "assessments_within_45_working_days",
    "icpc_within_15_working_days",
    "ehc_plans_issued_within_20_weeks",
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_says_what_a_reader_needs(name: str) -> None:
    entry = ENTRIES[name]

    assert re.fullmatch(r"[a-z][a-z0-9_]+", name)
    assert all([entry.subject, entry.title, entry.numerator, entry.period, entry.columns])
    assert re.fullmatch(r"[A-Z][^.]*\.", entry.definition), "one sentence"
    assert not entry.note or re.search(r"\.$", entry.note)
    assert entry.dataset in {each.id for each in datasets()}
    assert entry.better in {"", "lower", "higher"}
    assert 2009 < entry.first <= entry.last
    assert all(entry.first <= year <= entry.last for year in entry.breaks)
    if entry.unit in PER:
        assert entry.denominator


@pytest.mark.parametrize("name", ENTRIES)
def test_only_indicators_with_parts_name_what_the_parts_are(name: str) -> None:
    entry = ENTRIES[name]
    of_parts = {bool(each.parts or each.by) for each in entry.columns}

    assert of_parts == {bool(entry.breakdown)}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_share_has_a_denominator_or_is_published_as_a_share(name: str) -> None:
    entry = ENTRIES[name]
    if entry.unit == "per cent":
        bare = [
            each
            for each in entry.columns
            if not (each.population or each.population_where or each.value or each.fingertips)
        ]
        assert bare == []


def test_figures_of_the_older_table_are_ones_that_it_has() -> None:
    named = {figure for each in ENTRIES.values() for figure in each.figures.values()}

    assert named - set(children_in_need.indicators()) == set()
    assert {"re_referrals", "cpp_started", "cin_at_31_march"} <= named


def test_titles_are_told_apart() -> None:
    titles = [each.title for each in ENTRIES.values()]

    assert len(set(titles)) == len(titles)
    assert len(ENTRIES) >= 75


def test_measures_of_need_have_no_better_direction() -> None:
    wrong = {
        name
        for name, each in ENTRIES.items()
        if each.better and NO_DIRECTION.match(name) and name not in DIRECTION
    }

    assert wrong == set()


def test_what_looks_alike_is_kept_apart() -> None:
    note = {name: each.note for name, each in ENTRIES.items()}

    assert "child in need plan" in note["cin_at_31_march"]
    assert "children in need at 31 March" in note["cin_plans_at_31_march"]
    assert "child protection plan" in note["cin_plans_at_31_march"]
    assert "children in need are other" in note["cpp_at_31_march"]
    assert "understated" in note["neet"]
    assert "0-14, not 0-17" in note["injuries_0_to_14"]
    assert all("never added up" in note[name] for name in note if name.startswith("factor_"))


def test_periods_read_as_text() -> None:
    assert ENTRIES["referrals"].when(2025) == "year ending 31 March 2025"
    assert ENTRIES["cin_at_31_march"].when(2025) == "at 31 March 2025"
    assert ENTRIES["absence_of_children_in_need"].when(2025) == "academic year 2024/25"
    assert ENTRIES["injuries_0_to_14"].when(2024) == "financial year 2023/24"
    assert ENTRIES["pupils"].when(2022) == "January 2022"
    assert ENTRIES["september_guarantee"].when(2025) == "September 2024"
    assert ENTRIES["neet"].when(2026) == "December 2025 to February 2026"
