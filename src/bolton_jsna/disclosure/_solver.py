"""Linear and integer programmes over sparse systems, solved by HiGHS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

NEAR = 1e-6
"""Numbers this near to a whole number are whole."""


def system(matrix: Any) -> Any:
    """Return a sparse matrix as HiGHS needs it: by columns, with 32-bit indices."""
    # Older versions of scipy pass on 64-bit indices, which HiGHS does not accept.
    by_column = sparse.csc_array(matrix)
    indices = (by_column.indices.astype(np.int32), by_column.indptr.astype(np.int32))
    return sparse.csc_array((by_column.data, *indices), shape=by_column.shape)


def linear_programme(
    cost: NDArray[np.float64],
    matrix: Any,
    right: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> Any:
    """Return scipy's result of the cheapest amounts for which matrix @ amounts = right."""
    limits = np.column_stack([lower, upper])
    return linprog(cost, A_eq=system(matrix), b_eq=right, bounds=limits, method="highs")


def integer_programme(
    cost: NDArray[np.float64],
    matrix: Any,
    right: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    *,
    most: float | None = None,
    **options: float,
) -> Any:
    """Return scipy's result of the cheapest whole amounts, with right <= product <= most."""
    # Without most the product must equal right.
    limits = LinearConstraint(system(matrix), right, right if most is None else most)
    return milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(lower, upper),
        constraints=limits if matrix.shape[0] else (),
        options=options,
    )


def is_integral(amounts: NDArray[np.float64]) -> bool:
    """Return whether all amounts are whole numbers."""
    return bool(np.abs(amounts - amounts.round()).max(initial=0) < NEAR)
