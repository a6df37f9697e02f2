"""Load the indicators of the dictionary, of all subjects, as one table."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bolton_jsna import snapshot
from bolton_jsna.catalogue.indicators import PER, Indicator, dictionary, folders
from bolton_jsna.core.areas import Area, without_groups
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import choice, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.core.years import one_year
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store
from bolton_jsna.loaders import _groups, _resolve, arguments
from bolton_jsna.loaders._population import with_denominators
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders.arguments import Folder, Place, Years
from bolton_jsna.loaders.safeguarding import own_figures, with_embedded
from bolton_jsna.tables import schemas

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_COLUMNS = schemas.SCHEMAS["indicators"].columns
_KEY = ["area_code", "year", "indicator", "breakdown", "release"]


@checked
def load_indicators(
    areas: Place | Iterable[Place] | None = None,
    *,
    indicators: str | Sequence[str] | None = None,
    years: Years = None,
    breakdown: str | Sequence[str] | None = None,
    release: str | int | None = None,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return figures of any subject: a row for each area, year, indicator and part.

    Parameters
    ----------
    areas : place or several, optional
        England, regions and authorities; all available areas by default. A combined authority
        or metropolitan county, such as ``"Greater Manchester"``, is the sum of its authorities
        (:func:`sum_areas`).
    indicators : str or sequence of str, optional
        Names of the dictionary, which :func:`indicators` lists; all that are there by default.
    years : int or several, optional
        The years in which the periods end: 2025 is the year ending 31 March 2025 and the academic
        year 2024/25. All by default.
    breakdown : str or sequence of str, optional
        Parts, such as ``"Neglect"`` of plans by category; all by default.
    release : str or int, optional
        The last year of a release. By default each year comes from the latest release that has it.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, ``area_level``, ``year`` and ``period`` (in words),
        ``indicator``, ``breakdown`` (``total`` where the row is no part), ``count`` with
        ``count_status``, ``persons`` with ``persons_status`` (the children behind a count of
        events), ``population`` (the denominator that the dictionary names), ``value`` in ``unit``
        with ``status``, ``published_value`` (as printed), ``release``, ``source``. The value is
        worked out from count and denominator where both are known, else it is the published one.
        With a combined authority also ``parts`` and ``parts_used``; it has no published value.

    Raises
    ------
    MissingDataError
        When an area, indicator or year that was asked for is not available; the message names it
        and the file that has it.
    UsageError
        When an indicator is not in the dictionary; near matches are named.
    AreaNotFoundError
        When an area is not known.

    Notes
    -----
    DfE, Explore education statistics, and OHID, Fingertips, by what ``catalogue/indicators.toml``
    says of their files. Counts of England and regions are rounded by the publishers.

    Examples
    --------
    >>> found = load_indicators("Bolton", indicators="re_referrals_within_12_months", years=2025)
    >>> found[["period", "count", "population", "value", "unit"]].round(1)
                         period  count  population  value      unit
    0  year ending 31 March 2025    778      3803.0   20.5  per cent
    """
    names = arguments.names_asked("indicators", indicators)
    check_indicators(names or ())
    wanted = arguments.places_asked(areas) if areas is not None else ()
    found = _resolve.load(
        _rows,
        without_groups(wanted),
        indicators=names,
        years=arguments.years_asked(years),
        breakdown=arguments.names_asked("breakdown", breakdown),
        release=None if release is None else one_year("release", release, text=True),
        workspace=workspace,
        download=download,
    )
    found = _valued(found, workspace=workspace, download=download)
    return _groups.with_sums(found, wanted)


def check_indicators(names: Iterable[str]) -> None:
    """Reject names that the dictionary does not have, with those that were meant."""
    about = {name: f"{each.title} {each.definition}" for name, each in dictionary().items()}
    for name in names:
        choice(
            "indicators",
            name,
            dictionary(),
            about=about,
            listing="jsna.indicators() or bolton-jsna indicators lists them.",
        )


def _rows(
    wanted: Sequence[Area],
    *,
    indicators: Sequence[str] | None,
    years: Sequence[int] | None,
    breakdown: Sequence[str] | None,
    release: str | int | None,
    workspace: Folder,
) -> pd.DataFrame | Missing:
    frame = held(indicators, workspace)
    there = sorted(frame["indicator"].unique())
    absent = [each for each in indicators or () if each not in there]
    if absent:
        return _missing(absent, wanted, workspace)
    every = frame
    if wanted:
        frame = frame[frame["area_code"].isin([each.code for each in wanted])]
    if years is not None:
        frame = frame[frame["year"].isin(years)]
    if breakdown is not None:
        frame = frame[frame["breakdown"].isin(breakdown)]
    frame = _of_latest(frame) if release is None else frame[frame["release"] == str(release)]
    span = f"{every['year'].min()} to {every['year'].max()}" if len(every) else "none"
    if release is not None:
        span += f"; releases {some(sorted(every['release'].unique()))}"
    if breakdown is not None:
        span += f"; breakdowns {some(map(repr, sorted(every['breakdown'].unique())), most=20)}"
    return _resolve.complete(
        _dataset_of(indicators or ()),
        frame,
        wanted,
        asked=f"{some(indicators) if indicators else 'any indicator'}, {arguments.span(years)}, "
        + (f"{some(map(repr, breakdown))}, " if breakdown else "")
        + f"{release or 'any release'}",
        there=f"indicators {some(there, most=8)}; years {span}",
        holds=_figures_of(indicators or ()),
        named={"indicator": indicators, "year": years, "breakdown": breakdown},
    )


def _of_latest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each year of an indicator from the latest of the releases with the most areas."""
    # A later release that has a few of the areas only would leave the others without a figure, and
    # two releases in one year would compare areas on different terms.
    by = ["indicator", "year"]
    areas = frame.groupby([*by, "release"])["area_code"].nunique().reset_index(name="areas")
    best = areas.sort_values(["areas", "release"]).drop_duplicates(by, keep="last")
    chosen = frame[by].merge(best, how="left", on=by)["release"]
    return frame[frame["release"].to_numpy() == chosen.to_numpy()]


def held(indicators: Sequence[str] | None, workspace: Folder) -> pd.DataFrame:
    """Return the rows of the workspace, and the snapshot's of other indicators and releases."""
    names = list(dictionary()) if indicators is None else list(indicators)
    if astray := _astray(workspace):
        _warn_once(astray)
    files = raw.table(raw.INDICATORS, workspace)
    made = {each.dataset for each in map(dictionary().__getitem__, names) if each.figures}
    figures = own_figures(workspace, needed=made) if made else None
    if files is None and figures is None:
        return _embedded(tuple(names)).copy()
    return _joined_with_embedded(names, files, figures)


@functools.lru_cache(maxsize=8)
def _embedded(names: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows of the snapshot alone, put together once."""
    return _joined_with_embedded(names, None, None)


def _joined_with_embedded(
    names: Sequence[str], files: pd.DataFrame | None, figures: pd.DataFrame | None
) -> pd.DataFrame:
    import pandas as pd

    if files is not None:
        files = files[files["indicator"].isin(names)]
    embedded = [snapshot.read(each) for each in snapshot.with_table("indicators")]
    held = pd.concat(embedded) if embedded else _none()
    held = held[held["indicator"].isin(names)]
    frame = arguments.prefer(files, held, by=["indicator", "release"])
    from_figures = _from_figures([dictionary()[each] for each in names], figures, files)
    if from_figures.empty:
        return frame
    both = pd.concat([from_figures, frame], ignore_index=True)
    again = both.duplicated(_KEY)
    return _joined(both[~again], both[again]) if again.any() else both


def _astray(workspace: Folder) -> str:
    """Return a sentence on files in ``data/raw/`` that are in no folder that is read."""
    names = store.astray(workspace)
    if not names:
        return ""
    return (
        f"data/raw/ has files in no dataset's folder, which are not read: {some(names, most=8)}. "
        f"Move them to a folder of indicators: {some(folders(), most=20)}."
    )


@functools.lru_cache(maxsize=64)
def _warn_once(text: str) -> None:
    _log.warning("%s", text)


def _joined(figures: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """Return figures, which have the children behind events, with the shares of the files."""
    import pandas as pd

    other = files.drop_duplicates(_KEY).set_index(_KEY)
    other = other.reindex(pd.MultiIndex.from_frame(figures[_KEY])).set_index(figures.index)
    # A share may be printed though its denominator is hidden. It must be that of the same count.
    same = figures["count"].fillna(-1).eq(other["count"].fillna(-1)) & other["status"].isin(NUMERIC)
    return figures.assign(
        published_value=figures["published_value"].fillna(other["published_value"]),
        value=figures["value"].mask(same, other["value"]),
        status=figures["status"].mask(same, other["status"]),
    ).reset_index(drop=True)


def _from_figures(
    entries: Sequence[Indicator], figures: pd.DataFrame | None, files: pd.DataFrame | None
) -> pd.DataFrame:
    """Return indicators made of the counts of children in need and looked after."""
    import pandas as pd

    wanted = [each for each in entries if each.figures]
    if not wanted:
        return _none()
    counts = {each.id: each.figures["count"] for each in wanted}
    # A file in the folder of another subject goes before the snapshot as well.
    ours = [] if files is None else files[["indicator", "release"]].drop_duplicates().to_numpy()
    passed = {(counts[name], release) for name, release in ours if name in counts}
    table = with_embedded(figures, passed=passed)
    there = set(table["indicator"])
    parts = [_of_figures(each, table) for each in wanted if each.figures["count"] in there]
    if not parts:
        return _none()
    return schemas.typed(pd.concat(parts, ignore_index=True), _COLUMNS)


def _none() -> pd.DataFrame:
    """Return the table without rows."""
    import pandas as pd

    return schemas.typed(pd.DataFrame(), _COLUMNS)


def _of_figures(about: Indicator, table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = table[table["indicator"] == about.figures["count"]]
    population = rows["population"].astype(float)
    share = "population" in about.figures
    if share:
        at = ["area_code", "year", "release"]
        whole = table[table["indicator"] == about.figures["population"]].drop_duplicates(at)
        joined = whole.set_index(at).reindex(pd.MultiIndex.from_frame(rows[at]))
        number = joined["count"].to_numpy(dtype=float, na_value=float("nan"))
        population = pd.Series(number, rows.index)
        # The rate in the table is that of children, not the share. A share with a denominator that
        # is hidden is hidden for the same reason.
        state = joined["status"].fillna("not_available").replace(list(NUMERIC), "not_available")
        rows = rows.assign(published_rate=float("nan"), published_rate_status=state.to_numpy())
    hidden = ~rows["status"].isin(NUMERIC) & ~rows["published_rate_status"].isin(NUMERIC)
    # What can be worked out from the count is; a printed rate is rounded.
    counted = rows["status"].isin(NUMERIC) & (population > 0)
    periods = {each: about.when(int(each)) for each in rows["year"].unique()}
    return rows.assign(
        period=rows["year"].map(periods),
        indicator=about.id,
        breakdown="total",
        count_status=rows["status"],
        population=population,
        unit=about.unit,
        value=rows["published_rate"].mask(counted),
        published_value=rows["published_rate"],
        status=rows["published_rate_status"].mask(hidden, rows["status"]),
    ).drop(columns=["published_rate", "published_rate_status"])


def _valued(frame: pd.DataFrame, *, workspace: Folder, download: bool | None) -> pd.DataFrame:
    """Return rows with children aged 0-17 where they are the denominator, and with values."""
    import pandas as pd

    of_children = [name for name, each in dictionary().items() if each.of_children]
    mine = frame["indicator"].isin(of_children)
    if mine.any():
        rows = frame[mine].assign(population=frame["population"].round().astype("Int64"))
        rows = with_denominators(rows, workspace=workspace, download=download)
        rows = rows.assign(population=rows["population"].astype(float))
        frame = pd.concat([rows, frame[~mine]]).sort_index()
    per = frame["unit"].map(dict(PER)).astype(float)
    count = frame["count"].astype(float)
    known = frame["count_status"].isin(NUMERIC) & count.notna() & per.notna()
    # The reader keeps the printed share where it is more exact than that of rounded counts.
    able = known & (frame["population"] > 0) & (mine | frame["value"].isna())
    none = known & (frame["population"] == 0) & frame["value"].isna()
    return frame.assign(
        value=frame["value"].mask(able, count / frame["population"].where(able) * per),
        status=frame["status"].mask(able, frame["count_status"]).mask(none, "not_applicable"),
    ).reset_index(drop=True)


def _dataset_of(names: Sequence[str]) -> str:
    """Return the dataset of the first indicator, by default children in need."""
    return dictionary()[names[0]].dataset if names else "children_in_need"


def _figures_of(names: Sequence[str]) -> list[str]:
    """Return what a fetched file must hold for indicators: figures, else the indicators."""
    # A refresh fetches a few files of a release. Advice to fetch must not promise the others.
    return [each for name in names for each in dictionary()[name].figures.values() or [name]]


def _missing(names: Sequence[str], areas: Sequence[Area], workspace: Folder) -> Missing:
    """Return that indicators are not available, and which files have them."""
    astray = _astray(workspace)
    name = _dataset_of(names)
    return _resolve.missing(
        name,
        some(names),
        more="jsna.indicators() and bolton-jsna indicators list what is available. "
        f"{astray}".strip(),
        holds=_figures_of(names),
        areas=areas,
    )
