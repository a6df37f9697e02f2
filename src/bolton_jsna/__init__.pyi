"""The public names, for type checkers and for ``core.lazy_names``: one list for both."""

from . import tables as tables
from .building import build as build
from .building.chapter import write_chapter as write_chapter
from .building.many import ManyRecord as ManyRecord
from .building.many import build_many as build_many
from .building.refresh import refresh as refresh
from .building.site import SiteRecord as SiteRecord
from .building.site import write_site as write_site
from .charts._chart import Chart as Chart
from .charts.deprivation import chart_deprivation as chart_deprivation
from .charts.funnel import chart_funnel as chart_funnel
from .charts.neighbours import chart_neighbours as chart_neighbours
from .charts.projection import chart_projection as chart_projection
from .charts.pyramid import chart_pyramid as chart_pyramid
from .charts.scatter import chart_scatter as chart_scatter
from .charts.shares import chart_shares as chart_shares
from .charts.spine import chart_spine as chart_spine
from .charts.trend import chart_trend as chart_trend
from .cli.check_records import check_records as check_records
from .core.areas import (
    Area as Area,
    area as area,
    register as register,
)
from .core.errors import (
    AreaNotFoundError as AreaNotFoundError,
    BoltonJsnaError as BoltonJsnaError,
    MissingDataError as MissingDataError,
    SchemaError as SchemaError,
    SourceError as SourceError,
    UsageError as UsageError,
    VintageError as VintageError,
)
from .core.version import __version__ as __version__
from .disclosure.audit import audit as audit
from .disclosure.rules import (
    DFE as DFE,
    LOCAL as LOCAL,
    NHS as NHS,
    ROUND_TO_5 as ROUND_TO_5,
    SuppressionRule as SuppressionRule,
)
from .disclosure.suppress import (
    suppress as suppress,
    unprotected as unprotected,
)
from .geography import to_areas as to_areas
from .loaders import (
    load_boundaries as load_boundaries,
    load_children_in_need as load_children_in_need,
    load_idaci as load_idaci,
    load_indicators as load_indicators,
    load_local_records as load_local_records,
    load_lookup as load_lookup,
    load_population_estimates as load_population_estimates,
    load_population_projections as load_population_projections,
    load_statistical_neighbours as load_statistical_neighbours,
    sources as sources,
)
from .loaders.indicator_list import indicators as indicators
from .maps import (
    Uncertainty as Uncertainty,
    bivariate_map as bivariate_map,
    choropleth_map as choropleth_map,
    layered_map as layered_map,
    save_figure as save_figure,
    save_map as save_map,
    shared_classes as shared_classes,
    static_bivariate as static_bivariate,
    static_choropleth as static_choropleth,
    static_side_by_side as static_side_by_side,
)
from .measures.age_groups import (
    CHAPTER_2012_BANDS as CHAPTER_2012_BANDS,
    DFE_BANDS as DFE_BANDS,
)
from .measures.area_sums import sum_areas as sum_areas
from .measures.association import (
    DeprivationAssociation as DeprivationAssociation,
    deprivation_association as deprivation_association,
)
from .measures.bands import quartile_bands as quartile_bands
from .measures.benchmark import compare_with_benchmark as compare_with_benchmark
from .measures.change_decomposition import decompose_change as decompose_change
from .measures.comparison import NeighbourComparison as NeighbourComparison
from .measures.concentration import concentration_index as concentration_index
from .measures.denominators import match_populations as match_populations
from .measures.event_counts import (
    count_events as count_events,
    linked_counts as linked_counts,
)
from .measures.funnel import funnel_limits as funnel_limits
from .measures.funnel_lines import funnel_lines as funnel_lines
from .measures.group_comparison import compare_groups as compare_groups
from .measures.indirect import (
    indirectly_standardised_rates as indirectly_standardised_rates,
    indirectly_standardised_ratios as indirectly_standardised_ratios,
)
from .measures.inequality import summarise_idaci as summarise_idaci
from .measures.multiple_testing import (
    adjust_p_values as adjust_p_values,
    benjamini_hochberg as benjamini_hochberg,
)
from .measures.pooling import pool_years as pool_years
from .measures.proportions import (
    means as means,
    proportions as proportions,
)
from .measures.quantiles import (
    quantiles as quantiles,
    rates_by_deprivation as rates_by_deprivation,
)
from .measures.rates import crude_rates as crude_rates
from .measures.ratios import rate_ratios as rate_ratios
from .measures.recurrent_events import (
    event_frequencies as event_frequencies,
    repeated_event_variance as repeated_event_variance,
)
from .measures.slope import slope_index_of_inequality as slope_index_of_inequality
from .measures.smoothing import (
    rate_reliability as rate_reliability,
    smooth_rates as smooth_rates,
)
from .measures.spatial import (
    SpatialAutocorrelation as SpatialAutocorrelation,
    spatial_autocorrelation as spatial_autocorrelation,
)
from .measures.standard_populations import standard_population as standard_population
from .measures.standardised import directly_standardised_rates as directly_standardised_rates
from .measures.trend import recent_trends as recent_trends
from .measures.weights import (
    Weights as Weights,
    contiguity_weights as contiguity_weights,
    weights_from_pairs as weights_from_pairs,
)
from .questions.area_joins import join_areas as join_areas
from .questions.back_tests import backtest_demand as backtest_demand
from .questions.deprivation import idaci_profile as idaci_profile
from .questions.neighbours import compare_with_neighbours as compare_with_neighbours
from .questions.population import (
    CHILDREN_BANDS as CHILDREN_BANDS,
    population_profile as population_profile,
)
from .questions.profile import profile as profile
from .questions.projections import project_demand as project_demand
from .sentences.describe import describe as describe
from .sentences.description import Description as Description
