"""Write a web map as one file, and return the specification of a map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.core import collecting
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.atomic import file_to_write, write
from bolton_jsna.core.errors import UsageError
from bolton_jsna.maps._spec import MapSpec

if TYPE_CHECKING:
    import folium


@checked
def save_map(map: folium.Map, path: str | Path) -> Path:  # noqa: A002 (the public face's word)
    """Write a map as one HTML file that opens with no network.

    Parameters
    ----------
    map : folium.Map
        A map of :func:`choropleth_map`, :func:`bivariate_map` or :func:`layered_map`.
    path : str or Path
        The file, with ``~`` for the home folder; missing folders are created. An older file is
        replaced only if the new one is complete.

    Returns
    -------
    Path
        The file written. The same map gives the same bytes.

    Raises
    ------
    UsageError
        If the map was not made by this library, the name does not end in .html or .htm, or
        elements were added that need a network or jQuery.
    OSError
        If the file cannot be written; the message says why.

    Examples
    --------
    >>> import folium
    >>> save_map(folium.Map(tiles=None), "map.html")
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: This map was not made by choropleth_map, bivariate_map ...
    """
    spec_of(map)
    advice = (
        "For a picture, draw it with static_choropleth or static_bivariate, and use save_figure."
    )
    target = file_to_write(path, (".html", ".htm"), advice)
    with collecting.paused():
        return write(target, map.get_root().render().encode("utf-8"))


def spec_of(map: folium.Map) -> MapSpec:  # noqa: A002
    """Return the specification of a map.

    Raises
    ------
    UsageError
        If the map was not made by this library.

    Examples
    --------
    >>> spec_of("map")
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: This map was not made by choropleth_map, bivariate_map ...
    """
    spec = getattr(getattr(map, "get_root", lambda: None)(), "spec", None)
    if not isinstance(spec, MapSpec):
        advice = (
            "Write a figure for print with save_figure."
            if hasattr(map, "savefig")
            else "Write other folium maps with their own method save(); they need a network when "
            "they are opened."
        )
        raise UsageError(
            "This map was not made by choropleth_map, bivariate_map or layered_map "
            f"(found {type(map).__name__}). {advice}"
        )
    return spec
