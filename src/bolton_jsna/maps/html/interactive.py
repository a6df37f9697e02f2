"""Maps for the web: a ``folium.Map`` that is shown as one page without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.core.argument_types import checked
from bolton_jsna.maps._bivariate import two_measures
from bolton_jsna.maps._choropleth import one_measure
from bolton_jsna.maps._options import BivariateMapOptions, ChoroplethMapOptions, takes
from bolton_jsna.maps._spec import combine
from bolton_jsna.maps.html._folium_page import folium_map
from bolton_jsna.maps.html._search import with_search
from bolton_jsna.maps.html.saving import spec_of

if TYPE_CHECKING:
    import folium


@takes(ChoroplethMapOptions)
def choropleth_map(options: ChoroplethMapOptions) -> folium.Map:
    """Return an interactive map of one measure by area.

    Parameters
    ----------
    frame : DataFrame
        One row per area: its code under any heading or its name, the column, and a status if
        figures are withheld. A GeoDataFrame if ``boundaries`` is left out. Names may differ from
        those of the boundaries in case, punctuation, "&" or "and", "St" or "Saint", and may have
        "Ward" or the name of the authority; a name that is only similar is never matched.
    column : str
        The column of numbers to map. A column of words (such as zones or teams), of True and
        False, or a Categorical is drawn as categories, at most six, in its own order or that of
        the alphabet.
    boundaries : GeoDataFrame, optional
        One shape per ``area_code`` with a CRS, such as those from ``load_boundaries()``.
    title, subtitle : str
        Shown above the map; the title is the label if left out. If both have no year, the year or
        edition in the columns of the frame, or the label if it has one, is added to the subtitle.
    label, unit : str
        Name of the measure and its unit, such as "Referrals" and "per 10,000 children".
    method : {"quantile", "equal_interval", "jenks", "fixed", "published", "deciles"}, \
default "quantile"
        The method of the breaks: see :func:`bolton_jsna.drawing.classes.classify`. "deciles" maps
        a column of deciles of England in ten colours.
    classes : int or Classes, default 5
        Number of classes, or the classes that this map shares with another: see
        :func:`bolton_jsna.maps._choropleth.shared_classes`.
    breaks : sequence of float, optional
        Your own breaks: the lower bounds of the second and later classes. The map calls them
        published with method "published" (up to ten classes), otherwise fixed (up to seven).
    decimals : int, optional
        Decimals of the printed numbers.
    palette : str or sequence of str, optional
        A palette of :mod:`bolton_jsna.drawing.palettes` or your own colours; "blue" if left out,
        and "deciles" for more than seven classes. For categories your own colours only.
    status : str, optional
        The column of states; if left out, ``<column>_status`` or ``status`` if there is one. A
        state without a number (suppressed, not_available, ...) is never drawn as a class, and a
        number next to it is not shown. If there is no such column, a gap is not available.
    uncertainty : Uncertainty, optional
        The columns of interval and count, and the benchmark: areas whose interval includes it are
        hatched or muted, figures from few events are marked, and all of it is shown in words.
    details : mapping of str to str, optional
        Further columns to show for each area, with their labels. They are shown as they are: a
        detail that would reveal a withheld figure must be missing in the frame too.
    note : str
        One sentence that a reader must know: the only one that is printed on a map for print. If
        left out, that is the note on modelled figures if there are any, or the first of ``notes``.
    notes, sources : sequence of str
        Remarks, and sources with licence and attribution: lines below a map for the web, and in
        the text file next to a map for print. Without ``sources``, they are the lines that the
        catalogue has for the ids in the ``source`` columns of ``frame`` and ``boundaries``.
    source : str
        Short name of the source, shown with each area.
    illustrative : bool, default False
        Whether figures are made up: the map is then labelled as illustrative.
    allow_missing : bool, default False
        Whether shapes may have no row; they are drawn as not available.
    code : str, optional
        The column with the codes or names of the areas; needed only if several columns could be
        meant.
    unmatched : {"error", "show"}, default "error"
        With "show" the map is drawn without the rows that match no area, and names them below the
        title; areas that then have no row are drawn as not available.
    lines : GeoDataFrame, optional
        Larger areas, such as the wards of a map of LSOAs: their lines and names are drawn over the
        areas, and they can be found by name.
    postcodes : DataFrame, optional
        Postcodes by which readers can find an area: ``postcode``, and a column of codes of the
        areas of the map.
    tiles : str or folium.TileLayer, optional
        Base tiles, which need a network; no tiles by default.
    attribution : str, optional
        Attribution of tiles that are given by their address.

    Returns
    -------
    folium.Map
        Notebooks show it; :func:`save_map` writes it. ``get_root().spec`` is its specification.

    Raises
    ------
    UsageError
        For an unknown option, no shapes, or no number to class.
    SchemaError
        For a missing column, a repeated area, an unknown state, an invalid or empty shape, a
        missing or impossible CRS; if it is not clear which column names the areas, or a name is
        that of several.
    AreaNotFoundError
        If names of the frame are not in the boundaries; the message lists them.
    VintageError
        If the codes of frame and boundaries differ; the message lists them and what to do.

    Notes
    -----
    Shapes are drawn in EPSG:4326 with five decimals. Colours: Government Analysis Function.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "area_name": ["Hill", "Dale"]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> rates = pd.DataFrame({
    ...     "area_code": ["E05000001", "E05000002"], "rate": [512.3, None],
    ...     "status": ["value", "suppressed"],
    ... })
    >>> shown = choropleth_map(rates, "rate", boundaries=wards, label="Referrals")
    >>> [(entry.label, entry.count) for entry in shown.get_root().spec.layers[0].entries]
    [('512', 1), ('Suppressed', 1)]
    """
    spec = with_search(one_measure(options), options.lines, options.postcodes)
    return folium_map(spec, options.tiles, options.attribution)


@takes(BivariateMapOptions)
def bivariate_map(options: BivariateMapOptions) -> folium.Map:
    """Return an interactive map of two measures crossed, with a square legend.

    Parameters
    ----------
    frame, boundaries, title, subtitle, details, note, notes, sources, source, illustrative, \
allow_missing, code, unmatched, lines, postcodes, tiles, attribution
        As in :func:`choropleth_map`.
    x, y : str
        The columns on the horizontal and vertical side of the legend.
    label : str
        Name of the two measures together, such as "Deprivation and referrals"; the two labels if
        left out.
    x_label, y_label, x_unit, y_unit : str
        Their names and units.
    method : {"quantile", "equal_interval", "jenks"}, default "quantile"
        The method of the breaks if you give none.
    classes : {3, 2}, default 3
        Classes of each side: terciles or halves.
    x_breaks, y_breaks : sequence of float or "benchmark", optional
        Your own breaks of a side, one or two; "benchmark" is the benchmark of its uncertainty,
        such as England's rate.
    x_decimals, y_decimals : int, optional
        Decimals of the printed numbers.
    palette : str, default "blue_orange"
        A bivariate palette.
    x_status, y_status : str, optional
        The columns of states; if left out, ``<column>_status`` or ``status`` if there is one. An
        area is drawn as a state if either measure has no number.
    x_uncertainty, y_uncertainty : Uncertainty, optional
        As ``uncertainty`` of :func:`choropleth_map`; areas can be hatched or plain, not muted.

    Returns
    -------
    folium.Map
        As :func:`choropleth_map`.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`choropleth_map`; also UsageError if a measure has only one class.

    Notes
    -----
    The legend shows every cell with its count, also empty ones. The map compares areas, not
    families: what is true of wards need not be true of the families in them.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "idaci": [0.1, 0.5], "rate": [10.0, 30.0]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> bivariate_map(wards, "idaci", "rate", classes=2).get_root().spec.layers[0].painted
    ('cell-0-0', 'cell-1-1')
    """
    spec = with_search(two_measures(options), options.lines, options.postcodes)
    return folium_map(spec, options.tiles, options.attribution)


@checked
def layered_map(
    *maps: folium.Map,
    title: str = "",
    subtitle: str = "",
    tiles: Any = None,
    attribution: str | None = None,
) -> folium.Map:
    """Return one map with the layers of several, between which the reader can switch.

    Parameters
    ----------
    *maps : folium.Map
        Maps of :func:`choropleth_map` or :func:`bivariate_map` over the same areas.
    title, subtitle : str
        Shown above; those of the first map if both are left out.
    tiles, attribution
        As in :func:`choropleth_map`.

    Returns
    -------
    folium.Map
        The shapes are stored once. The first map is shown first. Each layer is shown with the
        subtitle of its map.

    Raises
    ------
    UsageError
        If there are no maps, or one was not made by this library.
    VintageError
        If they show different areas.

    Examples
    --------
    >>> layered_map()
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: There are no maps to combine. Give at least one.
    """
    combined = combine(*map(spec_of, maps), title=title, subtitle=subtitle)
    return folium_map(combined, tiles, attribution)
