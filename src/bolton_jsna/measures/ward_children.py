"""Errors of ward populations of children that are carried from one year to another."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from bolton_jsna.core.errors import choice
from bolton_jsna.measures._facts import facts

Base = Literal["modelled", "estimates"]
"""What is carried: children modelled from those aged 0-15, or estimates of children aged 0-17."""


@dataclass(frozen=True)
class CarryingError:
    """The errors of ward populations of children carried over a number of years.

    Attributes
    ----------
    base : {"modelled", "estimates"}
        What was carried: children aged 0-15 times the authority's ratio of 0-17 to 0-15, or
        estimates of children aged 0-17.
    years : int
        Years carried; below zero for a year before the base.
    start, end : int
        The mid-years.
    wards, place : int, str
        The wards tested: how many and where.
    mean, median, p95 : float
        Mean, median and 95th percentile of the absolute error in per cent of the estimate.
    """

    base: Base
    years: int
    start: int
    end: int
    wards: int
    place: str
    mean: float
    median: float
    p95: float


@functools.cache
def carrying_errors(*, scaled: bool = True) -> tuple[CarryingError, ...]:
    """Return the measured errors of wards' children that are carried to another year."""
    # Wards of Greater Manchester, ONS estimates by LSOA of mid-2017, 2019 and 2020 and the Indices
    # of 2019 (mid-2015); ``benchmarks/ward_children.py`` makes the table. The estimates have
    # errors of their own, which are not in these figures.
    table = facts("ward_children.toml")
    return tuple(
        CarryingError(**table["wards"], **each) for each in table["error" if scaled else "unscaled"]
    )


def carrying_error(base: Base, years: int) -> CarryingError | None:
    """Return the measured error of carrying wards' children over some years."""
    choice("base", base, ("modelled", "estimates"))
    sign = (years > 0) - (years < 0)
    same = [
        each
        for each in carrying_errors()
        if each.base == base and (each.years > 0) - (each.years < 0) == sign
    ]
    return min(same, key=lambda each: abs(each.years - years), default=None)
