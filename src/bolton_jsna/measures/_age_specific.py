"""Rates by age: their sums by area and year, and the last rate of each band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages, read_band
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.measures._aggregation import add_up
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._frame_columns import whole_years
from bolton_jsna.measures._projected_children import CHILDREN
from bolton_jsna.measures.age_groups import spans_of

_COLUMNS: Final = ("age_band", "ages")
_LAST: Final = 17


@dataclass(frozen=True)
class AgeRates:
    """Rates as they are projected: of all children, or by age band.

    Attributes
    ----------
    frame : DataFrame
        One row per area and year: the whole.
    bands : mapping
        The age bands, one of all children where rates are not by age.
    parts : DataFrame or None
        The rows by age band.
    column : str
        The column of age bands in ``parts``.
    """

    frame: pd.DataFrame
    bands: Mapping[Any, Ages]
    parts: pd.DataFrame | None = None
    column: str = ""

    def last_rates(self, codes: tuple[str, ...], years: Floats) -> Floats:
        """Return the rate of each band and area in the area's last year, shape (bands, areas)."""
        if self.parts is None:
            return np.ones((1, len(codes)))
        wanted = pd.MultiIndex.from_tuples(
            [
                (code, int(year), band)
                for band in self.bands
                for code, year in zip(codes, years, strict=True)
            ]
        )
        rows = self.parts.set_index(["area_code", "year", self.column])
        found = rows.reindex(wanted)
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = found["count"].to_numpy(dtype=float, na_value=np.nan) / found[
                "population"
            ].to_numpy(dtype=float, na_value=np.nan)
        return np.asarray(rates.reshape(len(self.bands), len(codes)), dtype=float)


def age_rates(rates: pd.DataFrame, indicator: str) -> AgeRates:
    """Return rates as they are projected: by age where the frame has several age bands."""
    check_table(rates)
    column = next((name for name in _COLUMNS if name in rates.columns), None)
    if column is None:
        return AgeRates(rates, CHILDREN)
    if "indicator" in rates.columns and (rates["indicator"] == indicator).any():
        rates = rates[rates["indicator"] == indicator]
    if rates[column].nunique(dropna=False) < 2:
        _of_all_children(rates[column])
        return AgeRates(rates, CHILDREN)
    labels = rates[column].dropna().unique().tolist()
    spans = spans_of(labels)
    ordered = sorted(spans.values())
    ages = [age for first, last in ordered for age in range(first, min(last, _LAST) + 1)]
    if rates[column].isna().any() or ages != list(range(_LAST + 1)):
        raise UsageError(
            f"rates has the age bands {some(map(repr, labels), most=20)}. Expected bands that "
            "together are the ages 0 to 17, each age once. Leave out other rows and report how "
            "many events they have, or add up the bands: crude_rates(rates, by=['area_code', "
            "'year'])."
        )
    bands = {label: (first, min(last, _LAST)) for label, (first, last) in spans.items()}
    by = [
        name
        for name in ("area_code", "area_name", "area_level", "indicator", "year")
        if name in rates
    ]
    rates = rates.assign(year=whole_years(rates, "year"))
    _once(rates, column)
    whole = add_up(rates, by, sums=["count", "population"], status="status")
    whole = _complete_only(whole, len(bands))
    return AgeRates(whole, bands, rates, column)


def _of_all_children(labels: pd.Series) -> None:
    """Reject rates of one age band that is not that of all children."""
    for label in labels.dropna().unique():
        span = read_band(label)
        if span is not None and span not in ((0, _LAST), (0, OPEN)):
            raise UsageError(
                f"rates has the age band {label!r} only. Expected rates of all children aged 0-17, "
                "or a row for each of several bands that together are the ages 0 to 17. Give the "
                "other bands too, or the rows of all ages."
            )


def _once(rates: pd.DataFrame, column: str) -> None:
    """Reject several rows of an area, year and age band."""
    twice = rates.duplicated(["area_code", "year", column]).to_numpy()
    if twice.any():
        code, year, band = rates.loc[twice, ["area_code", "year", column]].to_numpy()[0]
        raise SchemaError(
            f"{code} has several rows for {year} and the age band {band!r}; expected one row for "
            "each area, year and age band. Give the rows of one release, or add up the parts first."
        )


def _complete_only(whole: pd.DataFrame, bands: int) -> pd.DataFrame:
    """Return sums, not available in a year without one of the bands."""
    short = whole["parts"] < bands
    if not short.any():
        return whole
    return whole.assign(
        count=whole["count"].mask(short),
        status=whole["status"].mask(short & (whole["status"] != "suppressed"), "not_available"),
    )
