"""The public names, for type checkers and for the lazy imports: one list for both."""

from ._bivariate import bivariate_spec as bivariate_spec
from ._choropleth import choropleth_spec as choropleth_spec
from ._choropleth import shared_classes as shared_classes
from ._spec import MapSpec as MapSpec
from ._spec import combine as combine
from ._uncertainty import Uncertainty as Uncertainty
from .html.interactive import (
    bivariate_map as bivariate_map,
)
from .html.interactive import (
    choropleth_map as choropleth_map,
)
from .html.interactive import (
    layered_map as layered_map,
)
from .html.saving import save_map as save_map
from .html.saving import spec_of as spec_of
from .print.static import (
    save_figure as save_figure,
)
from .print.static import (
    static_bivariate as static_bivariate,
)
from .print.static import (
    static_choropleth as static_choropleth,
)
from .print.static import (
    static_side_by_side as static_side_by_side,
)
