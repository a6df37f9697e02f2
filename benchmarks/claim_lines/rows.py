"""A line of the table of claims."""

from typing import NamedTuple


class Row(NamedTuple):
    """One line: ``must_be`` is the least and the most that ``found`` may be; None is shown only."""

    what: str
    nominal: float | None
    must_be: tuple[float, float] | None
    found: float
    number_of_draws: int

    @property
    def missed(self) -> bool:
        """Whether what was found lies outside of what it must be."""
        return self.must_be is not None and not self.must_be[0] <= self.found <= self.must_be[1]
