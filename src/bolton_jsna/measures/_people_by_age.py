"""The people of each area, sex and year in age bands, from whatever bands a table has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages, read_band, tiling
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.measures._aggregation import group_codes, group_rows
from bolton_jsna.measures._arrays import Array, Codes, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    numbers,
    numeric,
    state_codes,
    whole_years,
)
from bolton_jsna.tables.population.cells import sex_of

_BY = ["area_code", "sex", "year"]
_LAST = 90
"""The age that stands for 90 and over in tables of single years."""


def people_of(populations: pd.DataFrame, spans: Mapping[Any, Ages]) -> pd.DataFrame:
    """Return the people of every band and their state: its own row, or those that add up to it."""
    table = populations.reset_index(drop=True)
    table = table.assign(sex=_sexes(table), year=whole_years(table, "year"))
    where, kinds = _bands_there(table)
    _once(table.assign(_band=where), [*_BY, "_band"])
    keys, places = group_rows(table, _BY)
    people, codes = _numbers_and_states(table)
    # The row of each band in each group, -1 for none: groups with the same bands are alike.
    cell = np.full((len(keys), len(kinds)), -1, dtype=np.intp)
    cell[places, where] = np.arange(len(table))
    there, pattern = np.unique(cell >= 0, axis=0, return_inverse=True)
    number = np.full((len(spans), len(keys)), np.nan)
    state = np.full((len(spans), len(keys)), -1, dtype=np.int8)
    for each, held in enumerate(there):
        groups = np.flatnonzero(pattern.ravel() == each)
        own = {kinds[at]: at for at in np.flatnonzero(held)}
        for band, ages in enumerate(spans.values()):
            for parts in _ways(ages, own):
                rows = cell[np.ix_(groups, [own[part] for part in parts])]
                total = people[rows].sum(axis=1)
                spread = np.repeat(np.arange(len(groups)), len(parts))
                known = group_codes(codes[rows].ravel(), spread, len(groups))
                before = state[band, groups]
                # A number goes before a state that hides it, and that before none.
                better = (before < 0) | (~numeric(np.maximum(before, 0)) & numeric(known))
                number[band, groups[better]] = total[better]
                state[band, groups[better]] = known[better]
    frames = []
    for band, label in enumerate(spans):
        found = np.flatnonzero(state[band] >= 0)
        frames.append(
            keys.iloc[found].assign(
                band=label,
                population=number[band, found],
                status=np.array(STATES, dtype=object)[state[band, found]],
            )
        )
    out = pd.concat(frames, ignore_index=True).rename(columns={"area_code": "place"})
    return out.astype({"place": object, "sex": object, "year": float, "band": object})


def ages_there(populations: pd.DataFrame) -> str:
    """Return the ages that a table of populations has, for a message."""
    column = _age_column(populations)
    return some(map(str, populations[column].dropna().unique()), most=8) if column else "none"


def _ways(ages: Ages, own: Iterable[Ages]) -> list[list[Ages]]:
    """Return how a band can be made: its own row, the smallest bands, the largest bands."""
    parts = [each for each in own if each != ages]
    ways = [[ages] if ages in own else None, tiling(ages, parts, most=True), tiling(ages, parts)]
    return [way for at, way in enumerate(ways) if way is not None and way not in ways[:at]]


def _sexes(table: pd.DataFrame) -> Any:
    """Return the sex of each row; a table without a column of it is of all persons."""
    if "sex" not in table:
        return "persons"
    words = {each: sex_of(each) for each in table["sex"].unique()}
    strange = [each for each, sex in words.items() if sex is None]
    if strange:
        raise SchemaError(
            f"The populations have the sex {some(map(repr, strange))}; expected 'persons', "
            "'females' or 'males'. Rename it, or leave these rows out."
        )
    return table["sex"].astype(object).map(words)


def _age_column(table: pd.DataFrame) -> str | None:
    return next((name for name in ("ages", "age_band", "age") if name in table), None)


def _bands_there(table: pd.DataFrame) -> tuple[Array, list[Ages]]:
    """Return the age band of each row as a position in the bands that the table has."""
    column = _age_column(table)
    if column is None:
        raise SchemaError(
            f"The table of populations has no column 'age_band', 'ages' or 'age'. It has "
            f"{some(map(repr, table.columns), most=20, like='age')}. Add a column "
            "'age_band', with '0-17' for the number of children."
        )
    where, labels = pd.factorize(table[column])
    if (where < 0).any():
        raise SchemaError(
            f"{int((where < 0).sum())} rows of the populations have no {column!r}. Give each row "
            "its ages, such as '0-17', or leave these rows out."
        )
    read = [read_band(label) for label in labels]
    strange = [label for label, ages in zip(labels, read, strict=True) if ages is None]
    if strange:
        raise SchemaError(
            f"The populations have {some(map(repr, strange))} in {column!r}; expected ages such as "
            "'5', '0-4', '5 to 9' or '90+'. Leave out other rows."
        )
    spans = [ages for ages in read if ages is not None]
    if (_LAST, _LAST) in spans and max(last for _, last in spans) == _LAST:
        spans = [(_LAST, OPEN) if ages == (_LAST, _LAST) else ages for ages in spans]
    kinds = list(dict.fromkeys(spans))
    order = {ages: place for place, ages in enumerate(kinds)}
    return np.array([order[ages] for ages in spans], dtype=np.intp)[where], kinds


def _numbers_and_states(table: pd.DataFrame) -> tuple[Floats, Codes]:
    """Return the people of each row, missing in a state without a number, and the states."""
    people = numbers(table, "population")
    if "status" in table:
        codes = state_codes(table, "status")
    else:
        # A projection has no column of states: it is a model of the years to come.
        state = "modelled" if "variant" in table else "value"
        codes = np.full(len(people), CODES[state], dtype=np.int8)
    codes[np.isnan(people) & numeric(codes)] = CODES["not_available"]
    return np.where(numeric(codes), people, np.nan), codes


def _once(table: pd.DataFrame, key: list[str]) -> None:
    twice = table.duplicated(key)
    if twice.any():
        column = _age_column(table)
        first = table.loc[twice, [*_BY, *([column] if column else [])]].iloc[0]
        raise SchemaError(
            f"{int(twice.sum())} rows of the populations repeat the people of another, first "
            f"{some(f'{name}={value}' for name, value in first.items())}: they would be counted "
            "twice. Give each area, sex, year and age once, of one release."
        )
