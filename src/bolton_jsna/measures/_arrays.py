"""Names for the types of the arrays that measures work on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]
Codes = NDArray[np.int8]
"""States, as positions in :data:`bolton_jsna.measures._frame_columns.STATES`."""
