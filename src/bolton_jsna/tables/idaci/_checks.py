"""Check the ranks, deciles and scores of IDACI against each other."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.errors import some
from bolton_jsna.tables.idaci._editions import EDITIONS, LSOAS
from bolton_jsna.tables.reader_notes import MOST, leave_out

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MIXED: Final = 0.02
"""If this share of the figures does not follow from the ranks, two editions are mixed."""

_DECIMALS: Final = 3
_ROUNDING: Final = 0.0011
"""Scores are published with three decimals: two that differ by this much may be equal."""

_WIDEST: Final = 0.1
"""At most a few hundred LSOAs have the same score: far fewer than this share of all ranks."""

_BOUNDS: Final = {"idaci_score": (0, 1), "idaci_decile": (1, 10), "children_0_15": (0, 99_999)}
_ADVICE: Final = {
    "idaci_score": "Expected shares from 0 to 1, not percentages.",
    "idaci_decile": "Expected whole numbers from 1 to 10.",
    "children_0_15": "Expected numbers of children, 0 or more.",
}


def with_possible_cells(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return a file's rows with impossible figures as missing."""
    frame = frame.copy()
    for column, (least, most) in _BOUNDS.items():
        if column not in frame.columns:
            continue
        values = frame[column]
        wrong = values.notna() & ~values.between(least, most)
        if column != "idaci_score":
            wrong |= values.notna() & (values % 1 != 0)
        found = some(f"{each:g}" for each in values[wrong].unique())
        _leave_out(wrong, f"{name!r}: column {column!r} holds {found}.", _ADVICE[column])
        frame[column] = values.mask(wrong)
    if "area_code" in frame.columns:
        known = {each for each in frame["area_code"].unique() if _is_district(each)}
        wrong = ~frame["area_code"].isin(known)
        found = some(map(repr, frame.loc[wrong, "area_code"].unique()))
        text = f"{name!r}: LSOAs have the district code {found}, so their authority is not known."
        _leave_out(wrong, text, "Expected codes such as E08000001.")
        frame["area_code"] = frame["area_code"].mask(wrong)
    if "lsoa_name" in frame.columns:
        frame["lsoa_name"] = frame["lsoa_name"].mask(frame["lsoa_name"] == "")
    return frame


def _is_district(code: str) -> bool:
    return bool(re.fullmatch(r"[EWNSK][0-9]{8}", code)) or find_area(code) is not None


def _leave_out(wrong: pd.Series, problem: str, advice: str) -> None:
    leave_out(int(wrong.sum()), len(wrong), said=problem, advice=advice, what="figures")


def ranked(frame: pd.DataFrame, edition: int, names: str) -> pd.DataFrame:
    """Check the ranks and deciles, and add the deciles where they are not printed."""
    # An LSOA with an impossible rank keeps its row, because its children are still counted.
    import numpy as np

    last = LSOAS[edition]
    rank = frame["idaci_rank"]
    wrong = ~rank.between(1, last) | (rank % 1 != 0)
    if wrong.any():
        row = frame[wrong].iloc[0]
        leave_out(
            int(wrong.sum()),
            len(frame),
            said=f"{names}: rank {row['idaci_rank']:g} of {row['lsoa_code']} is not possible "
            f"({int(wrong.sum())} cases).",
            advice=f"Expected whole numbers from 1 to {last:,}, the LSOAs of {edition}.",
            what="ranks",
            most=MOST,
        )
    rank = rank.mask(wrong)
    decile = np.ceil(rank * 10 / last)
    printed = frame.get("idaci_decile", decile).fillna(decile).mask(wrong)
    unlike = (printed - decile).abs() > EDITIONS[edition].decile_tolerance
    if unlike.any():
        row = frame[unlike].iloc[0]
        leave_out(
            int(unlike.sum()),
            len(frame),
            said=f"{names}: decile {row['idaci_decile']:g} of {row['lsoa_code']} does not follow "
            f"from its rank {row['idaci_rank']:g} of {last:,} ({int(unlike.sum())} cases).",
            advice="The columns may be of different editions; download the file again.",
            what="ranks and deciles",
            most=_MIXED,
        )
    return frame.assign(idaci_rank=rank.mask(unlike), idaci_decile=printed.mask(unlike))


def with_scores_by_rank(frame: pd.DataFrame, edition: int, names: str) -> pd.DataFrame:
    """Check scores by ranks: ranks are made from scores, so scores fall as ranks rise."""
    # If the score and the rank of an LSOA cannot both be right, neither is used.
    import numpy as np

    if "idaci_score" not in frame.columns:
        return frame
    both = frame[frame["idaci_score"].notna() & frame["idaci_rank"].notna()]
    both = both.sort_values(["idaci_rank", "idaci_score"], ascending=[True, False])
    score = both["idaci_score"]
    kept = score.where(_falling(score.round(_DECIMALS).to_numpy()))
    odd = (score > kept.ffill().fillna(np.inf) + _ROUNDING) | (
        score < kept.bfill().fillna(-np.inf) - _ROUNDING
    )
    rest = both["idaci_rank"].mask(odd)
    middle = rest.groupby(score.round(_DECIMALS)).transform("median")
    odd |= (rest - middle).abs() > _WIDEST * LSOAS[edition]
    if not odd.any():
        return frame
    first = both[odd].iloc[0]
    leave_out(
        int(odd.sum()),
        len(both),
        said=f"{names}: the scores do not follow the ranks: {first['lsoa_code']} has the score "
        f"{first['idaci_score']:g} and the rank {first['idaci_rank']:g} ({int(odd.sum())} cases).",
        advice="Expected the highest score with rank 1, and lower scores with later ranks. The "
        "columns may be of different editions; download the files again.",
        what="scores and ranks",
        most=_MIXED,
    )
    wrong = frame.index.isin(odd[odd].index)
    figures = [each for each in ("idaci_score", "idaci_rank", "idaci_decile") if each in frame]
    return frame.assign(**{each: frame[each].mask(wrong) for each in figures})


def _falling(values: np.ndarray) -> np.ndarray:
    """Return which values are in a longest run that never rises."""
    import numpy as np

    ends: list[float] = []  # the last value of the runs of each length, negated
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values.tolist()):
        length = bisect.bisect_right(ends, -value)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [-value]
        places[length : length + 1] = [place]
    chosen = np.zeros(len(values), dtype=bool)
    place = places[-1] if places else -1
    while place >= 0:
        chosen[place] = True
        place = before[place]
    return chosen
