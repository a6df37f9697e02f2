"""Children in need: the quirks of each release in small, and the errors of what is no release."""

import gzip
import logging
import zipfile
from pathlib import Path

import pytest

from bolton_jsna.core.areas import register
from bolton_jsna.core.errors import BoltonJsnaError, SchemaError, SourceError, UsageError
from bolton_jsna.tables import children_in_need
from bolton_jsna.tables.schemas import SCHEMAS

AREA = (
    "time_period,time_identifier,geographic_level,country_code,country_name,"
    "region_code,region_name,old_la_code,new_la_code,la_name"
)
ENGLAND = "Reporting year,National,E92000001,England,,,,,"
BOLTON = (
    "Reporting year,Local authority,E92000001,England,E12000002,North West,350,E08000001,Bolton"
)

C1_OLD = (
    "Referrals,Referrals_rate,Re_referrals,Re_referrals_percent,"
    "Referrals_child,Referrals_child_rate"
)
C1_NEW = "referral_count,rereferral_count,rereferral_percent,referral_child_count"

C1_2022 = f"""{AREA},Category,{C1_OLD}
2022,{ENGLAND},Referrals and Re-referrals,650270,537.7,139500,21.5,576420,476.6
2022,Reporting year,Regional,E92000001,England,E13000001,Inner London,,,,R,38730,604.1,x,z,1,2
2022,{BOLTON},Referrals and Re-referrals,0,823.3,c,c,x,2.0
"""
C1_2025 = f"""{AREA},category,{C1_NEW}
2025,Reporting year,National,E92000001,England,"","",,"","",Referrals,632830,142900,22.6,557810
2025,{BOLTON},Referrals,3803,u,u,k
"""
WIDE_2011 = """geog_l,geog_c,geog_n,CINAt310311,CINRatePer10K,CINAt310311DCI,Referrals1011,\
Referrals1011Rate,CPPIn1011,CPPAt310311,CPPAt310311RatePer10k,Mid2010Pop0-17
National,921,England,"382,400",346.2,,"615,000",556.8,49000,42700,38.7,11045369
LA,350,Bolton,"2,247",358.7,3,"4,108",655.7,289,359,57.3,62646
LA,201,City of London,56,580.9,A,x,311.2,x,x,20.7,964
LA,921,Isle of Wight,..,..,..,P,..,..,..,..,"26,000"
"""
WIDE_2013 = """geog_l,geog_c,new_la_code,geog_n,CINAt310313,CINAt310313RatePer10k,Referrals1213,\
Referrals1213Rate,CPPStart1213,CPPStartRate1213,CPPAt310313,CPPAt310313Rate,Mid2012Pop0-17
National,,E06000046,England,"378,600",332.2,"593,500",520.7,"52,700",46.2,"43,100",37.9,"11,397,500"
LA,390,E08000020,Gateshead,1,2,3,4,5,6,x,x,"40,000"
"""
CLA = AREA.replace("new_la_code,la_name", "la_name,new_la_code")
CLA_2022 = f"""{CLA},population_count,population_estimate,number,rate_per_10000
2022,{ENGLAND},Children looked after at 31 March each year,11886906,82170,69
2022,{ENGLAND},Children starting to be looked after each year,11886906,31010,26
2022,{ENGLAND},Children ceasing to be looked after each year,11886906,30070,25
2022,Reporting year,Local authority,E92000001,England,E12000002,North West,909,Cumbria,E10000006,\
Children looked after at 31 March each year,x,z,z
"""


def write(tmp_path: Path, text: str | bytes, name: str = "cin.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def figure(table, indicator: str, area: str = "Bolton"):
    rows = table[(table["indicator"] == indicator) & (table["area_name"] == area)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_release_with_rates_and_old_names(tmp_path):
    table = children_in_need.read(write(tmp_path, C1_2022, "c1_x_2013_to_2022.csv"))
    assert list(table.columns) == SCHEMAS["children_in_need"].names
    assert set(table["release"]) == {"2022"}
    assert set(table["source"]) == {"children_in_need@2022"}
    assert set(table["area_level"]) == {"country", "region", "authority"}
    england = figure(table, "referrals", "England")
    assert (england["count"], england["published_rate"]) == (650270, 537.7)
    # Zero is a value; a hidden count is not zero; a count may be unknown whose rate is printed.
    bolton = figure(table, "referrals")
    assert (bolton["count"], bolton["status"]) == (0, "value")
    assert figure(table, "re_referrals")["status"] == "suppressed"
    assert table["count"].isna().sum() == 3
    children = figure(table, "referred_children")
    assert (children["status"], children["published_rate_status"]) == ("not_available", "value")
    assert figure(table, "re_referrals", "Inner London")["status"] == "not_available"
    # No percentage is taken for a rate.
    assert figure(table, "re_referrals", "England")["published_rate_status"] == "not_available"


def test_the_release_of_2025_with_new_names_no_rates_and_a_mark(tmp_path):
    file = write(tmp_path, b"\xef\xbb\xbf" + C1_2025.encode(), "c1.csv")
    table = children_in_need.read(file)
    assert set(table["release"]) == {"2025"}
    assert figure(table, "referrals")["count"] == 3803
    assert figure(table, "re_referrals")["status"] == "low"
    assert figure(table, "referred_children")["status"] == "rounds_to_zero"
    assert set(table["published_rate_status"]) == {"not_available"}
    assert table["published_rate"].isna().all()


def test_gzip_zip_and_latin_1_are_read_alike(tmp_path):
    text = C1_2022.replace("Referrals and Re-referrals", "R\xe9f\xe9rrals").encode("cp1252")
    plain = children_in_need.read(write(tmp_path, text, "a_to_2022.csv"))
    packed = write(tmp_path, gzip.compress(text), "a_to_2022.csv.gz")
    with zipfile.ZipFile(tmp_path / "a_to_2022.zip", "w") as archive:
        archive.writestr("c1.csv", text)
    assert children_in_need.read(packed).equals(plain)
    assert children_in_need.read(tmp_path / "a_to_2022.zip").equals(plain)


def test_the_old_wide_files_by_number_with_their_markers(tmp_path):
    table = children_in_need.read(write(tmp_path, WIDE_2011))
    assert set(table["release"]) == {"2011"}
    assert set(table["year"]) == {2011}
    bolton = figure(table, "referrals")
    assert (bolton["area_code"], bolton["count"], bolton["published_rate"]) == (
        "E08000001",
        4108,
        655.7,
    )
    assert bolton["population"] == 62646
    assert figure(table, "cpp_started")["published_rate_status"] == "not_available"
    assert figure(table, "cin_at_31_march")["published_rate"] == 358.7
    # "x" hides 1 to 5 here, and the rate beside it was printed all the same.
    city = figure(table, "referrals", "City of London")
    assert (city["status"], city["published_rate"]) == ("suppressed", 311.2)
    assert figure(table, "referrals", "Isle of Wight")["status"] == "not_available"
    # England carries the number of the Isle of Wight.
    assert figure(table, "referrals", "England")["count"] == 615000


def test_the_wrong_code_of_england_in_2012_13_and_the_old_code_of_gateshead(tmp_path):
    table = children_in_need.read(write(tmp_path, WIDE_2013))
    england = figure(table, "cpp_started", "England")
    assert (england["area_code"], england["count"]) == ("E92000001", 52700)
    gateshead = figure(table, "cpp_at_31_march", "Gateshead")
    assert (gateshead["area_code"], gateshead["status"]) == ("E08000037", "suppressed")
    assert gateshead["published_rate_status"] == "suppressed"


def test_children_looked_after_have_their_own_source_and_population(tmp_path):
    table = children_in_need.read(write(tmp_path, CLA_2022))
    assert set(table["source"]) == {"children_looked_after@2022"}
    england = figure(table, "cla_at_31_march", "England")
    assert (england["count"], england["population"], england["published_rate"]) == (
        82170,
        11886906,
        69,
    )
    cumbria = figure(table, "cla_at_31_march", "Cumbria")
    assert cumbria["status"] == "not_applicable"
    assert table["population"].isna().sum() == 1


def test_england_alone_in_the_national_series(tmp_path):
    head = "time_period,time_identifier,geographic_level,country_code,country_name,category"
    text = f"""{head},category_type,number,rate,percent
2022,Reporting year,National,E92000001,England,Referrals,Referrals in the year,650270,537.7,z
2022,Reporting year,National,E92000001,England,Referrals,Referral - No Further Action,49430,z,7.6
2022,Reporting year,National,E92000001,England,CPP,Something new,1,2,3
"""
    table = children_in_need.read(write(tmp_path, text))
    assert list(table["indicator"]) == ["referrals", "referrals_no_further_action"]
    assert list(table["published_rate_status"]) == ["value", "not_applicable"]


def two_codes(first: str, second: str) -> str:
    row = "Reporting year,Local authority,E92000001,England,E12000003,Yorkshire and The Humber,370"
    head = f"{AREA},category,CPP_start,CPP_subsequent"
    rows = [f"2025,{row},E08000016,Barnsley,P,{first}", f"2025,{row},E08000038,Barnsley,P,{second}"]
    return "\n".join([head, *rows])


@pytest.mark.parametrize("other", ["z,z", "x,x", "420,81"])
def test_barnsley_under_two_codes_is_one_place(tmp_path, other):
    for text in (two_codes("420,81", other), two_codes(other, "420,81")):
        table = children_in_need.read(write(tmp_path, text))
        assert list(table["area_code"]) == ["E08000016", "E08000016"]
        assert list(table["count"]) == [81, 420]


def test_two_codes_that_disagree_are_rejected(tmp_path):
    with pytest.raises(
        SchemaError, match=r"two rows for E08000016 in 2025 with different cpp_started"
    ):
        children_in_need.read(write(tmp_path, two_codes("420,81", "421,81")))


def test_the_number_and_name_outweigh_a_wrong_code(tmp_path):
    text = C1_2025.replace("350,E08000001,Bolton", "350,E08000002,Bolton")
    assert figure(children_in_need.read(write(tmp_path, text)), "referrals")["count"] == 3803
    text = C1_2025.replace("350,E08000001,Bolton", "350,E08000002,Salford")
    with pytest.raises(SchemaError, match=r"code, number and name disagree: .*E08000002 Salford"):
        children_in_need.read(write(tmp_path, text))


def test_every_authority_of_the_register_is_found_by_each_of_its_codes(tmp_path):
    places = [each for each in register() if each.level == "authority"]
    rows = [
        f"2025,Reporting year,Local authority,E92000001,England,,,{each.dfe_number},{code},"
        f'"{each.name}",P,7,1'
        for each in places
        for code in each.codes
    ]
    text = "\n".join([f"{AREA},category,CPP_start,CPP_subsequent", *rows])
    table = children_in_need.read(write(tmp_path, text))
    found = table.loc[table["indicator"] == "cpp_started", "area_code"]
    assert sorted(found) == sorted(each.code for each in places)


def test_an_unknown_area_is_named(tmp_path):
    text = C1_2025.replace("350,E08000001,Bolton", "999,E08000099,Boltonia")
    with pytest.raises(
        SchemaError, match=r"not in the register.*Local authority E08000099 Boltonia"
    ):
        children_in_need.read(write(tmp_path, text))


def test_a_wrong_release_is_told_by_the_columns(tmp_path):
    new = write(tmp_path, C1_2025, "c1_referrals_2013_to_2025.csv")
    with pytest.raises(SchemaError) as caught:
        children_in_need.read(new, release="2022")
    assert str(caught.value) == (
        "'c1_referrals_2013_to_2025.csv' has no column 'Referrals'. It has 'referral_count', "
        "'rereferral_count', 'rereferral_percent', 'referral_child_count'. That is the layout of "
        "releases from 2025 on: load it with release='2025', or let the release be detected."
    )
    old = write(tmp_path, C1_2022, "c1_referrals_2013_to_2022.csv")
    with pytest.raises(SchemaError, match=r"no column 'referral_count'.*release='2022'"):
        children_in_need.read(old, release=2025)
    with pytest.raises(SchemaError, match=r"no column 'Referrals1112'.*release='2011'"):
        children_in_need.read(write(tmp_path, WIDE_2011), release="2012")
    with pytest.raises(SchemaError, match=r"rows to 2022, so it is not the release of 2020"):
        children_in_need.read(old, release="2020")
    with pytest.raises(SchemaError, match=r"has 2022 in its name"):
        children_in_need.read(old, release="2023")
    assert set(children_in_need.read(new, release=2025)["release"]) == {"2025"}
    with pytest.raises(UsageError, match=r"release='last' is not a year"):
        children_in_need.read(new, release="last")


def test_a_cut_file_keeps_the_release_of_its_name_or_asks_for_it(tmp_path):
    cut = C1_2025.replace("2025,Reporting", "2021,Reporting")
    named = children_in_need.read(write(tmp_path, cut, "c1_referrals_2013_to_2025.csv"))
    assert set(named["release"]) == {"2025"}
    assert set(named["year"]) == {2021}
    unnamed = write(tmp_path, cut)
    with pytest.raises(SchemaError, match=r"its release is not known. Pass release='2025'"):
        children_in_need.read(unnamed)
    assert set(children_in_need.read(unnamed, release="2026")["release"]) == {"2026"}


D1 = f"{AREA},CPP_start,CPP_At31\n2025,{BOLTON},12,3\n"


@pytest.mark.parametrize("name", ["d1_plans_2013_to_2026.csv", "children_in_need_2026.csv"])
def test_a_later_year_in_the_name_gives_no_precedence(tmp_path, caplog, name):
    table = children_in_need.read(write(tmp_path, D1, name))
    assert set(table["release"]) == {"2025"}
    assert "has the release 2026, but its rows end in 2025" in caplog.text
    titled = write(tmp_path, f"Children in need: release 2026\n{D1}")
    assert set(children_in_need.read(titled)["release"]) == {"2025"}
    assert "has the release 2026" in caplog.text
    # Anyone who knows better can give the release.
    named = children_in_need.read(write(tmp_path, D1, name), release="2026")
    assert set(named["release"]) == {"2026"}


@pytest.mark.parametrize(
    "title",
    [
        "Children in need release 2022",
        "Children in need: reporting year 2021-22",
        "Child protection plans 2013 to 2022,,Source: DfE",
        "Children in need 2013-2022",
        "Children in need, 2013 \u2013 22",
        "Year ending 31 March 2022",
    ],
)
def test_a_title_of_an_earlier_release_contradicts_the_rows(tmp_path, title):
    with pytest.raises(SchemaError, match="rows of 2025, but its title has the release 2022"):
        children_in_need.read(write(tmp_path, f"{title}\n{D1}"))
    right = title.replace("2021-22", "2024-25").replace("2022", "2025").replace(" 22", " 25")
    table = children_in_need.read(write(tmp_path, f"{right}\n{D1}"))
    assert set(table["release"]) == {"2025"}


def test_a_name_of_an_earlier_release_contradicts_the_rows(tmp_path):
    with pytest.raises(SchemaError, match="rows of 2025, but its name has the release 2022"):
        children_in_need.read(write(tmp_path, D1, "d1_children_in_need_2022.csv"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (C1_2022.replace(",Referrals,", ",Refs,"), "has no column 'Referrals'. It has 'Refs'"),
        (WIDE_2011.replace("CPPIn1011", "Plans"), "has no column 'CPPStart1011'"),
        (C1_2022.replace("time_period", "period"), "no row has the headings of any known edition"),
        (C1_2022.replace("823.3", "?").replace("537.7", "?"), "column 'Referrals_rate' holds '?'"),
        (C1_2022.replace("2022,", "202122,"), "time_period has '202122'"),
        (C1_2022.splitlines()[0], "has headings but no rows"),
        (f"{AREA},deaths\n2022,{BOLTON},3\n", "no known figures of children in need"),
        (WIDE_2011.replace("CINAt310311,", "CINThro1112,"), "have 2 years"),
        (CLA_2022.replace("starting", "who start"), "no rows of cla_started"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, text, message):
    with pytest.raises(SchemaError) as caught:
        children_in_need.read(write(tmp_path, text))
    assert message in str(caught.value)
    assert "cin.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "is a web page"),
        (gzip.compress(C1_2022.encode())[:-20], "is damaged"),
        (b"PK\x03\x04 and nothing more", "is damaged"),
    ],
)
def test_bytes_that_are_no_table_are_refused(tmp_path, content, message):
    with pytest.raises(SourceError, match=message):
        children_in_need.read(write(tmp_path, content))
    with pytest.raises(BoltonJsnaError, match="There is no file"):
        children_in_need.read(tmp_path / "missing.csv")


def test_a_figure_that_has_gone_is_logged_not_fatal(tmp_path, caplog):
    text = C1_2022.replace("Re_referrals,", "Other,")
    with caplog.at_level(logging.INFO, logger="bolton_jsna"):
        table = children_in_need.read(write(tmp_path, text))
    assert set(table["indicator"]) == {"referrals", "referred_children"}
    assert "no re_referrals is read" in caplog.text


def test_the_indicators_that_others_rely_on():
    assert {
        *("referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march"),
        *("cla_at_31_march", "cla_started", "cla_ceased"),
    } <= set(children_in_need.indicators())
