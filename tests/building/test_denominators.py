"""Which edition of the Indices children of LSOAs are modelled from."""

import pandas as pd
import pytest

from bolton_jsna.building import _denominators
from bolton_jsna.core.areas import area


def edition(year: int, children: list[float | None], codes: str = "AB") -> pd.DataFrame:
    numbers = pd.array(children, dtype="Int64")
    return pd.DataFrame({"lsoa_code": list(codes), "children_0_15": numbers, "edition": year})


@pytest.mark.parametrize(
    ("newest", "used"),
    [
        (edition(2025, [10, 20]), 2025),
        (edition(2025, [None, None]), 2019),  # the file of ranks alone
        (edition(2025, [10, None]), 2019),
        (edition(2025, [10, 20], codes="AC"), 2019),  # other LSOAs
    ],
)
def test_children_come_from_the_newest_edition_that_has_them(
    monkeypatch: pytest.MonkeyPatch, newest: pd.DataFrame, used: int
) -> None:
    editions = {2025: newest, 2019: edition(2019, [9, 19])}
    monkeypatch.setattr(_denominators, "load_idaci", lambda place, edition, **_: editions[edition])
    found = _denominators._newest_edition(area("Bury"), editions[2019], None)
    assert found == used
