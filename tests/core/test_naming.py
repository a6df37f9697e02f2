"""File names of others can lead nowhere and keep what tells them apart."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.naming import safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\evil.csv", "evil.csv"),
        (".hidden.csv", "hidden.csv"),
        ("a b;rm -rf $HOME.csv", "a_b_rm_-rf_HOME.csv"),
        ("ä\x00\n.csv", "a_.csv"),
        ("", "file"),
        ("..", "file"),
    ],
)
def test_file_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


@given(st.text(max_size=200), st.sampled_from(["", "csv", "zip"]))
def test_whatever_the_name_the_file_stays_in_its_folder(name, ending):
    safe = safe_name(name, ending=ending)
    assert safe
    assert len(safe) <= 120
    assert set(safe) <= set(string.ascii_letters + string.digits + "._-")
    assert not safe.startswith((".", "_", "-"))
    assert safe_name(safe, ending=ending) == safe
    assert not ending or safe.endswith(f".{ending}")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.org/media/1/File_7%20(2).csv", "File_7_2_.csv"),
        ("https://example.org/a/Table.CSV?download=1#top", "Table.csv"),
        ("https://example.org/data/", "data.csv"),
        ("..%2F..\\.ssh/authorized_keys", "authorized_keys.csv"),
        ("../", "file.csv"),
    ],
)
def test_an_address_gives_its_last_part_with_the_ending_that_is_wanted(address, safe):
    assert safe_name(address, ending="csv") == safe


def test_of_a_long_name_the_end_is_kept():
    assert safe_name("x" * 200 + "_2025.csv", ending="csv").endswith("x_2025.csv")
