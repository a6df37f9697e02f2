"""The raw files of a workspace as tidy tables, cached until a file changes."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bolton_jsna.catalogue import Edition
from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.catalogue import indicators as entries
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.provenance import SEPARATOR, source_id
from bolton_jsna.ingest import _indicator_files, kept_tables, national_files, store
from bolton_jsna.ingest._indicator_files import OF_CHILDREN
from bolton_jsna.ingest._readers import reader_of
from bolton_jsna.tables import agreement, mixed_folders, schemas
from bolton_jsna.tables.reader_notes import gathered, remark

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_Stamp = tuple[tuple[str, int, int, int, national_files.InUse | None, bool], ...]
"""For each file: path, times of its last change as set and as kept by the system, bytes, how a
national file is read that is used instead of files of authorities, and whether it was added by
hand."""


def table(dataset: str, workspace: str | Path | None = None, **options: Any) -> pd.DataFrame | None:
    """Return the tidy rows of all raw files of a dataset, or None if there is no file."""
    # A row that two files have is kept once, the more complete one (tables.agreement.once). If a
    # file that was added by hand contradicts a fetched one, the fetched one is used with a warning:
    # a workspace that is refreshed has the publishers' current figures. The other file's rows of
    # the same edition (and indicator or area) are all left out, so that two issues are not mixed.
    # If two files added by hand contradict each other in less than half of the rows they share,
    # those figures or areas are left out with a warning.
    stamp = _stamp(dataset, workspace)
    if not stamp:
        return None
    areas = options.pop("areas", None) if _whole.get() else None
    found = _read(dataset, stamp, tuple(sorted(options.items()))).frame
    if found is not None and areas is not None:
        return found[found["area_code"].isin(areas)]
    return None if found is None else found.copy(deep=False)


@contextlib.contextmanager
def whole_tables() -> Iterator[None]:
    """Read files once for all areas, and not again for each: for those who need many areas."""
    before = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(before)


def remarks(dataset: str, workspace: str | Path | None = None) -> tuple[str, ...]:
    """Return notes on files and figures that were left out when a dataset was read."""
    return tuple(_said.get((dataset, _stamp(dataset, workspace)), ()))


def read_file(dataset: str, path: Path, *, areas: Sequence[str] = ()) -> pd.DataFrame:
    """Return the tidy rows of one file in any folder."""
    reader = reader_of(dataset)
    return reader(path, areas=tuple(areas)) if areas and dataset in BY_AREA else reader(path)


def key_of(dataset: str) -> tuple[str, ...]:
    """Return the columns that identify a row of a dataset's tidy table."""
    return _KEYS.get(dataset) or schemas.SCHEMAS[dataset].key


def rows_of(
    ids: set[str], dataset: str, workspace: str | Path | None = None
) -> dict[str, dict[str, int]]:
    """Return how many rows of each source came from each file, including pairs of areas."""
    stamp = _stamp(dataset, workspace)
    found: dict[str, dict[str, int]] = {}
    ways: list[tuple[tuple[str, Any], ...]] = [()] if stamp else []
    if stamp and dataset == "lookup":
        pairs = [
            id_.partition("@")[2].split("-") for id_ in sorted(ids) if id_.startswith("lookup@")
        ]
        ways += [(("of", pair[0]), ("to", pair[1])) for pair in pairs if len(pair) == 2]
    for way in ways:
        for name, rows in _read(dataset, stamp, way).rows.items():
            found.setdefault(name, {}).update(rows)
    return found


@dataclass(frozen=True)
class _Reading:
    """The rows of a dataset's files, and the number of rows by file and source."""

    frame: pd.DataFrame | None
    rows: dict[str, dict[str, int]] = dataclasses.field(default_factory=dict)


BY_AREA = ("population_projections", "population_estimates")
"""Datasets whose readers can read the rows of some areas."""

_WHOLE_ZIPS = (
    *("population_projections", "population_estimates"),  # a file for each sex
    *("ward_boundaries", "lsoa_boundaries", "authority_boundaries"),  # a shapefile
)

INDICATORS = "indicators"
"""The table of the files of all datasets whose indicators the dictionary names."""

_whole: ContextVar[bool] = ContextVar("_whole", default=False)
"""Whether files are read for all areas."""

_said: dict[tuple[str, _Stamp], dict[str, None]] = {}
"""The notes of readers on files, as long as the files do not change."""


def was_read(dataset: str, workspace: str | Path | None = None) -> bool:
    """Report whether the files of a dataset, as they are now, were read in this process."""
    return (dataset, _stamp(dataset, workspace)) in _said


def _stamp(dataset: str, workspace: str | Path | None) -> _Stamp:
    if dataset == INDICATORS:
        return tuple(one for each in entries.folders() for one in _stamp(each, workspace))
    own = set(store.added_by_hand(dataset, workspace))
    folder = store.workspace_folder(workspace)
    used = {folder / store.RAW / name: each for name, each in national_files.in_use(folder).items()}
    return tuple(
        (
            str(path),
            (status := path.stat()).st_mtime_ns,
            status.st_ctime_ns,
            status.st_size,
            used.get(path),
            path in own,
        )
        for path in store.raw_files(dataset, workspace)
    )


@functools.lru_cache(maxsize=32)
def _read(dataset: str, stamp: _Stamp, options: tuple[tuple[str, Any], ...]) -> _Reading:
    paths = [Path(path) for path, *_ in stamp]
    _log.info("reading %s from %s", dataset, some(path.name for path in paths))
    with gathered() as said:
        try:
            if dataset == "idaci":
                return _indices(stamp)
            parts = _parts(dataset, stamp, reader_of(dataset), dict(options))
            if len(parts) > 1:
                return _once(parts, dataset)
            return _Reading(parts[0].found if parts else None, _rows(parts, {}, dataset))
        finally:
            # The same files may be read again for other areas or ages.
            known = _said.setdefault((dataset, stamp), {})
            for each in said:
                if each not in known:
                    _log.warning("%s", each)
            known.update(dict.fromkeys(said))


def _parts(
    dataset: str,
    stamp: _Stamp,
    reader: Callable[..., Any],
    options: Mapping[str, Any] = MappingProxyType({}),
) -> list[mixed_folders.Used]:
    """Read the files of a dataset; files that are no use are left out."""
    used = {Path(path): each for path, *_, each, _ in stamp if each is not None}

    def read(path: Path) -> Any:
        """Read a file; of a national one only the rows that are needed, to save memory."""
        use = used.get(path)
        if use is None:
            return kept_tables.read(dataset, path, reader, options)
        whose = {} if "areas" in options or dataset not in BY_AREA else {"areas": use.listed}
        rows = kept_tables.read(dataset, path, reader, {**options, **whose})
        return rows[~rows["area_code"].isin(use.passed)]

    files = [(Path(path), by_hand) for path, *_, by_hand in stamp]
    if dataset == INDICATORS:
        return _indicator_files.read(files, read)
    return mixed_folders.read(
        dataset,
        files,
        read,
        # A file that a refresh would fetch is needed: without it, older figures would be used.
        needed=[
            str(way.ask["file"])
            for edition in _editions(dataset)
            for way in edition.ways
            if "file" in way.ask
        ],
        whole_zips=dataset in _WHOLE_ZIPS,
        elsewhere=_indicator_files.serves if dataset in OF_CHILDREN else None,
    ).used


def _editions(dataset: str) -> tuple[Edition, ...]:
    return () if dataset == INDICATORS else dataset_of(dataset).editions


def _indices(stamp: _Stamp) -> _Reading:
    """Read files of the Indices together, because files of one edition complete each other."""
    import pandas as pd

    from bolton_jsna.tables import idaci

    parts = _parts("idaci", stamp, idaci.part_of)
    own = [each for each in parts if each.by_hand]
    fetched = [each for each in parts if not each.by_hand]
    try:
        both = bool(own and fetched)
        table = idaci.joined([each.found for each in parts], strict=both)
        return _Reading(table, _rows(parts, {}, "idaci"))
    except SchemaError as error:
        if not own or not fetched:
            raise
        first = idaci.joined([each.found for each in fetched])
        second = idaci.joined([each.found for each in own])
        again = second["source"].isin(first["source"])
        if not again.any():
            raise
        _warn("idaci", [each.path for each in own], [each.path for each in fetched], str(error))
        passed = _units(second[again], "idaci")
        kept = pd.concat([first, second[~again]], ignore_index=True)
        over = {str(each.file): passed for each in own}
        return _Reading(kept, _rows(parts, over, "idaci"))


def has_reader(dataset: str) -> bool:
    """Report whether a dataset has a table of its own; others have indicators only."""
    return dataset in schemas.SCHEMAS or dataset in _KEYS


_KEYS = {
    "ward_boundaries": ("area_code", "year"),
    "lsoa_boundaries": ("area_code", "year"),
    "authority_boundaries": ("area_code", "year"),
    "children_looked_after": schemas.SCHEMAS["children_in_need"].key,
}


def _once(parts: Sequence[mixed_folders.Used], dataset: str) -> _Reading:
    """Keep each row once; if two files contradict each other, use the fetched one."""
    import pandas as pd

    frame = pd.concat(
        [part.found.assign(_file=number) for number, part in enumerate(parts)], ignore_index=True
    )
    passed: dict[str, pd.MultiIndex] = {}
    unlike = agreement.unlike(frame, key_of(dataset), dataset)
    own = frame["_file"].isin([number for number, part in enumerate(parts) if part.by_hand])
    if unlike.any() and own.any() and not own.all():
        units = _units(frame, dataset)
        both = units[unlike & own].intersection(units[unlike & ~own])
        again = own & units.isin(both)
        for number in frame.loc[again, "_file"].unique():
            passed[str(parts[number].file)] = units[again & (frame["_file"] == number)].unique()
        if passed:
            others = frame.loc[~own & units.isin(both) & unlike, "_file"].unique()
            _warn(
                dataset,
                [Path(path) for path in passed],
                [parts[number].path for number in others],
                f"They contradict each other in {_named(frame, unlike & again, dataset)}.",
            )
            frame = frame[~again]
            unlike = agreement.unlike(frame, key_of(dataset), dataset)
    if unlike.any():
        own = own.reindex(frame.index)
        names = [_short(parts[number].path) for number in frame.loc[unlike, "_file"].unique()]
        frame = _agreed(frame, unlike, names, dataset, most=0.5 if own.any() else 0)
    frame = agreement.once(frame.drop(columns="_file"), list(key_of(dataset)))
    rows = _rows(parts, passed, dataset)
    return _Reading(frame.reset_index(drop=True), rows)


def _rows(
    parts: Sequence[mixed_folders.Used], passed: dict[str, pd.MultiIndex], dataset: str
) -> dict[str, dict[str, int]]:
    """Return how many rows of each source each file has, without those left out."""
    import pandas as pd

    found: dict[str, dict[str, int]] = {}
    for part in parts:
        frame, over = part.found, passed.get(str(part.file))
        if dataset == "idaci":
            # Files of the Indices complete each other: one part alone is not a table.
            tables = (part.found, *part.found.others)
            frame = pd.concat(
                each.frame.assign(source=source_id(dataset, each.edition)) for each in tables
            )
            if over is not None:
                frame = frame[~frame["source"].isin(over.get_level_values("source"))]
        elif over is not None:
            frame = frame[~_units(frame, dataset).isin(over)]
        every: dict[str, int] = {}
        for ids, rows in frame["source"].value_counts(sort=False).items():
            for id_ in str(ids).split(SEPARATOR):
                every[id_] = every.get(id_, 0) + int(rows)
        counts = found.setdefault(str(part.file), {})
        for id_, number in sorted(every.items(), key=lambda each: -each[1]):
            counts[id_] = counts.get(id_, 0) + number
    return found


def _agreed(
    frame: pd.DataFrame, unlike: pd.Series, names: Sequence[str], dataset: str, *, most: float
) -> pd.DataFrame:
    """Return what files agree on; reject them if they contradict each other in too many rows."""
    import pandas as pd

    from bolton_jsna.tables.children_in_need.area_rows import without_figures

    key = [name for name in key_of(dataset) if name != "to_code"]
    said = f"{some(names)} contradict each other in {_named(frame, unlike, dataset)}."
    files = frame.groupby(key, sort=False, dropna=False)["_file"].transform("nunique")
    of_areas = "status" not in frame.columns
    whose = "postcode" if dataset == "postcodes" else "area_code"
    codes = frame[whose] if whose in frame.columns else pd.Series(pd.NA, index=frame.index)
    # Files of many subjects: one that is wrong must not take the others away.
    many = unlike.sum() >= most * (files > 1).sum() and dataset != INDICATORS
    if many or (of_areas and codes[unlike].isna().any()):
        raise SchemaError(f"{said} Keep one file of each edition and remove the other.")
    if dataset == "postcodes":
        remark(
            f"{said} These postcodes count as not known. Keep one file of each edition and remove "
            "the other."
        )
        known = ~codes.isin(codes[unlike])
        return frame.assign(
            **{each: frame[each].where(known) for each in agreement.figures_of(frame)}
        )
    if of_areas:
        # Without some of its rows the sums of an area would be wrong.
        wrong = frame["source"] + " " + frame["area_code"]
        areas = sorted(set(wrong[unlike]))
        remark(
            f"{said} Their rows of {some(areas)} are left out. Keep one file of each edition and "
            "remove the other."
        )
        return frame[~wrong.isin(areas)]
    keys = pd.MultiIndex.from_frame(frame.loc[unlike, key]).unique()
    remark(
        f"{said} These figures count as not available. Keep one file of each edition and remove "
        "the other."
    )
    return without_figures(frame, keys)


def _units(frame: pd.DataFrame, dataset: str) -> pd.MultiIndex:
    """Return the unit of each row that is used from one file only: edition, indicator, area."""
    import pandas as pd

    by = ["source", *(["indicator"] if "indicator" in frame.columns else [])]
    if any(each.scope == "area" for each in _editions(dataset)):
        by.append("area_code")
    return pd.MultiIndex.from_frame(frame[by])


def _named(frame: pd.DataFrame, rows: pd.Series, dataset: str) -> str:
    keys = frame.loc[rows, list(key_of(dataset))].drop_duplicates()
    listed = some([tuple(row) for row in keys.astype(object).to_numpy().tolist()], most=2)
    return f"{len(keys)} rows ({listed})"


def _warn(dataset: str, own: Sequence[Path], fetched: Sequence[Path], why: str) -> None:
    _log.warning(
        "%s of data/raw/%s, added by hand, is not used: %s was fetched and has other figures of "
        "the same edition. %s Remove the file added by hand, or put it in a workspace that is not "
        "refreshed to work with it.",
        some(map(_short, own)),
        dataset,
        some(map(_short, fetched)),
        why,
    )


def _short(path: Path) -> str:
    return repr(path.name)
