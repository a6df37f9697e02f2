"""Read lookups between small and larger areas, and of postcodes, of ONS and OS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, OtherTableError, SchemaError, choice, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.sniffing import kind_of
from bolton_jsna.tables import _files, _text_rows, _vintages, schemas
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables._register import register_codes
from bolton_jsna.tables.reader_notes import leave_out, remark

if TYPE_CHECKING:
    import pandas as pd

# In order of size, the smallest first.
_KINDS: Final = {
    "oa": "oa",
    "lsoa": "lsoa",
    "msoa": "msoa",
    "wd": "ward",
    "lad": "authority",
    "ltla": "authority",
    "ctyua": "upper_tier",
    "utla": "upper_tier",
}
_SIZES: Final = tuple(dict.fromkeys(_KINDS.values()))
_AUTHORITIES: Final = ("authority", "upper_tier")
# Small areas nest in each other, and wards and districts in authorities. A small area may cross the
# boundary of a ward, and an area of one year those of another.
_NESTED: Final = ("oa", "lsoa", "msoa")
_PORTAL: Final = "https://geoportal.statistics.gov.uk/."
_CODE: Final = re.compile(rf"({'|'.join(_KINDS)})(\d\d)cd")
_GSS: Final = "[EWNSK][0-9]{8}"
_LSOA_CODE: Final = "[EW]01[0-9]{6}"
# Directories of postcodes have small areas of Northern Ireland and Scotland in the same column, and
# codes for no area: of the Channel Islands, of the Isle of Man and of each country.
_ELSEWHERE: Final = r"[EWNS]99999999|[NS][0-9]{8}|95[A-Z]{2}[0-9]{2}[SW][0-9]"
_NOWHERE: Final = ("L99999999", "M99999999")
_EXPECTED = "a lookup of areas (columns such as LSOA21CD and WD24CD)"

_POSTCODE: Final = r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}"
_POSTCODE_HEADINGS: Final = ("pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode")
_LSOA_HEADING: Final = re.compile(r"lsoa(\d\d)(?:cd)?(?:_ons\w*)?")
_WARD_HEADING: Final = re.compile(r"(?:wd|oswd)(\d\d)(?:cd)?|osward|admin_ward_code|ward(?:_code)?")
# Code-Point Open has no headings; its guide lists these columns.
_CODE_POINT: Final = (
    *("postcode", "positional_quality_indicator", "eastings", "northings", "country_code"),
    *("nhs_regional_ha_code", "nhs_ha_code"),
    *("admin_county_code", "admin_district_code", "admin_ward_code"),
)


@dataclass(frozen=True)
class _Column:
    """One column of codes: the kind and year of its areas."""

    column: str
    kind: str
    year: int

    @property
    def geography(self) -> str:
        return f"{self.kind}{self.year:02d}"

    @property
    def order(self) -> tuple[int, int]:
        return _SIZES.index(self.kind), self.year


@checked
@one_error
def read(path: str | Path, *, to: str | None = None, of: str | None = None) -> pd.DataFrame:
    """Return a published lookup of small areas: the smallest of the file and where each goes.

    Parameters
    ----------
    path : str or Path
        A lookup of the ONS Open Geography Portal as CSV or XLSX: ``LSOA21CD, LSOA21NM, WD24CD,
        WD24NM, LAD24CD, ...`` in any case.
    to : str, optional
        Kind and year of the larger areas, such as ``ward24``, ``lsoa21``, ``msoa21``,
        ``authority24`` (``LAD24CD``: districts, boroughs and unitary authorities) or
        ``upper_tier24`` (``CTYUA24CD``: counties and unitary authorities). By default the next
        larger area (or later year) of the file, an authority only if there is nothing else.
    of : str, optional
        Kind and year of the smaller areas, by default the smallest of the file; ``to`` must be
        given with it.

    Returns
    -------
    DataFrame
        Table ``lookup``. ``method`` is ``best_fit`` for wards, to which each small area goes
        whole although it may cross the boundary, and ``exact`` for areas that nest; ``share`` is
        missing: ONS does not print it. A 2011 LSOA that was split has a row for each part.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, is damaged or is a web page.
    SchemaError
        When it is not a lookup, does not have the area asked for, or a small area goes to two
        wards.
    MissingDataError
        When ``of`` is given and the file has no lookup from ``of`` to ``to``.

    Notes
    -----
    ONS shows how LSOAs changed in ``CHGIND``: U unchanged, S split, M merged, X irregular.
    Irregular LSOAs do not nest, and are ``best_fit``.

    Examples
    --------
    >>> read("no-such-file.csv")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SourceError: There is no file 'no-such-file.csv'. ...
    """
    path = Path(path)
    found = _files.found_table(path, _is_lookup, expected=_EXPECTED)
    frame = found.frame.rename(columns=_files.heading)
    if set(_POSTCODE_HEADINGS).intersection(frame.columns):
        raise OtherTableError(
            f"{path.name!r} is a directory of postcodes, not a lookup of areas. Read it with "
            "read_postcodes."
        )
    known = _codes(frame)
    start = known[0] if of is None else _start(known, of, to, name=path.name)
    goal = _goal([each for each in known if each is not start], to, name=path.name)
    # The first authority of the file, of any year: a small area lies in one.
    within = next((each for each in known if each.kind in _AUTHORITIES), None)
    exact = (start.kind in _NESTED and goal.kind != "ward") or (
        goal.kind in _AUTHORITIES and goal.kind != start.kind
    )
    frame = _of_areas(frame, start, goal, name=path.name)
    for each in (start, goal):
        _vintages.reject_other_year_in_name(
            each.kind,
            2000 + each.year,
            name=path.name,
            title=found.above,
            sheet="" if found.sheet == path.name else found.sheet,
        )
        _vintages.reject_codes_of_other_years(
            frame[each.column], each.kind, 2000 + each.year, name=path.name
        )
    chosen = {
        "from_code": frame[start.column],
        "from_name": _names(frame, start),
        "to_code": frame[goal.column],
        "to_name": _names(frame, goal),
        "from_geography": start.geography,
        "to_geography": goal.geography,
        "method": "exact" if exact else "best_fit",
        "area_code": register_codes(frame[within.column]) if within else None,
        "source": source_id("lookup", f"{start.geography}-{goal.geography}"),
    }
    import pandas as pd

    tidy = pd.DataFrame(chosen, index=frame.index)
    if "chgind" in frame.columns and start is known[0]:
        tidy["method"] = tidy["method"].where(frame["chgind"] != "X", "best_fit")
    if goal.kind in _AUTHORITIES:
        tidy["to_code"] = register_codes(tidy["to_code"])
    tidy = tidy.drop_duplicates(ignore_index=True)
    if goal.kind != start.kind:
        tidy = _to_one(tidy, start, goal, name=path.name)
    return schemas.conform(tidy, "lookup")


@one_error
def read_postcodes(path: str | Path) -> pd.DataFrame:
    """Return postcodes with their LSOA and ward from a published directory."""
    import pandas as pd

    path = Path(path)
    frame = _code_point(path)
    if frame is None:
        table = _files.found_table(
            path,
            lambda cells: bool(cells.intersection(_POSTCODE_HEADINGS)),
            expected="a directory of postcodes (columns such as pcds, lsoa21cd)",
        )
        frame = table.frame.rename(columns=_files.heading)
    postcode = next(each for each in _POSTCODE_HEADINGS if each in frame.columns)
    lsoa = _newest([each for each in frame.columns if _LSOA_HEADING.fullmatch(each)])
    ward = _newest([each for each in frame.columns if _WARD_HEADING.fullmatch(each)])
    if not (lsoa or ward):
        raise OtherTableError(
            f"{path.name!r} has postcodes but neither an LSOA nor a ward. It has "
            f"{some(frame.columns, most=12, like=('lsoa', 'ward'))}. Expected a column such as "
            "lsoa21cd or wd24cd."
        )
    frame = frame[(frame[postcode] != "") & ((frame != "").sum(axis=1) > 1)]
    spaced = _postcodes(frame[postcode], name=path.name)
    frame = frame.loc[spaced.index]
    if lsoa and (found := re.search(r"\d\d", lsoa)):
        year_of = 2000 + int(found[0])
        _vintages.reject_codes_of_other_years(frame[lsoa], "lsoa", year_of, name=path.name)
    tidy = pd.DataFrame(
        {
            "postcode": spaced,
            "lsoa_code": _codes_or_missing(frame[lsoa], _LSOA_CODE, name=path.name)
            if lsoa
            else None,
            "ward_code": _codes_or_missing(frame[ward], _GSS, name=path.name) if ward else None,
        },
        index=frame.index,
    )
    tidy = tidy.drop_duplicates()
    twice = tidy["postcode"].duplicated(keep=False)
    tidy = without(
        tidy,
        twice,
        f"{path.name!r} has postcodes in more than one place: {_listed(tidy['postcode'][twice])}.",
        "Expected one LSOA and ward for each; delete the wrong rows.",
    )
    years = set(re.findall(r"(?<!\d)20\d\d", path.name))
    edition = min(years) if len(years) == 1 else "unknown"
    return schemas.conform(tidy.assign(source=source_id("postcodes", edition)), "postcodes")


def _listed(texts: pd.Series) -> str:
    return some(map(repr, texts.unique()))


def _is_lookup(cells: set[str]) -> bool:
    found = {m[0] for cell in cells if (m := _CODE.fullmatch(cell))}
    return len(found) > 1


def _of_areas(frame: pd.DataFrame, start: _Column, goal: _Column, *, name: str) -> pd.DataFrame:
    """Return the rows of areas, without footnotes and rows without both codes."""
    codes = frame[[start.column, goal.column]]
    frame = frame[(frame != "").any(axis=1)]
    strange = ~codes.apply(lambda each: each.str.fullmatch(_GSS)).loc[frame.index]
    bare = strange.all(axis=1) & (frame != "").sum(axis=1).le(2)
    if bare.any():
        remark(f"{name!r} has {int(bare.sum())} rows of text without an area. They are not used.")
    frame, wrong = frame[~bare], strange[~bare].any(axis=1)
    shown = dict.fromkeys(codes.loc[wrong.index[wrong]].to_numpy().ravel())
    odd = some(repr(each) for each in shown if not re.fullmatch(_GSS, each))
    problem = f"{name!r} has codes that are not valid: {odd}."
    return without(frame, wrong, problem, "Expected GSS codes such as E01004766.")


def _to_one(tidy: pd.DataFrame, start: _Column, goal: _Column, *, name: str) -> pd.DataFrame:
    """Return the rows of authorities whose small areas each go to one larger area."""
    twice = tidy["from_code"].duplicated(keep=False)
    if not twice.any():
        return tidy
    # Without some of its small areas the sums of an authority would be wrong.
    whose = tidy["area_code"].fillna("unknown")
    wrong = set(whose[twice])
    leave_out(
        len(wrong),
        whose.nunique(),
        said=f"{name!r}: {some(tidy['from_code'][twice].unique())} are in more than one "
        f"{goal.kind}.",
        advice=f"Expected one for each {start.kind}, as in a best-fit lookup of ONS.",
        what=f"authorities ({some(sorted(wrong))})",
    )
    return tidy[~whose.isin(wrong)]


def _codes(frame: pd.DataFrame) -> list[_Column]:
    found = [
        _Column(each, _KINDS[m[1]], int(m[2]))
        for each in frame.columns
        if (m := _CODE.fullmatch(each))
    ]
    return sorted(found, key=lambda each: each.order)


def _start(known: list[_Column], of: str, to: str | None, *, name: str) -> _Column:
    start = next((each for each in known if each.geography == of), None)
    if start and any(each.geography == to and each.order > start.order for each in known):
        return start
    raise MissingDataError(
        f"{name!r} has no lookup from {of} to {to}. It has "
        f"{some(each.geography for each in known)}. Ask for two of these, the smaller first, or "
        f"download the lookup from {of} to {to} from {_PORTAL}"
    )


def _goal(known: list[_Column], to: str | None, *, name: str) -> _Column:
    if to is None:
        return next((each for each in known if each.kind not in _AUTHORITIES), known[0])
    kinds = {each.geography: each for each in reversed(known)}
    wanted = to.strip().casefold()
    upper = wanted.replace("authority", "upper_tier")
    if wanted not in kinds and upper in kinds:
        # The file has one tier of authorities only.
        return kinds[upper]
    if wanted not in kinds:
        if not re.fullmatch(rf"(?:{'|'.join(_SIZES)})\d\d", wanted):
            choice("to", to, kinds)
        raise SchemaError(
            f"{name!r} has no lookup to {to}. It has {some(kinds)}. Ask for one of these "
            f"(to={next(iter(kinds))!r}), or download the lookup to {to} from {_PORTAL}"
        )
    return kinds[wanted]


def _names(frame: pd.DataFrame, codes: _Column) -> pd.Series | None:
    column = codes.column[:-2] + "nm"
    return _or_missing(frame[column]) if column in frame.columns else None


def _or_missing(texts: pd.Series) -> pd.Series:
    return texts.where(texts != "", None)


def _codes_or_missing(texts: pd.Series, pattern: str, *, name: str) -> pd.Series:
    """Return GSS codes; other texts, such as markers, are missing."""
    codes = texts.str.strip()
    codes = codes.mask(codes.isin(_NOWHERE), "")
    there = codes != ""
    wrong = there & ~codes.str.fullmatch(rf"{pattern}|{_ELSEWHERE}")
    if not wrong.any():
        return _or_missing(codes)
    example = "E01004766" if pattern == _LSOA_CODE else "E05014818"
    problem = (
        f"{name!r}: column {texts.name!r} has {_listed(codes[wrong])}; expected codes such as "
        f"{example}."
    )
    if wrong.sum() == there.sum():
        raise SchemaError(f"{problem} Check which column it is, and download it again.")
    remark(f"{problem} {int(wrong.sum()):,} of {int(there.sum()):,} count as missing.")
    return _or_missing(codes.mask(wrong, ""))


def _code_point(path: Path) -> pd.DataFrame | None:
    """Return a file of Code-Point Open, which has no headings, or None for another file."""
    import pandas as pd

    content = _files.read_bytes(path)
    if kind_of(content) == "zip":
        return None
    rows = [row for row in _text_rows.read_rows(content, name=path.name) if any(row)]
    width = len(_CODE_POINT)
    plain = all(len(row) == width for row in rows)
    # Postcodes of seven characters are padded in another way than shorter ones.
    begins = re.fullmatch(r"[A-Z]{1,2}[0-9][A-Z0-9]? *[0-9][A-Z]{2}", rows[0][0]) if rows else None
    if not (plain and begins):
        return None
    return pd.DataFrame(rows, columns=list(_CODE_POINT), dtype=object)


def _newest(columns: list[str]) -> str | None:
    """Return the column of the newest year, or else one without a year."""

    def year(column: str) -> int:
        found = re.search(r"\d\d", column)
        return int(found[0]) if found else -1

    return max(columns, key=year, default=None)


def _postcodes(texts: pd.Series, *, name: str) -> pd.Series:
    plain = texts.str.upper().str.replace(r"\s+", "", regex=True)
    spaced = plain.str[:-3] + " " + plain.str[-3:]
    wrong = ~spaced.str.fullmatch(_POSTCODE)
    problem = f"{name!r}: column {texts.name!r} has {_listed(texts[wrong])}; "
    return without(spaced, wrong, problem + "expected postcodes such as 'BL1 1AP'.")
