"""The made-up local records add up to what is published, and say that they are made up."""

import datetime as dt
import importlib.util
import sys
import tomllib
from importlib import resources

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bolton_jsna import snapshot
from bolton_jsna.tables import schemas
from bolton_jsna.tables.local import records as local_records

YEARS = (2023, 2024, 2025)
SOURCE = "local_records@illustrative"


@pytest.fixture(scope="module")
def records():
    frame = snapshot.read(SOURCE)
    return frame.assign(year=frame["date"].dt.year + frame["date"].dt.month.ge(4).astype(int))


@pytest.fixture(scope="module")
def facts(root):
    return tomllib.loads((root / "scripts" / "illustrative.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published():
    frame = snapshot.read("children_in_need@2025")
    bolton = frame[frame["area_name"].eq("Bolton")]
    return bolton.set_index(["indicator", "year"])["count"]


def open_on(plans, day):
    return plans["date"].le(day) & ~plans["end_date"].le(day)


@pytest.mark.parametrize("year", YEARS)
def test_totals_are_those_published_for_bolton(records, published, year):
    in_year = records[records["year"].eq(year)]
    plans = records[records["kind"].eq("plan")]
    assert in_year["kind"].eq("referral").sum() == published["referrals", year]
    assert in_year["kind"].eq("plan").sum() == published["cpp_started", year]
    still_open = open_on(plans, pd.Timestamp(year, 3, 31)).sum()
    assert still_open == published["cpp_at_31_march", year]


def test_plans_open_when_the_records_begin_are_those_published(records, published):
    plans = records[records["kind"].eq("plan")]
    assert open_on(plans, pd.Timestamp(2022, 3, 31)).sum() == published["cpp_at_31_march", 2022]
    # On the day itself readers differ: no plan ends on a 31 March.
    ends = plans["end_date"].dropna()
    assert not (ends.dt.month.eq(3) & ends.dt.day.eq(31)).any()


@pytest.mark.parametrize("year", YEARS)
def test_referrals_repeat_within_a_child_as_published(records, facts, year):
    # c1, 2025 release: Bolton's children referred in the year.
    in_year = records[records["year"].eq(year) & records["kind"].eq("referral")]
    assert in_year["child_id"].nunique() == facts["referrals"]["children"][str(year)]


@pytest.mark.reference
def test_the_figures_of_the_settings_are_those_of_their_tables(reference, facts):
    folder = reference / "safeguarding"
    referred = pd.read_csv(
        folder / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz", dtype=str
    )
    bolton = referred[referred["new_la_code"].eq("E08000001")].set_index("time_period")
    for year, children in facts["referrals"]["children"].items():
        assert int(bolton.loc[year, "referral_child_count"]) == children
    source = pd.read_csv(
        folder / "c5_children_in_need_referrals_by_source_2014_to_2022.csv.gz", dtype=str
    )
    row = source[source["new_la_code"].eq("E08000001") & source["time_period"].eq("2022")].iloc[0]
    assert sorted(facts["referrals"]["source"].values()) == sorted(
        int(row[name]) for name in row.index[12:-1]
    )
    duration = pd.read_csv(folder / "d5_cpps_at31march_by_duration_2013_to_2025.csv.gz", dtype=str)
    bolton = duration[duration["new_la_code"].eq("E08000001")].set_index("time_period")
    for year, bands in facts["plans"]["at_31_march"].items():
        printed = bolton.loc[year].iloc[11:21:2]
        assert sum(bands) == int(bolton.loc[year, "CPP_At31"])
        for ours, theirs in zip(bands, printed, strict=True):
            assert theirs in {str(ours), "c"}


@pytest.mark.parametrize("kind", ["referral", "plan"])
def test_shares_follow_the_published_ones(records, facts, kind):
    rows = records[records["kind"].eq(kind)]
    shares = facts[f"{kind}s"]
    drawn = [("category", shares["category"])]
    if kind == "referral":
        drawn.append(("referral_source", shares["source"]))
    for column, expected in drawn:
        seen = rows[column].value_counts(normalize=True)
        assert set(seen.index) == set(expected)
        for word, count in expected.items():
            assert seen[word] == pytest.approx(count / sum(expected.values()), abs=0.03)
    ages = shares["ages"]
    bands = pd.cut(rows["age"].astype(int), [-1, 0, 4, 9, 15, 17], labels=False)
    total = sum(map(sum, ages.values()))
    for band in range(5):
        expected = sum(ages[sex][band] for sex in ages) / total
        assert bands.eq(band).mean() == pytest.approx(expected, abs=0.05)
    for sex, counts in ages.items():
        assert rows["sex"].eq(sex).mean() == pytest.approx(sum(counts) / total, abs=0.03)


@pytest.mark.parametrize(("kind", "least"), [("referral", 0.5), ("plan", 0.35)])
def test_rates_rise_with_deprivation(records, kind, least):
    idaci = snapshot.read("idaci@2025").set_index("lsoa_code")
    counts = records[records["kind"].eq(kind)]["lsoa_code"].value_counts()
    rate = counts.reindex(idaci.index, fill_value=0) / idaci["children_0_15"]
    rho = rate.corr(idaci["idaci_score"], method="spearman")
    assert least < rho < 0.95


def test_wards_are_plausible_and_some_have_few_plans(records):
    lookup = snapshot.read("lookup@lsoa21-ward23").set_index("from_code")["to_code"]
    ward = records["lsoa_code"].map(lookup)
    counts = pd.crosstab([records["kind"], ward], records["year"])[list(YEARS)]
    assert (counts.loc["referral"] >= 10).all(axis=None)
    plans = counts.loc["plan"]
    assert plans.shape == (20, 3)
    assert ((plans >= 1) & (plans <= 5)).any(axis=None)


def test_homes_agree_with_postcodes_and_about_one_in_a_hundred_is_unknown(records):
    postcodes = snapshot.read("postcodes@2025")
    placed = local_records.place(records.assign(lsoa_code=None), postcodes)
    pd.testing.assert_series_equal(placed["lsoa_code"], records["lsoa_code"])
    assert records["postcode"].notna().all()
    assert 0.005 < records["lsoa_code"].isna().mean() < 0.02


def test_a_child_stays_the_same_child(records):
    children = records.groupby("child_id")
    assert children["sex"].nunique().eq(1).all()
    assert children["postcode"].nunique().eq(1).all()
    in_order = records.sort_values("date")
    grown = in_order.groupby("child_id")["age"].diff().dropna()
    years = in_order.groupby("child_id")["date"].diff().dt.days.loc[grown.index] / 365.25
    assert (grown.astype(float) - years).abs().lt(1.01).all()
    assert not records.duplicated(["kind", "child_id", "date"]).any()


def test_the_year_of_birth_of_a_child_agrees_with_its_ages(records):
    assert records.groupby("child_id")["birth_year_to_march"].nunique().eq(1).all()
    # On the last day of its year a child has the age that the year of birth tells, or one less
    # on the days before its birthday.
    last = records["year"] - records["birth_year_to_march"]
    assert (last - records["age"]).isin([0, 1]).all()
    # About half of the birthdays of a year come after the event.
    assert 0.45 < (last - records["age"]).astype(float).mean() < 0.55


def test_no_child_is_on_two_plans_at_once(records):
    plans = records[records["kind"].eq("plan")].sort_values(["child_id", "date"])
    ended_before = plans.groupby("child_id")["end_date"].shift()
    again = plans["child_id"].duplicated()
    assert again.any()
    assert ended_before[again].lt(plans["date"][again]).all()
    assert plans["end_date"].dropna().le(pd.Timestamp(2025, 3, 31)).all()


def test_the_data_say_that_they_are_made_up(records):
    assert records["illustrative"].all()
    assert records["child_id"].str.fullmatch(r"X\d{6}").all()
    file = resources.files(snapshot).joinpath("local_records.parquet")
    assert pq.read_schema(str(file)).metadata[b"illustrative"] == b"true"
    source = snapshot.entry(SOURCE)
    assert source.notes.startswith("Illustrative: made up")
    assert "Illustrative" in source.title
    assert "Illustrative" in source.attribution
    assert file.stat().st_size < 200_000


def test_making_them_again_gives_the_same(root, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(root / "scripts")
    path = root / "scripts" / "make_illustrative_records.py"
    spec = importlib.util.spec_from_file_location("make_illustrative_records", path)
    script = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, script)
    spec.loader.exec_module(script)
    script.main(tmp_path)
    again = tmp_path / "local_records.parquet"
    here = resources.files(snapshot).joinpath("local_records.parquet")
    laid = snapshot.read(SOURCE)
    made = schemas.typed(pd.read_parquet(again), schemas.SCHEMAS["local_records"].columns)
    pd.testing.assert_frame_equal(made, laid)
    if pq.read_metadata(again).created_by == pq.read_metadata(str(here)).created_by:
        # Another release of pyarrow may lay out the same rows differently.
        assert again.read_bytes() == here.read_bytes()


def test_years_of_the_records_are_whole(records):
    referrals = records[records["kind"].eq("referral")]["date"].dt.date
    assert referrals.min() >= dt.date(2022, 4, 1)
    assert referrals.max() <= dt.date(2025, 3, 31)
