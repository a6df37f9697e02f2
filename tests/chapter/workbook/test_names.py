"""Names of sheets and tables are unique and taken by every spreadsheet program."""

import pytest

from bolton_jsna.chapter.workbook._names import column_letters, sheet_name, table_name


def test_a_sheet_has_its_number_and_as_many_whole_words_of_its_key_as_fit():
    assert sheet_name(3, "neighbours_referrals") == "3_neighbours_referrals"
    name = sheet_name(12, "a_key_that_is_longer_than_the_name_of_a_sheet")
    assert name == "12_a_key_that_is_longer_than"
    assert len(sheet_name(1, "x" * 90)) == 31


@pytest.mark.parametrize("key", ["cpp2025", "R1C1", "r", "c12", "2025", "", "*?"])
def test_a_table_has_no_name_that_is_a_cell_or_does_not_begin_with_a_letter(key):
    assert table_name(key, set()).startswith("table")


def test_tables_with_one_name_to_a_program_are_told_apart():
    taken = set()
    names = [table_name(each, taken) for each in ("a_b", "A-B", "a b")]
    assert names == ["a_b", "A_B_2", "a_b_3"]


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_columns_past_the_last_letter_have_two(number, letters):
    assert column_letters(number) == letters
