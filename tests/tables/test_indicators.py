"""Files of Explore education statistics and Fingertips, read by a dictionary of a test's own."""

import gzip
import zipfile

import openpyxl
import pytest

from bolton_jsna.catalogue.indicators import dictionary, parsed
from bolton_jsna.core.errors import OtherTableError, SchemaError
from bolton_jsna.tables import indicators, schemas
from bolton_jsna.tables.reader_notes import gathered

ABOUT = """
[{name}]
subject = "Tests"
title = "A test"
definition = "A test."
numerator = "tests"
denominator = "tests"
unit = "{unit}"
dataset = "children_in_need"
period = "{period}"
first = 2024
last = 2025
[[{name}.columns]]
{columns}
"""
AREAS = "time_period,time_identifier,geographic_level,region_code,old_la_code,new_la_code,la_name"
ENGLAND = "2025,Reporting year,National,,,,"
BOLTON = "2025,Reporting year,Local authority,,350,E08000001,Bolton"
BURY = "2025,Reporting year,Local authority,,351,E08000002,Bury"


def entries(columns, *, name="tested", unit="per cent", period="year ending 31 March"):
    return parsed(ABOUT.format(name=name, unit=unit, period=period, columns=columns))


def written(folder, *lines, name="file.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(path, known):
    return indicators.read_one(path, known)


# ---------------------------------------------------------------- counts, denominators and states
def test_a_share_is_worked_out_and_the_printed_one_kept(tmp_path):
    path = written(tmp_path, f"{AREAS},Yes,All,Yes_pc", f"{BOLTON},30,120,25.1")
    (row,) = rows(path, entries('count = "yes"\npopulation = "all"\nvalue = "yes_pc"')).to_dict(
        "records"
    )
    assert (row["count"], row["population"], row["value"]) == (30, 120, 25.0)
    assert (row["published_value"], row["status"], row["breakdown"]) == (25.1, "value", "total")
    assert (row["area_code"], row["release"], row["source"]) == (
        "E08000001",
        "2025",
        "children_in_need@2025",
    )
    assert row["period"] == "year ending 31 March 2025"


def test_a_printed_share_goes_before_that_of_rounded_counts_where_it_is_more_exact(tmp_path):
    # 180 of 2,160 pupils are 8.3 per cent; DfE rounds both to 10 and prints the share before that.
    known = entries('count = "yes"\npopulation = "all"\nvalue = "yes_pc"')
    path = written(tmp_path, f"{AREAS},Yes,All,Yes_pc", f"{ENGLAND},180,2160,8.5")
    (england,) = rows(path, known).to_dict("records")
    assert (england["value"], england["published_value"], england["count"]) == (8.5, 8.5, 180)
    # Not where so many are counted that the rounding is less than that of the printed share.
    path = written(tmp_path, f"{AREAS},Yes,All,Yes_pc", f"{ENGLAND},8500,81770,10")
    (england,) = rows(path, known).to_dict("records")
    assert england["value"] == pytest.approx(10.395, abs=0.001)
    # Counts of authorities are not rounded.
    path = written(tmp_path, f"{AREAS},Yes,All,Yes_pc", f"{BOLTON},10,60,16.9")
    (bolton,) = rows(path, known).to_dict("records")
    assert bolton["value"] == pytest.approx(16.667, abs=0.001)


@pytest.mark.parametrize(
    ("cells", "value", "status", "count_status"),
    [
        ("c,120,25.1", 25.1, "value", "suppressed"),  # a hidden count with a printed share
        ("c,120,c", None, "suppressed", "suppressed"),
        ("x,120,x", None, "not_available", "not_available"),
        ("u,120,u", None, "low", "low"),
        ("0,0,z", None, "not_applicable", "value"),
        ("0,50,0", 0.0, "value", "value"),
        ("30,c,c", None, "suppressed", "value"),
    ],
)
def test_a_marker_stays_a_state(tmp_path, cells, value, status, count_status):
    path = written(
        tmp_path,
        f"{AREAS},Yes,All,Yes_pc",
        f"{BOLTON},{cells}",
        f"{BURY},1,2,50",
        f"{ENGLAND},3,4,75",
    )
    table = rows(path, entries('count = "yes"\npopulation = "all"\nvalue = "yes_pc"'))
    row = table[table["area_code"] == "E08000001"].iloc[0]
    assert (None if row["value"] != row["value"] else row["value"]) == value
    assert (row["status"], row["count_status"]) == (status, count_status)


def test_a_sum_over_a_hidden_part_has_no_number(tmp_path):
    path = written(tmp_path, f"{AREAS},A,B,All", f"{BOLTON},1,c,10", f"{BURY},1,2,10")
    table = rows(path, entries('sum = ["A", "B"]\npopulation = "All"')).set_index("area_code")
    assert table.loc["E08000002", ["count", "value"]].tolist() == [3, 30.0]
    hidden = table.loc["E08000001"]
    assert hidden["status"] == hidden["count_status"] == "suppressed"
    assert hidden[["count", "value"]].isna().all()


def test_a_part_that_cannot_exist_does_not_change_a_sum(tmp_path):
    path = written(tmp_path, f"{AREAS},A,B,All", f"{BOLTON},1,z,10", f"{BURY},z,z,10")
    table = rows(path, entries('sum = ["A", "B"]\npopulation = "All"')).set_index("area_code")
    assert table.loc["E08000001", ["count", "count_status", "value"]].tolist() == [1, "value", 10]
    assert table.loc["E08000002", ["count_status", "status"]].tolist() == ["not_applicable"] * 2


@pytest.mark.parametrize(
    ("marker", "state"), [("c", "suppressed"), ("u", "low"), ("z", "not_applicable")]
)
def test_the_reason_why_a_denominator_is_missing_is_that_of_the_share(tmp_path, marker, state):
    path = written(tmp_path, f"{AREAS},Yes,All", f"{BOLTON},30,{marker}", f"{BURY},1,2")
    table = rows(path, entries('count = "yes"\npopulation = "all"')).set_index("area_code")
    assert table.loc["E08000001", ["count", "status"]].tolist() == [30, state]
    lines = [f"{BOLTON},A,9", f"{BOLTON},All,{marker}", f"{BURY},A,9", f"{BURY},All,10"]
    path = written(tmp_path, f"{AREAS},Group,Number", *lines)
    columns = 'count = "number"\nwhere.group = "A"\npopulation_where.group = "All"'
    table = rows(path, entries(columns)).set_index("area_code")
    assert table.loc["E08000001", ["count", "status"]].tolist() == [9, state]


def test_a_hidden_number_is_suppressed(tmp_path):
    path = written(tmp_path, f"{AREAS},Yes", f"{BOLTON},c", f"{BURY},7")
    table = rows(path, entries('count = "yes"', unit="number")).set_index("area_code")
    assert table.loc["E08000001", "status"] == "suppressed"
    assert table.loc["E08000002", "value"] == 7


def test_a_share_without_a_count_has_its_published_value(tmp_path):
    path = written(tmp_path, f"{AREAS},Cohort,Pc", f"{BOLTON},700,4.2")
    row = rows(path, entries('population = "cohort"\nvalue = "pc"')).iloc[0]
    assert (row["value"], row["status"], row["count_status"]) == (4.2, "value", "not_available")


def test_an_average_is_not_divided(tmp_path):
    path = written(tmp_path, f"{AREAS},Score,Pupils", f"{BOLTON},17.3,100")
    row = rows(path, entries('value = "score"\npopulation = "pupils"', unit="score")).iloc[0]
    assert (row["value"], row["unit"], row["population"]) == (17.3, "score", 100)


def test_shares_of_1_are_read_as_percentages_where_counts_show_that_they_are(tmp_path):
    lines = [f"{ENGLAND},1000,2000,0.5", f"{BOLTON},c,12,0.25", f"{BURY},2,8,0.25"]
    path = written(tmp_path, f"{AREAS},Yes,All,Yes_pc", *lines)
    with gathered() as said:
        table = rows(path, entries('count = "yes"\npopulation = "all"\nvalue = "yes_pc"'))
    assert table.set_index("area_name")["value"].to_dict() == {
        "Bolton": 25,
        "Bury": 25,
        "England": 50,
    }
    assert any("shares of 1" in each for each in said)
    # Percentages below 1 stay percentages.
    path = written(tmp_path, f"{AREAS},Yes,All,Yes_pc", f"{BOLTON},1,200,0.5", f"{BURY},c,9,0.6")
    table = rows(path, entries('count = "yes"\npopulation = "all"\nvalue = "yes_pc"'))
    assert table["value"].tolist() == [0.5, 0.6]


def test_shares_of_1_or_percentages_without_counts_have_no_figure(tmp_path):
    years = range(2014, 2026)
    lines = [f"{year}{BOLTON.removeprefix('2025')},0.{year - 2010}" for year in years]
    path = written(tmp_path, f"{AREAS},Yes_pc", *lines)
    with gathered() as said:
        table = rows(path, entries('value = "yes_pc"'))
    assert set(table["status"]) == {"not_available"}
    assert table[["value", "published_value"]].isna().all(axis=None)
    assert any("multiply the column by 100" in each for each in said)


def test_a_count_below_zero_is_no_figure_and_one_above_its_denominator_is_named(tmp_path):
    lines = [f"{BOLTON},-5,10", f"{BURY},30,20", f"{ENGLAND},3,4"]
    path = written(tmp_path, f"{AREAS},Yes,All", *lines)
    with gathered() as said:
        table = rows(path, entries('count = "yes"\npopulation = "all"')).set_index("area_name")
    assert table.loc["Bolton", ["count_status", "status"]].tolist() == ["not_available"] * 2
    assert table["value"].dropna().to_dict() == {"Bury": 150, "England": 75}
    assert any("below 0" in each for each in said)
    assert any("larger than their denominator (Bury)" in each for each in said)


# ---------------------------------------------------------------- parts, filters and periods
def test_parts_in_columns_and_parts_in_rows(tmp_path):
    wide = written(tmp_path, f"{AREAS},All,A,B", f"{BOLTON},10,4,c")
    table = rows(wide, entries('population = "All"\nparts = { "First" = "A", "Second" = "B" }'))
    assert table[["breakdown", "count_status"]].to_numpy().tolist() == [
        ["First", "value"],
        ["Second", "suppressed"],
    ]
    long = written(
        tmp_path,
        f"{AREAS},Group,Number",
        f"{BOLTON},Total,10",
        f"{BOLTON},First,4",
        f"{BOLTON},Second,6",
        name="long.csv",
    )
    columns = 'count = "number"\nby = "group"\nleave = ["Total"]\npopulation_where.group = "Total"'
    table = rows(long, entries(columns))
    assert table[["breakdown", "value"]].to_numpy().tolist() == [["First", 40.0], ["Second", 60.0]]


def test_filters_choose_rows_in_any_case_and_the_denominator_is_a_row_of_its_own(tmp_path):
    lines = [f"{BOLTON},In Suitable,9", f"{BOLTON},All,12", f"{BOLTON},Other,3"]
    path = written(tmp_path, f"{AREAS},Breakdown,Number", *lines)
    columns = (
        'count = "number"\nwhere.breakdown = ["In suitable"]\npopulation_where.breakdown = "all"'
    )
    (row,) = rows(path, entries(columns)).to_dict("records")
    assert (row["count"], row["population"], row["value"]) == (9, 12, 75.0)


@pytest.mark.parametrize(
    ("printed", "kind", "year", "words"),
    [
        ("202425", "academic year", 2025, "academic year 2024/25"),
        ("2024/25", "financial year", 2025, "financial year 2024/25"),
        ("2025", "calendar year", 2025, "calendar year 2025"),
        ("199900", "academic year", None, None),
        ("202426", "academic year", None, None),
    ],
)
def test_the_year_is_that_in_which_the_period_ends(tmp_path, printed, kind, year, words):
    place = f"{printed},{kind},Local authority,,350,E08000001,Bolton"
    path = written(tmp_path, f"{AREAS},Yes,All", f"{place},1,2", f"{BURY},1,2", f"{ENGLAND},1,2")
    table = rows(path, entries('count = "yes"\npopulation = "all"', period=kind))
    found = table[table["area_code"] == "E08000001"]
    if year is None:
        assert found.empty
    else:
        assert found[["year", "period"]].to_numpy().tolist() == [[year, words]]


def test_rows_of_other_levels_and_strange_areas_are_left_out_and_named(tmp_path):
    school = "2025,Reporting year,School,,350,E08000001,A school"
    nowhere = "2025,Reporting year,Local authority,,999,E99999999,Nowhere"
    good = [f"{place},1,2" for place in (BOLTON, BURY, ENGLAND)]
    path = written(tmp_path, f"{AREAS},Yes,All", *good, f"{school},1,2", f"{nowhere},1,2")
    with gathered() as said:
        table = rows(path, entries('count = "yes"\npopulation = "all"'))
    assert sorted(table["area_name"]) == ["Bolton", "Bury", "England"]
    assert any("E99999999" in each for each in said)


def test_two_rows_that_disagree_have_no_figure_and_two_that_agree_are_one(tmp_path):
    path = written(
        tmp_path, f"{AREAS},Yes,All", f"{BOLTON},1,2", f"{BOLTON},2,2", *[f"{BURY},1,2"] * 2
    )
    with gathered() as said:
        table = rows(path, entries('count = "yes"\npopulation = "all"')).set_index("area_code")
    assert table.loc["E08000001", "status"] == "not_available"
    assert table.loc["E08000001", ["count", "value"]].isna().all()
    assert table.loc["E08000002", "value"] == 50
    assert any("different figures" in each for each in said)


def test_a_layout_without_rows_gives_way_to_the_next(tmp_path):
    path = written(tmp_path, f"{AREAS},Kind,Number,All", f"{BOLTON},New,3,6")
    columns = (
        'count = "number"\npopulation = "all"\nwhere.kind = "Old"\n[[tested.columns]]\n'
        'count = "number"\npopulation = "all"\nwhere.kind = "New"'
    )
    assert rows(path, entries(columns))["value"].tolist() == [50]


# ---------------------------------------------------------------- files
def test_a_file_that_no_entry_wants_is_an_error_that_names_its_headings(tmp_path):
    path = written(tmp_path, f"{AREAS},Teachers", f"{BOLTON},3")
    with pytest.raises(OtherTableError, match=r"'Teachers'.*bolton-jsna indicators"):
        rows(path, entries('count = "yes"'))


def test_headings_without_the_groups_are_an_error(tmp_path):
    path = written(tmp_path, f"{AREAS},Kind,Number", f"{BOLTON},Other,3")
    with pytest.raises(OtherTableError, match="no row"):
        rows(path, entries('count = "number"\nwhere.kind = "This"'))


def test_a_column_of_words_is_an_error_not_a_table_of_gaps(tmp_path):
    path = written(tmp_path, f"{AREAS},Yes,All", f"{BOLTON},many,2", f"{BURY},few,2")
    with pytest.raises(SchemaError, match="'few'"):
        rows(path, entries('count = "yes"\npopulation = "all"'))


REAL = ["d3_plans.csv", AREAS + ",CPP_start,CPP_subsequent,CPP_subsequent_percent"]


def test_plain_gzipped_and_zipped_files_are_read_alike_and_the_rest_of_a_zip_is_named(tmp_path):
    name, header = REAL
    plain = written(tmp_path, header, f"{BOLTON},400,80,20", name=name)
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(plain, f"data/{name}")
        file.writestr("data/c6_other.csv", f"{AREAS},Teachers\n{BOLTON},3\n")
        file.writestr("guidance.txt", "Notes\n")
    expected = indicators.read(plain)
    assert len(expected)
    assert indicators.read(packed).equals(expected)
    with gathered() as said:
        assert indicators.read(archive).equals(expected)
    assert any("c6_other.csv" in each for each in said)


def test_every_sheet_of_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    for year in (2024, 2025):
        sheet = book.create_sheet(str(year))
        sheet.append(f"{AREAS},Yes,All".split(","))
        sheet.append([year, *BOLTON.split(",")[1:], year - 2000, 100])
    book.save(tmp_path / "book.xlsx")
    table = rows(tmp_path / "book.xlsx", entries('count = "yes"\npopulation = "all"'))
    assert dict(zip(table["year"], table["count"], strict=True)) == {2024: 24, 2025: 25}
    assert set(table["release"]) == {"2025"}


def test_semicolons_separate_cells_and_spaces_that_do_not_break_are_spaces(tmp_path):
    lines = [f"{AREAS},Kind,Yes", f"{BOLTON},In\u00a0need ,3", f"{BURY},IN  need,4"]
    path = written(tmp_path, *(each.replace(",", ";") for each in lines))
    table = rows(path, entries('count = "yes"\nwhere.kind = "In need"', unit="number"))
    assert table["count"].tolist() == [3, 4]
    # Those of a title do not.
    path = written(tmp_path, "Children; in need; 2025", *lines)
    again = rows(path, entries('count = "yes"\nwhere.kind = "In need"', unit="number"))
    assert again["count"].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("unit", "columns", "one", "other"),
    [
        # Only the count differs: children aged 0-17 are not in the file, or the shares are equal.
        ("per 10,000", 'count = "yes"', "Male,3,", "Total,7,"),
        ("per cent", 'count = "yes"\npopulation = "all"', "Male,5,10", "Total,10,20"),
        # One of two rows is hidden: the other is not the hidden one's figure.
        ("per cent", 'count = "yes"\npopulation = "all"', "Total,c,20", "Male,3,10"),
    ],
)
def test_rows_of_a_group_that_the_dictionary_does_not_name_have_no_figure(
    tmp_path, unit, columns, one, other
):
    for first, second in ((one, other), (other, one)):
        path = written(
            tmp_path,
            f"{AREAS},Sex,Yes,All",
            f"{BOLTON},{first}",
            f"{BOLTON},{second}",
            f"{BURY},Total,1,2",
        )
        with gathered() as said:
            table = rows(path, entries(columns, unit=unit)).set_index("area_code")
        assert table.loc["E08000001", ["count", "population", "value"]].isna().all()
        assert table.loc["E08000001", "count_status"] == "not_available"
        assert table.loc["E08000002", "count"] == 1
        assert any("tested" in each and "a column of sex" in each for each in said)


@pytest.mark.parametrize("others", [("12", "20"), ("c", "20")])
def test_two_denominators_that_disagree_are_no_denominator(tmp_path, others):
    lines = [f"{BOLTON},A,9", *(f"{BOLTON},All,{each}" for each in others)]
    path = written(tmp_path, f"{AREAS},Group,Number", *lines, f"{BURY},A,9", f"{BURY},All,10")
    columns = 'count = "number"\nwhere.group = "A"\npopulation_where.group = "All"'
    with gathered() as said:
        table = rows(path, entries(columns)).set_index("area_code")
    assert table.loc["E08000001", ["population", "value"]].isna().all()
    assert table.loc["E08000001", ["count", "status"]].tolist() == [9, "not_available"]
    assert table.loc["E08000002", "value"] == 90
    assert any("different denominators" in each for each in said)


def test_a_figure_may_be_under_one_of_two_codes_of_an_area(tmp_path):
    place = "2025,Reporting year,Local authority,,370,{},Barnsley"
    lines = [f"{place.format('E08000016')},30,120", f"{place.format('E08000038')},z,z"]
    for given in (lines, lines[::-1]):
        path = written(tmp_path, f"{AREAS},Yes,All", *given)
        (row,) = rows(path, entries('count = "yes"\npopulation = "all"')).to_dict("records")
        assert (row["area_code"], row["count"], row["value"]) == ("E08000016", 30, 25)


# ---------------------------------------------------------------- Fingertips
TIPS = (
    "Indicator ID,Area Code,Area Type,Sex,Age,Category Type,Time period,Value,Count,Denominator,"
    "Value note"
)


def test_fingertips_is_read_by_number_sex_and_age(tmp_path):
    lines = [
        "90284,E08000001,UA,Persons,<15 yrs,,2023/24,80.8,495,61274,",
        "90284,E08000001,UA,Male,<15 yrs,,2023/24,90.0,250,30000,",
        "90284,E92000001,England,Persons,<15 yrs,Deciles,2023/24,80.8,495,61274,",
        "90284,E08000002,UA,Persons,<15 yrs,,2023/24,,,61274,Suppressed: small count",
        "90284,E07000223,District,Persons,<15 yrs,,2023/24,1,2,3,",
        "99999,E08000001,UA,Persons,All,,2023/24,1,2,3,",
    ]
    path = written(tmp_path, TIPS, *lines)
    known = entries('fingertips = "90284"', unit="per 10,000", period="financial year")
    with gathered() as said:
        table = rows(path, known).set_index("area_code")
    assert list(table.index) == ["E08000001", "E08000002"]
    bolton = table.loc["E08000001"]
    assert (bolton["count"], bolton["population"]) == (495, 61274)
    assert bolton["value"] == pytest.approx(80.785, abs=1e-3)
    assert bolton["period"] == "financial year 2023/24"
    assert table.loc["E08000002", "status"] == "suppressed"
    assert any("E07000223" in each for each in said)
    assert any("99999" in each for each in said)


# ---------------------------------------------------------------- the dictionary
def test_every_entry_says_what_a_reader_must_know():
    for each in dictionary().values():
        assert each.title, each.id
        assert each.definition.endswith("."), each.id
        assert each.numerator or each.unit not in {"per cent", "per 10,000"}, each.id
        assert each.denominator or each.unit not in {"per cent", "per 10,000"}, each.id
        assert each.better in {"", "lower", "higher"}, each.id
        assert 2000 < each.first <= each.last, each.id
        assert each.columns or each.figures, each.id


def test_a_name_is_the_only_one_of_its_title():
    titles = [(each.title, each.subject) for each in dictionary().values()]
    assert len(set(titles)) == len(titles)


def test_the_table_has_the_columns_of_its_schema(tmp_path):
    path = written(tmp_path, f"{AREAS},Yes,All", f"{BOLTON},1,2")
    table = rows(path, entries('count = "yes"\npopulation = "all"'))
    assert list(table.columns) == schemas.SCHEMAS["indicators"].names
