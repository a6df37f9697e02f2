"""What a table of populations is of: estimates or a projection, and on which base year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.core.errors import OtherTableError, SchemaError, some

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["projection", "estimates"]

# How ONS names the base year: 2022snpppopulationsyoamigcat23.zip, "2018-based".
_BASED: Final = re.compile(
    r"(20\d\d)[ _-]?(?:based|snpp)|snpp[ _-]?(20\d\d)"
    r"|base(?:[ _-]year|d on)[ :_-]*(?:mid[ _-])?(20\d\d)",
    re.IGNORECASE,
)
# Bolton's children aged 0-17 as two projections have them, by which they are known: that of 2018
# is the principal one, that of 2022 has the same first year in every variant.
_BOLTON: Final = "E08000001"
_KNOWN_CHILDREN: Final = {
    2018: {2018: 67_670, 2022: 69_092, 2025: 68_927, 2030: 66_989},
    2022: {2022: 72_493, 2025: 71_800, 2030: 67_881},
}
_SAYS_ESTIMATES: Final = re.compile(r"population_estimate|mid_year|population_(?:19|20)\d\d|date.*")
_WORDS: Final[dict[Kind, re.Pattern[str]]] = {
    "projection": re.compile(r"projection|projected|snpp|(?<!\d)20\d\d[ _-]?based", re.IGNORECASE),
    "estimates": re.compile(r"estimate|(?:^|[ _-])mye|sape", re.IGNORECASE),
}


@dataclass(frozen=True)
class Words:
    """What a file says of itself outside its table.

    Attributes
    ----------
    name : str
        The name of the file.
    title : str
        The text above the headings, and the names of the sheets or of the files of a zip.
    cover : str
        The first rows of the other sheets, which may be about something else.
    """

    name: str
    title: str = ""
    cover: str = ""


def kind_of(headings: Iterable[str], cells: pd.DataFrame, words: Words) -> Kind | None:
    """Return whether a table is a projection or estimates, None where nothing tells it."""
    table = _by_table(headings, cells)
    said = {
        "its headings or years": [table] if table else [],
        "its name": _by_words(words.name),
        "its title": _by_words(words.title),
    }
    told = {where: kinds for where, kinds in said.items() if kinds}
    shared = set[Kind](_WORDS).intersection(*told.values())
    if not shared:
        listed = some((f"{where} {kinds[0]}" for where, kinds in told.items()), 9)
        raise SchemaError(
            f"{words.name!r} contradicts itself about what its populations are: {listed}. "
            "Expected a projection or estimates. Check which it is, and correct its name or "
            "title, or download it again."
        )
    for kinds in [*told.values(), _by_words(words.cover)]:
        first = next((each for each in kinds if each in shared), None)
        if first:
            return first
    return None


def _by_table(headings: Iterable[str], cells: pd.DataFrame) -> Kind | None:
    """Return what the headings, years and figures of a table say."""
    there = list(headings)
    if any(each.startswith("projected_year") for each in there):
        return "projection"
    if any(map(_SAYS_ESTIMATES.fullmatch, there)):
        return "estimates"
    # The estimates of a mid-year come a year after it.
    if cells["year"].max() >= dt.datetime.now(dt.UTC).year:
        return "projection"
    return "projection" if _by_children(cells, after_base=True) else None


def _by_words(text: str) -> list[Kind]:
    """Return the kinds that a text names, the first named first."""
    found = {kind: match.start() for kind, each in _WORDS.items() if (match := each.search(text))}
    return sorted(found, key=found.__getitem__)


def refuse_another_kind(told: Kind | None, wanted: Kind, *, name: str) -> None:
    """Refuse a projection where estimates are wanted, and the other way round."""
    if told not in (None, wanted):
        words = {"projection": "a projection of populations", "estimates": "population estimates"}
        raise OtherTableError(
            f"{name!r} is {words[str(told)]} by its headings, years, title or name. Expected "
            f"{words[wanted]}. Look at the file and at the folder that it is in, or correct its "
            "name."
        )


def base_year(cells: pd.DataFrame, asked: int | None, words: Words) -> int:
    """Return the base year as asked for, or by the name, title, figures or years."""
    known = _by_children(cells)
    said = {
        "asked for": {asked} if asked is not None else set(),
        "the name of the file": _based(words.name),
        "the title": _based(words.title),
        "Bolton's children": {known} if known is not None else set(),
    }
    told = {where: years for where, years in said.items() if years}
    if not told:
        cover = _based(words.cover)
        return cover.pop() if len(cover) == 1 else int(cells["year"].min())
    shared = set.intersection(*told.values())
    if len(shared) != 1:
        shown = [f"{where} {' and '.join(map(str, sorted(each)))}" for where, each in told.items()]
        raise SchemaError(
            f"{words.name!r} contradicts itself or the request about the base year of its "
            f"projection: {some(shown, 9)}. Expected one base year. Check which projection it is, "
            "and correct its name, its title or base_year."
        )
    return shared.pop()


def _based(text: str) -> set[int]:
    """Return the base years that a text names."""
    return {int(next(filter(None, found))) for found in _BASED.findall(text)}


def _by_children(cells: pd.DataFrame, *, after_base: bool = False) -> int | None:
    """Return the base year of the projection whose children of Bolton are those of the table."""
    # The first year of a projection is an estimate: ``after_base`` looks at later ones only.
    rows = cells[(cells["area_code"] == _BOLTON) & (cells["sex"] == "persons")]
    rows = rows[rows["ages"].isin([str(age) for age in range(18)])]
    years = rows.groupby("year", observed=True)["population"].agg(["count", "sum"])
    sums = years.loc[years["count"] == 18, "sum"]
    for base, known in _KNOWN_CHILDREN.items():
        shared = [year for year in known if year in sums.index and year >= base + after_base]
        if shared and all(abs(sums[year] - known[year]) <= 1 for year in shared):
            return base
    return None
