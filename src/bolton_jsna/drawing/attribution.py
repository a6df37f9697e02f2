"""The sources of a map or chart whose tables name them, if its caller gives none."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from bolton_jsna.catalogue import datasets
from bolton_jsna.core.provenance import source_id, source_ids

_MADE_UP: Final = source_id("local_records", "illustrative")
_YEARLY: Final = re.compile(r"(database right|Indices of Deprivation)(?=\.)")


def attributions(*frames: pd.DataFrame | None) -> list[str]:
    """Return the lines that the publishers of the ``source`` ids ask for, as in the catalogue."""
    known = {each.id: each for each in datasets()}
    lines = []
    for each in source_ids(frame for frame in frames if frame is not None):
        name, _, edition = each.partition("@")
        if name in known and each != _MADE_UP:
            year = rf"\1 {edition}" if re.fullmatch(r"\d{4}", edition) else r"\1"
            lines.append(_YEARLY.sub(year, known[name].attribution))
    return lines
