"""What a page can be searched by: areas, the larger areas drawn over them, and postcodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna import catalogue
from bolton_jsna.core.area_codes import AreaWords, words_for
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.maps._joining import outlines_of
from bolton_jsna.maps._spec import MapSpec, unique_texts

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_Packed = dict[str, list[tuple[int, str]]]

NOT_KNOWN: Final = -1
"""The place of a postcode whose area is not known."""
_POSTCODE: Final = r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d)([A-Z]{2})"
_ROYAL_MAIL: Final = "Royal Mail"
_known: dict[tuple[object, ...], _Packed] = {}
"""The postcodes that were packed last, by their table and the areas."""


def with_search(
    spec: MapSpec, lines: gpd.GeoDataFrame | None, postcodes: pd.DataFrame | None
) -> MapSpec:
    """Return a map with the larger areas and the postcodes by which it can be searched."""
    if lines is not None:
        spec = replace(spec, lines=_over(spec, outlines_of(lines)))
    if postcodes is None:
        return spec
    # The licence of the postcodes asks for this line; a caller's own has the year too.
    given = any(_ROYAL_MAIL in line for line in spec.sources)
    sources = spec.sources if given else (*spec.sources, catalogue.dataset("postcodes").attribution)
    area = spec.layers[0].areas.one
    note = (
        f"Postcodes: each is counted in one {area}. A home near the line of a {area} can lie in "
        "the next one."
    )
    return replace(
        spec,
        postcodes=packed(postcodes, [place.code for place in spec.places]),
        notes=unique_texts((*spec.notes, note)),
        sources=unique_texts(sources),
    )


def _over(spec: MapSpec, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return larger areas; reject those that are somewhere else than the map."""
    away = lines.loc[~lines.geometry.intersects(spec.shapes.union_all()), "area_name"]
    if len(away):
        raise UsageError(
            f"{len(away)} of {len(lines)} areas of lines= ({some(away)}) are not on the map. Give "
            "those of the authority on the map, such as lines=load_boundaries('Bolton')."
        )
    return lines


def packed(postcodes: pd.DataFrame, codes: Sequence[str]) -> _Packed:
    """Return the last two letters of postcodes by sector and place of their area."""
    # "BL1 1AP" and "BL1 1AQ" of the first area are {"BL1 1": [(0, "APAQ")]}.
    check_table(postcodes, "The table of postcodes")
    import pandas as pd

    try:
        cells = pd.util.hash_pandas_object(postcodes, index=False).to_numpy().tobytes()
    except TypeError:  # a cell that holds several values
        return _packed(postcodes, codes)
    # The maps of a build have the same postcodes.
    asked = (cells, tuple(map(str, postcodes.columns)), tuple(codes))
    if asked not in _known:
        _known.clear()
        _known[asked] = _packed(postcodes, codes)
    return _known[asked]


def _packed(postcodes: pd.DataFrame, codes: Sequence[str]) -> _Packed:
    if "postcode" not in postcodes.columns:
        raise SchemaError(
            f"The table of postcodes has no column 'postcode'. It has "
            f"{some(postcodes.columns, like='postcode')}."
        )
    column = _column_of_codes(postcodes, codes)
    places = postcodes[column].map({code: at for at, code in enumerate(codes)})
    blank = postcodes[column].isna() | postcodes[column].eq("")
    rows = postcodes.assign(_at=places.where(~blank, NOT_KNOWN)).dropna(subset=["_at"])
    parts = (
        rows["postcode"].astype(str).str.upper().str.strip().str.extract(f"^{_POSTCODE}$")
    ).set_axis(["area", "sector", "unit"], axis=1)
    wrong = rows.loc[parts["unit"].isna(), "postcode"]
    if len(wrong):
        raise SchemaError(
            f"{len(wrong)} postcodes are not postcodes ({some(wrong)}). Expected texts such as "
            "'BL1 1AP'. Correct them or leave them out."
        )
    parts = parts.assign(sector=parts["area"] + " " + parts["sector"], at=rows["_at"].astype(int))
    parts = parts.drop_duplicates(["sector", "unit", "at"])
    twice = parts[parts.duplicated(["sector", "unit"])]
    if len(twice):
        named = twice["sector"] + twice["unit"]
        raise SchemaError(
            f"{len(twice)} postcodes are in more than one place ({some(named)}). Give one edition "
            "of the postcodes."
        )
    # Only in the sectors of the map: a list of the whole country has many without an area.
    here = parts["sector"].isin(parts.loc[parts["at"] != NOT_KNOWN, "sector"])
    by_sector: _Packed = {}
    ordered = parts[here].sort_values(["sector", "at", "unit"])
    for (sector, at), units in ordered.groupby(["sector", "at"])["unit"]:
        by_sector.setdefault(str(sector), []).append((int(at), "".join(units)))
    return by_sector


def _column_of_codes(postcodes: pd.DataFrame, codes: Sequence[str]) -> str:
    """Return the column of a table that has codes of the map's areas."""
    of_map = set(codes)
    found = [
        str(name)
        for name in postcodes.columns
        if name != "postcode" and not of_map.isdisjoint(postcodes[name].dropna().unique())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} columns of the table of postcodes have codes of the map ({some(found)})."
            " Keep one of them."
        )
    raise VintageError(
        f"No column of the table of postcodes has codes of the map ({some(codes, most=3)}). It has "
        f"{some(postcodes.columns, like=('area_code', 'ward', 'lsoa'))}. Give postcodes with the "
        "codes of the map's year."
    )


def texts(spec: MapSpec) -> dict[str, str]:
    """Return what the page announces when a reader searches; braces are filled in by the page."""
    areas = spec.layers[0].areas
    one = with_article(areas)
    kinds = areas.many if spec.lines is None else "areas"
    example = next(
        (f"{sector}{parts[0][1][:2]}" for sector, parts in (spec.postcodes or {}).items()), ""
    )
    return {
        "found": "{name} is marked on the map.",
        "several": f"{{count}} {kinds} have \N{LEFT DOUBLE QUOTATION MARK}{{text}}"
        "\N{RIGHT DOUBLE QUOTATION MARK} in their name: {names}. Write more of the name.",
        "alike": f"{{count}} {kinds} have the name \N{LEFT DOUBLE QUOTATION MARK}{{text}}"
        "\N{RIGHT DOUBLE QUOTATION MARK}: {names}. Write the code of one of them.",
        "lost": f"No {areas.one} has \N{LEFT DOUBLE QUOTATION MARK}{{text}}"
        "\N{RIGHT DOUBLE QUOTATION MARK} in its name. Check the spelling.",
        "postcode": "{text} is counted in {name}, which is marked on the map.",
        "notListed": "{text} is not a postcode in the list of this map. Check it, or write the "
        f"name of {one}.",
        "notKnown": f"The {areas.one} in which {{text}} is counted is not known. Write the name of "
        f"{one}.",
        "noPostcodes": f"This map has no postcodes. Write the name of {one}.",
        "partial": f"{{text}} is a part of a postcode. Write all of it, such as {example}.",
        "fit": "{count} of {total} names fit. Zoom in for more.",
        "empty": f"Write the name of {one}{' or a postcode' if spec.postcodes else ''}.",
    }


def label(spec: MapSpec) -> str:
    """Return what the field of the search is called."""
    one, over = with_article(spec.layers[0].areas), larger(spec).one
    if spec.lines is None:
        return f"Find {one} by name{' or postcode' if spec.postcodes else ''}"
    return f"Find {one} or {over} by name{', or by postcode' if spec.postcodes else ''}"


def with_article(areas: AreaWords) -> str:
    """Return one area with its article, such as "a ward" or "an LSOA"."""
    vowel = areas.one[:1] in "aeiou" or areas.one in ("LSOA", "MSOA")
    return f"a{'n' if vowel else ''} {areas.one}"


def larger(spec: MapSpec) -> AreaWords:
    """Return what the areas are called whose names are on the map."""
    return spec.layers[0].areas if spec.lines is None else words_for(spec.lines["area_code"])


def names_of(spec: MapSpec) -> list[Any]:
    """Return the names of the larger areas."""
    return [] if spec.lines is None else [str(name) for name in spec.lines["area_name"]]
