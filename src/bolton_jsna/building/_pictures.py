"""The maps of a build, and its charts and chapter if they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.building import _chapter, _charts, _maps, _ward_layer, paths
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.export import mark_tables

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._chapter import OwnParts
    from bolton_jsna.building._maps import PlannedMap
    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.building._stages import Stages
    from bolton_jsna.measures.comparison import NeighbourComparison


@dataclass(frozen=True, eq=False)
class Results:
    """What a build has found before it draws: its tables are those that are published."""

    made_from: Ingredients
    tables: dict[str, pd.DataFrame]
    compared: list[NeighbourComparison]
    local: ProtectedCounts
    notes: list[str]


def draw(
    found: Results,
    *,
    maps: tuple[pd.DataFrame, list[PlannedMap]],
    own_parts: OwnParts,
    options: BuildOptions,
    staged: Path,
    stages: Stages,
) -> None:
    """Draw everything into the staging folder."""
    frame, planned = maps
    stages.begin("maps")
    wards = found.made_from.wards
    if options.maps and wards is not None:
        profile = found.tables["ward_profile"]
        profile = mark_tables({"": profile})[""] if options.unprotected else profile
        _ward_layer.write(_ward_layer.ward_layer(profile, wards), staged / paths.MAPS)
    drawn = _maps.draw(frame, found.made_from, found.local, planned, staged / paths.MAPS)
    if not (options.charts or options.chapter):
        return
    stages.begin("charts")
    charts = _charts.charts_of(found.made_from, found.tables, found.compared, found.local.repeats)
    if options.charts:
        marked = bool(options.unprotected)
        _charts.draw(charts, found.made_from.place, staged / paths.CHARTS, marked=marked)
    if options.chapter:
        stages.begin("chapter")
        given = _chapter.materials(
            found.made_from,
            found.tables,
            found.local,
            options,
            charts=charts,
            maps=drawn,
            notes=found.notes,
        )
        _chapter.write(given, own_parts, staged, options)
