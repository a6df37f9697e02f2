"""The maps of a run of many authorities: authorities side by side, and LSOAs of a region."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna import catalogue
from bolton_jsna.catalogue.indicators import indicator
from bolton_jsna.core.areas import ENGLAND, Area, area, authorities_in
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError
from bolton_jsna.core.provenance import source_ids
from bolton_jsna.loaders import _resolve, load_boundaries, load_idaci
from bolton_jsna.loaders._authority_shapes import authority_shapes
from bolton_jsna.loaders._provenance import source_table

if TYPE_CHECKING:
    import pandas as pd

FOLDER: Final = Path("maps") / "national"
"""The folder of these maps in the workspace."""
_LONDON: Final = "E12000007"
_FEWEST: Final = 3
"""A map compares at least so many authorities."""
_CAUTION: Final = (
    "Rates differ by need, by how authorities record, and by chance. A darker colour is not better "
    "or worse."
)
_INDICATORS: Final[Mapping[str, tuple[str, int]]] = {
    "referrals": ("purple", 0),
    "cpp_at_31_march": ("teal", 1),
    "cla_at_31_march": ("orange", 0),
}
"""The indicators that are mapped, with their colours and decimals."""


@dataclass(frozen=True)
class _Map:
    """A map of a run: the name of its files, its figures, shapes and options."""

    name: str
    frame: pd.DataFrame
    column: str
    shapes: Any
    options: Mapping[str, Any]
    inset: str = ""


def national_maps(
    tables: Mapping[str, pd.DataFrame], places: Sequence[Area], workspace: Path, into: Path
) -> list[str]:
    """Draw the maps into a folder, and return why one of them is missing."""
    if len(places) < _FEWEST:
        return [f"No maps of authorities: a map is of {_FEWEST} authorities or more."]
    reasons: list[str] = []
    try:
        planned = list(_by_authority(tables, places, workspace))
        _draw_together(planned, into)
    except BoltonJsnaError as error:
        reasons.append(f"No maps of authorities: {_text(error)}")
    try:
        _draw(_by_lsoa(places, workspace), into)
    except BoltonJsnaError as error:
        reasons.append(f"No map of LSOAs: {_text(error)}")
    return reasons


def _by_authority(
    tables: Mapping[str, pd.DataFrame], places: Sequence[Area], workspace: Path
) -> Iterator[_Map]:
    """Return a map of each indicator in its latest year, and one of deprivation."""
    codes = [each.code for each in places]
    shapes = _resolve.load(
        authority_shapes, *places, year=None, workspace=workspace, download=False
    )
    common = functools.partial(_options, shapes=shapes, places=places, workspace=workspace)
    inset = "London" if _with_london(places) else ""
    figures = tables["indicators"]
    for name, (palette, decimals) in _INDICATORS.items():
        rows = figures[(figures["indicator"] == name) & figures["area_code"].isin(codes)]
        if rows.empty:
            continue
        year, facts = int(rows["year"].max()), indicator(name)
        rows = rows[rows["year"] == year]
        options = common(
            rows,
            title=f"{facts.title} by authority",
            subtitle=f"For every 10,000 children aged 0-17, {facts.when(year)}",
            notes=(_CAUTION, facts.definition, facts.note),
        )
        options |= {"unit": "per 10,000 children", "palette": palette, "decimals": decimals}
        options |= {"label": facts.title, "status": "status"}
        yield _Map(f"authorities_{name}", rows, "value", shapes, options, inset)
    deprived = tables.get("deprivation")
    if deprived is None:
        return
    rows = deprived[deprived["area_code"].isin(codes)]
    rows = rows[rows["edition"] == rows["edition"].max()]
    if rows.empty or rows["share_10"].isna().all():
        return
    edition = int(rows["edition"].iloc[0])
    options = common(
        rows,
        title="LSOAs in the most deprived tenth of England, by authority",
        subtitle=f"Income Deprivation Affecting Children Index (IDACI), {edition}",
        notes=(
            "Not all children in a deprived LSOA are deprived, and not all deprived children "
            "live in one.",
        ),
    )
    options |= {"unit": "% of LSOAs", "palette": "blue", "decimals": 0}
    options |= {"label": "In the most deprived tenth", "status": "shares_status"}
    yield _Map("authorities_deprivation", rows, "share_10", shapes, options, inset)


def _by_lsoa(places: Sequence[Area], workspace: Path) -> _Map:
    """Return the map of the deciles of the LSOAs of a region, or of England."""
    scope = _scope(places)
    if scope is None:
        raise MissingDataError("the authorities are not all those of a region or of England.")
    edition = catalogue.default_year("idaci")
    small = load_idaci(scope, edition=edition, workspace=workspace, download=False)
    shapes = load_boundaries(scope, "lsoa", workspace=workspace, download=False)
    options = _options(
        small,
        shapes=shapes,
        places=places,
        workspace=workspace,
        title=f"Child deprivation by LSOA: {scope.name}",
        subtitle=f"Income Deprivation Affecting Children Index (IDACI), {edition}",
        notes=("Deciles are of all LSOAs of England: 1 is the most deprived tenth.",),
    )
    options |= {"label": f"Decile of England, IDACI {edition}", "method": "deciles"}
    return _Map("lsoas_deprivation", small, "idaci_decile", shapes, options)


def _options(
    rows: pd.DataFrame,
    *,
    shapes: Any,
    places: Sequence[Area],
    workspace: Path,
    notes: Sequence[str],
    **texts: str,
) -> dict[str, Any]:
    """Return what the page and the print of a map have in common."""
    used = source_table(source_ids([rows, shapes]), workspace=workspace)
    scope = _scope(places)
    where = scope.name if scope is not None else f"{len(places)} authorities"
    return {
        **texts,
        "subtitle": f"{where}. {texts['subtitle']}",
        "note": notes[0],
        "notes": tuple(each for each in notes if each),
        "sources": tuple(dict.fromkeys(used["attribution"])),
        "allow_missing": True,
    }


def _scope(places: Sequence[Area]) -> Area | None:
    """Return England or the region whose authorities these are, all of them."""
    regions = {each.region_code for each in places}
    code = regions.pop() if len(regions) == 1 else ENGLAND
    found = area(code)
    whole = {each.code for each in authorities_in(found)} == {each.code for each in places}
    return found if whole else None


def _with_london(places: Sequence[Area]) -> bool:
    """Return whether London is a small part of the map."""
    return {_LONDON} < {each.region_code for each in places}


def _draw_together(planned: Sequence[_Map], into: Path) -> None:
    """Draw each map for print, and all of them as layers of one page."""
    from bolton_jsna import maps

    pages = [_draw(each, into, page=False) for each in planned]
    if not pages:
        raise MissingDataError("none of the indicators that are mapped has figures.")
    page = maps.layered_map(*pages, title="Authorities") if len(pages) > 1 else pages[0]
    maps.save_map(page, into / "authorities.html")


def _draw(plan: _Map, into: Path, *, page: bool = True) -> Any:
    """Draw a map for print and return its page, which is saved as well if it has a file."""
    from bolton_jsna import maps

    drawn = {"boundaries": plan.shapes, **plan.options}
    figure = maps.static_choropleth(plan.frame, plan.column, inset=plan.inset, **drawn)
    into.mkdir(parents=True, exist_ok=True)
    maps.save_figure(figure, into / f"{plan.name}.png")
    maps.save_figure(figure, into / f"{plan.name}.svg")
    found = maps.choropleth_map(plan.frame, plan.column, **drawn)
    if page:
        maps.save_map(found, into / f"{plan.name}.html")
    return found


def _text(error: BoltonJsnaError) -> str:
    return error.message if isinstance(error, MissingDataError) else str(error)
