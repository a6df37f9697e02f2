"""Rows of a table matched to known areas: by code under any heading, or by name."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from bolton_jsna.core import areas
from bolton_jsna.core._row_authorities import named_in_rows
from bolton_jsna.core.area_codes import LABELS, level_of
from bolton_jsna.core.comparable_rows import CODES
from bolton_jsna.core.errors import (
    AreaNotFoundError,
    SchemaError,
    UsageError,
    VintageError,
    did_you_mean,
    short,
    some,
)
from bolton_jsna.core.known_areas import (
    BY_CODE,
    NOT_MATCHED,
    KnownAreas,
    cell_of,
    is_code,
    texts_of,
)
from bolton_jsna.core.naming import heading
from bolton_jsna.core.table_checks import reject_unlike_keys

MOST_NAMED: Final = 200
_MEANT: Final = ("area_code", "ward", "lsoa")
"""The most rows without an area that a message names."""

_NAME_HEADING: Final = re.compile(
    r"(area|authority|ward|lsoa|wd\d\d|lsoa\d\d|lad\d\d)[ _]?(name|nm)|area|ward|name"
)


@dataclass(frozen=True)
class Matched:
    """The rows of a table with the areas they were matched to.

    ``codes`` has the code of each row (None if there is none) and ``how`` how it was found.
    ``elsewhere`` has the rows that are not matched because they name another authority.
    """

    column: str
    given: pd.Series
    codes: pd.Series
    how: pd.Series
    known: KnownAreas
    elsewhere: tuple[str, ...] = ()

    @property
    def strays(self) -> list[Any]:
        """The cells that are no known area, each once."""
        return list(self.given[self.codes.isna() & self.given.notna()].unique())

    @property
    def blanks(self) -> int:
        """The number of rows without a code or name."""
        return int(self.given.isna().sum())

    @property
    def is_names(self) -> bool:
        """Whether most of the cells without an area are names, not codes."""
        names = sum(isinstance(each, str) and not is_code(each) for each in self.strays)
        return bool(self.known.by_key) and 2 * names > len(self.strays)

    def reject_strays(self, advice: str) -> None:
        """Reject names that are no known area, naming each with the names most like it."""
        listed = []
        for each in self.strays[:MOST_NAMED]:
            near = self.known.near(each) if isinstance(each, str) and not is_code(each) else []
            like = f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
            listed.append(f"{short(repr(each))}{like}")
        if listed:
            more = len(self.strays) - len(listed)
            raise AreaNotFoundError(
                f"{len(self.strays)} of {self.given.nunique()} names in {self.column!r} are not in "
                f"{self.known.what}: {', '.join(listed)}{f' and {more} more' if more else ''}. "
                f"{advice}"
            )

    def reject_elsewhere(self, more: str = "") -> None:
        """Reject rows that name another authority than that of their area."""
        if self.elsewhere:
            texts = list(dict.fromkeys(self.elsewhere))
            raise AreaNotFoundError(
                f"{len(self.elsewhere)} of {len(self.given)} rows name another authority than that "
                f"of their area in {self.known.what}: {some(texts, most=20)}. Correct these rows "
                "or leave them out. If the column is not of the authority that the areas lie in, "
                f"leave out the column.{more}"
            )

    def reject_unmatched(self) -> None:
        """Reject rows that are no known area, naming each; the advice is for maps and joins."""
        rows, strays = len(self.given), self.strays
        show = "" if self.codes.isna().all() else " Or give unmatched='show' to leave them out."
        if self.blanks:
            others = [each for each in strays if not is_code(each)]
            also = f" These match no area either: {some(map(repr, others), most=20)}."
            raise SchemaError(
                f"The frame has rows without an area_code: {self.blanks} of {rows} are empty in "
                f"{self.column!r}.{also if others else ''} Drop or correct them.{show}"
            )
        self.reject_elsewhere(show)
        if not strays:
            return
        if self.is_names:
            self.reject_strays(
                "Correct the names, or leave out rows that are not such areas; names may be of "
                f"another year.{show}"
            )
        what = self.known.what
        reject_unlike_keys(self.given, self.known.codes, column=self.column, there=what)
        most = MOST_NAMED if len(strays) < rows else 5
        raise VintageError(
            f"{len(strays)} of {rows} codes of the frame ({some(strays, most=most)}) are not in "
            f"{what} ({some(self.known.codes, most=3)}). {_advice(strays, self.known)}{show}"
        )


def labels_as_column(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with rows numbered; labels of text, as after ``groupby``, are a column."""
    labels = frame.index
    names = ["index" if name is None else name for name in labels.names]
    first = next(iter(labels), None)
    texts = any(isinstance(each, str) for each in (first if labels.nlevels > 1 else [first]) or ())
    new = len(set(names)) == len(names) and not set(names) & set(frame.columns)
    return frame.reset_index(drop=not (texts and new))


def match_areas(
    frame: pd.DataFrame, known: KnownAreas, *, code: str | None = None, drawn: Sequence[str] = ()
) -> Matched:
    """Return the rows of a table matched to areas; ``drawn`` are columns that name no area."""
    column = key_column(frame, known, code=code, drawn=drawn)
    cells = [cell_of(each) for each in frame[column].astype(object)]
    meant = {each: known.found(each) for each in dict.fromkeys(cells) if each is not None}
    owners = dict(zip(known.codes, known.authorities, strict=True))
    codes: list[Any] = []
    how: list[str] = []
    elsewhere: list[str] = []
    named = named_in_rows(frame, known, [column, *drawn])
    for cell, authorities in zip(cells, named, strict=True):
        found, way = meant.get(cell, ([], NOT_MATCHED))
        here = [each for each in found if all(one.has(owners[each]) for one in authorities)]
        if len(here) > 1:
            raise _ambiguous(cell, here, known, column)
        if found and not here:
            one = next(one for one in authorities if not one.has(owners[found[0]]))
            elsewhere.append(f"{cell!r} with {short(repr(one.text))} in {one.column!r}")
        codes.append(here[0] if here else None)
        how.append(way if here else NOT_MATCHED)
    _reject_other_year(column, how, known)
    return Matched(
        column,
        pd.Series(cells, index=frame.index, dtype=object),
        pd.Series(codes, index=frame.index, dtype=object),
        pd.Series(how, index=frame.index, dtype=object),
        known,
        tuple(elsewhere),
    )


def _reject_other_year(column: Any, how: Sequence[str], known: KnownAreas) -> None:
    """Reject names under a heading of another year than the areas'; codes prove themselves."""
    year = _year_of(column)
    if year is None or known.years is None or set(how) <= {BY_CODE, NOT_MATCHED}:
        return
    first, last = known.years
    # Names of a later year are taken if each has its area: areas that change are renamed.
    if year < first or (year > last and NOT_MATCHED in how):
        raise VintageError(
            f"{column!r} has names of areas of {year}, not of "
            f"{first if first == last else f'{first} to {last}'} as {known.what}: areas with the "
            f"same name may have other boundaries. Use areas of {year}, such as "
            f"load_boundaries(year={year}), or a column of codes. If the names are of another year "
            "than the heading says, give the "
            "column another heading."
        )


def _year_of(column: Any) -> int | None:
    """Return the year in a heading of wards or LSOAs, such as "WD22NM" and "Ward (2011)"."""
    text = re.sub("[_-]", " ", heading(str(column)))
    if short_year := re.search(r"\b(?:ward|(?:wd|lsoa|msoa) ?)(\d\d)(?!\d)", text):
        return 2000 + int(short_year[1])
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    if found is None or not re.search("wd|ward|lsoa|msoa|area", text):
        return None
    return int(found[0]) - bool(re.search(r"\b(pre|before|until) $", text[: found.start()]))


def key_column(
    frame: pd.DataFrame, known: KnownAreas, *, code: str | None = None, drawn: Sequence[str] = ()
) -> str:
    """Return the column that has the codes or names of the areas."""
    if code is not None:
        if not isinstance(code, Hashable):
            raise UsageError(f"code={short(repr(code))}: expected the name of one column.")
        if code not in frame.columns:
            raise SchemaError(
                f"code={code!r}: the frame has no such column. It has "
                f"{some(map(repr, frame.columns), most=20, like=str(code))}."
                f"{did_you_mean(str(code), map(str, frame.columns))}"
            )
        return code
    texts: dict[str, set[str]] = {
        name: texts_of(frame[name]) for name in frame.columns if name not in drawn
    }
    own = frame["area_code"].astype(object).map(cell_of).dropna() if "area_code" in frame else ()
    if any(known.code_of(each) is not None for each in own):
        return _agreed(frame, ["area_code"], _headed(texts), known)
    coded = {name: codes for name, found in texts.items() if (codes := _codes(found, known))}
    ours = [name for name, codes in coded.items() if any(known.code_of(each) for each in codes)]
    # Codes of the same level that are not known are of another year: names do not mend that.
    levels = {name: {level_of(each) for each in codes} for name, codes in coded.items()}
    other = [name for name, found in levels.items() if found & known.levels]
    if other and not ours:
        return "area_code" if "area_code" in other else other[0]
    names = _name_columns(texts, known, certain=bool(ours))
    if ours or names:
        best = _agreed(frame, ours, names, known)
        if not ours:
            _reject_other_claim(best, texts, known)
        return best
    smaller = [name for name, found in levels.items() if found & {"lsoa", "msoa", "ward"}]
    usual = [name for name in CODES if name in frame.columns]
    if likely := [*smaller, *usual, *_headed(texts)]:
        return likely[0]
    raise SchemaError(
        f"No column of the frame has codes or names of the areas of {known.what}, such as "
        f"{_example(known)}. It has {some(map(repr, frame.columns), most=20, like=_MEANT)}. Give a "
        "column 'area_code', or name the column of codes or names with code=."
    )


def _headed(texts: Mapping[str, set[str]]) -> list[str]:
    """Return the columns of text whose heading is that of names of areas."""
    return [name for name in texts if texts[name] and _NAME_HEADING.fullmatch(heading(str(name)))]


def _codes(texts: set[str], known: KnownAreas) -> list[str]:
    """Return the codes in the texts of a column, if most of the texts are codes."""
    found = [each for each in texts if is_code(each) or known.code_of(each) is not None]
    return found if 2 * len(found) > len(texts) else []


def _name_columns(texts: Mapping[str, set[str]], known: KnownAreas, *, certain: bool) -> list[str]:
    """Return the columns that hold names of areas; ``certain`` if there is a column of codes."""
    shares = {
        name: sum(bool(known.found(each)[0]) for each in found) / len(found)
        for name, found in texts.items()
        if found
    }
    likely = [name for name, share in shares.items() if share > 0.5]
    headed = _headed(texts)
    if certain or set(likely) & set(headed):
        return likely
    # A column headed "Ward" comes before one that only has names of wards, such as the nearest.
    begins = (*known.levels, *(["wd"] if "ward" in known.levels else []))
    own = [name for name in headed if heading(str(name)).startswith(begins)]
    likely = own or likely or [name for name in headed if shares[name]]
    some_names = [name for name, share in shares.items() if share]
    if not likely and some_names:
        raise SchemaError(
            f"Fewer than half of the names in {some(map(repr, some_names))} are areas of "
            f"{known.what}, so it is not clear what the column holds. Name the column to join by, "
            f"such as code={some_names[0]!r}: the names that do not match are then listed."
        )
    return likely


def _agreed(
    frame: pd.DataFrame, codes: Sequence[str], names: Sequence[str], known: KnownAreas
) -> str:
    """Return the column with the most areas, of codes if there is one; none may contradict it."""
    if len(codes) + len(names) == 1:
        return (*codes, *names)[0]
    meant = {
        name: [known.found(each)[0] for each in frame[name].astype(object).map(cell_of)]
        for name in (*codes, *names)
    }
    best: str = max(codes or names, key=lambda name: sum(map(bool, meant[name])))
    for name, others in meant.items():
        for at, (one, other) in enumerate(zip(meant[best], others, strict=True)):
            if one and other and not set(one) & set(other):
                raise SchemaError(
                    f"Columns {best!r} and {name!r} both name areas of {known.what}, and not the "
                    f"same: a row has {short(repr(frame[best].iloc[at]))} and "
                    f"{short(repr(frame[name].iloc[at]))}. Name the column to join by with "
                    f"code={best!r} or code={name!r}, or correct the rows."
                )
    return best


def _reject_other_claim(best: str, texts: Mapping[str, set[str]], known: KnownAreas) -> None:
    """Reject a column of names if the heading of another, which has none, says as much or more."""
    rank = _claim(best, known)
    for name, found in texts.items():
        own = [each for each in found if not is_code(each) and areas.find(each) is None]
        fits = sum(bool(known.found(each)[0]) for each in found)
        claim = _claim(name, known)
        meant = claim > rank or claim == rank == 2
        if name == best or not own or 2 * fits > len(found) or not meant:
            continue
        like = some(map(repr, sorted(own)), most=3)
        raise SchemaError(
            f"Column {best!r} has names of areas of {known.what}, and {name!r}, which may be meant "
            f"too, has others ({like}). Name the column to join by with code={best!r} or "
            f"code={name!r}."
        )


def _claim(column: Any, known: KnownAreas) -> int:
    """Return how much a heading says that a column has the areas: 3 is most, 0 nothing."""
    text = re.sub("[_-]", " ", heading(str(column)))
    words = {"ward": "wards?|wd\\d\\d(nm)?", "lsoa": "lsoas?(\\d\\d)?(nm)?"}
    level = "|".join(words.get(each, each) for each in known.levels) or "|".join(words.values())
    if re.fullmatch(rf"({level})( (name|nm|\(?\d{{4}}\)?))*", text):
        return 3
    return 2 if re.search(rf"\b({level})\b", text) else int(bool(re.search(r"\bareas?\b", text)))


def _ambiguous(name: Any, codes: list[Any], known: KnownAreas, column: str) -> SchemaError:
    """Return the error of a name that several areas have."""
    written = next((each for each in codes if str(each) in str(name)), None)
    if written is not None:
        return SchemaError(
            f"{short(repr(name))} in {column!r} has the code of one area of {known.what} and the "
            f"name of another: {written} is {known.by_code[written]!r}. Correct the code or the "
            "name."
        )
    owners = dict(zip(known.codes, known.authorities, strict=True))
    places = [areas.find(owner) if isinstance(owner := owners[c], str) else None for c in codes]
    named = [place.name for place in places if place is not None]
    way_out = "Give codes in place of names."
    if len(set(named)) == len(codes):
        way_out = f"Write the authority too, such as '{name} ({named[0]})', or give codes."
    return SchemaError(
        f"{short(repr(name))} in {column!r} is the name of {len(codes)} areas of {known.what} "
        f"({some(codes)}). {way_out}"
    )


def _advice(codes: Sequence[Any], known: KnownAreas) -> str:
    """Return what to do about codes of another level or year."""
    levels = {level_of(code) for code in codes}
    (level,) = levels if len(levels) == 1 else (None,)
    if level in {"lsoa", "msoa"} and level not in known.levels and known.levels:
        several = LABELS[level][1]
        return (
            f"The rows are of {several}, and these areas are not. Add the rows up with "
            "to_areas(frame, load_lookup(...), sums=[...], means={...}), or load the boundaries of "
            f"the {several}."
        )
    if level == "ward":
        return (
            "Wards change (Bolton's in May 2023): load the boundaries of the frame's year, or use "
            "load_lookup(of='lsoa21', to='ward23') and build ward counts from LSOAs."
        )
    if level == "lsoa":
        return (
            "LSOAs changed with the Censuses of 2011 and 2021: load the boundaries of the "
            "frame's year, such as load_boundaries(level='lsoa', year=2021)."
        )
    return "Leave out rows that are not areas of the map, or load the boundaries of these codes."


def _example(known: KnownAreas) -> str:
    named = [name for name in known.names if isinstance(name, str)][:1]
    return some([*known.codes[:1], *map(repr, named)])
