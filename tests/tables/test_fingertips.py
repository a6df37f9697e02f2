"""What Fingertips prints becomes the figures and states of the table of children in need."""

import pytest

from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import fingertips

HEAD = (
    "Indicator ID,Area Code,Sex,Category Type,Time period,Value,Count,Denominator,Value note,"
    "Compared to Regions (statistical) value or percentiles"
)


@pytest.fixture
def read(tmp_path):
    def read(*rows, head=HEAD, **options):
        path = tmp_path / "fingertips.csv"
        path.write_bytes("\r\n".join([head, *rows, ""]).encode())
        return fingertips.read(path, **options)

    return read


@pytest.mark.parametrize(
    ("figures", "status", "rate_status"),
    [
        (",,75599,Value suppressed for disclosure control due to small count", *["suppressed"] * 2),
        ("*,,75599,", *["suppressed"] * 2),
        (",,75599,Value not published for data quality reasons", *["not_available"] * 2),
        ("-1,-1,75599,", *["not_available"] * 2),
        ("10.5,,75599,", "not_available", "value"),
        ("0,0,75599,", "value", "value"),
    ],
)
def test_a_figure_that_is_not_there_keeps_its_reason(read, figures, status, rate_status):
    row = read(f"90886,E08000001,Persons,,2024/25,{figures},").iloc[0]
    assert (row["status"], row["published_rate_status"]) == (status, rate_status)
    assert (row["year"], row["population"]) == (2025, 75599)


def test_rows_that_part_the_same_children_again_are_left_out(read):
    frame = read(
        "90803,E92000001,Persons,,2024/25,70.1,80000,11000000,,",
        "90803,E92000001,Persons,,2024/25,70.1,80000,11000000,,Not compared",
        "90803,E92000001,Persons,Deprivation deciles,2024/25,99,9000,900000,,",
        "90803,E92000001,Male,,2024/25,71,41000,5600000,,",
        "93000,E92000001,Persons,,2024/25,1,1,1,,",
        dataset="fingertips",
    )
    assert frame["count"].tolist() == [80_000]
    assert frame["source"].tolist() == ["fingertips@2025"]


def test_an_authority_under_two_codes_stands_once(read):
    frame = read(
        "90803,E08000016,Persons,,2023/24,,,50000,,",
        "90803,E08000038,Persons,,2023/24,80,400,50000,,",
    )
    assert frame["area_name"].tolist() == ["Barnsley"]
    assert frame["count"].tolist() == [400]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("90803,E08000001,Persons,,2016 - 18,1,1,1,,", r"periods '2016 - 18'. Expected years"),
        ("90803,E08000001,Persons,,2020/21 Q1,1,1,1,,", r"periods '2020/21 Q1'"),
        ("90803,E08000001,Persons,,2020/22,1,1,1,,", r"periods '2020/22'"),
        (
            "90803,E07000117,Persons,,2020/21,1,1,1,,",
            r"other than .*: E07000117",
        ),
        ("90803,E08000001,Persons,,2020/21,many,1,1,,", r"column 'value' holds 'many'"),
        ("90803,E08000001,Female,,2020/21,1,1,1,,", r"no rows of persons"),
    ],
)
def test_rows_that_are_not_valid_are_rejected(read, row, message):
    with pytest.raises(SchemaError, match=message):
        read(row)


def test_different_figures_and_missing_columns(read):
    with pytest.raises(SchemaError, match=r"two different figures of E08000001 2021 cla"):
        read(*(f"90803,E08000001,Persons,,2020/21,{n},{n},1,," for n in (1, 2)))
    with pytest.raises(SchemaError, match=r"no column 'count', 'denominator'"):
        read(head="Indicator ID,Area Code,Sex,Time period,Value")
