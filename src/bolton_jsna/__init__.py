"""Tables, rates, comparisons and maps for the safeguarding chapter of a JSNA.

Every public name is imported when it is first used, so that ``import bolton_jsna`` is light.

Examples
--------
>>> import bolton_jsna as jsna
>>> jsna.area("Bolton").dfe_number
350
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_ROOMS = {
    "bolton_jsna.areas": ("Area", "area", "register"),
    "bolton_jsna.building": ("build",),
    "bolton_jsna.checking_records": ("check_records",),
    "bolton_jsna.compare": ("compare_with_neighbours",),
    "bolton_jsna.disclosure.audit": ("audit",),
    "bolton_jsna.disclosure.linked": ("suppress", "unprotected"),
    "bolton_jsna.disclosure.rules": ("DFE", "LOCAL", "NHS", "ROUND_TO_5", "SuppressionRule"),
    "bolton_jsna.errors": (
        "AreaNotFoundError",
        "BoltonJsnaError",
        "MissingDataError",
        "SchemaError",
        "SourceError",
        "UsageError",
        "VintageError",
    ),
    "bolton_jsna.geography": ("to_areas",),
    "bolton_jsna.loaders": (
        "load_boundaries",
        "load_children_in_need",
        "load_idaci",
        "load_local_records",
        "load_lookup",
        "load_population_estimates",
        "load_population_projections",
        "load_statistical_neighbours",
        "sources",
    ),
    "bolton_jsna.maps": (
        "Uncertainty",
        "bivariate_map",
        "choropleth_map",
        "layered_map",
        "save_figure",
        "save_map",
        "shared_classes",
        "static_bivariate",
        "static_choropleth",
        "static_side_by_side",
    ),
    "bolton_jsna.measures.adjust": ("adjust_p_values", "benjamini_hochberg"),
    "bolton_jsna.measures.age_groups": ("CHAPTER_2012_BANDS", "DFE_BANDS"),
    "bolton_jsna.measures.association": ("DeprivationAssociation", "deprivation_association"),
    "bolton_jsna.measures.bands": ("quartile_bands",),
    "bolton_jsna.measures.benchmark": ("compare_with_benchmark",),
    "bolton_jsna.measures.comparison": ("NeighbourComparison",),
    "bolton_jsna.measures.concentration": ("concentration_index",),
    "bolton_jsna.measures.denominators": ("match_populations",),
    "bolton_jsna.measures.event_counts": ("count_events", "linked_counts"),
    "bolton_jsna.measures.funnel": ("funnel_limits", "funnel_lines"),
    "bolton_jsna.measures.indirect": (
        "indirectly_standardised_rates",
        "indirectly_standardised_ratios",
    ),
    "bolton_jsna.measures.inequality": ("summarise_idaci",),
    "bolton_jsna.measures.pooling": ("pool_years",),
    "bolton_jsna.measures.proportions": ("means", "proportions"),
    "bolton_jsna.measures.quantiles": ("quantiles", "rates_by_deprivation"),
    "bolton_jsna.measures.rates": ("crude_rates",),
    "bolton_jsna.measures.ratios": ("rate_ratios",),
    "bolton_jsna.measures.repeated": ("event_frequencies", "repeated_event_variance"),
    "bolton_jsna.measures.slope": ("slope_index_of_inequality",),
    "bolton_jsna.measures.smallarea": ("rate_reliability", "smooth_rates"),
    "bolton_jsna.measures.spatial": ("SpatialAutocorrelation", "spatial_autocorrelation"),
    "bolton_jsna.measures.standardised": ("directly_standardised_rates",),
    "bolton_jsna.measures.standards": ("standard_population",),
    "bolton_jsna.measures.trend": ("recent_trends",),
    "bolton_jsna.measures.weights": ("Weights", "contiguity_weights", "weights_from_pairs"),
    "bolton_jsna.refreshing": ("refresh",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}
_MODULES = ("tables",)

if TYPE_CHECKING:
    from bolton_jsna import tables as tables
    from bolton_jsna.areas import Area, area, register
    from bolton_jsna.building import build
    from bolton_jsna.checking_records import check_records
    from bolton_jsna.compare import compare_with_neighbours
    from bolton_jsna.disclosure.audit import audit
    from bolton_jsna.disclosure.linked import suppress, unprotected
    from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS, ROUND_TO_5, SuppressionRule
    from bolton_jsna.errors import (
        AreaNotFoundError,
        BoltonJsnaError,
        MissingDataError,
        SchemaError,
        SourceError,
        UsageError,
        VintageError,
    )
    from bolton_jsna.geography import to_areas
    from bolton_jsna.loaders import (
        load_boundaries,
        load_children_in_need,
        load_idaci,
        load_local_records,
        load_lookup,
        load_population_estimates,
        load_population_projections,
        load_statistical_neighbours,
        sources,
    )
    from bolton_jsna.maps import (
        Uncertainty,
        bivariate_map,
        choropleth_map,
        layered_map,
        save_figure,
        save_map,
        shared_classes,
        static_bivariate,
        static_choropleth,
        static_side_by_side,
    )
    from bolton_jsna.measures.adjust import adjust_p_values, benjamini_hochberg
    from bolton_jsna.measures.age_groups import CHAPTER_2012_BANDS, DFE_BANDS
    from bolton_jsna.measures.association import DeprivationAssociation, deprivation_association
    from bolton_jsna.measures.bands import quartile_bands
    from bolton_jsna.measures.benchmark import compare_with_benchmark
    from bolton_jsna.measures.comparison import NeighbourComparison
    from bolton_jsna.measures.concentration import concentration_index
    from bolton_jsna.measures.denominators import match_populations
    from bolton_jsna.measures.event_counts import count_events, linked_counts
    from bolton_jsna.measures.funnel import funnel_limits, funnel_lines
    from bolton_jsna.measures.indirect import (
        indirectly_standardised_rates,
        indirectly_standardised_ratios,
    )
    from bolton_jsna.measures.inequality import summarise_idaci
    from bolton_jsna.measures.pooling import pool_years
    from bolton_jsna.measures.proportions import means, proportions
    from bolton_jsna.measures.quantiles import quantiles, rates_by_deprivation
    from bolton_jsna.measures.rates import crude_rates
    from bolton_jsna.measures.ratios import rate_ratios
    from bolton_jsna.measures.repeated import event_frequencies, repeated_event_variance
    from bolton_jsna.measures.slope import slope_index_of_inequality
    from bolton_jsna.measures.smallarea import rate_reliability, smooth_rates
    from bolton_jsna.measures.spatial import SpatialAutocorrelation, spatial_autocorrelation
    from bolton_jsna.measures.standardised import directly_standardised_rates
    from bolton_jsna.measures.standards import standard_population
    from bolton_jsna.measures.trend import recent_trends
    from bolton_jsna.measures.weights import Weights, contiguity_weights, weights_from_pairs
    from bolton_jsna.refreshing import refresh

__all__ = sorted([*_HOMES, *_MODULES, "__version__"])  # noqa: PLE0605 (a list, sorted once)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(f"bolton_jsna.{name}")
    else:
        raise AttributeError(f"module 'bolton_jsna' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
