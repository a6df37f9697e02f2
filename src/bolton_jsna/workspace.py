"""The raw files of a workspace as tidy tables: each read once while it stays the same."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna import store
from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.errors import MissingDataError, SchemaError, some
from bolton_jsna.origins import SEPARATOR, Source, source_id
from bolton_jsna.tables import schemas

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_Stamp = tuple[tuple[str, int, int], ...]


def table(dataset: str, workspace: str | Path | None = None, **options: Any) -> pd.DataFrame | None:
    """Return the tidy rows of every raw file of a dataset, or None when there is no file.

    Rows that two files have alike are kept once; of two that differ only in that one prints a
    rate, that one.

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
        As the reader of the dataset; or when two files contradict each other.

    Examples
    --------
    >>> table("idaci", workspace="src") is None
    True
    """
    files = store.raw_files(dataset, workspace)
    if not files:
        return None
    stamp = tuple(
        (str(path), (status := path.stat()).st_mtime_ns, status.st_size) for path in files
    )
    found = _read(dataset, stamp, tuple(sorted(options.items())))
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
    for path in store.raw_files(dataset, workspace):
        status = path.stat()
        stamp = ((str(path), status.st_mtime_ns, status.st_size),)
        try:
            rows_read = _read(dataset, stamp, ())
        except SchemaError:
            # A part that needs its siblings (IoD File 6) cannot be read by itself.
            rows_read = table(dataset, workspace)
        if rows_read is None:
            continue
        digest = store.fingerprint(path)
        entry = fetched.get(digest)
        rows = rows_read["source"].str.split(SEPARATOR).explode().value_counts()
        found += [
            Source(
                dataset=dataset,
                edition=each.partition("@")[2],
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
            for each, count in rows.items()
            if each in ids and each.startswith(source_id(dataset, ""))
        ]
    return tuple(found)


@functools.lru_cache(maxsize=32)
def _read(dataset: str, stamp: _Stamp, options: tuple[tuple[str, Any], ...]) -> pd.DataFrame | None:
    import pandas as pd

    paths = [Path(path) for path, _, _ in stamp]
    _log.info("reading %s from %s", dataset, some(path.name for path in paths))
    read = _reader(dataset)
    if dataset == "idaci":
        return read(*paths)
    frames = []
    for path in paths:
        # A file without the areas or ages asked for is no gap: another may have them.
        with contextlib.suppress(MissingDataError):
            frames.append(read(path, **dict(options)))
    if len(frames) < 2:
        return frames[0] if frames else None
    return _once(pd.concat(frames, ignore_index=True), dataset)


def _reader(dataset: str) -> Callable[..., pd.DataFrame]:
    from bolton_jsna.tables import boundaries, idaci, lookups, neighbours
    from bolton_jsna.tables import population as people

    readers: dict[str, Callable[..., pd.DataFrame]] = {
        "population_projections": people.read_projections,
        "population_estimates": people.read_estimates,
        "idaci": idaci.read,
        "children_in_need": functools.partial(_children, dataset="children_in_need"),
        "children_looked_after": functools.partial(_children, dataset="children_looked_after"),
        "statistical_neighbours": neighbours.read,
        "ward_boundaries": functools.partial(boundaries.read, level="ward"),
        "lsoa_boundaries": functools.partial(boundaries.read, level="lsoa"),
        "lookup": lookups.read,
        "postcodes": lookups.read_postcodes,
    }
    return readers[dataset]


def _children(path: Path, *, dataset: str) -> pd.DataFrame:
    """Read a file of DfE, or one of OHID's Fingertips, which says DfE's figures again."""
    from bolton_jsna.tables import children_in_need, fingertips

    with path.open("rb") as file:
        of_fingertips = b"indicator id" in file.read(200).lower()
    if of_fingertips:
        return fingertips.read(path, dataset=dataset)
    return children_in_need.read(path)


_KEYS = {
    "ward_boundaries": ("area_code", "year"),
    "lsoa_boundaries": ("area_code", "year"),
    "children_looked_after": schemas.SCHEMAS["children_in_need"].key,
}


def _once(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Keep each row once; refuse two files that say different things of the same row."""
    key = list(key_of(dataset))
    if "published_rate" in frame.columns:
        frame = frame.sort_values("published_rate", na_position="last", kind="stable")
        figure = "count"
    else:
        figure = next((name for name in ("population", "to_name") if name in frame.columns), "")
    repeated = frame[frame.duplicated(key, keep=False)]
    if figure and len(repeated):
        spread = repeated.groupby(key, sort=False)[figure].agg(["min", "max"])
        unlike = spread["min"] != spread["max"]
        if unlike.any():
            names = some(unlike[unlike].index.tolist(), most=2)
            raise SchemaError(
                f"Files of data/raw/{dataset} contradict each other in {int(unlike.sum())} rows "
                f"({names}). Keep one file of each edition and take the other away."
            )
    return frame.drop_duplicates(key).sort_index().reset_index(drop=True)
