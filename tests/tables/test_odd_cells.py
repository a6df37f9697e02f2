"""A cell of a published table that no figure can be is named, and never met by surprise."""

import re

import pytest

from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import _files, _markers, children_in_need, fingertips, lookups, population

AREA = "time_period,geographic_level,old_la_code,new_la_code,la_name"
BOLTON = "2024,Local authority,350,E08000001,Bolton"
BURY = "2024,Local authority,351,E08000002,Bury"
OLDHAM = "2024,Local authority,353,E08000004,Oldham"
OTHER_DIGITS = "20٣٣"


@pytest.fixture
def read(tmp_path):
    def read(reader, *lines, name="x.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return reader(path)

    return read


def test_part_of_a_child_is_no_count(read, caplog):
    head = f"{AREA},Referrals,Referrals_rate"
    rows = [f"{BOLTON},3803,500.1", f"{BURY},1200,410.5", f"{OLDHAM},518.3,"]
    found = read(children_in_need.read, head, *rows).set_index("area_name")
    assert found["count"].dropna().to_dict() == {"Bolton": 3803, "Bury": 1200}
    assert found.loc["Oldham", "status"] == "not_available"
    assert found.loc["Bolton", "published_rate"] == 500.1
    assert "column 'Referrals' holds '518.3'; expected whole numbers" in caplog.text
    with pytest.raises(SchemaError, match=r"'Referrals' holds '518\.3'; expected whole numbers"):
        read(children_in_need.read, head, rows[0], rows[2])


def test_whole_numbers_are_told_from_others():
    import pandas as pd

    cells = pd.Series(["1,204", "12.0", "1e2", "0.5", "c", "7"])
    value, status = _markers.numbers(cells, column="n", name="x.csv", whole=True)
    assert value.dropna().tolist() == [1204, 12, 100, 7]
    assert status.tolist() == [*["value"] * 3, "not_available", "suppressed", "value"]
    assert _markers.numbers(cells, column="n", name="x.csv")[0][3] == 0.5


def test_a_file_of_footnotes_alone_is_told(read):
    head = f"{AREA},Referrals,Referrals_rate"
    with pytest.raises(SchemaError, match=r"headings and text, but no row of an area"):
        read(children_in_need.read, head, "Source: DfE", "See the guide")


@pytest.mark.parametrize("kind", ["children", "fingertips", "estimates", "projections"])
def test_digits_of_other_scripts_are_no_year(read, kind, caplog):
    if kind == "children":
        rows = [f"{BOLTON},1,2", f"{BURY},1,2", f"{OLDHAM},1,2".replace("2024", OTHER_DIGITS)]
        found = read(children_in_need.read, f"{AREA},Referrals,Referrals_rate", *rows)
        assert found["year"].tolist() == [2024, 2024]
        assert f"time_period has '{OTHER_DIGITS}'" in caplog.text
    elif kind == "fingertips":
        head = "Indicator ID,Area Code,Sex,Time period,Value,Count,Denominator,Value note"
        rows = [f"90803,E0800000{n},Persons,2023/24,1,765,75599," for n in (1, 2)]
        rows.append(f"90803,E08000003,Persons,{OTHER_DIGITS}/٣٤,1,765,75599,")
        assert read(fingertips.read, head, *rows)["year"].tolist() == [2024, 2024]
        assert f"the periods '{OTHER_DIGITS}/٣٤'" in caplog.text
    else:
        year = "date" if kind == "estimates" else "projected_year"
        head = f"geography_code,gender,c_age,{year},obs_value"
        with pytest.raises(SchemaError, match=f"has '{OTHER_DIGITS}'; expected a mid-year"):
            read(population.read, head, f"E08000001,0,101,{OTHER_DIGITS},5")


def test_a_damaged_number_of_records_is_no_surprise(read):
    head = "geography_code,gender,c_age,date,obs_value,record_count"
    rows = [f"E08000001,0,{101 + age},2023,5,3" for age in range(3)]
    whole = read(population.read, head, *rows)
    assert len(whole) == 3
    for odd in ("x", "", "9" * 5000, "²"):
        assert read(population.read, head, rows[0][:-1] + odd, *rows[1:]).equals(whole)
    with pytest.raises(SchemaError, match="'RECORD_COUNT' has 'x'; expected the number"):
        read(population.read, head, *(row[:-1] + "x" for row in rows))
    with pytest.raises(SchemaError, match="has 2 of 3 records"):
        read(population.read, head, rows[0][:-1] + "x", rows[1])


def test_the_same_heading_in_another_case_has_other_figures(read):
    rows = [f"{BOLTON},3803,1", f"{BURY},1200,2"]
    with pytest.raises(SchemaError, match="several columns headed 'Referrals', whose cells differ"):
        read(children_in_need.read, f"{AREA},Referrals,REFERRALS", *rows)
    same = [f"{BOLTON},3803,3803", f"{BURY},1200,"]
    found = read(children_in_need.read, f"{AREA},Referrals,referrals", *same)
    assert found["count"].tolist() == [3803, 1200]


@pytest.mark.parametrize("heading", ["WD24CD", "wd24cd", "Wd24Cd "])
def test_the_same_heading_over_other_codes_is_read_once_and_told(read, caplog, heading):
    head = f"LSOA21CD,WD24CD,LAD24CD,{heading}"
    rows = [f"E0100476{n},E05014818,E08000001,E0501481{n % 2}" for n in range(4)]
    assert set(read(lookups.read, head, *rows)["to_code"]) == {"E05014818"}
    assert "several columns headed 'WD24CD', whose cells differ in 4 rows" in caplog.text


def test_headings_that_repeat_are_numbered_and_never_the_same(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Area,SNP,snp,SNP.1,Snp\nBolton,a,b,c,d\n", encoding="utf-8")
    frame = _files.found_table(path, lambda cells: "area" in cells, expected="a table").frame
    assert len({_files.heading(each) for each in frame.columns}) == 5
    assert frame.iloc[0].tolist() == ["Bolton", "a", "b", "c", "d"]
    assert re.fullmatch(r"snp\.\d", frame.columns[2])


def test_a_table_without_ages_is_told(read):
    head = "AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2022,2023"
    with pytest.raises(SchemaError, match="all ages together only"):
        read(population.read, head, "E08000001,Bolton,Population,persons,All ages,10,10")


@pytest.mark.parametrize("blank", ["", ",,,", " "])
def test_blank_lines_of_code_point_are_passed_over(read, blank):
    row = '"BL1 {}AP",10,371000,409000,"E92000001","","E18000002","","E08000001","E05014818"'
    rows = [row.format(n) for n in range(4)]
    whole = read(lookups.read_postcodes, *rows)
    assert whole["postcode"].tolist() == [f"BL1 {n}AP" for n in range(4)]
    assert read(lookups.read_postcodes, blank, *rows[:2], blank, blank, *rows[2:]).equals(whole)
    with pytest.raises(SchemaError, match="no row has the headings"):
        read(lookups.read_postcodes, ",,,", ",,,")


@pytest.mark.parametrize("code", ["E0100476٣", "E01004763²"])
def test_digits_of_other_scripts_are_no_code(read, caplog, code):
    rows = [f"E0100476{n},E05014818,E08000001" for n in (1, 2)]
    found = read(lookups.read, "LSOA21CD,WD24CD,LAD24CD", *rows, f"{code},E05014818,E08000001")
    assert found["from_code"].tolist() == ["E01004761", "E01004762"]
    assert f"codes that are not valid: '{code}'" in caplog.text


def test_digits_of_other_scripts_are_no_postcode(read, caplog):
    rows = [f"BL1 {digit}AP,E01004768" for digit in "12٣"]
    found = read(lookups.read_postcodes, "pcds,lsoa21cd", *rows)
    assert found["postcode"].tolist() == ["BL1 1AP", "BL1 2AP"]
    assert "has 'BL1 ٣AP'" in caplog.text
