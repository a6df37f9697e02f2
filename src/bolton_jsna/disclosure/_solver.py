"""What the solver takes: one form of sparse system, whatever the versions."""

from __future__ import annotations

from typing import Any


def system(matrix: Any) -> Any:
    """Return a sparse matrix as HiGHS reads it: by columns, with 32-bit places."""
    # Older versions of scipy hand 64-bit places on to HiGHS, which refuses them.
    import numpy as np
    from scipy import sparse

    by_column = sparse.csc_array(matrix)
    return sparse.csc_array(
        (
            by_column.data,
            by_column.indices.astype(np.int32),
            by_column.indptr.astype(np.int32),
        ),
        shape=by_column.shape,
    )
