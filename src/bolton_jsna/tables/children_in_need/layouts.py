"""Find the layout of a file of children in need by its headings, and its release by its rows.

The headings of each release are in ``layouts.toml``.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.core.years import one_year
from bolton_jsna.tables import _files
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_USUAL: Final[frozenset[str]] = frozenset(
    {
        *("time_period", "time_identifier", "geographic_level", "country_code", "country_name"),
        *("region_code", "region_name", "old_la_code", "new_la_code", "la_name", "category"),
        *("geog_l", "geog_c", "geog_n"),
    }
)
# "c1_x_2013_to_2025.csv", "Children in need release 2022", "Reporting year 2024-25".
_RELEASE: Final = re.compile(
    r"(?:(?<![a-z])to|release|year|need|after|england)"
    r"(?:[ _:,()-]|of|ending|for|in|england|31|march)*"
    r"(20\d\d)(?!\d)(?: ?[-\u2013_/] ?(20\d\d|\d\d)(?!\d))?",
    re.IGNORECASE,
)
_WIDE_YEARS = re.compile(r"(?:referrals|cinthro|cppstart|cppin|ias)(\d\d)(\d\d)")


@dataclass(frozen=True)
class DfeTable:
    """One published file as text.

    Attributes
    ----------
    name : str
        The name of the file, for messages.
    frame : DataFrame
        Its cells; columns have the headings in lower case (:func:`_files.heading`).
    printed : tuple of str
        The headings as printed, in order.
    title : str
        The text above the headings, and the name of the sheet of a workbook.
    """

    name: str
    frame: pd.DataFrame
    printed: tuple[str, ...]
    title: str = ""

    def cells(self, heading: str) -> pd.Series:
        """Return a column by its heading in any case; empty cells where there is none."""
        import pandas as pd

        column = _files.heading(heading)
        if column in self.frame.columns:
            return self.frame[column]
        return pd.Series("", index=self.frame.index, dtype=object)

    def has(self, heading: str) -> bool:
        """Return whether the file has a heading, in any case."""
        return _files.heading(heading) in self.frame.columns

    def first(self, headings: Sequence[str]) -> str | None:
        """Return the first of some headings that the file has."""
        return next((each for each in headings if self.has(each)), None)

    def own(self) -> str:
        """Return the columns of the file that are not its areas and times, as text."""
        figures = [each for each in self.printed if _files.heading(each) not in _USUAL]
        return some(map(repr, figures), most=6)

    def no_column(self, heading: str, hint: str) -> OtherTableError:
        """Return the error of a missing column, with the columns that the file has."""
        return OtherTableError(
            f"{self.name!r} has no column {heading!r}. It has {self.own()}. {hint}"
        )


@dataclass(frozen=True)
class DfeLayout:
    """The headings of one kind of file from one release until the next change.

    Attributes
    ----------
    file, title : str
        DfE's letter and number for the file, and its subject.
    dataset : str
        The dataset of the catalogue.
    core : tuple of str
        The indicators that the file must have.
    marks : tuple of str
        Other headings that identify the file.
    since, until : int
        The first and the last release (None: still in use).
    figures : mapping
        Indicator to the heading of its count and, if any, of its rate; empty for a long file.
    roles : mapping
        For a long file: figure, count, rate and population to their headings.
    """

    file: str
    title: str
    dataset: str
    core: tuple[str, ...]
    marks: tuple[str, ...]
    since: int
    until: int | None
    figures: Mapping[str, Sequence[str]]
    roles: Mapping[str, str]

    @property
    def headings(self) -> list[str]:
        """The headings that identify the layout: of its counts, or every column of a long file."""
        return [each[0] for each in self.figures.values()] or list(self.roles.values())

    @property
    def releases(self) -> str:
        """The releases that have it, in words."""
        return f"from {self.since} on" if self.until is None else f"to {self.until}"

    def covers(self, year: int) -> bool:
        """Return whether the release of a year has this layout."""
        return self.since <= year and (self.until is None or year <= self.until)


@functools.cache
def words() -> dict[str, Any]:
    """Return the headings of every release, as in the TOML file."""
    source = resources.files(__package__).joinpath("layouts.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def layouts() -> tuple[DfeLayout, ...]:
    """Return every layout of the releases since 2013."""
    found = []
    for shape in ("tidy", "long"):
        for file, section in words()[shape].items():
            changes = sorted(section["since"])
            found += [
                DfeLayout(
                    file=file,
                    title=section["title"],
                    dataset=section.get("dataset", "children_in_need"),
                    core=tuple(section["core"]),
                    marks=tuple(section.get("marks", ())),
                    since=int(since),
                    until=int(after) - 1 if after else None,
                    figures=section["since"][since] if shape == "tidy" else {},
                    roles=section["since"][since] if shape == "long" else {},
                )
                for since, after in zip(changes, [*changes[1:], None], strict=True)
            ]
    return tuple(found)


def as_year(release: str | int | None) -> int | None:
    """Return the year of a release as asked for."""
    return None if release is None else one_year("release", release, text=True)


def layout_of(table: DfeTable) -> DfeLayout:
    """Return the layout with most headings of a file, first of those whose core it has."""
    best = max(layouts(), key=lambda each: _match(table, each))
    if not _match(table, best)[1]:
        titles = dict.fromkeys(f"{each.file} ({each.title})" for each in layouts())
        raise OtherTableError(
            f"{table.name!r} has no known figures of children in need. It has {table.own()}. "
            f"Expected one of: {some(titles, most=20)}."
        )
    return best


def _match(table: DfeTable, layout: DfeLayout) -> tuple[bool, int, float]:
    """Return whether a file has the core of a layout, how many headings and which share."""
    there = sum(map(table.has, layout.headings))
    # "number" and "rate" alone mean nothing: a long file has all of its headings.
    if (layout.roles and there < len(layout.headings)) or not all(map(table.has, layout.marks)):
        return False, 0, 0.0
    core = all(table.has(layout.figures[each][0]) for each in layout.core if layout.figures)
    return core, there, there / len(layout.headings)


def release_of(table: DfeTable, layout: DfeLayout, wanted: int | None, *, last: int) -> int:
    """Return the release of a file: the one given, if it is possible, else the one detected."""
    # A release ends with its own year, which is the last year of the rows. A later year in the name
    # or title is not used: it would give a file precedence over the release that it is of.
    named = {where: year for where, year in _named_years(table).items() if year}
    detected = max(last, layout.since) if any(year > last for year in named.values()) else last
    if wanted is None:
        for where, year in named.items():
            if year < last:
                raise SchemaError(
                    f"{table.name!r} has rows of {last}, but its {where} has the release {year}. "
                    f"Check which release it is and correct the {where}, or pass release='{last}'."
                )
        if detected < layout.since:
            raise SchemaError(
                f"{table.name!r} has rows to {last}, but its headings are those of releases "
                f"{layout.releases}: its release is not known. Pass release='{layout.since}' or "
                "its year, or keep the published file name."
            )
        for where, year in named.items():
            if year > detected:
                remark(
                    f"The {where} of {table.name!r} has the release {year}, but its rows end in "
                    f"{last}: it is read as the release of {detected}, and later releases take "
                    "precedence. Check that the file is complete."
                )
        return detected
    if not layout.covers(wanted):
        hint = (
            f"That is the layout of releases {layout.releases}: load it with "
            f"release='{max(detected, layout.since)}', or let the release be detected."
        )
        others = [each for each in layouts() if each.file == layout.file and each.covers(wanted)]
        if others:
            missing = next(each for each in others[0].headings if not table.has(each))
            raise table.no_column(missing, hint)
        raise SchemaError(f"{table.name!r} is not of the release of {wanted}. {hint}")
    other = {where: year for where, year in named.items() if wanted not in (year, detected)}
    if wanted < last or other:
        shown = next((f"has {year} in its {where}" for where, year in other.items()), "")
        shown = f"has rows to {last}" if wanted < last else shown
        raise SchemaError(
            f"{table.name!r} {shown}, so it is not the release of {wanted}. Load it with "
            f"release='{detected}', or let the release be detected."
        )
    return wanted


def _named_years(table: DfeTable) -> dict[str, int]:
    """Return the year of the release in the name and in the title of a file, or 0."""
    return {
        where: max((_year(*found) for found in _RELEASE.findall(text)), default=0)
        for where, text in (("name", table.name), ("title", table.title))
    }


def _year(first: str, last: str) -> int:
    """Return the year in which years such as 2025, 2024-25 or 2013-2025 end."""
    return max(int(first), int(f"20{last[-2:]}") if last else 0)


def wide_heading(template: str, year: int) -> str:
    """Return a heading of the wide underlying data for the year ending in March of a year."""
    before, after = year % 100 - 1, year % 100
    return template.format(years=f"{before:02d}{after:02d}", day=f"3103{after:02d}", mid=year - 1)


def wide_release(table: DfeTable, wanted: int | None) -> int:
    """Return the year in the headings of a wide file, such as 2012 for ``Referrals1112``."""
    spans = {
        match.groups() for each in table.frame.columns if (match := _WIDE_YEARS.fullmatch(each))
    }
    if len(spans) != 1:
        raise SchemaError(
            f"{table.name!r} has the layout of the underlying data of 2009-10 to 2012-13, but its "
            f"headings have {len(spans)} years; expected one, as in 'Referrals1112'. It has "
            f"{table.own()}."
        )
    first, last = spans.pop()
    year = 2000 + int(last)
    if wanted is not None and wanted != year:
        raise table.no_column(
            wide_heading("Referrals{years}", wanted),
            f"That is the file of 20{first}-{last}: load it with release='{year}', or let the "
            "release be detected.",
        )
    return year
