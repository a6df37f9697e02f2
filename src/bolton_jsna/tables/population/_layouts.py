"""The layouts in which populations are published, each brought to the same cells.

A frame of cells has ``area_code``, ``area_name``, ``sex`` and ``ages`` (categories), ``year``,
``population`` (missing where there is none) and ``status``. Ages are labels: one year (``"7"``,
``"90+"``), a band (``"0-17"``) or ``"all"``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables import _files
from bolton_jsna.tables._spreadsheet_damage import whole
from bolton_jsna.tables.population import _text as population_text
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_NOMIS_GENDERS: Final = {"0": "persons", "1": "males", "2": "females"}
_NOMIS_SEXES: Final = {"7": "persons", "5": "males", "6": "females"}
_DETAILED_SEXES: Final = {"1": "males", "2": "females", **population_text.SEXES}
# Nomis c_age: 101 is age 0, 191 is 90 and over; quinary bands have no code 2.
_NOMIS_AGES: Final = {
    "0": "all",
    "200": "all",
    **{str(101 + age): str(age) for age in range(90)},
    "191": "90+",
    "1": "0-4",
    **{str(code): f"{5 * code - 10}-{5 * code - 6}" for code in range(3, 19)},
    "201": "0-15",
    "202": "16+",
    "203": "16-64",
    "204": "16-17",
    "205": "18-24",
    "206": "18-21",
    "207": "25-49",
    "208": "50-64",
    "209": "65+",
    "210": "85+",
    "250": "16-24",
}
_FOOTNOTES: Final = 50
"""How many lines below a table are looked at; a national table has millions of rows."""
_FOOTNOTE_CELLS: Final = 2
_YEAR = re.compile(r"(?:population_)?((?:19|20)\d\d)")
_MID_YEAR = re.compile(r"mid[-_ ]?((?:19|20)\d\d)", re.IGNORECASE)
_WIDE_CODE = re.compile(r"area_code|ladcode\d*|lad\d*(?: ?code|cd)")
_WIDE_NAME = re.compile(r"area_name|laname\d*|lad\d*(?: ?name|nm)")
_SMALL_CODE = re.compile(r"(?:lsoa|ward|wd)[ _]?(?:20)?\d*[ _]?(?:code|cd)(?: ?\d{1,4})?")
_SMALL_NAME = re.compile(r"(?:lsoa|ward|wd)[ _]?(?:20)?\d*[ _]?(?:name|nm)(?: ?\d{1,4})?")
_AGE_COLUMN = re.compile(r"([fm]?)(\d\d?\+?)|(aged_\d+_to_\d+)|(all[ _]ages|total(?:_population)?)")


def is_heading_row(cells: set[str]) -> bool:
    """Say whether a set of compared headings belongs to a known layout."""
    return _layout(cells) is not None


def _layout(cells: set[str]) -> str | None:
    if {"geography_code", "obs_value"} <= cells:
        return "nomis"
    if {"time_period", "age_group", "population_estimate"} <= cells:
        return "dfe"
    if (
        any(map(_WIDE_CODE.fullmatch, cells))
        and "sex" in cells
        and any(map(_YEAR.fullmatch, cells))
    ):
        return "wide"
    if any(map(_SMALL_CODE.fullmatch, cells)) and any(map(_AGE_COLUMN.fullmatch, cells)):
        return "small_areas"
    return None


@dataclass(frozen=True)
class Wide:
    """Where a table with a column a year has the code of an area, and its figures."""

    code: int
    years: tuple[int, ...]

    def code_of(self, row: Sequence[str]) -> str:
        """Return the code in a row."""
        return row[self.code].strip() if self.code < len(row) else ""

    def has_figures(self, row: Sequence[str]) -> bool:
        """Report whether a row has a figure of any year."""
        return any(row[at].strip()[:1].isdigit() for at in self.years if at < len(row))


def wide(row: Sequence[str]) -> Wide | None:
    """Return where a table has its codes and figures, if a row has the headings of such a table."""
    named = [_files.heading(cell) for cell in row]
    if _layout(set(named)) != "wide":
        return None
    return Wide(
        next(at for at, name in enumerate(named) if _WIDE_CODE.fullmatch(name)),
        tuple(at for at, name in enumerate(named) if _YEAR.fullmatch(name)),
    )


def rows_of(codes: set[str]) -> _files.Wanted:
    """Return which rows below the headings of a table are wanted, where its layout says so."""

    def wanted(row: Sequence[str]) -> Callable[[Sequence[str]], bool] | None:
        found = wide(row)
        return None if found is None else lambda below: found.code_of(below) in codes

    return wanted


def cells(
    frame: pd.DataFrame, *, name: str, table: str, codes: set[str] | None, year: int | None
) -> pd.DataFrame:
    """Return the cells of a table of text in whichever layout it is."""
    named = _without_footnotes(frame.rename(columns=_files.heading), name=name)
    layout = _layout(set(named.columns))
    if layout == "nomis":
        return _nomis(named, name=name, codes=codes, year=year)
    if layout == "dfe":
        return _dfe(named, name=name, codes=codes)
    if layout == "wide":
        return _wide(named, name=name, codes=codes)
    return _small_areas(named, name=name, table=table, codes=codes, year=year)


def _without_footnotes(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return a table without the lines of text below it."""
    if frame.shape[1] <= _FOOTNOTE_CELLS:
        return frame
    last = frame.tail(_FOOTNOTES)
    bare = last.index[(last != "").sum(axis=1) <= _FOOTNOTE_CELLS]
    if len(bare):
        remark(f"{name!r} has {len(bare)} lines of text below its table, which are passed over.")
    return frame.drop(index=bare)


def _wide(frame: pd.DataFrame, *, name: str, codes: set[str] | None) -> pd.DataFrame:
    """One row per area, sex and age, one column per year: ONS projections and estimates."""
    import numpy as np
    import pandas as pd

    code = population_text.column(frame, _WIDE_CODE, name=name)
    label = next(filter(_WIDE_NAME.fullmatch, frame.columns), code)
    age = population_text.column(frame, "age_group|age", name=name)
    if "component" in frame.columns:
        frame = frame[frame["component"].str.casefold().isin({"population", ""})]
    frame = _of_codes(frame, code, codes)
    every = {each: int(m[1]) for each in frame.columns if (m := _YEAR.fullmatch(each))}
    years = {each: year for each, year in every.items() if (frame[each] != "").any()}
    if len(years) < len(every):
        blank = sorted(set(every.values()) - set(years.values()))
        remark(f"{name!r} has nothing in its columns of {some(blank)}, which are passed over.")
    sexes = population_text.SEXES if age == "age_group" else _DETAILED_SEXES
    values, status = population_text.figures(frame[list(years)], name=name)
    across = len(years)

    def repeated(cells: pd.Series, meaning: Mapping[str, str] | None = None) -> pd.Categorical:
        return population_text.category(cells, meaning, name=name).repeat(across)

    return pd.DataFrame(
        {
            "area_code": repeated(frame[code]),
            "area_name": repeated(frame[label]),
            "year": np.tile(np.array(list(years.values()), dtype="int64"), len(frame)),
            "sex": repeated(frame["sex"].str.casefold(), sexes),
            "ages": repeated(frame[age], population_text.age_meanings(frame[age], name=name)),
            "population": values,
            "status": status,
        }
    )


def _nomis(
    frame: pd.DataFrame, *, name: str, codes: set[str] | None, year: int | None
) -> pd.DataFrame:
    """One row per cell, columns in capitals: Nomis .data.csv and .data.tsv."""
    import pandas as pd

    _refuse_a_cut_answer(frame, name=name)
    # Without measures= Nomis answers with each count and each percentage.
    if "measures" in frame.columns:
        frame = frame[frame["measures"] == "20100"]
    elif "measures_name" in frame.columns:
        frame = frame[frame["measures_name"].str.casefold() == "value"]
    frame = _of_codes(frame, "geography_code", codes)
    label = "geography_name" if "geography_name" in frame.columns else "geography_code"
    sex, sexes = _first(
        frame,
        {
            "gender": _NOMIS_GENDERS,
            "gender_name": population_text.SEXES,
            "gender_code": _NOMIS_GENDERS,
            "sex": _NOMIS_SEXES,
            "sex_name": population_text.SEXES,
        },
        name=name,
    )
    age, meanings = _first(
        frame, {"c_age": _NOMIS_AGES, "c_age_code": _NOMIS_AGES, "c_age_name": None}, name=name
    )
    ages = meanings or population_text.age_meanings(frame[age], name=name)
    values, status = population_text.figures(frame[["obs_value"]], name=name)
    return pd.DataFrame(
        {
            "area_code": population_text.category(frame["geography_code"], None, name=name),
            "area_name": population_text.category(frame[label], None, name=name),
            "year": _nomis_years(frame, name=name, year=year),
            "sex": population_text.category(frame[sex].str.casefold(), sexes, name=name),
            "ages": population_text.category(frame[age], ages, name=name),
            "population": values,
            "status": status,
        }
    )


def _refuse_a_cut_answer(frame: pd.DataFrame, *, name: str) -> None:
    if "record_count" not in frame.columns or frame.empty:
        return
    said = frame["record_count"].unique()
    # Each row says the same number: one that is damaged hides nothing.
    promised = max((each for each in map(whole, said) if each is not None), default=None)
    if promised is None:
        raise SchemaError(
            f"{name!r}: column 'RECORD_COUNT' holds {some(map(repr, said))}; expected the number "
            "of records, by which a cut answer is known. Download it again."
        )
    if promised > len(frame):
        raise SchemaError(
            f"{name!r} holds {len(frame):,} of {promised:,} records: Nomis cuts a long answer "
            "without saying so. Fetch the other pages with RecordOffset and put them together."
        )


def _nomis_years(frame: pd.DataFrame, *, name: str, year: int | None) -> Any:
    for each in ("projected_year_name", "projected_year", "date_name", "date"):
        if each in frame.columns:
            return population_text.years(frame[each], name=name)
    if year is None:
        raise SchemaError(
            f"{name!r} does not say its year: it has no column PROJECTED_YEAR or DATE. It has "
            f"{some(map(str.upper, frame.columns), most=12)}. Ask Nomis for date_name in select=, "
            "or give the mid-year with year=."
        )
    return year


def _dfe(frame: pd.DataFrame, *, name: str, codes: set[str] | None) -> pd.DataFrame:
    """DfE's denominators: the mid-year is in time_period, the area in one of three columns."""
    import pandas as pd

    wanted = ("country", "region")
    for each in (
        "new_la_code",
        "la_name",
        *(f"{w}_{part}" for w in wanted for part in ("code", "name")),
    ):
        population_text.column(frame, each, name=name)
    code, label = frame["new_la_code"], frame["la_name"]
    for kind in ("region", "country"):
        label = label.where(code != "", frame[f"{kind}_name"])
        code = code.where(code != "", frame[f"{kind}_code"])
    frame = _of_codes(frame.assign(_code=code, _label=label), "_code", codes)
    values, status = population_text.figures(frame[["population_estimate"]], name=name)
    return pd.DataFrame(
        {
            "area_code": population_text.category(frame["_code"], None, name=name),
            "area_name": population_text.category(frame["_label"], None, name=name),
            "year": population_text.years(frame["time_period"], name=name),
            "sex": pd.Categorical(["persons"] * len(frame)),
            "ages": population_text.category(
                frame["age_group"],
                population_text.age_meanings(frame["age_group"], name=name),
                name=name,
            ),
            "population": values,
            "status": status,
        }
    )


def _small_areas(
    frame: pd.DataFrame, *, name: str, table: str, codes: set[str] | None, year: int | None
) -> pd.DataFrame:
    """One row per small area, one column per age (``7``, ``F7``, ``aged_0_to_17``): ONS SAPE."""
    import numpy as np
    import pandas as pd

    code = population_text.column(frame, _SMALL_CODE, name=name)
    label = next(filter(_SMALL_NAME.fullmatch, frame.columns), code)
    frame = _of_codes(frame[frame[code] != ""], code, codes)
    if "mid_year" in frame.columns:
        years = population_text.years(frame["mid_year"], name=name)
    else:
        found = _MID_YEAR.search(table) or _MID_YEAR.search(name)
        if not (found or year):
            raise SchemaError(
                f"{name!r} does not say its mid-year in a column 'mid_year', nor in the name of "
                f"the sheet {table!r} or file. Give it with year=."
            )
        years = np.full(len(frame), int(found[1]) if found else year, dtype="int64")
    one_sex = next(
        (s for w, s in population_text.SEXES.items() if re.search(rf"\b{w}s?\b", table.lower())),
        None,
    )
    columns = {each: m for each in frame.columns if (m := _AGE_COLUMN.fullmatch(each))}
    both = any(m[1] for m in columns.values())
    sexes, ages = [], []
    for each, m in columns.items():
        by_letter = {"f": "females", "m": "males"}.get(m[1] or "")
        sexes.append(by_letter or ("persons" if both else one_sex or "persons"))
        ages.append(population_text.age_label(m[2] or each))
    values, status = population_text.figures(frame[list(columns)], name=name)
    across = len(columns)
    return pd.DataFrame(
        {
            "area_code": population_text.category(frame[code], None, name=name).repeat(across),
            "area_name": population_text.category(frame[label], None, name=name).repeat(across),
            "year": years.repeat(across),
            "sex": pd.Categorical(np.tile(np.array(sexes, dtype=object), len(frame))),
            "ages": pd.Categorical(np.tile(np.array(ages, dtype=object), len(frame))),
            "population": values,
            "status": status,
        }
    )


def _of_codes(frame: pd.DataFrame, code: str, codes: set[str] | None) -> pd.DataFrame:
    return frame if codes is None else frame[frame[code].isin(codes)]


def _first(
    frame: pd.DataFrame, known: Mapping[str, Mapping[str, str] | None], *, name: str
) -> tuple[str, Mapping[str, str] | None]:
    found = population_text.column(frame, "|".join(known), name=name)
    for each, meaning in known.items():
        if each in frame.columns:
            return each, meaning
    return found, known[found]
