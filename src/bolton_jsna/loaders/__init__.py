"""Answer a request for a table: from the workspace, else the snapshot, else the network if allowed.

Every loader says where its rows came from in ``source`` and fails, when they cannot be had, with
what is missing and how to get it. ``workspace`` is the folder that holds ``data/raw/``: the
current one unless it, or the environment variable ``BOLTON_JSNA_WORKSPACE``, says otherwise.
"""

from bolton_jsna.loaders._deprivation import load_idaci
from bolton_jsna.loaders._population import load_population_estimates, load_population_projections
from bolton_jsna.loaders._provenance import source_table, sources
from bolton_jsna.loaders.boundaries import load_boundaries, load_lookup
from bolton_jsna.loaders.safeguarding import (
    load_children_in_need,
    load_local_records,
    load_statistical_neighbours,
)

__all__ = [
    "load_boundaries",
    "load_children_in_need",
    "load_idaci",
    "load_local_records",
    "load_lookup",
    "load_population_estimates",
    "load_population_projections",
    "load_statistical_neighbours",
    "source_table",
    "sources",
]
