"""Find which indicators of the dictionary a file has, by its headings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bolton_jsna.catalogue.indicators import Columns, Indicator
from bolton_jsna.tables._files import heading


@dataclass(frozen=True)
class Wanted:
    """An indicator, and a layout of a file that it may be read from.

    Attributes
    ----------
    indicator : Indicator
    columns : Columns
        The layout, of which the file has every heading that is needed.
    """

    indicator: Indicator
    columns: Columns


def wanted_of(headings: Collection[str], entries: Mapping[str, Indicator]) -> list[Wanted]:
    """Return the indicators with a layout that fits the headings of a file, and these layouts."""
    there = {heading(each) for each in headings if each}
    return [
        Wanted(each, layout)
        for each in entries.values()
        for layout in each.columns
        if not layout.fingertips and _fits(layout, there)
    ]


def first(names: Sequence[str], there: Collection[str]) -> str | None:
    """Return the first of some headings that a file has, in the form of a column."""
    return next((column for each in names if (column := heading(each)) in there), None)


def _fits(layout: Columns, there: Collection[str]) -> bool:
    """Report whether a file has what the figures of a layout are made of."""
    filters = [*layout.where, *layout.population_where, *filter(None, [layout.by])]
    if any(heading(each) not in there for each in (*filters, *layout.needs, *layout.sum)):
        return False
    if layout.population and first(layout.population, there) is None:
        return False
    if layout.parts:
        return any(first(each, there) for each in layout.parts.values())
    figures = layout.count or layout.value
    return bool(layout.sum) or first(figures, there) is not None
