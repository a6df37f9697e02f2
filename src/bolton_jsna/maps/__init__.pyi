"""The public names, for type checkers and for ``core.lazy_names``: one list for both."""

from bolton_jsna.drawing.classes import (
    Classes as Classes,
    applied as applied,
    classify as classify,
)

from ._bivariate import bivariate_spec as bivariate_spec
from ._choropleth import (
    choropleth_spec as choropleth_spec,
    shared_classes as shared_classes,
)
from ._spec import (
    MapSpec as MapSpec,
    combine as combine,
)
from ._uncertainty import Uncertainty as Uncertainty
from .html.interactive import (
    bivariate_map as bivariate_map,
    choropleth_map as choropleth_map,
    layered_map as layered_map,
)
from .html.saving import (
    save_map as save_map,
    spec_of as spec_of,
)
from .print.static import (
    save_figure as save_figure,
    static_bivariate as static_bivariate,
    static_choropleth as static_choropleth,
    static_side_by_side as static_side_by_side,
)
