"""Children on plans at 31 March are counted at their age on that day, from every source of ages."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.age_groups import banded
from bolton_jsna.measures.event_counts import count_events, linked_counts
from bolton_jsna.measures.event_dimensions import ALL, NOT_KNOWN
from bolton_jsna.measures.events import ages_counted, ages_estimated, events_of
from bolton_jsna.tables.local import records as local_records

EACH_YEAR = {f"{age}": (age, age) for age in range(30)}


def birthdays_had(born, day):
    """Age last birthday: the birthdays from the first to the day, counted one by one."""
    had = 0
    while True:
        year = born.year + had + 1
        try:
            birthday = born.replace(year=year)
        except ValueError:
            birthday = dt.date(year, 3, 1)
        if birthday > day:
            return had if born <= day else -1
        had += 1


@pytest.fixture
def plans(tmp_path):
    """Read plans (start, birth date or what else tells the age) from a CSV."""

    def _plans(rows, heading="birth_date"):
        path = tmp_path / "plans.csv"
        lines = [f"c{n},{start},,{age},E01004817" for n, (start, age) in enumerate(rows)]
        path.write_text("\n".join([f"child_id,date,end_date,{heading},lsoa_code", *lines]))
        found = local_records.read(path, kind="plans", today=dt.date(2035, 1, 1))
        assert found.rejects.empty
        return found.records

    return _plans


def bands(records, year, event="cpp_at_31_march", **options):
    table = count_events(records, event, years=[year], by=["age_band"], **options)
    table = table[table["count"] > 0]
    return dict(zip(table["age_band"], table["count"], strict=True))


def test_children_grow_older_while_they_are_on_a_plan(plans):
    """What was wrong: born in June 2018, on a plan for years, counted as 1 to 4 in 2025."""
    records = plans([(f"2020-05-{n + 1:02d}", f"2018-06-{n + 1:02d}") for n in range(30)])
    assert bands(records, 2025) == {"5 to 9": 30}
    assert bands(records, 2021, "cpp_started") == {"1 to 4": 30}
    each = count_events(
        records, "cpp_at_31_march", years=range(2021, 2035, 3), by=["year", "age_band"]
    )
    each = each[each["count"] > 0]
    assert each["age_band"].tolist() == [
        *("1 to 4", "5 to 9", "5 to 9", "10 to 15", "10 to 15"),
    ]


@pytest.mark.parametrize(
    ("start", "born", "band"),
    [
        ("2024-05-01", "2020-03-31", "5 to 9"),  # the birthday is 31 March: five on the day
        ("2024-05-01", "2020-04-01", "1 to 4"),  # five on the day after
        ("2024-05-01", "2020-02-29", "5 to 9"),  # born on 29 February, no such day in 2025
        ("2023-05-01", "2007-03-31", "16 and over"),  # 18 on the day
        ("2022-05-01", "2005-01-01", "16 and over"),  # 20 on the day, 17 at the start
        ("2024-09-01", "2024-10-15", "Under 1"),  # unborn at the start, born by the day
        ("2024-09-01", "2025-03-31", "Under 1"),  # born on the day
        ("2025-02-01", "2025-04-01", "Unborn"),  # born on the day after
        ("2023-09-01", "2023-10-15", "1 to 4"),  # unborn at the start, one year old on the day
        ("2025-03-31", "2020-04-01", "1 to 4"),  # begun on the day
    ],
)
def test_the_age_on_31_march_2025(plans, start, born, band):
    assert bands(plans([(start, born)]), 2025) == {band: 1}


CHILDREN = {
    "a": ("2018-06-01", "2020-05-01", "5 to 9"),
    "b": ("2007-03-31", "2023-05-01", "16 and over"),
    "c": ("2020-02-29", "2024-05-01", "5 to 9"),
    "d": ("2024-10-15", "2024-09-01", "Under 1"),
    "e": ("2025-04-01", "2025-02-01", "Unborn"),
}
"""Born or expected, on a plan from, and band on 31 March 2025."""


def census(expected):
    """A return whose children are born, or expected, on their day."""
    tag = f"{'Expected' if expected else ''}PersonBirthDate"
    children = "".join(
        f"<Child><ChildIdentifiers><LAchildID>{child}</LAchildID><{tag}>{born}</{tag}>"
        f"</ChildIdentifiers><CINdetails><CINreferralDate>{start}</CINreferralDate>"
        f"<ChildProtectionPlans><CPPstartDate>{start}</CPPstartDate></ChildProtectionPlans>"
        "</CINdetails></Child>"
        for child, (born, start, _) in CHILDREN.items()
    )
    return f"<Message><Header/><Children>{children}</Children></Message>"


@pytest.mark.parametrize("source", ["csv", "xlsx", "parquet", "annex a", "xml", "xml expected"])
def test_every_source_of_birth_dates_gives_the_age_on_the_day(tmp_path, source):
    path = tmp_path / f"x.{'xlsx' if source == 'annex a' else source.split(' ', maxsplit=1)[0]}"
    frame = pd.DataFrame(
        [(child, *map(pd.Timestamp, days)) for child, (*days, _) in CHILDREN.items()],
        columns=["child_id", "birth_date", "cpp start date"],
    )
    if source == "annex a":
        # Its printed age is that on the day of the extract.
        frame.columns = [
            *("Child Unique ID", "Date of Birth", "Child Protection Plan Start Date"),
        ]
        frame["Age of Child (Years)"] = [7, 18, 5, 0, 0]
    if source.startswith("xml"):
        path.write_text(census(source.endswith("expected")))
    elif source == "csv":
        frame.assign(postcode="BL1 1AP").to_csv(path, index=False, date_format="%d/%m/%Y")
    elif source == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_excel(path, index=False)
    found = local_records.read(path)
    assert found.rejects.empty
    records = found.records
    assert (records["kind"] == "plan").sum() == len(CHILDREN)
    for child, (_, _, band) in CHILDREN.items():
        assert bands(records[records["child_id"] == child], 2025) == {band: 1}


def test_an_expected_birth_date_serves_until_there_is_a_birth_date(tmp_path):
    path = tmp_path / "plans.csv"
    path.write_text(
        "child_id,cpp start date,cpp end date,date of birth,expected date of birth\n"
        "a,2025-01-10,,,2025-03-20\n"  # expected before the day
        "b,2025-01-10,,,2025-04-20\n"  # expected after it
        "c,2025-01-10,,2025-04-02,2025-03-20\n"  # expected before the day, born after it
    )
    assert bands(local_records.read(path).records, 2025) == {"Unborn": 2, "Under 1": 1}


def test_referrals_and_plans_started_keep_the_age_on_their_own_day(plans):
    records = plans([("2024-05-01", "2020-04-15"), ("2024-05-01", "2019-05-02")])
    assert bands(records, 2025, "cpp_started") == {"1 to 4": 2}
    assert bands(records.assign(kind="referral"), 2025, "referrals") == {"1 to 4": 2}
    assert bands(records, 2025) == {"1 to 4": 1, "5 to 9": 1}


days = st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31))
first_days = st.one_of(
    days,
    st.sampled_from(
        [dt.date(year, *day) for year in range(2000, 2030) for day in ((3, 31), (4, 1), (3, 1))]
        + [dt.date(year, 2, 29) for year in range(2000, 2030, 4)]
    ),
)


@st.composite
def births_and_starts(draw):
    born = draw(first_days)
    start = born + dt.timedelta(days=draw(st.integers(-300, 6570)))
    return max(start, dt.date(1990, 1, 1)), born


# Reading a file takes the time, so there are few files of many children.
@settings(max_examples=25)
@given(st.lists(births_and_starts(), min_size=8, max_size=40))
def test_ages_are_those_of_birthdays_counted_one_by_one(tmp_path_factory, rows):
    """Read from a file with birth dates, counted in several years at once."""
    path = tmp_path_factory.mktemp("plans") / "plans.csv"
    lines = [f"c{n},{start},{born}" for n, (start, born) in enumerate(rows)]
    path.write_text("\n".join(["child_id,cpp start date,birth_date", *lines]))
    records = local_records.read(path, today=dt.date(2060, 1, 1)).records
    assert len(records) == len(rows)
    first = min(start.year + (start.month > 3) for start, _ in rows)
    years = [year for year in (2010, 2016, 2024, 2025, 2031, 2050) if year >= first]
    table = count_events(
        records, "cpp_at_31_march", years=years, by=["year", "age_band"], bands=EACH_YEAR
    )
    found = {(y, band): n for y, band, n in table.itertuples(index=False) if n}
    expected = {}
    for year in years:
        day = dt.date(year, 3, 31)
        for start, born in rows:
            if start <= day:
                age = birthdays_had(born, day)
                key = (year, "Unborn" if age < 0 else str(age) if age < 30 else "Other ages")
                expected[key] = expected.get(key, 0) + 1
    assert found == expected


@given(first_days, st.integers(0, 17), st.integers(0, 364), st.integers(0, 8))
def test_an_age_alone_gives_the_right_year_or_one_next_to_it(start, age, since, years):
    """A child of that age on the day, its last birthday ``since`` days before."""
    birthday = start - dt.timedelta(days=since)
    born = dt.date(birthday.year - age, birthday.month, min(birthday.day, 28))
    age = birthdays_had(born, start)
    year = start.year + years + 1
    plans = pd.DataFrame({"date": [pd.Timestamp(start)], "age": pd.array([age], dtype="Int64")})
    (about,) = ages_counted(plans, "cpp_at_31_march", year)
    exact = birthdays_had(born, dt.date(year, 3, 31))
    assert abs(about - exact) <= 1
    elapsed = year - start.year - ((start.month, start.day) > (3, 31))
    assert about - age in {elapsed, elapsed + 1}
    assert ages_estimated(plans.assign(birth_year_to_march=pd.NA), year).tolist() == [True]


def test_an_age_alone_takes_the_likelier_year(plans):
    rows = [("2020-04-01", 4), ("2020-09-30", 4), ("2020-10-01", 4), ("2021-03-31", 4)]
    records = plans(rows, heading="age")
    assert records["birth_year_to_march"].isna().all()
    for year, ages in ((2021, [5, 5, 4, 4]), (2025, [9, 9, 8, 8])):
        assert ages_counted(records, "cpp_at_31_march", year).tolist() == ages
    assert bands(records, 2021) == {"1 to 4": 2, "5 to 9": 2}
    # Begun on the day itself, the age is known.
    assert ages_estimated(records, 2021).tolist() == [True, True, True, False]
    assert ages_estimated(records, 2022).all()


def test_an_unborn_child_of_an_unknown_birth_date_is_born_in_five_months(plans):
    records = plans([("2024-10-31", "unborn"), ("2024-11-01", -1)], heading="age")
    assert bands(records, 2025) == {"Unborn": 1, "Under 1": 1}
    assert bands(records, 2026) == {"Under 1": 1, "1 to 4": 1}


def test_an_age_that_is_not_known_stays_so(plans):
    records = plans([("2024-05-01", "")], heading="age")
    assert bands(records, 2025) == {NOT_KNOWN: 1}
    assert not ages_estimated(records, 2025).any()


def test_a_year_of_birth_to_march_serves_as_a_birth_date_does(plans):
    """Copies of the library's own table have this column and no birth date."""
    exact = plans([("2020-05-01", "2018-06-10"), ("2022-05-01", "2007-03-31")])
    copy = plans([("2020-05-01", 2019), ("2022-05-01", "2007.0")], heading="birth_year_to_march")
    assert copy["birth_year_to_march"].tolist() == exact["birth_year_to_march"].tolist()
    assert copy["age"].isna().all()
    assert bands(copy, 2025) == bands(exact, 2025) == {"5 to 9": 1, "16 and over": 1}
    assert not ages_estimated(copy, 2025).any()


@pytest.mark.parametrize("given_by", ["birth_date", "age"])
def test_linked_tables_of_plans_agree_on_their_total(plans, given_by):
    """Ages past 17, unborn children and ages that are not known are in the sum."""
    births = ["2018-06-01", "2003-01-01", "2021-03-01", "", "2005-04-01"]
    ages = [2, 17, -1, "", 15]
    records = plans(
        [("2020-06-01", each) for each in (births if given_by == "birth_date" else ages)],
        heading=given_by,
    ).assign(sex="female")
    tables = linked_counts(
        records,
        "cpp_at_31_march",
        years=[2021, 2025],
        tables=[["sex", "year"], ["age_band", "year"]],
    )
    by_sex, by_age = (table[table["year"] != ALL] for table in tables.values())
    for year in (2021, 2025):
        here = by_age[by_age["year"] == year].set_index("age_band")["count"]
        assert here.drop(ALL).sum() == here[ALL] == len(records)
        total = by_sex[(by_sex["year"] == year) & (by_sex["sex"] == ALL)]["count"]
        assert total.tolist() == [here[ALL]]
    assert here["16 and over"] == 2
    assert here[NOT_KNOWN] == 1


def test_records_made_before_there_was_a_year_of_birth_are_estimated(plans):
    records = plans([("2020-05-01", "2018-06-10")]).drop(columns="birth_year_to_march")
    assert bands(records, 2025) == {"5 to 9": 1}
    assert ages_estimated(events_of(records, "cpp_at_31_march", 2025), 2025).all()


def test_how_often_an_estimate_is_wrong():
    """The figures of docs/local_records.md, of the illustrative records."""
    records = jsna.load_local_records().records
    plans = wrong = at_start = 0
    for year in (2022, 2023, 2024, 2025):
        found = events_of(records, "cpp_at_31_march", year)
        exact, about, start = (
            banded(ages, jsna.DFE_BANDS, unknown=NOT_KNOWN)
            for ages in (
                ages_counted(found, "cpp_at_31_march", year),
                ages_counted(found.assign(birth_year_to_march=pd.NA), "cpp_at_31_march", year),
                found["age"],
            )
        )
        plans += len(found)
        wrong += int((about != exact).sum())
        at_start += int((start != exact).sum())
    assert (plans, wrong, at_start) == (1379, 95, 256)


def test_rejections(plans):
    records = plans([("2020-05-01", "2018-06-10")])
    with pytest.raises(SchemaError, match="have no column 'age'"):
        ages_counted(records.drop(columns="age"), "cpp_at_31_march", 2025)
    with pytest.raises(UsageError, match="event='visits' is not known"):
        ages_counted(records, "visits", 2025)
