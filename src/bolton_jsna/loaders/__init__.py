"""Load tables from the workspace, or else from the snapshot, or else, if allowed, from the network.

Every loader has the sources of its rows in the column ``source``. If rows are missing, it raises an
error with what is missing and how to get it. ``workspace`` is the folder that holds ``data/raw/``:
by default that of the environment variable ``BOLTON_JSNA_WORKSPACE``, or the current one.
"""

from bolton_jsna.loaders._deprivation import load_idaci
from bolton_jsna.loaders._population import load_population_estimates, load_population_projections
from bolton_jsna.loaders._provenance import source_table, sources
from bolton_jsna.loaders.boundaries import load_boundaries, load_lookup
from bolton_jsna.loaders.indicators import load_indicators
from bolton_jsna.loaders.safeguarding import (
    load_children_in_need,
    load_local_records,
    load_statistical_neighbours,
)

__all__ = [
    "load_boundaries",
    "load_children_in_need",
    "load_idaci",
    "load_indicators",
    "load_local_records",
    "load_lookup",
    "load_population_estimates",
    "load_population_projections",
    "load_statistical_neighbours",
    "source_table",
    "sources",
]
