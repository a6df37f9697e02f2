"""Groups compared with the rest: nothing spread, nothing hidden shown, few false findings."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.tables import ethnic_groups

GROUPS = ["White", "Mixed", "Asian or Asian British", "Black or Black British"]


def events(counts, groups=GROUPS, **more):
    return pd.DataFrame({"ethnic_group": groups, "count": counts, **more})


def people(numbers=(28_000, 2_500, 9_000, 2_500), groups=GROUPS, **more):
    return pd.DataFrame({"ethnic_group": groups, "population": numbers, **more})


def compared(counts, residents=None, **options):
    residents = people() if residents is None else residents
    found = jsna.compare_groups(counts, residents, **{"denominator": "pupils", **options})
    return found.set_index("ethnic_group")


@given(
    st.lists(st.integers(1, 500), min_size=4, max_size=4),
    st.lists(st.integers(600, 50_000), min_size=4, max_size=4),
)
@settings(max_examples=30, deadline=None)
def test_each_group_is_compared_with_all_others_together(counts, numbers):
    found = compared(events(counts), people(numbers))
    for at, name in enumerate(GROUPS):
        row = found.loc[name]
        rest = sum(counts) - counts[at], sum(numbers) - numbers[at]
        assert (row["benchmark_count"], row["benchmark_population"]) == rest
        assert row["ratio"] == pytest.approx((counts[at] / numbers[at]) / (rest[0] / rest[1]))
        assert row["ratio_lower"] <= row["ratio"] <= row["ratio_upper"]
        assert row["p_adjusted"] >= row["p"]
    adjusted = jsna.benjamini_hochberg(found["p"].to_numpy())
    assert found["p_adjusted"].to_numpy() == pytest.approx(adjusted)
    assert set(found["denominator"]) == {"pupils"}
    assert set(found["benchmark"]) == {"the rest"}


def test_a_named_group_is_the_benchmark_of_the_others_and_not_of_itself():
    found = compared(events([640, 41, 95, 60]), reference="White")
    assert set(found["benchmark_count"]) == {640}
    white = found.loc["White"]
    assert white["ratio_status"] == "not_applicable"
    assert white[["ratio", "ratio_lower", "p", "p_adjusted"]].isna().all()
    assert white["rate"] == pytest.approx(640 / 2.8)
    # Three comparisons are adjusted for, not four.
    three = found.loc[GROUPS[1:]]
    assert three["p_adjusted"].to_numpy() == pytest.approx(
        jsna.benjamini_hochberg(three["p"].to_numpy())
    )
    with pytest.raises(jsna.UsageError, match=r"reference='Whit' is not a group.*Did you mean 'W"):
        compared(events([640, 41, 95, 60]), reference="Whit")


def test_unknown_groups_are_kept_apart_and_change_no_ratio():
    without = compared(events([640, 41, 95, 60]))
    names = [*GROUPS, "Refused", "Information not yet obtained", None]
    found = compared(events([640, 41, 95, 60, 30, 50, 4], groups=names))
    assert found.loc["Not known", "count"] == 84
    assert found.loc["Not known", ["rate", "ratio", "p"]].isna().all()
    assert found.loc["Not known", "status"] == "not_applicable"
    assert found.loc["Not known", "ratio_reason"] == "the group of these events is not known"
    for column in ("count", "rate", "ratio", "p_adjusted", "benchmark_population"):
        assert found.loc[GROUPS, column].tolist() == without[column].tolist()
    assert set(found["unknown_percent"].round(6)) == {round(100 * 84 / 920, 6)}
    assert set(without["unknown_percent"]) == {0}


def test_people_of_unknown_groups_are_in_no_rest():
    pupils = people((28_000, 2_500, 9_000, 2_500, 700), groups=[*GROUPS, "Unclassified"])
    found = compared(events([640, 41, 95, 60, 9], groups=[*GROUPS, "Unknown"]), pupils)
    assert found.loc["White", "benchmark_population"] == 14_000
    assert found.loc["Not known", "population"] == 700


@pytest.mark.parametrize("state", ["suppressed", "low", "not_available"])
def test_a_hidden_group_hides_the_rest_of_every_other(state):
    hidden = events([640, None, 95, 60], status=["value", state, "value", "value"])
    found = compared(hidden)
    assert found.loc["Mixed", "status"] == state
    assert found.loc["Mixed", ["rate", "ratio"]].isna().all()
    others = found.drop(index="Mixed")
    assert set(others["ratio_status"]) == {state}
    assert others[["ratio", "benchmark_count", "p"]].isna().all(axis=None)
    # Their own rates are known, and so is a comparison with a known group.
    assert others["rate"].notna().all()
    against = compared(hidden, reference="White")
    assert against.loc["Asian or Asian British", "ratio_status"] == "value"
    assert against.loc["Mixed", "ratio_status"] == state
    assert against["unknown_percent"].isna().all()


def test_a_group_without_a_row_is_not_known_unless_it_is_said_to_be_zero():
    counts = events([640, 95, 60], groups=[GROUPS[0], *GROUPS[2:]])
    found = compared(counts)
    assert found.loc["Mixed", "count_status"] == "not_available"
    assert set(found["ratio_status"]) == {"not_available"}
    zero = compared(counts, absent="zero")
    assert (zero.loc["Mixed", "count"], zero.loc["Mixed", "rate"]) == (0, 0)
    assert zero.loc["White", "benchmark_population"] == 14_000


def test_spellings_of_publishers_come_together_in_main_groups():
    counts = events([10, 20, 5, 7, 1], groups=["WBRI", "White Irish", "APKN", "Chinese", "NOBT"])
    census = people(
        [900, 100, 400],
        groups=[
            "White: English, Welsh, Scottish, Northern Irish or British",
            "White: Irish",
            "Asian, Asian British or Asian Welsh: Pakistani",
        ],
    )
    found = compared(counts, census, main_groups=True)
    assert found["count"].to_dict() == {"White": 30, "Asian or Asian British": 12, "Not known": 1}
    assert found.loc["White", "population"] == 1_000
    # A hidden part hides its main group.
    hidden = compared(
        counts.assign(status=["value", "suppressed", "value", "value", "value"]),
        census,
        main_groups=True,
    )
    assert hidden.loc["White", "count_status"] == "suppressed"


@pytest.mark.parametrize(
    ("counts", "options", "error", "message"),
    [
        (events([1, 2], groups=["White", "Total"]), {}, jsna.UsageError, "'Total' next to groups"),
        (
            events([1, 2], groups=["White", "Asain"]),
            {},
            jsna.SchemaError,
            "no group 'Asain'.*main_groups=True",
        ),
        (
            events([1, 2], groups=["White", "Total White"]),
            {"main_groups": True},
            jsna.UsageError,
            "next to its parts",
        ),
        (
            events([1, 2], groups=["White", "Martian"]),
            {"main_groups": True},
            jsna.UsageError,
            "'Martian' in 'ethnic_group', which is not an ethnic group",
        ),
        (
            events([1, 2], groups=["White", "White"]),
            {},
            jsna.SchemaError,
            "more than one row for White",
        ),
        (events([1, 2, 3, 4]), {"denominator": " "}, jsna.UsageError, "denominator= is empty"),
        (
            events([1, 2, 3], groups=["White", "Asian", "White"]),
            {"main_groups": True},
            jsna.SchemaError,
            "more than one row for White",
        ),
        (events([1, 2, 3, 4]), {"group": "ethnicity"}, jsna.SchemaError, "no column 'ethnicity'"),
    ],
)
def test_tables_that_cannot_be_compared(counts, options, error, message):
    with pytest.raises(error, match=message):
        compared(counts, **options)


def test_children_counted_several_times_widen_limits():
    counts = events([640, 41, 95, 60])
    plain, wider = compared(counts), compared(counts.assign(persons=[500, 30, 70, 40]))
    assert wider["ratio"].tolist() == pytest.approx(plain["ratio"].tolist())
    assert (wider["ratio_lower"] < plain["ratio_lower"]).all()
    assert (wider["ratio_upper"] > plain["ratio_upper"]).all()
    assert wider["ratio_method"].str.contains("repeated events").all()
    # The children of one group are not known: repeats are not allowed for where it is in the rest.
    part = compared(counts.assign(persons=[500, None, 70, 40]))
    assert part["ratio_method"].str.contains("repeats not allowed for").all()
    once = counts.assign(persons=np.nan, persons_status="not_applicable")
    assert compared(once)["ratio_lower"].tolist() == plain["ratio_lower"].tolist()


def test_no_events_at_all_are_no_events_of_any_group():
    none = events([], groups=[])
    assert set(compared(none)["count_status"]) == {"not_available"}
    zero = compared(none, absent="zero")
    assert set(zero["count"]) == {0}
    # The rest has no events: there is no ratio.
    assert set(zero["ratio_status"]) == {"not_applicable"}
    assert jsna.compare_groups(
        none.assign(year=[]), people(), denominator="pupils", by="year"
    ).empty


def test_people_of_other_years_are_rejected_and_of_some_years_are_used():
    counts = pd.concat([events([640, 41, 95, 60], year=2024), events([64, 90, 95, 60], year=2025)])
    with pytest.raises(jsna.SchemaError, match=r"no row of year 2024, 2025; they have 2022\. Give"):
        compared(counts, people(year=2022), by="year")
    with pytest.raises(jsna.SchemaError, match="which are never equal"):
        compared(counts, people(year="2024"), by="year")
    found = compared(counts, people(year=2025), by="year").groupby("year")["population_status"]
    assert found.agg(set).to_dict() == {2024: {"not_available"}, 2025: {"value"}}


def test_one_group_has_no_rest():
    found = compared(events([5], groups=["White"]), people([100], groups=["White"]))
    assert found.loc["White", "rate"] == 500
    assert found.loc["White", "ratio_status"] == "not_applicable"


def test_years_are_separate_families():
    counts = pd.concat([events([640, 41, 95, 60], year=2024), events([64, 90, 95, 60], year=2025)])
    found = jsna.compare_groups(counts, people(), denominator="pupils", by="year")
    for year, rows in found.groupby("year"):
        alone = compared(counts[counts["year"] == year])
        assert rows["p_adjusted"].tolist() == alone["p_adjusted"].tolist(), year


def test_false_findings_stay_rare_where_groups_do_not_differ():
    """400 tables of groups with the same rate: at most one in twenty with any finding."""
    draw = np.random.default_rng(18)
    numbers = np.array([28_000, 2_500, 9_000, 2_500])
    tables = [events(draw.poisson(numbers * 0.02), table=at) for at in range(400)]
    found = jsna.compare_groups(pd.concat(tables), people(), denominator="p", by="table")
    any_found = found.groupby("table")["p_adjusted"].min() <= 0.05
    assert any_found.mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize(
    ("label", "group"),
    [
        ("Asian, Asian British or Asian Welsh: Bangladeshi", "Asian or Asian British"),
        ("Black, Black British, Black Welsh, Caribbean or African: Other Black", GROUPS[3]),
        ("Mixed or Multiple ethnic groups: White and Asian", "Mixed"),
        ("Mixed - White and Black African", "Mixed"),
        ("White and Asian", "Mixed"),
        ("White - Gypsy/Roma", "White"),
        ("Other ethnic group: Arab", "Other ethnic group"),
        ("Any other ethnic group", "Other ethnic group"),
        ("Total Black or Black British", GROUPS[3]),
        ("Asian_or_Asian_British", "Asian or Asian British"),
        ("Unclassified", "Not stated"),
        ("REFU", "Not stated"),
        ("Whitechapel", None),
        ("Asia", None),
        ("", None),
    ],
)
def test_main_groups_of_labels(label, group):
    assert ethnic_groups.main_group(label) == group


@pytest.mark.reference
def test_every_ethnicity_of_the_published_files_has_a_main_group(reference):
    """ONS census tables, school census 2022 and children in need 2024."""
    for name, column in (
        ("population/census2021_ons_ethnic_population_la.csv.gz", "Ethnic group (20 categories)"),
        ("wider/spc_pupils_ethnicity_and_language_2016_2022.csv.gz", "ethnicity"),
        (
            "safeguarding_2024/a7_cin_by_age_gender_ethnicity_2015_to_2024.csv.gz",
            "characteristic_type",
        ),
    ):
        with gzip.open(reference / name, "rt", encoding="utf-8-sig") as file:
            table = pd.read_csv(file, dtype=str)
        if column == "characteristic_type":
            table = table[table["characteristic"] == "Ethnicity"]
        labels = set(table[column]) - {"Does not apply", "Total", "Known ethnicity"}
        unknown = {each for each in labels if ethnic_groups.main_group(each) is None}
        assert len(labels) >= 17
        assert not unknown


@pytest.mark.reference
def test_bolton_in_the_census(reference):
    """ONS, Census 2021, TS021: the two layouts agree, and add up to Bolton's residents."""
    folder = reference / "population"
    whole = ethnic_groups.read(folder / "census2021_ons_ethnic_population_la.csv.gz")
    greater = ethnic_groups.read(folder / "census2021_population_ethnic_group_la_gm.csv.gz")
    assert whole["area_code"].str.startswith("E").all()
    assert whole["area_code"].nunique() == 153
    for code in greater["area_code"].unique():
        ours = [
            each[each["area_code"] == code].set_index("ethnic_group")["population"].sort_index()
            for each in (whole, greater)
        ]
        assert ours[0].to_dict() == ours[1].to_dict()
    bolton = whole[whole["area_name"] == "Bolton"]
    assert bolton["population"].sum() == 295_960
    assert bolton.groupby("main_group")["population"].sum().to_dict() == {
        "White": 212_941,
        "Asian or Asian British": 59_596,
        "Black or Black British": 11_238,
        "Mixed": 6_643,
        "Other ethnic group": 5_542,
    }
    assert set(bolton["year"]) == {2021}


@pytest.mark.reference
def test_pupils_of_bolton_are_the_denominator(reference):
    """School census 2021/22: 53,064 pupils, 374 of them unclassified; the referrals are made up."""
    name = "wider/spc_pupils_ethnicity_and_language_2016_2022.csv.gz"
    table = pd.read_csv(reference / name, dtype=str)
    ours = table[
        (table["la_name"] == "Bolton")
        & (table["language"] == "Total")
        & (table["phase_type_grouping"] == "Total")
        & (table["time_period"] == "202122")
    ]
    with_total = pd.DataFrame(
        {"breakdown": ours["ethnicity"], "count": ours["headcount"].astype(int), "year": 2022}
    )
    counts = events([3, 600, 41, 95, 60, 30], groups=["OOTH", *GROUPS, "Unclassified"], year=2022)
    options = {
        "denominator": "pupils, January 2022", "people_group": "breakdown",
        "population": "count", "main_groups": True,
    }  # fmt: skip
    with pytest.raises(jsna.UsageError, match="The people have 'Total' next to groups"):
        jsna.compare_groups(counts, with_total, **options)
    found = jsna.compare_groups(
        counts, with_total[with_total["breakdown"] != "Total"], by="year", **options
    ).set_index("ethnic_group")
    assert found["population"].sum() == 53_064
    assert found.loc["Not known", "population"] == 374
    assert found.loc["Asian or Asian British", "population"] == 7_830 + 4_664 + 973 + 236 + 220
    white = found.loc["White"]
    assert white["benchmark_population"] == 53_064 - 374 - white["population"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("area_code,ethnic_group,value\nE08000001,Martian,5\n", "groups that are not known: 'Mart"),
        ("area_code,ethnic_group,value\nE08000001,White: Irish,x\n", "'x' in 'value'; expected"),
        (
            "area_code,ethnic_group,value\nE08000001,White: Irish,5\nE08000001,White: Irish,6\n",
            "twice",
        ),
        ("area_code,ethnic_group,value\nE99999999,White: Irish,5\n", "not in the register"),
        ("area_code,people\nE08000001,5\n", "census ethnic groups by area"),
    ],
)
def test_census_tables_that_are_wrong(tmp_path, text, message):
    (tmp_path / "ts021.csv").write_text(text, encoding="utf-8")
    with pytest.raises((jsna.SchemaError, jsna.SourceError), match=message):
        ethnic_groups.read(tmp_path / "ts021.csv")


def test_people_of_two_areas_are_not_added_up_in_main_groups():
    """Bolton's and England's pupils in one table: England's were the denominator."""
    both = pd.concat([people(), people()], ignore_index=True)
    with pytest.raises(jsna.SchemaError, match="The people have more than one row for"):
        jsna.compare_groups(events([640, 41, 95, 60]), both, denominator="pupils", main_groups=True)
