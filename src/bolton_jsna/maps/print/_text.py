"""The sizes of text on a printed map, in points at the width of a column."""

from __future__ import annotations

from typing import Final

BODY: Final = 8.0
"""The legend, the lists of names, names next to the map, the note: read with ease."""

SMALL: Final = 7.0
"""Names in their areas and the line of sources: nothing is smaller."""
