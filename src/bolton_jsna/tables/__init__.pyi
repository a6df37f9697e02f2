"""The public names, for type checkers and for ``core.lazy_names``: one list for both."""

from . import (
    boundaries as boundaries,
    children_in_need as children_in_need,
    ethnic_groups as ethnic_groups,
    idaci as idaci,
    indicators as indicators,
    lookups as lookups,
    neighbours as neighbours,
    population as population,
    schemas as schemas,
)
from .local import records as local_records
