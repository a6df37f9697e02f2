"""A build as of an earlier year: what was published up to it, and what a reader must know."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.errors import MissingDataError, UsageError
from bolton_jsna.core.wording import listed
from bolton_jsna.core.years import one_year
from bolton_jsna.loaders import load_population_projections
from bolton_jsna.loaders.arguments import available, codes, not_found
from bolton_jsna.sentences.few_years import before_census

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.inputs import Ingredients
    from bolton_jsna.core.areas import Area

_CHILDREN: Final = (0, 17)


def local_year(year: int | None, to_year: int | None) -> int | None:
    """Return the year of the local figures, which is not after the last published one."""
    if to_year is None:
        return year
    one_year("to_year", to_year)
    if year is not None and year > to_year:
        raise UsageError(
            f"year={year} (--year) is after to_year={to_year} (--to-year). The local figures must "
            "be of the last year of the published figures or before."
        )
    return to_year if year is None else year


def up_to(figures: pd.DataFrame, to_year: int | None) -> pd.DataFrame:
    """Return the figures of a year and before; all of them without a year."""
    if to_year is None:
        return figures
    return figures[figures["year"] <= to_year].reset_index(drop=True)


def check_any(everyone: pd.DataFrame, place: Area, to_year: int | None) -> None:
    """Make sure that an area has figures of a year or before."""
    years = everyone.loc[everyone["area_code"] == place.code, "year"]
    if to_year is None or years.empty or int(years.min()) <= to_year:
        return
    raise MissingDataError(
        f"{place.name} has no figures of children in need up to {to_year} (to_year=, --to-year): "
        f"the first are of {int(years.min())}. Put DfE's files of earlier years, such as the "
        f"underlying data of {to_year - 1}-{to_year % 100:02d}, in data/raw/children_in_need/."
    )


def projections_up_to(place: Area, to_year: int, *, workspace: str | Path | None) -> pd.DataFrame:
    """Return the newest projection of an area, of those that begin in a year or before."""
    name, ours = "population_projections", codes([place])
    held = available(name, workspace, by=["area_code", "base_year"], areas=ours, ages=_CHILDREN)
    bases = {int(each) for each in held.loc[held["area_code"].isin(ours), "base_year"]}
    years = [str(each) for each in sorted(bases)]
    then = [each for each in bases if each <= to_year]
    if not then:
        what = f"a projection of {place.name} that begins in mid-{to_year} or before"
        there = f" Those available begin in mid-{listed(years)}." if bases else ""
        raise MissingDataError(
            f"{not_found(name, what)}{there} Put the ONS file of an earlier projection in "
            f"data/raw/{name}/."
        )
    return load_population_projections(place, base_year=max(then), workspace=workspace)


def not_held(made_from: Ingredients, names: Collection[str]) -> dict[str, str]:
    """Return why indicators have no figures, by their names, if later years are left out."""
    last = made_from.to_year
    if last is None:
        return {}
    why = f"The chapter stands at {last} (--to-year), and there are none of that year or before."
    return dict.fromkeys(sorted(set(dictionary()) - set(names)), why)


def about_year(made_from: Ingredients) -> Iterator[str]:
    """Return which year the build stands at, and what in it is of a later date."""
    last = made_from.to_year
    if last is None:
        return
    yield (
        f"Published figures are those up to the year ending 31 March {last}. Later years are left "
        "out."
    )
    later = [model for model in made_from.neighbours if int(model) > last]
    if later:
        yield (
            f"The statistical neighbours are those of DfE's {listed(later)} "
            f"model{'s' if len(later) > 1 else ''}, made after {last}. They are not those that a "
            f"chapter of {last} had."
        )
    edition = int(made_from.idaci["edition"].iloc[0])
    if edition > last:
        yield f"Deprivation is that of the Indices of {edition}, published after {last}."
    figures = made_from.children_in_need
    text = before_census(figures[figures["area_code"] == made_from.place.code])
    if text:
        yield text
