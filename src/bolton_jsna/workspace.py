"""The raw files of a workspace as tidy tables: each read once while it stays the same."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bolton_jsna import store
from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.errors import MissingDataError, SchemaError, some
from bolton_jsna.origins import SEPARATOR, Source, source_id
from bolton_jsna.reading import opening
from bolton_jsna.tables import schemas

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_Stamp = tuple[tuple[str, int, int, bool], ...]
"""Of each file: path, when it was changed, bytes, and whether it was laid by hand."""


def table(dataset: str, workspace: str | Path | None = None, **options: Any) -> pd.DataFrame | None:
    """Return the tidy rows of every raw file of a dataset, or None when there is no file.

    Rows that two files have alike are kept once; of two that differ only in that one prints a
    rate, that one. Where a file that was laid by hand contradicts a fetched one, which its
    publisher may have issued anew, the fetched one is used and a warning is logged: a workspace
    that is refreshed holds the publishers' current figures. What the other has of the same edition
    (and indicator or area) is passed over whole, so that figures of two issues are not mixed.

    Parameters
    ----------
    dataset : str
        An id of the catalogue, such as ``"idaci"``.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``; see :func:`bolton_jsna.store.workspace_folder`.
    **options
        Passed to the reader, which may read less for them (``areas``, ``ages``).

    Raises
    ------
    SourceError, SchemaError
        As the reader of the dataset; or when two files laid by hand, or two fetched ones,
        contradict each other.

    Examples
    --------
    >>> table("idaci", workspace="src") is None
    True
    """
    stamp = _stamp(dataset, workspace)
    if not stamp:
        return None
    found = _read(dataset, stamp, tuple(sorted(options.items()))).frame
    return None if found is None else found.copy(deep=False)


def read_file(dataset: str, path: Path) -> pd.DataFrame:
    """Return the tidy rows of one file, wherever it lies.

    Raises
    ------
    SourceError, SchemaError, MissingDataError
        As the reader of the dataset.
    """
    return _reader(dataset)(path)


def key_of(dataset: str) -> tuple[str, ...]:
    """Return the columns that name a row of a dataset's tidy table.

    Examples
    --------
    >>> key_of("idaci"), key_of("ward_boundaries")
    (('lsoa_code', 'edition'), ('area_code', 'year'))
    """
    return _KEYS.get(dataset) or schemas.SCHEMAS[dataset].key


def sources(ids: set[str], dataset: str, workspace: str | Path | None = None) -> tuple[Source, ...]:
    """Return the provenance of raw files of a dataset whose rows carry one of some ids.

    Of a file that a refresh fetched, the address and the moment come from the lock file, unless
    its bytes have been changed since.

    Examples
    --------
    >>> sources({"idaci@2025"}, "idaci", workspace="src")
    ()
    """
    facts = dataset_of(dataset)
    found = []
    fetched = {each.sha256: each for each in store.entries(workspace).values() if each.held}
    stamp = _stamp(dataset, workspace)
    for each in stamp:
        path = Path(each[0])
        try:
            rows_read = _read(dataset, (each,), ()).frame
        except SchemaError:
            # A part that needs its siblings (IoD File 6) cannot be read by itself.
            rows_read = table(dataset, workspace)
        if rows_read is None:
            continue
        passed = _read(dataset, stamp, ()).passed_over.get(each[0])
        if passed is not None:
            rows_read = rows_read[~_units(rows_read, dataset).isin(passed)]
        digest = store.fingerprint(path)
        entry = fetched.get(digest)
        rows = rows_read["source"].str.split(SEPARATOR).explode().value_counts()
        found += [
            Source(
                dataset=dataset,
                edition=id_.partition("@")[2],
                publisher=facts.publisher,
                title=facts.title,
                vintage="",
                licence=facts.licence,
                attribution=facts.attribution,
                address=entry.address if entry else facts.landing,
                file=path.name,
                sha256=digest,
                rows=int(count),
                retrieved=entry.retrieved if entry else "",
                notes="; ".join(entry.notes) if entry else "read from the workspace's data/raw",
            )
            for id_, count in rows.items()
            if id_ in ids and id_.startswith(source_id(dataset, ""))
        ]
    return tuple(found)


@dataclass(frozen=True)
class _Reading:
    """The rows of a dataset's files, and which units of which files were passed over."""

    frame: pd.DataFrame | None
    passed_over: dict[str, pd.MultiIndex] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    path: Path
    by_hand: bool
    frame: pd.DataFrame


def _stamp(dataset: str, workspace: str | Path | None) -> _Stamp:
    own = set(store.laid_by_hand(dataset, workspace))
    return tuple(
        (str(path), (status := path.stat()).st_mtime_ns, status.st_size, path in own)
        for path in store.raw_files(dataset, workspace)
    )


@functools.lru_cache(maxsize=32)
def _read(dataset: str, stamp: _Stamp, options: tuple[tuple[str, Any], ...]) -> _Reading:
    paths = [Path(path) for path, *_ in stamp]
    _log.info("reading %s from %s", dataset, some(path.name for path in paths))
    if dataset == "idaci":
        return _indices(stamp)
    read = _reader(dataset)
    parts = []
    for path, *_, by_hand in stamp:
        # A file without the areas or ages asked for is no gap: another may have them.
        with contextlib.suppress(MissingDataError):
            parts.append(_Part(Path(path), by_hand, read(Path(path), **dict(options))))
    if len(parts) < 2:
        return _Reading(parts[0].frame if parts else None)
    return _once(parts, dataset)


def _indices(stamp: _Stamp) -> _Reading:
    """Read files of the Indices together, as those of one edition complete each other."""
    import pandas as pd

    read = _reader("idaci")
    own = [Path(path) for path, *_, by_hand in stamp if by_hand]
    fetched = [Path(path) for path, *_, by_hand in stamp if not by_hand]
    try:
        return _Reading(read(*(path for path, *_ in stamp)))
    except SchemaError as error:
        if not own or not fetched:
            raise
        first = read(*fetched)
        second = read(*own)
        again = second["source"].isin(first["source"])
        if not again.any():
            raise
        _warn("idaci", own, fetched, str(error))
        passed = _units(second[again], "idaci")
        kept = pd.concat([first, second[~again]], ignore_index=True)
        return _Reading(kept, {str(path): passed for path in own})


def _reader(dataset: str) -> Callable[..., pd.DataFrame]:
    from bolton_jsna.tables import idaci, lookups, neighbours
    from bolton_jsna.tables import population as people

    readers: dict[str, Callable[..., pd.DataFrame]] = {
        "population_projections": people.read_projections,
        "population_estimates": people.read_estimates,
        "idaci": idaci.read,
        "children_in_need": functools.partial(_children, dataset="children_in_need"),
        "children_looked_after": functools.partial(_children, dataset="children_looked_after"),
        "statistical_neighbours": neighbours.read,
        "ward_boundaries": functools.partial(_boundaries, level="ward"),
        "lsoa_boundaries": functools.partial(_boundaries, level="lsoa"),
        "lookup": lookups.read,
        "postcodes": lookups.read_postcodes,
    }
    return readers[dataset]


def _boundaries(path: Path, *, level: Literal["ward", "lsoa"]) -> pd.DataFrame:
    """Read boundaries whose year is known, as those asked for are of one year."""
    from bolton_jsna.tables import boundaries

    found = boundaries.read(path, level=level)
    if found["year"].isna().any():
        raise SchemaError(
            f"{path.name!r} does not say of which year its boundaries are. Put the year into the "
            f"name of the file, such as {path.stem}_2023{path.suffix}."
        )
    return found


def _children(path: Path, *, dataset: str) -> pd.DataFrame:
    """Read a file of DfE, or one of OHID's Fingertips, which says DfE's figures again."""
    from bolton_jsna.tables import children_in_need, fingertips

    if b"indicator id" in opening.start(path, 200).lower():
        return fingertips.read(path, dataset=dataset)
    return children_in_need.read(path)


_KEYS = {
    "ward_boundaries": ("area_code", "year"),
    "lsoa_boundaries": ("area_code", "year"),
    "children_looked_after": schemas.SCHEMAS["children_in_need"].key,
}


def _once(parts: Sequence[_Part], dataset: str) -> _Reading:
    """Keep each row once, and of two files that contradict each other the fetched one."""
    import pandas as pd

    frame = pd.concat(
        [part.frame.assign(_file=number) for number, part in enumerate(parts)], ignore_index=True
    )
    passed: dict[str, pd.MultiIndex] = {}
    unlike = _unlike(frame, dataset)
    own = frame["_file"].isin([number for number, part in enumerate(parts) if part.by_hand])
    if unlike.any() and own.any() and not own.all():
        units = _units(frame, dataset)
        both = units[unlike & own].intersection(units[unlike & ~own])
        again = own & units.isin(both)
        for number in frame.loc[again, "_file"].unique():
            passed[str(parts[number].path)] = units[again & (frame["_file"] == number)].unique()
        if passed:
            others = frame.loc[~own & units.isin(both) & unlike, "_file"].unique()
            _warn(
                dataset,
                [Path(path) for path in passed],
                [parts[number].path for number in others],
                f"They contradict each other in {_named(frame, unlike & again, dataset)}.",
            )
            frame = frame[~again]
            unlike = _unlike(frame, dataset)
    if unlike.any():
        names = [parts[number].path for number in frame.loc[unlike, "_file"].unique()]
        raise SchemaError(
            f"{some(map(_short, names))} contradict each other in "
            f"{_named(frame, unlike, dataset)}. Keep one file of each edition and take the other "
            "away."
        )
    if "published_rate" in frame.columns:
        frame = frame.sort_values("published_rate", na_position="last", kind="stable")
    key = list(key_of(dataset))
    frame = frame.drop(columns="_file").drop_duplicates(key)
    return _Reading(frame.sort_index().reset_index(drop=True), passed)


def _units(frame: pd.DataFrame, dataset: str) -> pd.MultiIndex:
    """Return of each row what is taken from one issue whole: its edition, and what parts that."""
    import pandas as pd

    by = ["source", *(["indicator"] if "indicator" in frame.columns else [])]
    if any(each.scope == "area" for each in dataset_of(dataset).editions):
        by.append("area_code")
    return pd.MultiIndex.from_frame(frame[by])


def _unlike(frame: pd.DataFrame, dataset: str) -> pd.Series:
    """Say of each row whether another file says something else of the same."""
    key = list(key_of(dataset))
    if "to_code" in key:
        # That an area is counted in another one is what a lookup says, not what it is known by.
        known_by = [name for name in key if name != "to_code"]
        having = frame.groupby(known_by, sort=False, dropna=False)["_file"].transform("nunique")
        saying = frame.groupby(key, sort=False, dropna=False)["_file"].transform("nunique")
        return having != saying
    figures = ("count", "population", "neighbour_code")
    figure = next((name for name in figures if name in frame.columns), "")
    repeated = frame.duplicated(key, keep=False)
    if not figure or not repeated.any():
        return repeated & False
    groups = frame[repeated].groupby(key, sort=False, dropna=False)[figure]
    least = groups.transform("min")
    unlike = (least != groups.transform("max")) & least.notna()
    return unlike.fillna(False).astype(bool).reindex(frame.index, fill_value=False)


def _named(frame: pd.DataFrame, rows: pd.Series, dataset: str) -> str:
    keys = frame.loc[rows, list(key_of(dataset))].drop_duplicates()
    listed = some([tuple(row) for row in keys.itertuples(index=False)], most=2)
    return f"{len(keys)} rows ({listed})"


def _warn(dataset: str, own: Sequence[Path], fetched: Sequence[Path], why: str) -> None:
    _log.warning(
        "%s of data/raw/%s, laid by hand, is passed over for %s, which was fetched and has other "
        "figures of the same edition. %s Take away what was laid by hand; or, to work with it, lay "
        "it in a workspace that is not refreshed.",
        some(map(_short, own)),
        dataset,
        some(map(_short, fetched)),
        why,
    )


def _short(path: Path) -> str:
    return repr(path.name)
