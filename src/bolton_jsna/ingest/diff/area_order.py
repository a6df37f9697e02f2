"""The order of areas in a report: those of the refresh first, then their neighbours."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bolton_jsna import snapshot
from bolton_jsna.core.areas import Area, district_codes
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.ingest import raw_tables as raw

_log = logging.getLogger(__name__)
_OWN, _NEIGHBOUR = 0, 1


def ranks(places: Sequence[Area], workspace: Path) -> dict[str, int]:
    """Return the codes of areas with 0, and of their statistical neighbours with 1."""
    # The neighbours are those of the newest model in the workspace, or else of the snapshot.
    # A code of a county's district counts as the county's.
    near = {code for place in places for code in _neighbours(place, workspace)}
    return {code: _NEIGHBOUR for each in near for code in district_codes(each)} | {
        code: _OWN for place in places for code in district_codes(place)
    }


def _neighbours(place: Area, workspace: Path) -> list[str]:
    """Return the codes of an area's neighbours that are in the register."""
    from bolton_jsna.core.areas import find

    frames: list[Any] = []
    try:
        frames.append(raw.table("statistical_neighbours", workspace))
    except (BoltonJsnaError, OSError) as error:
        _log.info("the neighbours of the workspace cannot be read: %s", error)
    frames.append(snapshot.read(snapshot.newest("statistical_neighbours")))
    for frame in frames:
        if frame is None:
            continue
        own = frame[frame["area_code"].isin(place.codes)]
        own = own[own["model"] == own["model"].max()]
        known = [each.code for code in own["neighbour_code"] if (each := find(str(code)))]
        if known:
            return known
    return []
