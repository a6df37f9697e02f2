"""The public names, as type checkers and the lazy face read them: one list for both."""

from . import tables as tables
from .building import build as build
from .building.refresh import refresh as refresh
from .cli.check_records import check_records as check_records
from .core.areas import Area as Area
from .core.areas import area as area
from .core.areas import register as register
from .core.errors import (
    AreaNotFoundError as AreaNotFoundError,
)
from .core.errors import (
    BoltonJsnaError as BoltonJsnaError,
)
from .core.errors import (
    MissingDataError as MissingDataError,
)
from .core.errors import (
    SchemaError as SchemaError,
)
from .core.errors import (
    SourceError as SourceError,
)
from .core.errors import (
    UsageError as UsageError,
)
from .core.errors import (
    VintageError as VintageError,
)
from .disclosure.audit import audit as audit
from .disclosure.rules import (
    DFE as DFE,
)
from .disclosure.rules import (
    LOCAL as LOCAL,
)
from .disclosure.rules import (
    NHS as NHS,
)
from .disclosure.rules import (
    ROUND_TO_5 as ROUND_TO_5,
)
from .disclosure.rules import (
    SuppressionRule as SuppressionRule,
)
from .disclosure.suppress import suppress as suppress
from .disclosure.suppress import unprotected as unprotected
from .geography import to_areas as to_areas
from .loaders import (
    load_boundaries as load_boundaries,
)
from .loaders import (
    load_children_in_need as load_children_in_need,
)
from .loaders import (
    load_idaci as load_idaci,
)
from .loaders import (
    load_local_records as load_local_records,
)
from .loaders import (
    load_lookup as load_lookup,
)
from .loaders import (
    load_population_estimates as load_population_estimates,
)
from .loaders import (
    load_population_projections as load_population_projections,
)
from .loaders import (
    load_statistical_neighbours as load_statistical_neighbours,
)
from .loaders import (
    sources as sources,
)
from .maps import (
    Uncertainty as Uncertainty,
)
from .maps import (
    bivariate_map as bivariate_map,
)
from .maps import (
    choropleth_map as choropleth_map,
)
from .maps import (
    layered_map as layered_map,
)
from .maps import (
    save_figure as save_figure,
)
from .maps import (
    save_map as save_map,
)
from .maps import (
    shared_classes as shared_classes,
)
from .maps import (
    static_bivariate as static_bivariate,
)
from .maps import (
    static_choropleth as static_choropleth,
)
from .maps import (
    static_side_by_side as static_side_by_side,
)
from .measures.age_groups import CHAPTER_2012_BANDS as CHAPTER_2012_BANDS
from .measures.age_groups import DFE_BANDS as DFE_BANDS
from .measures.association import (
    DeprivationAssociation as DeprivationAssociation,
)
from .measures.association import (
    deprivation_association as deprivation_association,
)
from .measures.bands import quartile_bands as quartile_bands
from .measures.benchmark import compare_with_benchmark as compare_with_benchmark
from .measures.comparison import NeighbourComparison as NeighbourComparison
from .measures.concentration import concentration_index as concentration_index
from .measures.denominators import match_populations as match_populations
from .measures.event_counts import count_events as count_events
from .measures.event_counts import linked_counts as linked_counts
from .measures.funnel import funnel_limits as funnel_limits
from .measures.funnel import funnel_lines as funnel_lines
from .measures.indirect import (
    indirectly_standardised_rates as indirectly_standardised_rates,
)
from .measures.indirect import (
    indirectly_standardised_ratios as indirectly_standardised_ratios,
)
from .measures.inequality import summarise_idaci as summarise_idaci
from .measures.multiple_testing import (
    adjust_p_values as adjust_p_values,
)
from .measures.multiple_testing import (
    benjamini_hochberg as benjamini_hochberg,
)
from .measures.pooling import pool_years as pool_years
from .measures.proportions import means as means
from .measures.proportions import proportions as proportions
from .measures.quantiles import quantiles as quantiles
from .measures.quantiles import rates_by_deprivation as rates_by_deprivation
from .measures.rates import crude_rates as crude_rates
from .measures.ratios import rate_ratios as rate_ratios
from .measures.recurrent_events import (
    event_frequencies as event_frequencies,
)
from .measures.recurrent_events import (
    repeated_event_variance as repeated_event_variance,
)
from .measures.slope import slope_index_of_inequality as slope_index_of_inequality
from .measures.smoothing import rate_reliability as rate_reliability
from .measures.smoothing import smooth_rates as smooth_rates
from .measures.spatial import (
    SpatialAutocorrelation as SpatialAutocorrelation,
)
from .measures.spatial import (
    spatial_autocorrelation as spatial_autocorrelation,
)
from .measures.standard_populations import standard_population as standard_population
from .measures.standardised import directly_standardised_rates as directly_standardised_rates
from .measures.trend import recent_trends as recent_trends
from .measures.weights import (
    Weights as Weights,
)
from .measures.weights import (
    contiguity_weights as contiguity_weights,
)
from .measures.weights import (
    weights_from_pairs as weights_from_pairs,
)
from .questions.neighbours import compare_with_neighbours as compare_with_neighbours

__version__: str
