"""Make the rows of an indicator from the columns of a file: count, denominator, value, states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.catalogue.indicators import PER, SHARE, Columns, Indicator
from bolton_jsna.core.errors import some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.states import NUMERIC, state_of_sum
from bolton_jsna.tables import _markers
from bolton_jsna.tables._files import heading
from bolton_jsna.tables.children_in_need.children_referred import counted_once
from bolton_jsna.tables.indicators._layouts import Wanted, first
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

WHOLE = "total"
"""The breakdown of a row that is no part."""

GIVEN: Final = "_given"
"""The code of a row's area in the file, which may be one that the area no longer has."""

_KEY = ["area_code", "year", "indicator", "breakdown"]
_ONE_ROW: Final = (
    "They count as not available. If the file has groups that the dictionary does not name, such "
    "as a column of sex, report it; else delete the wrong rows."
)


def rows_of(
    wanted: Wanted, frame: pd.DataFrame, places: pd.DataFrame, *, name: str
) -> pd.DataFrame:
    """Return the figures of one indicator of a file, as they are there."""
    import pandas as pd

    layout = wanted.columns
    chosen = _chosen(frame, layout.where)
    if layout.by:
        chosen &= ~_among(frame[heading(layout.by)], layout.leave)
    # Of a wide file only the columns of the indicator are taken.
    rows = frame.loc[chosen, _columns_of(layout, frame.columns)]
    if layout.parts:
        named = {part: first(names, frame.columns) for part, names in layout.parts.items()}
        made = [
            _made(wanted, rows, places, count=column, name=name).assign(breakdown=part)
            for part, column in named.items()
            if column
        ]
        found = pd.concat(made) if made else rows.iloc[:0]
    else:
        count = first(layout.count, frame.columns)
        found = _made(wanted, rows, places, count=count, name=name)
        found["breakdown"] = rows[heading(layout.by)] if layout.by else WHOLE
    if found.empty:
        return found
    if layout.population_where:
        found = _with_denominators_of_rows(wanted, found, frame, places, name=name)
    return found


def _columns_of(layout: Columns, there: Sequence[str]) -> list[str]:
    """Return the columns that the figures of a layout are in."""
    names = [*layout.count, *layout.population, *layout.value, *layout.sum, layout.by]
    names += [each for several in layout.parts.values() for each in several]
    wanted = {heading(each) for each in names}
    return [each for each in there if each in wanted]


def _chosen(frame: pd.DataFrame, where: Mapping[str, Sequence[str]]) -> pd.Series:
    """Return which rows have the words of the filters."""
    import pandas as pd

    chosen = pd.Series(data=True, index=frame.index)
    for column, words in where.items():
        chosen &= _among(frame[heading(column)], words)
    return chosen


def _among(cells: pd.Series, words: Sequence[str]) -> pd.Series:
    """Return which cells have one of some words, whatever their case and spaces."""
    # Excel and web pages put spaces that do not break between words.
    known = {heading(each) for each in words}
    return cells.isin([each for each in cells.unique() if heading(each) in known])


def _made(
    wanted: Wanted, rows: pd.DataFrame, places: pd.DataFrame, *, count: str | None, name: str
) -> pd.DataFrame:
    """Return the count, denominator and published value of rows, with the state of each."""
    import pandas as pd

    layout = wanted.columns
    found = places.loc[rows.index].copy()

    def column(title: str | None) -> tuple[pd.Series, pd.Series]:
        if title is None or rows.empty:
            none = pd.Series(float("nan"), index=rows.index)
            return none, pd.Series("not_available", index=rows.index, dtype=object)
        return _markers.numbers(rows[title], column=title, name=name)

    def counted(title: str | None) -> tuple[pd.Series, pd.Series]:
        number, status = column(title)
        below = number < 0
        if below.any():
            remark(
                f"{name!r}: column {title!r} has {int(below.sum()):,} counts below 0. They count "
                "as not available. Look at these cells in the file."
            )
        return number.mask(below), status.mask(below, _NONE)

    if layout.sum:
        found["count"], found["count_status"] = _summed(
            [counted(heading(each)) for each in layout.sum]
        )
    else:
        found["count"], found["count_status"] = counted(count)
    # Counts of people on half-time posts or averaged over months are not whole.
    found["population"], found["_population_status"] = counted(
        first(layout.population, rows.columns)
    )
    value = None if layout.parts else first(layout.value, rows.columns)
    found["published_value"], found["_published_status"] = column(value)
    return found


def _summed(parts: Sequence[tuple[pd.Series, pd.Series]]) -> tuple[pd.Series, pd.Series]:
    """Return the sum of columns; a sum over a hidden or missing part has that part's state."""
    import pandas as pd

    numbers = pd.concat([number for number, _ in parts], axis=1)
    states = pd.concat([status for _, status in parts], axis=1)
    known = states.isin(NUMERIC).all(axis=1)
    status = pd.Series("value", index=numbers.index, dtype=object)
    if (~known).any():
        status[~known] = states[~known].apply(state_of_sum, axis=1)
    # A part that cannot exist has no number and does not change the sum.
    return numbers.sum(axis=1).where(status.isin(NUMERIC)), status


def _with_denominators_of_rows(
    wanted: Wanted, found: pd.DataFrame, frame: pd.DataFrame, places: pd.DataFrame, *, name: str
) -> pd.DataFrame:
    """Add denominators that are in rows of their own, such as that of all groups."""
    import pandas as pd

    layout = wanted.columns
    chosen = _chosen(frame, {**layout.where, **layout.population_where})
    others = frame.loc[chosen, _columns_of(layout, frame.columns)]
    column = first(layout.population, frame.columns) or first(layout.count, frame.columns)
    if column is None or others.empty:
        return found
    number, status = _markers.numbers(others[column], column=column, name=name)
    at = ["area_code", "year"]
    known = places.loc[others.index, [*at, GIVEN]].assign(number=number, state=status)
    several = known.groupby(at)["number"].transform("nunique") > 1
    several |= known.groupby([*at, GIVEN])["state"].transform("nunique") > 1
    if several.any():
        cases = known.loc[several, at].drop_duplicates()
        remark(
            f"{name!r} has several rows with different denominators of {wanted.indicator.id} for "
            f"one area and year ({len(cases):,} such cases). {_ONE_ROW}"
        )
        known = known.assign(
            number=known["number"].mask(several), state=known["state"].mask(several, _NONE)
        )
    # A number first, then the reason why there is none.
    order = known["state"].map(_RANKS)
    known = known.assign(_order=order).sort_values("_order", kind="stable")
    joined = known.drop_duplicates(at).set_index(at)
    joined = joined.reindex(pd.MultiIndex.from_frame(found[at]))
    state = joined["state"].fillna(_NONE)
    return found.assign(
        population=joined["number"].to_numpy(dtype=float), _population_status=state.to_numpy()
    )


def completed(
    parts: Sequence[tuple[Indicator, pd.DataFrame]], *, release: int, name: str
) -> pd.DataFrame:
    """Return the rows of all indicators of a file with value, unit, status, period and source."""
    # All at once, because a file may have forty indicators of a thousand rows each.
    import numpy as np
    import pandas as pd

    parts = [
        (about, _in_per_cent(found, about, name=name) if about.unit == SHARE else found)
        for about, found in parts
    ]
    lengths = [len(found) for _, found in parts]

    def of_each(facts: Sequence[object], kind: type = object) -> Any:
        return np.repeat(np.array(facts, dtype=kind), lengths)

    found = pd.concat([rows for _, rows in parts], ignore_index=True)
    found = found.assign(indicator=pd.Series(of_each([each.id for each, _ in parts]), dtype=object))
    per = of_each([PER.get(each.unit, float("nan")) for each, _ in parts], float)
    units = of_each([each.unit for each, _ in parts])
    value, status = _worked_out(found, per, units == _NUMBER)
    _remark_over(found[(units == SHARE) & (found["count"] > found["population"])], name=name)
    half = of_each([_half_of_the_last_digit(rows["published_value"]) for _, rows in parts], float)
    exact = _printed_is_more_exact(found, per, half)
    value = np.where(exact, found["published_value"], value)
    periods = [
        {year: about.when(int(year)) for year in rows["year"].unique()} for about, rows in parts
    ]
    named = [
        words[year]
        for words, (_, rows) in zip(periods, parts, strict=True)
        for year in rows["year"]
    ]
    # A count that is not whole, such as of full-time posts, is rounded; its share is not.
    columns = {
        **{each: found[each] for each in ("area_code", "area_name", "area_level", "year", GIVEN)},
        "period": named,
        "indicator": found["indicator"],
        "breakdown": found["breakdown"],
        "count": found["count"].round().astype("Int64"),
        "count_status": found["count_status"],
        "persons": pd.Series(pd.NA, index=found.index, dtype="Int64"),
        "persons_status": of_each([_persons_status(each) for each, _ in parts]),
        "population": found["population"],
        "value": value,
        "unit": units,
        "status": status,
        "published_value": found["published_value"],
        "release": [str(release)] * len(found),
        "source": of_each([source_id(each.dataset, release) for each, _ in parts]),
    }
    objects = {
        each: pd.Series(cells, dtype=object)
        for each, cells in columns.items()
        if not isinstance(cells, pd.Series) and each != "value"
    }
    return pd.DataFrame(columns | objects)


def _remark_over(rows: pd.DataFrame, *, name: str) -> None:
    """Report counts that are larger than their denominator."""
    for indicator, over in rows.groupby("indicator", sort=False):
        remark(
            f"{name!r} has {len(over):,} counts of {indicator} that are larger than their "
            f"denominator ({some(sorted(set(over['area_name'])))}): these are more than 100 per "
            "cent. Look at these cells in the file."
        )


def _persons_status(about: Indicator) -> str:
    """Return the state of the children behind a count: none are missing where each counts once."""
    # A share of events has a count and a denominator in which children recur alike.
    once = about.unit == SHARE or about.id in counted_once()
    return "not_applicable" if once else "not_available"


def _worked_out(found: pd.DataFrame, per: Any, is_number: Any) -> tuple[Any, Any]:
    """Return each value with its state: from count and denominator, else as published."""
    import numpy as np

    count, people, printed = (
        found[each].to_numpy(dtype=float) for each in ("count", "population", "published_value")
    )
    count_state, people_state, printed_state = (
        found[each].to_numpy(dtype=object)
        for each in ("count_status", "_population_status", "_published_status")
    )
    rated = ~np.isnan(per)
    counted = _numeric(count_state)
    # Where neither is printed, the reason is that of the count, else that of the denominator,
    # unless only the share is published.
    reason = np.where(rated & counted, people_state, count_state)
    unsaid = (rated | is_number) & (printed_state == _NONE) & ~_numeric(reason)
    status = np.where(unsaid, reason, printed_state)
    able = rated & counted & ~np.isnan(count) & (people > 0)
    value = np.where(able, count / np.where(people > 0, people, np.nan) * per, printed)
    status = np.where(able, count_state, status)
    none = rated & counted & (people == 0) & ~_numeric(printed_state)
    status = np.where(none, "not_applicable", status)
    alone = is_number & np.isnan(printed) & counted
    return np.where(alone, count, value), np.where(alone, count_state, status)


def _numeric(states: Any) -> Any:
    """Return which states have a number."""
    import numpy as np

    return np.isin(states.astype(str), list(NUMERIC))


def _in_per_cent(found: pd.DataFrame, about: Indicator, *, name: str) -> pd.DataFrame:
    """Return printed shares of 1 as percentages; those that may be either have no figure."""
    printed = found["published_value"]
    if not (printed.abs() <= 1).sum() or printed.max() > 1:
        return found
    own = 100 * found["count"] / found["population"].where(found["population"] > 0)
    both = (printed > 0) & (own > 0)
    if both.any():
        ratio = own[both] / printed[both]
        if ratio.between(80, 125).mean() > _MOST:
            remark(f"{name!r} prints {about.id} as shares of 1: read as percentages.")
            return found.assign(published_value=100 * printed)
        return found
    if (printed > 0).sum() < _ENOUGH:
        return found
    remark(
        f"{name!r}: every figure of {about.id} is 1 or less, and there are no counts to show "
        "whether these are percentages or shares of 1. They count as not available. If they are "
        "shares of 1, multiply the column by 100."
    )
    known = found["_published_status"].isin(NUMERIC) & (printed > 0)
    return found.assign(
        published_value=printed.mask(known),
        _published_status=found["_published_status"].mask(known, _NONE),
    )


def _half_of_the_last_digit(printed: pd.Series) -> float:
    """Return half of the last decimal that a column is printed with."""
    # It is printed with as many decimals as its longest cell has: 8 stands for 8.0.
    different = printed.dropna().unique()
    decimals = [len(f"{each:.6f}".rstrip("0").partition(".")[2]) for each in different]
    return float(0.5 * 10.0 ** -max(decimals, default=0))


def _printed_is_more_exact(found: pd.DataFrame, per: Any, half: Any) -> Any:
    """Return where the printed share is nearer than that of counts which are rounded to 10.

    DfE rounds the counts of England and regions, and prints shares of the counts before that: of
    2,160 pupils 180 are 8.3 per cent, and 8.5 is printed.
    """
    rounded = found["area_level"].isin(["country", "region"]) & (found["count"] % 10 == 0)
    off = 5 / found["population"].where(found["population"] > 0) * per
    return rounded & found["_published_status"].isin(NUMERIC) & (off > half)


def one_each(rows: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return one row for each area, year, indicator and part; rows that disagree have no figure."""
    # An area may have two codes in one file, and a file may repeat a row.
    order = rows["status"].map(_RANKS).astype(int) * 10 + rows["count_status"].map(_RANKS)
    rows = rows.assign(_order=order).sort_values([*_KEY, "_order"], kind="stable")
    twice = rows.duplicated(_KEY, keep=False)
    if twice.any():
        unlike = _unlike(rows[twice])
        rows = rows.drop_duplicates(_KEY)
        if len(unlike):
            import pandas as pd

            wrong = pd.MultiIndex.from_frame(rows[_KEY]).isin(unlike)
            remark(
                f"{name!r} has several rows with different figures of "
                f"{some(sorted(set(rows.loc[wrong, 'indicator'])))} for one area and year "
                f"({int(wrong.sum()):,} such cases). {_ONE_ROW}"
            )
            gone = ["count", "persons", "population", "value", "published_value"]
            rows = rows.assign(
                **{each: rows[each].mask(wrong) for each in gone},
                **{each: rows[each].mask(wrong, _NONE) for each in _STATES},
            )
    return rows.drop(columns=["_order", GIVEN])


def _unlike(rows: pd.DataFrame) -> pd.MultiIndex:
    """Return the keys of repeated rows that have other figures or, with one code, other states."""
    figures = rows.groupby(_KEY)[["count", "population", "value", "published_value"]]
    unlike = figures.nunique().gt(1).any(axis=1)
    # Under the code that an area no longer has, its figure may be missing or not apply.
    states = rows.groupby([*_KEY, GIVEN])[[*_STATES]].nunique().gt(1).any(axis=1)
    again = states.index[states].droplevel(GIVEN)
    return unlike.index[unlike].union(again, sort=False).unique()


_NUMBER: Final = "number"
_NONE: Final = "not_available"
_STATES = ("count_status", "status")

_MOST: Final = 0.5
_ENOUGH: Final = 10
"""With so many percentages or more, at least one of any indicator here is more than 1."""

_RANKS = {
    state: rank
    for rank, state in enumerate(
        [
            *("value", "modelled", "suppressed", "low", "rounds_to_zero"),
            *("not_available", "not_applicable"),
        ]
    )
}
