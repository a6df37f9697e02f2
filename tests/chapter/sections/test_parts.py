"""The words that several sections have in common."""

import pytest

from bolton_jsna.chapter.sections import _parts


@pytest.mark.parametrize(
    ("inside", "every", "words"),
    [
        (31, 177, "31 of the 177 LSOAs of Bolton (17.5 per cent) are"),
        (1, 177, "1 of the 177 LSOAs of Bolton (0.6 per cent) is"),
        (0, 177, "None of the 177 LSOAs of Bolton is"),
        (1, 1, "The only LSOA of Bolton is"),
        (0, 1, "The only LSOA of Bolton is not"),
        (1200, 1500, "1,200 of the 1,500 LSOAs of Bolton (80.0 per cent) are"),
    ],
)
def test_how_many_lsoas_are_in_a_share(inside: int, every: int, words: str) -> None:
    row = {"lsoas_in_share": inside, "lsoas": every, "percent_lsoas": 100 * inside / every}
    assert _parts.lsoas_in(row, "Bolton") == words
