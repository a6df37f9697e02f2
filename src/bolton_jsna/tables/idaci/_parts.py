"""Join the files of one edition of IDACI: other columns of the same LSOAs, or other LSOAs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables.reader_notes import leave_out, remark

if TYPE_CHECKING:
    import pandas as pd

FIGURES: Final = ("idaci_score", "idaci_rank", "idaci_decile", "children_0_15")


def put_together(
    parts: Sequence[tuple[str, pd.DataFrame]], *, strict: bool = False
) -> pd.DataFrame:
    """Return one table of all files of an edition."""
    # LSOAs of files with the same figures are put together first: a file for each authority, or one
    # authority and England. Files with other figures are then joined on the LSOA. An LSOA on which
    # files disagree is left out.
    kinds: dict[tuple[str, ...], list[tuple[str, pd.DataFrame]]] = {}
    for name, frame in parts:
        kinds.setdefault(_figures(frame), []).append((name, frame.set_index("lsoa_code")))
    wrong: set[str] = set()
    wholes = []
    for of_kind in kinds.values():
        name, whole = of_kind[0]
        for other_name, other in of_kind[1:]:
            wrong |= _disagreed(whole, other, f"{name!r} and {other_name!r}", strict=strict)
            whole = _both(whole, other)
        wholes.append((name, whole))
    name, whole = wholes[0]
    for other_name, other in wholes[1:]:
        wrong |= _disagreed(whole, other, f"{name!r} and {other_name!r}", strict=strict)
        whole = _completed(name, whole, other_name, other)
    return whole[~whole.index.isin(wrong)].reset_index()


def _figures(frame: pd.DataFrame) -> tuple[str, ...]:
    return tuple(each for each in FIGURES if each in frame.columns)


def _both(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both; figures of the first are used if both have them."""
    order = first.index.append(second.index.difference(first.index, sort=False))
    columns = [*first.columns, *second.columns.difference(first.columns, sort=False)]
    return first.combine_first(second).reindex(index=order, columns=columns)


def _disagreed(first: pd.DataFrame, second: pd.DataFrame, names: str, *, strict: bool) -> set[str]:
    """Return the LSOAs whose figures differ between two files; if they are many, raise an error."""
    shared = first.index.intersection(second.index)
    wrong: set[str] = set()
    text = ""
    for column in second.columns.intersection(first.columns):
        ours, theirs = first.loc[shared, column], second.loc[shared, column]
        differ = (ours != theirs) & ours.notna() & theirs.notna()
        if differ.any():
            code = differ[differ].index[0]
            text = text or (
                f"{names} disagree on {column} of {code}: {ours[code]} and {theirs[code]} "
                f"({int(differ.sum())} cases)."
            )
            wrong |= set(differ[differ].index)
    advice = "Take files of the same issue."
    if wrong and strict:
        raise SchemaError(f"{text} {advice}")
    leave_out(len(wrong), len(shared), said=text, advice=advice, what="LSOAs of both")
    return wrong


def _completed(
    name: str, frame: pd.DataFrame, other_name: str, other: pd.DataFrame
) -> pd.DataFrame:
    """Join two tables with different figures."""
    ours, theirs = set(_figures(frame)), set(_figures(other))
    if ours <= theirs or theirs <= ours:
        joined = _both(frame, other)
        ranked = [each.index for each in (frame, other) if "idaci_rank" in each.columns]
        if len(ranked) == 1:
            bare = len(joined) - len(ranked[0])
            if bare:
                remark(
                    f"{name!r} and {other_name!r}: {bare:,} LSOAs have no rank in either and are "
                    "left out. Add File 3 (supplementary indices) for these."
                )
            joined = joined.loc[ranked[0]]
        return joined
    apart = frame.index.symmetric_difference(other.index)
    leave_out(
        len(apart),
        len(frame.index.union(other.index)),
        said=f"{name!r} has {len(frame):,} LSOAs and {other_name!r} {len(other):,}; "
        f"{len(apart):,} are in one only ({some(apart)}).",
        advice="Expected the same LSOAs: take both files for the whole of England, or both for "
        "the same area.",
        what="LSOAs",
    )
    frame = frame[frame.index.isin(other.index)]
    return _both(frame, other.loc[frame.index])
