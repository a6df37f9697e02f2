"""Choices on nominal counts, made once: they are the same for all counts with the same small ones.

An auditor protects the same tables hundreds of times, and most of the time goes into these.
"""

from collections.abc import Callable
from typing import Any

from bolton_jsna.disclosure import _secondary_suppression

_ARRAYS = (
    "nominal_value",
    "floor",
    "ceiling",
    "printed",
    "sensitive",
    "fixed",
    "public",
    "zero",
    "slack",
)


def remember() -> None:
    """Let the library choose once for each pattern of small counts."""
    for name in ("optimal_suppression", "heuristic_suppression"):
        setattr(_secondary_suppression, name, _once(getattr(_secondary_suppression, name)))


def _once(choose: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[tuple[bytes, ...], Any] = {}

    def chosen(problem: Any, **options: Any) -> Any:
        key = (
            *(getattr(problem, name).tobytes() for name in _ARRAYS),
            problem.value.tobytes(),
            problem.sums.indices.tobytes(),
            problem.sums.data.tobytes(),
            problem.loss.tobytes(),
        )
        if key not in known:
            known[key] = choose(problem, **options)
        return known[key]

    return chosen
