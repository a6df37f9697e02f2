"""What each release of children in need calls its figures, and which release a file is of.

The words themselves are data: ``layouts.toml``. This module finds the layout of a file by
its headings and its release by its rows, and says in one message what does not fit.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import OtherTableError, SchemaError, UsageError, some
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
class Table:
    """One published file as text.

    Attributes
    ----------
    name : str
        The name of the file, for messages.
    frame : DataFrame
        Its cells; columns named by the compared form of their headings (:func:`files.heading`).
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
        """Say whether the file has a heading, in any case."""
        return _files.heading(heading) in self.frame.columns

    def first(self, headings: Sequence[str]) -> str | None:
        """Return the first of some headings that the file has."""
        return next((each for each in headings if self.has(each)), None)

    def own(self) -> str:
        """Name the columns of the file that are not its areas and times."""
        figures = [each for each in self.printed if _files.heading(each) not in _USUAL]
        return some(map(repr, figures), most=6)

    def no_column(self, heading: str, hint: str) -> OtherTableError:
        """Return the error of a missing column: what is there instead, and what to do."""
        return OtherTableError(
            f"{self.name!r} has no column {heading!r}. It has {self.own()}. {hint}"
        )


@dataclass(frozen=True)
class Layout:
    """The headings of one kind of file from one release until the next change.

    Attributes
    ----------
    file, title : str
        DfE's letter and number for the file, and what it is about.
    dataset : str
        The dataset of the catalogue.
    core : tuple of str
        The indicators that the file must have.
    marks : tuple of str
        Headings that the file must have to be taken for this one.
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
        """The headings that tell the layout: of its counts, or every column of a long file."""
        return [each[0] for each in self.figures.values()] or list(self.roles.values())

    @property
    def releases(self) -> str:
        """The releases that have it, in words."""
        return f"from {self.since} on" if self.until is None else f"to {self.until}"

    def covers(self, year: int) -> bool:
        """Say whether the release of a year has this layout."""
        return self.since <= year and (self.until is None or year <= self.until)


@functools.cache
def words() -> dict[str, Any]:
    """Return the words of every release as the TOML file has them."""
    source = resources.files(__package__).joinpath("layouts.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def layouts() -> tuple[Layout, ...]:
    """Return every layout of the releases since 2013."""
    found = []
    for shape in ("tidy", "long"):
        for file, section in words()[shape].items():
            changes = sorted(section["since"])
            found += [
                Layout(
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
    if release is None:
        return None
    if not re.fullmatch("20[0-9]{2}", str(release)):
        raise UsageError(
            f"release={release!r} is no reporting year. Write for example release='2025'."
        )
    return int(release)


def layout_of(table: Table) -> Layout:
    """Return the layout of which a file has most headings, those that it must have first."""
    best = max(layouts(), key=lambda each: (_has_core(table, each), _score(table, each)))
    if _score(table, best) == (0, 0.0):
        titles = dict.fromkeys(f"{each.file} ({each.title})" for each in layouts())
        raise OtherTableError(
            f"{table.name!r} has none of the figures of children in need that are known here. It "
            f"has {table.own()}. Expected one of: {some(titles, most=20)}."
        )
    return best


def _has_core(table: Table, layout: Layout) -> bool:
    """Say whether a file has what one of a layout must have: some headings are in many files."""
    if _score(table, layout) == (0, 0.0):
        return False
    return all(table.has(layout.figures[each][0]) for each in layout.core if layout.figures)


def _score(table: Table, layout: Layout) -> tuple[int, float]:
    there = sum(table.has(each) for each in layout.headings)
    # "number" and "rate" alone mean nothing: a long file has all of its headings or is another.
    if layout.roles and there < len(layout.headings):
        return 0, 0.0
    if not all(table.has(each) for each in layout.marks):
        return 0, 0.0
    return there, there / len(layout.headings)


def release_of(table: Table, layout: Layout, wanted: int | None, *, last: int) -> int:
    """Return the release of a file: the one given, if it can be, else the one detected."""
    # A release ends with its own year, so the last year of the rows tells it. A later year in the
    # name or title is not believed: it would give a file precedence over the release it is of.
    said = {where: year for where, year in _said(table).items() if year}
    detected = max(last, layout.since) if any(year > last for year in said.values()) else last
    if wanted is None:
        early = {where: year for where, year in said.items() if year < last}
        for where, year in early.items():
            raise SchemaError(
                f"{table.name!r} is by its {where} the release of {year}, but has rows of {last}: "
                f"it contradicts itself. Check which release it is and correct the {where}, or "
                f"pass release='{last}'."
            )
        if detected < layout.since:
            raise SchemaError(
                f"{table.name!r} has rows to {last}, but its headings are those of releases "
                f"{layout.releases}: its release cannot be told. Pass "
                f"release='{layout.since}' or the year it is of, or keep the published file name."
            )
        for where, year in said.items():
            if year > detected:
                remark(
                    f"{table.name!r} is by its {where} the release of {year}, but its rows end in "
                    f"{last}: it is taken for that of {detected}, and later releases take "
                    "precedence. Check that the file is whole."
                )
        return detected
    if not layout.covers(wanted):
        hint = (
            f"That is the layout of releases {layout.releases}: load it with "
            f"release='{max(detected, layout.since)}', or let the release be detected."
        )
        others = [each for each in layouts() if each.file == layout.file and each.covers(wanted)]
        if others:
            lacking = next(each for each in others[0].headings if not table.has(each))
            raise table.no_column(lacking, hint)
        raise SchemaError(f"{table.name!r} is not of the release of {wanted}. {hint}")
    other = {where: year for where, year in said.items() if wanted not in (year, detected)}
    if wanted < last or other:
        shown = next((f"is by its {where} that of {year}" for where, year in other.items()), "")
        shown = f"has rows to {last}" if wanted < last else shown
        raise SchemaError(
            f"{table.name!r} {shown}, so it is not the release of {wanted}. Load it with "
            f"release='{detected}', or let the release be detected."
        )
    return wanted


def _said(table: Table) -> dict[str, int]:
    """Return the years of the release that the name and the title of a file say, 0 if none."""
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


def wide_release(table: Table, wanted: int | None) -> int:
    """Return the year that the headings of a wide file name, such as 2012 for ``Referrals1112``."""
    spans = {
        match.groups() for each in table.frame.columns if (match := _WIDE_YEARS.fullmatch(each))
    }
    if len(spans) != 1:
        raise SchemaError(
            f"{table.name!r} is laid out as the underlying data of 2009-10 to 2012-13, but its "
            f"headings name {len(spans)} years; expected one, as in 'Referrals1112'. It has "
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
