"""What the pages of a site have in common: its figures, their frame, and their tables."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

from bolton_jsna.catalogue.indicators import Indicator, dictionary
from bolton_jsna.core.areas import Area
from bolton_jsna.core.naming import name_key
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.version import __version__
from bolton_jsna.site import _csvw

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteFigures:
    """What a site is made from: national tables of published figures.

    Attributes
    ----------
    title : str
    places : sequence of Area
        The authorities that have pages.
    profile, indicators, neighbours, projected, sources : DataFrame
        The national tables ``profile``, ``indicators``, ``neighbour_comparison`` (with the code of
        the authority compared in ``of_area``), ``projected_demand`` and ``sources``.
    documents : mapping of str to sequence of (str, str)
        For the code of an authority the names and addresses of files next to its page.
    """

    title: str
    places: Sequence[Area]
    profile: pd.DataFrame
    indicators: pd.DataFrame
    neighbours: pd.DataFrame
    projected: pd.DataFrame
    sources: pd.DataFrame
    documents: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def area_folder(place: Area) -> str:
    """Return the folder of the pages of an area, which stays when its figures change.

    Examples
    --------
    >>> from bolton_jsna.core.areas import area
    >>> area_folder(area("Bristol"))
    'areas/e06000023-bristol-city-of'
    """
    return f"areas/{place.code.lower()}-{name_key(place.name).replace(' ', '-')}"


def slug(name: str) -> str:
    """Return the name of an indicator as a folder."""
    return name.replace("_", "-")


def fact_of(name: str) -> Indicator:
    """Return what the dictionary says of an indicator."""
    return dictionary()[name]


def file_text(name: str) -> str:
    """Return a file of the room as text."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _templates() -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    names = ("base.html", "home.html", "area.html", "figure.html", "about.html")
    loader = DictLoader({name: file_text(f"templates/{name}") for name in names})
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def page(
    given: SiteFigures,
    template: str,
    title: str,
    *,
    depth: int = 0,
    crumbs: Sequence[tuple[str, str]] = (),
    sources: Sequence[str] = (),
    **values: Any,
) -> str:
    """Return a page from a template; ``depth`` folders are between it and the home page."""
    text: str = (
        _templates()
        .get_template(template)
        .render(
            title=title,
            site=given.title,
            up="../" * depth,
            crumbs=crumbs,
            sources=sources,
            version=__version__,
            dated=_dated(given),
            **values,
        )
    )
    return text + "\n"


def _dated(given: SiteFigures) -> str:
    """Return the newest release that the figures are from, as a year."""
    years = re.findall(r"@(\d{4})", " ".join(given.sources["source"].astype(str)))
    return max(years, default="")


def attributions(given: SiteFigures, *tables: pd.DataFrame) -> list[str]:
    """Return the licence lines of the sources of some rows, each once."""
    used = {
        part
        for table in tables
        for each in table["source"].dropna().unique()
        for part in str(each).split(SEPARATOR)
    }
    rows = given.sources[given.sources["source"].isin(used)]
    return list(
        dict.fromkeys(
            f"{each.title} ({each.publisher}): {each.vintage or each.edition}. {each.attribution}"
            for each in rows.itertuples()
        )
    )


def table_files(
    path: str, table: pd.DataFrame, *, title: str, sources: Sequence[str], key: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Return a table as CSV and its description."""
    yield path, _csvw.as_csv(table)
    yield (
        f"{path}-metadata.json",
        _csvw.metadata(table, file=path.rpartition("/")[2], title=title, sources=sources, key=key),
    )
