"""Read the layouts of published populations as the same cells.

A frame of cells has ``area_code``, ``area_name``, ``sex`` and ``ages`` (categories), ``year``,
``population`` (missing where there is none) and ``status``. Ages are labels: one year (``"7"``,
``"90+"``), a band (``"0-17"``) or ``"all"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables import _files
from bolton_jsna.tables._plain_text import OneOf
from bolton_jsna.tables._spreadsheet_damage import whole
from bolton_jsna.tables._text_rows import Wanted
from bolton_jsna.tables.population import _text as population_text
from bolton_jsna.tables.population._text import SEXES, WORDS
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_DETAILED_SEXES: Final = {"1": "males", "2": "females", **SEXES}
_NOMIS: Final = WORDS["nomis"]
_NOMIS_AGES: Final = {
    **{str(101 + age): str(age) for age in range(90)},
    **{str(code): f"{5 * code - 10}-{5 * code - 6}" for code in range(3, 19)},
    **_NOMIS["c_age"],
}
_NOMIS_SEXES: Final = {
    "gender": _NOMIS["gender"],
    "gender_name": SEXES,
    "gender_code": _NOMIS["gender"],
    "sex": _NOMIS["sex"],
    "sex_name": SEXES,
}
_NOMIS_DATES: Final = ("projected_year_name", "projected_year", "date_name", "date")
_FOOTNOTES: Final = 50
"""How many of the last rows may be footnotes; a national table has millions of rows."""
_FOOTNOTE_CELLS: Final = 2
_YEAR = re.compile(r"(?:population_)?((?:19|20)\d\d)")
_MID_YEAR = re.compile(r"mid[-_ ]?((?:19|20)\d\d)", re.IGNORECASE)
_WIDE_CODE = re.compile(r"area_?code|ladcode\d*|lad\d*(?: ?code|cd)|code")
_WIDE_NAME = re.compile(r"area_?name|laname\d*|lad\d*(?: ?name|nm)|area")
_AGE_GROUP = re.compile(r"age[_ ]?group")
_ONE_SEX = re.compile(r"(?<![a-z])(persons|females|males)(?![a-z])")
_SMALL_CODE = re.compile(r"(?:lsoa|ward|wd)[ _]?(?:20)?\d*[ _]?(?:code|cd)(?: ?\d{1,4})?")
_SMALL_NAME = re.compile(r"(?:lsoa|ward|wd)[ _]?(?:20)?\d*[ _]?(?:name|nm)(?: ?\d{1,4})?")
_AGE_COLUMN = re.compile(r"([fm]?)(\d\d?\+?)|(aged_\d+_to_\d+)|(all[ _]ages|total(?:_population)?)")


def is_heading_row(cells: set[str]) -> bool:
    """Return whether headings are those of a known layout."""
    return _layout(cells) is not None


def _layout(cells: set[str]) -> str | None:
    if {"geography_code", "obs_value"} <= cells:
        return "nomis"
    if {"time_period", "age_group", "population_estimate"} <= cells:
        return "dfe"
    if (
        any(map(_WIDE_CODE.fullmatch, cells))
        and ("sex" in cells or any(map(_AGE_GROUP.fullmatch, cells)))
        and any(map(_YEAR.fullmatch, cells))
    ):
        return "wide"
    if any(map(_SMALL_CODE.fullmatch, cells)) and any(map(_AGE_COLUMN.fullmatch, cells)):
        return "small_areas"
    return None


@dataclass(frozen=True)
class WideColumns:
    """The columns of codes and figures of a table with one column for each year."""

    code: int
    years: tuple[int, ...]

    def code_of(self, row: Sequence[str]) -> str:
        """Return the code in a row."""
        return row[self.code].strip() if self.code < len(row) else ""

    def has_figures(self, row: Sequence[str]) -> bool:
        """Return whether a row has a figure of any year."""
        return any(row[at].strip()[:1].isdigit() for at in self.years if at < len(row))


def wide(row: Sequence[str]) -> WideColumns | None:
    """Return the columns of a table with one column for each year, if a row has its headings."""
    named = [_files.heading(cell) for cell in row]
    if _layout(set(named)) != "wide":
        return None
    return WideColumns(
        next(at for at, name in enumerate(named) if _WIDE_CODE.fullmatch(name)),
        tuple(at for at, name in enumerate(named) if _YEAR.fullmatch(name)),
    )


def rows_of(codes: set[str]) -> Wanted:
    """Return a filter of the rows below the headings by code, for tables that have one."""

    def wanted(row: Sequence[str]) -> OneOf | None:
        found = wide(row)
        return None if found is None else OneOf(found.code, frozenset(codes))

    return wanted


def of_populations(tables: Sequence[_files.Found]) -> list[_files.Found]:
    """Return the tables of populations, without those of births or deaths next to them."""
    # With a column of components each row says which it is.
    named = [each for each in tables if "population" in each.sheet.casefold()]
    apart = [each for each in named if "component" not in map(_files.heading, each.frame.columns)]
    return named if apart else list(tables)


def cells(frame: pd.DataFrame, *, name: str, table: str, codes: set[str] | None) -> pd.DataFrame:
    """Return the cells of a table of text in a known layout."""
    named = _without_footnotes(frame.rename(columns=_files.heading), name=name)
    layout = _layout(set(named.columns))
    if layout == "nomis":
        return _nomis(named, name=name, codes=codes)
    if layout == "dfe":
        return _dfe(named, name=name, codes=codes)
    if layout == "wide":
        return _wide(named, name=name, table=table, codes=codes)
    return _small_areas(named, name=name, table=table, codes=codes)


def _without_footnotes(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return a table without the lines of text below it."""
    if frame.shape[1] <= _FOOTNOTE_CELLS:
        return frame
    last = frame.tail(_FOOTNOTES)
    bare = last.index[(last != "").sum(axis=1) <= _FOOTNOTE_CELLS]
    if len(bare):
        remark(f"{name!r} has {len(bare)} lines of text below its table. They are not used.")
    return frame.drop(index=bare)


def _assembled(
    frame: pd.DataFrame, figures: Sequence[str], *, code: str, label: str, name: str, **facts: Any
) -> pd.DataFrame:
    """Return cells: the area of each row for each column of figures, and the facts given."""
    import pandas as pd

    def area(column: str) -> pd.Categorical:
        return population_text.category(frame[column], None, name=name).repeat(len(figures))

    values, status = population_text.figures(frame[list(figures)], name=name)
    areas = {"area_code": area(code), "area_name": area(label)}
    return pd.DataFrame({**areas, **facts, "population": values, "status": status})


def _wide(frame: pd.DataFrame, *, name: str, table: str, codes: set[str] | None) -> pd.DataFrame:
    """One row for each area, sex and age, one column for each year: ONS."""
    import numpy as np

    code = population_text.column(frame, _WIDE_CODE, name=name)
    label = next(filter(_WIDE_NAME.fullmatch, frame.columns), code)
    age = population_text.column(frame, "age[_ ]?group|age", name=name)
    if "sex" not in frame.columns:
        frame = frame.assign(sex=_one_sex(table, name))
    if "component" in frame.columns:
        frame = frame[frame["component"].str.casefold().isin({"population", ""})]
    frame = _of_codes(frame, code, codes)
    every = {each: int(m[1]) for each in frame.columns if (m := _YEAR.fullmatch(each))}
    years = {each: year for each, year in every.items() if (frame[each] != "").any()}
    # Without rows of the areas that are asked for, nothing is known of the columns.
    if len(frame) and len(years) < len(every):
        blank = sorted(set(every.values()) - set(years.values()))
        remark(f"{name!r} has no figures in its columns of {some(blank)}. They are not used.")
    sexes = _DETAILED_SEXES if age == "age" else SEXES
    ages = population_text.age_meanings(frame[age], name=name)

    def repeated(cells: pd.Series, meaning: Mapping[str, str]) -> pd.Categorical:
        return population_text.category(cells, meaning, name=name).repeat(len(years))

    return _assembled(
        frame,
        list(years),
        code=code,
        label=label,
        name=name,
        year=np.tile(np.array(list(years.values()), dtype="int64"), len(frame)),
        sex=repeated(frame["sex"].str.casefold(), sexes),
        ages=repeated(frame[age], ages),
    )


def _one_sex(table: str, name: str) -> str:
    """Return the sex of a table without a column of it, by the name of its sheet or file."""
    found = _ONE_SEX.search(table.casefold()) or _ONE_SEX.search(name.casefold())
    if found is None:
        raise SchemaError(
            f"{name!r} has no column 'SEX', and the name of its sheet or file has none of "
            "'persons', 'females' and 'males'. Add the one that it is of to the name of the file."
        )
    return found[1]


def _nomis(frame: pd.DataFrame, *, name: str, codes: set[str] | None) -> pd.DataFrame:
    """One row for each cell, headings in capitals: Nomis .data.csv and .data.tsv."""
    _reject_a_cut_answer(frame, name=name)
    # Without measures= Nomis answers with each count and each percentage.
    if "measures" in frame.columns:
        frame = frame[frame["measures"] == "20100"]
    elif "measures_name" in frame.columns:
        frame = frame[frame["measures_name"].str.casefold() == "value"]
    frame = _of_codes(frame, "geography_code", codes)
    sex = population_text.first(frame, list(_NOMIS_SEXES), name=name)
    age = population_text.first(frame, ("c_age", "c_age_code", "c_age_name"), name=name)
    ages = _NOMIS_AGES
    if age == "c_age_name":
        ages = population_text.age_meanings(frame[age], name=name)
    dates = [each for each in _NOMIS_DATES if each in frame.columns]
    if not dates:
        raise SchemaError(
            f"{name!r} has no year: it has no column PROJECTED_YEAR or DATE. It has "
            f"{some(map(str.upper, frame.columns), most=12, like=_NOMIS_DATES)}. Ask Nomis for "
            "date_name in select=."
        )
    return _assembled(
        frame,
        ["obs_value"],
        code="geography_code",
        label="geography_name" if "geography_name" in frame.columns else "geography_code",
        name=name,
        year=population_text.years(frame[dates[0]], name=name),
        sex=population_text.category(frame[sex].str.casefold(), _NOMIS_SEXES[sex], name=name),
        ages=population_text.category(frame[age], ages, name=name),
    )


def _reject_a_cut_answer(frame: pd.DataFrame, *, name: str) -> None:
    if "record_count" not in frame.columns or frame.empty:
        return
    printed = frame["record_count"].unique()
    # Each row has the same number, so one damaged cell does no harm.
    promised = max((each for each in map(whole, printed) if each is not None), default=None)
    if promised is None:
        raise SchemaError(
            f"{name!r}: column 'RECORD_COUNT' has {some(map(repr, printed))}; expected the number "
            "of records, which shows whether the answer is complete. Download it again."
        )
    if promised > len(frame):
        raise SchemaError(
            f"{name!r} has {len(frame):,} of {promised:,} records: Nomis cuts a long answer "
            "without a message. Fetch the other pages with RecordOffset and put them together."
        )


def _dfe(frame: pd.DataFrame, *, name: str, codes: set[str] | None) -> pd.DataFrame:
    """DfE's denominators: the mid-year is in time_period, the area in one of three columns."""
    import pandas as pd

    kinds = ("region", "country")
    columns = [f"{kind}_{part}" for kind in kinds for part in ("code", "name")]
    for each in ("new_la_code", "la_name", *columns):
        population_text.column(frame, each, name=name)
    code, label = frame["new_la_code"], frame["la_name"]
    for kind in kinds:
        label = label.where(code != "", frame[f"{kind}_name"])
        code = code.where(code != "", frame[f"{kind}_code"])
    frame = _of_codes(frame.assign(_code=code, _label=label), "_code", codes)
    ages = population_text.age_meanings(frame["age_group"], name=name)
    return _assembled(
        frame,
        ["population_estimate"],
        code="_code",
        label="_label",
        name=name,
        year=population_text.years(frame["time_period"], name=name),
        sex=pd.Categorical(["persons"] * len(frame)),
        ages=population_text.category(frame["age_group"], ages, name=name),
    )


def _small_areas(
    frame: pd.DataFrame, *, name: str, table: str, codes: set[str] | None
) -> pd.DataFrame:
    """One row for each small area, one column for each age (``7``, ``F7``): ONS SAPE."""
    import numpy as np
    import pandas as pd

    code = population_text.column(frame, _SMALL_CODE, name=name)
    label = next(filter(_SMALL_NAME.fullmatch, frame.columns), code)
    frame = _of_codes(frame[frame[code] != ""], code, codes)
    if "mid_year" in frame.columns:
        years = population_text.years(frame["mid_year"], name=name)
    else:
        found = _MID_YEAR.search(table) or _MID_YEAR.search(name)
        if not found:
            raise SchemaError(
                f"{name!r} has no mid-year in a column 'mid_year' or in the name of the sheet "
                f"{table!r} or file. Add it to the name of the file, such as mid-2024."
            )
        years = np.full(len(frame), int(found[1]), dtype="int64")
    one_sex = next((s for w, s in SEXES.items() if re.search(rf"\b{w}s?\b", table.lower())), None)
    columns = {each: m for each in frame.columns if (m := _AGE_COLUMN.fullmatch(each))}
    both = any(m[1] for m in columns.values())
    sexes, ages = [], []
    for each, m in columns.items():
        by_letter = {"f": "females", "m": "males"}.get(m[1] or "")
        sexes.append(by_letter or ("persons" if both else one_sex or "persons"))
        ages.append(population_text.age_label(m[2] or each))

    def tiled(labels: list[Any]) -> pd.Categorical:
        return pd.Categorical(np.tile(np.array(labels, dtype=object), len(frame)))

    return _assembled(
        frame,
        list(columns),
        code=code,
        label=label,
        name=name,
        year=years.repeat(len(columns)),
        sex=tiled(sexes),
        ages=tiled(ages),
    )


def _of_codes(frame: pd.DataFrame, code: str, codes: set[str] | None) -> pd.DataFrame:
    return frame if codes is None else frame[frame[code].isin(codes)]
