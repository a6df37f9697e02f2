"""Do the figures of IDACI belong together? Ranks, deciles and scores are checked by each other."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Final

from bolton_jsna.tables.idaci_editions import LSOAS
from bolton_jsna.tables.remarks import MOST, leave_out

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MIXED: Final = 0.02
"""With as large a share of figures that do not follow from the ranks, two editions are mixed."""

_DECIMALS: Final = 3
_ROUNDING: Final = 0.0011
"""Scores are published with three decimals: by so much two may differ and be the same."""

_WIDEST: Final = 0.1
"""One score is that of a few hundred LSOAs, which is far less than this share of all ranks."""


def ranked(frame: pd.DataFrame, edition: int, names: str) -> pd.DataFrame:
    """Check the ranks and deciles, and add the deciles where they are not printed.

    An LSOA without a rank that can be keeps its row: its children are counted all the same.

    Parameters
    ----------
    frame : DataFrame
        ``lsoa_code``, ``idaci_rank`` and ``idaci_decile`` if there is one.
    edition : int
        Year of the indices.
    names : str
        The files, for the message.

    Raises
    ------
    SchemaError
        When half of the ranks, or 2 per cent of the deciles, are not valid.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"lsoa_code": ["E01004766"], "idaci_rank": [8162.0]})
    >>> ranked(rows, 2025, "x.csv")["idaci_decile"].tolist()
    [3.0]
    """
    import numpy as np

    last = LSOAS[edition]
    rank = frame["idaci_rank"]
    wrong = ~rank.between(1, last) | (rank % 1 != 0)
    if wrong.any():
        row = frame[wrong].iloc[0]
        leave_out(
            int(wrong.sum()),
            len(frame),
            said=f"{names}: rank {row['idaci_rank']:g} of {row['lsoa_code']} cannot be "
            f"({int(wrong.sum())} cases).",
            advice=f"Expected whole numbers from 1 to {last:,}, the LSOAs of {edition}.",
            what="ranks",
            most=MOST,
        )
    rank = rank.mask(wrong)
    decile = np.ceil(rank * 10 / last)
    printed = frame.get("idaci_decile", decile).fillna(decile).mask(wrong)
    # The rule holds for every row of 2019 and 2025; for 2015 it could not be tried on all rows,
    # so there a neighbouring decile is let pass as printed.
    allowed = 1 if edition == 2015 else 0
    unlike = (printed - decile).abs() > allowed
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
    """Check scores by ranks: the ranks are made from the scores, so none rises with the rank.

    Where the score and the rank of an LSOA cannot both be right, neither is used.

    Parameters
    ----------
    frame : DataFrame
        As :func:`ranked` returns it, with ``idaci_score`` if there is one.
    edition : int
        Year of the indices.
    names : str
        The files, for the message.

    Raises
    ------
    SchemaError
        When 2 per cent of the scores do not follow the ranks.

    Examples
    --------
    >>> import pandas as pd
    >>> codes = ["E01004766", "E01004767"]
    >>> rows = pd.DataFrame({"lsoa_code": codes, "idaci_rank": [8162, 9172]})
    >>> with_scores_by_rank(rows.assign(idaci_score=[0.1, 0.2]), 2025, "x.csv")
    Traceback (most recent call last):
    bolton_jsna.errors.SchemaError: x.csv: the scores do not follow the ranks: ...
    """
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
    """Say which values are of a longest run that never rises."""
    import numpy as np

    ends: list[float] = []  # of the runs of each length, the last value, negated
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
