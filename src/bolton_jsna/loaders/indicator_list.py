"""List the dictionary of indicators, with the figures that are available here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bolton_jsna import catalogue
from bolton_jsna.catalogue.indicators import Indicator, dictionary
from bolton_jsna.core.argument_types import checked
from bolton_jsna.loaders.arguments import Folder
from bolton_jsna.loaders.indicators import held

if TYPE_CHECKING:
    import pandas as pd


@checked
def indicators(search: str | None = None, *, workspace: Folder = None) -> pd.DataFrame:
    """Return the dictionary of indicators, with the years and areas available here.

    Parameters
    ----------
    search : str, optional
        Words that the name, subject, title, definition, numerator, denominator or a part has (or,
        if none fits, the note too), in any case and order; every indicator by default.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.

    Returns
    -------
    DataFrame
        One row per indicator, by subject: ``indicator``, ``subject``, ``title``, ``definition``,
        ``numerator``, ``denominator`` (empty for an average), ``unit``, ``better`` (``lower``,
        ``higher`` or empty), ``breakdown`` (what its parts are), ``period``, ``first`` and
        ``last`` (years that the publisher has), ``breaks``, ``note``, ``publisher``, ``dataset``;
        then what is available here: ``available`` (years, such as ``2013 to 2025``, empty if none),
        ``areas`` (how many) and ``how_to_get``. No row where nothing fits.

    Notes
    -----
    The dictionary is ``catalogue/indicators.toml`` of the package.

    Examples
    --------
    >>> indicators("re-referrals")[["indicator", "unit", "available", "areas"]]
                           indicator      unit     available  areas
    0  re_referrals_within_12_months  per cent  2013 to 2025     19
    """
    import pandas as pd

    words = (search or "").casefold().split()
    every = dictionary().values()
    found = [each for each in every if all(word in _text(each) for word in words)]
    # A note names what an indicator is not as well: it is read only where nothing else fits.
    found = found or [
        each for each in every if all(word in _text(each) + each.note.casefold() for word in words)
    ]
    names = [each.id for each in found]
    rows = held(names, workspace) if names else pd.DataFrame()
    there = (
        rows.groupby("indicator").agg(
            first=("year", "min"), last=("year", "max"), areas=("area_code", "nunique")
        )
        if len(rows)
        else pd.DataFrame(columns=["first", "last", "areas"])
    )
    subjects = {each.subject: rank for rank, each in enumerate(dictionary().values())}
    facts = [_facts(each, there) for each in sorted(found, key=lambda each: subjects[each.subject])]
    return pd.DataFrame(facts, columns=_COLUMNS)


_COLUMNS = [
    *("indicator", "subject", "title", "definition", "numerator", "denominator", "unit"),
    *("better", "breakdown", "period", "first", "last", "breaks", "note", "publisher", "dataset"),
    *("available", "areas", "how_to_get"),
]


def _text(each: Indicator) -> str:
    words = (each.id, each.id.replace("_", " "), each.subject, each.title, each.definition)
    parts = dict.fromkeys(part for layout in each.columns for part in layout.parts)
    return " ".join([*words, each.numerator, each.denominator, each.breakdown, *parts]).casefold()


def _facts(each: Indicator, there: pd.DataFrame) -> list[object]:
    facts = catalogue.dataset(each.dataset)
    span, areas = "", 0
    if each.id in there.index:
        row = there.loc[each.id]
        one = int(row["first"]) == int(row["last"])
        span = str(int(row["first"])) if one else f"{int(row['first'])} to {int(row['last'])}"
        areas = int(row["areas"])
    put = facts.by_hand()
    how = f"{put[0].upper()}{put[1:]}."
    if catalogue.holding(each.dataset, holds=[*each.figures.values()] or [each.id]):
        how = facts.how_to_get_for("NAME")
    breaks = "; ".join(f"{year}: {words}" for year, words in each.breaks.items())
    return [
        *(each.id, each.subject, each.title, each.definition, each.numerator, each.denominator),
        *(each.unit, each.better, each.breakdown, each.period, each.first, each.last, breaks),
        *(each.note, facts.publisher, each.dataset, span, areas, how),
    ]
