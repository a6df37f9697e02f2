"""Whether a table of populations is an estimate or a projection, and its base year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.catalogue import dataset
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["projection", "estimates"]

# How ONS writes the base year: 2022snpppopulationsyoamigcat23.zip, "2018-based".
_BASED: Final = re.compile(
    r"(20\d\d)[ _-]?(?:based|snpp)|snpp[ _-]?(20\d\d)"
    r"|base(?:[ _-]year|d on)[ :_-]*(?:mid[ _-])?(20\d\d)",
    re.IGNORECASE,
)
_OF_ESTIMATES: Final = re.compile(r"population_estimate|mid_year|population_(?:19|20)\d\d|date.*")
_WORDS: Final[dict[Kind, re.Pattern[str]]] = {
    "projection": re.compile(r"projection|projected|snpp|(?<!\d)20\d\d[ _-]?based", re.IGNORECASE),
    "estimates": re.compile(r"estimate|(?:^|[ _-])mye|sape", re.IGNORECASE),
}


@dataclass(frozen=True)
class FileText:
    """The text of a file outside its table.

    Attributes
    ----------
    name : str
        The name of the file.
    title : str
        The text above the headings, and the names of the sheets or of the files of a zip.
    cover : str
        The first rows of the other sheets. They may be about something else.
    """

    name: str
    title: str = ""
    cover: str = ""


def kind_of(headings: Iterable[str], cells: pd.DataFrame, words: FileText) -> Kind | None:
    """Return whether a table is a projection or estimates, or None if it is not known."""
    table = _by_table(headings, cells)
    found = {
        "its headings or years": [table] if table else [],
        "its name": _by_words(words.name),
        "its title": _by_words(words.title),
    }
    shown = {where: kinds for where, kinds in found.items() if kinds}
    shared = set[Kind](_WORDS).intersection(*shown.values())
    if not shared:
        listed = some((f"{where} {kinds[0]}" for where, kinds in shown.items()), 9)
        raise SchemaError(
            f"{words.name!r} contradicts itself about what its populations are: {listed}. "
            "Expected a projection or estimates. Check which it is, and correct its name or "
            "title, or download it again."
        )
    for kinds in [*shown.values(), _by_words(words.cover)]:
        first = next((each for each in kinds if each in shared), None)
        if first:
            return first
    return None


def _by_table(headings: Iterable[str], cells: pd.DataFrame) -> Kind | None:
    """Return the kind by the headings, years and figures of a table."""
    there = list(headings)
    if any(each.startswith("projected_year") for each in there):
        return "projection"
    if any(map(_OF_ESTIMATES.fullmatch, there)):
        return "estimates"
    # Estimates are published a year after their mid-year.
    if cells["year"].max() >= dt.datetime.now(dt.UTC).year:
        return "projection"
    return "projection" if _by_children(cells, after_base=True) else None


def _by_words(text: str) -> list[Kind]:
    """Return the kinds that a text names, the first named first."""
    found = {kind: match.start() for kind, each in _WORDS.items() if (match := each.search(text))}
    return sorted(found, key=found.__getitem__)


def reject_another_kind(found: Kind | None, wanted: Kind, *, name: str) -> None:
    """Reject a projection in place of estimates, and the other way round."""
    if found not in (None, wanted):
        words = {"projection": "a projection of populations", "estimates": "population estimates"}
        raise OtherTableError(
            f"{name!r} is {words[str(found)]} by its headings, years, title or name. Expected "
            f"{words[wanted]}. Check the file and its folder, or correct its name."
        )


def base_year(cells: pd.DataFrame, words: FileText) -> int:
    """Return the base year of a projection by its name, title, figures or years."""
    place, known = _by_children(cells) or ("", None)
    found = {
        "the name of the file": _based(words.name),
        "the title": _based(words.title),
        f"{place}'s children": {known} if known is not None else set(),
    }
    years = {where: each for where, each in found.items() if each}
    if not years:
        cover = _based(words.cover)
        return cover.pop() if len(cover) == 1 else _by_years(cells, words)
    shared = set.intersection(*years.values())
    if len(shared) != 1:
        shown = [f"{where} {' and '.join(map(str, sorted(each)))}" for where, each in years.items()]
        raise SchemaError(
            f"{words.name!r} contradicts itself about the base year of its projection: "
            f"{some(shown, 9)}. Expected one base year. Check which projection it is, and correct "
            "its name or title."
        )
    return shared.pop()


def facts_of(base: int, cells: pd.DataFrame, words: FileText) -> Mapping[str, Any]:
    """Return what the catalogue has of an edition, after a check that it has these years."""
    first, last = int(cells["year"].min()), int(cells["year"].max())
    facts = dataset("population_projections").facts.get(str(base), {})
    if base > first:
        raise SchemaError(
            f"{words.name!r} begins with {first}, before the base year {base} in its name or "
            "title. Check which projection it is, and correct its name or title."
        )
    if last > facts.get("last", last):
        raise SchemaError(
            f"{words.name!r} ends with {last}, but {base}-based projections end with "
            f"{facts['last']}. Check which projection it is, and correct its name or title."
        )
    if re.search("thousand", words.title, re.IGNORECASE):
        raise SchemaError(
            f"{words.name!r} has figures in thousands by its title. Expected numbers of people. "
            "Take ONS's table by single year of age (Z1)."
        )
    if facts.get("by_headings"):
        remark(
            f"{words.name!r} has {base}-based projections. They are read by their headings; this "
            "reader has not been tried on a published file. Compare a total with the printed one."
        )
    return facts


def _by_years(cells: pd.DataFrame, words: FileText) -> int:
    """Return the base year of a table without a name: its first year, or that of its last year."""
    first, last = int(cells["year"].min()), int(cells["year"].max())
    facts = dataset("population_projections").facts
    ends = [int(base) for base, each in facts.items() if each.get("last") == last]
    if not ends or first in ends:
        return first
    if str(first) in facts:
        raise SchemaError(
            f"{words.name!r} begins with {first}, as {first}-based projections do, and ends with "
            f"{last}, as {ends[0]}-based projections do. Expected one base year. Put it into the "
            f"name of the file, such as '{ends[0]}-based'."
        )
    return ends[0]


def named_base(name: str) -> bool:
    """Return whether the name of a file has the base year of its projection."""
    return len(_based(name)) == 1


def _based(text: str) -> set[int]:
    """Return the base years in a text."""
    return {int(next(filter(None, found))) for found in _BASED.findall(text)}


def _by_children(cells: pd.DataFrame, *, after_base: bool = False) -> tuple[str, int] | None:
    """Return the projection whose children the table has: the place known and the base year."""
    # The first year of a projection is an estimate: ``after_base`` compares later years only.
    ages = [str(age) for age in range(18)]
    for base, facts in sorted(dataset("population_projections").facts.items()):
        for code, known in facts.get("children", {}).items():
            rows = cells[(cells["area_code"] == code) & (cells["sex"] == "persons")]
            years = rows[rows["ages"].isin(ages)].groupby("year", observed=True)["population"]
            sums = years.sum()[years.count() == len(ages)].to_dict()
            shared = [year for year in map(int, known) if year >= int(base) + after_base]
            shared = [year for year in shared if year in sums]
            if shared and all(abs(sums[year] - known[str(year)]) <= 1 for year in shared):
                return area(code).name, int(base)
    return None
