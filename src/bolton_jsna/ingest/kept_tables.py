"""Published files that were read before, kept as tidy Parquet in the user's cache.

An entry is found by the sha256 of the file's bytes, which is computed each time, the file's name,
the reader with its options, and the code and data that readers are made of. So a file that was
revised in place is read anew, however it was changed. Files of the cache may be deleted at any
time. Only tables of publishers' files are kept: own records and counts are read elsewhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core import atomic
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.reading import opening
from bolton_jsna.ingest import _cache_folder
from bolton_jsna.tables.reader_notes import gathered, remark

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

KEPT: Final = frozenset(
    {
        "population_projections",
        "population_estimates",
        "idaci",
        "children_in_need",
        "children_looked_after",
        "statistical_neighbours",
        "lookup",
        "postcodes",
        "indicators",
    }
)
"""The datasets whose tables are kept: publishers' figures, none of them about one child."""

SMALLEST: Final = 2**15
"""Bytes of the smallest file that is kept: a smaller one is read as fast as its copy."""

_ROOMS: Final = ("core", "catalogue", "tables")
_OWN: Final = ("_readers.py", "_parquet_tables.py", "kept_tables.py")
_LENGTH: Final = 32
_SHORT: Final = 16
_DAMAGE: Final = (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError)

Reader = Callable[..., Any]


def read(dataset: str, path: Path, reader: Reader, options: Mapping[str, Any]) -> Any:
    """Return what a reader makes of a file, from the cache if the file was read before."""
    folder = _cache_folder.folder() if dataset in KEPT else None
    before = _fingerprint(path) if folder is not None else ""
    if folder is None or not before:
        return reader(path, **options)
    key = _key(dataset, path.name, before, options)
    found = _found(folder, key) or _of_the_whole(folder, dataset, path.name, before, options)
    if found is not None:
        for each in found[1]:
            remark(each)
        return found[0]
    said: list[str] = []
    try:
        with gathered() as said:
            value = reader(path, **options)
    finally:
        for each in said:
            remark(each)
    # The file may have been replaced while it was read.
    if _fingerprint(path) == before:
        place = _place(dataset, path, options)
        whole = not options and not said and dataset.startswith("population_")
        _keep(folder, place, key, value, said=said, regular_by=path.name if whole else "")
    return value


def _fingerprint(path: Path) -> str:
    """Return the sha256 of a file, or of one in a zip; empty for a small or unreadable one."""
    try:
        content = opening.content(path)
    except (BoltonJsnaError, MemoryError):  # the reader has the message
        return ""
    return hashlib.sha256(content).hexdigest() if len(content) >= SMALLEST else ""


def _key(dataset: str, name: str, sha256: str, options: Mapping[str, Any]) -> str:
    asked = sorted((option, repr(value)) for option, value in options.items())
    return _hashed(dataset, name, sha256, asked, *_version())


def _place(dataset: str, path: Path, options: Mapping[str, Any]) -> str:
    """Return what the entries of one file, read in one way, have in common for ever."""
    asked = sorted((option, repr(value)) for option, value in options.items())
    return _hashed(dataset, str(path.absolute()), asked)[:_SHORT]


def _hashed(*facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:_LENGTH]


def _version() -> list[str]:
    """Return what a table depends on apart from its file: code, libraries and the year."""
    # A year that has not ended makes a table of populations a projection.
    return [*_code(), str(dt.datetime.now(dt.UTC).year)]


@functools.cache
def _code() -> tuple[str, ...]:
    import pandas as pd
    import pyarrow as pa

    package = Path(__file__).resolve().parents[1]
    files = [each for room in _ROOMS for each in sorted((package / room).rglob("*"))]
    files += [package / "ingest" / each for each in _OWN]
    digest = hashlib.sha256()
    for each in files:
        if each.is_file() and each.suffix != ".pyc":
            content = each.read_bytes()
            digest.update(f"{each.relative_to(package).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest(), pd.__version__, pa.__version__


def _found(
    folder: Path, key: str, choose: Callable[[bytes, dict[str, Any]], Any] | None = None
) -> tuple[Any, Sequence[str]] | None:
    """Return the value of an entry and the remarks with which it was read."""
    from bolton_jsna.ingest import _parquet_tables

    for path in _entries(folder, key):
        try:
            content = path.read_bytes()
            if _digest(content) != path.name.split(".")[2]:
                continue
            facts = _parquet_tables.facts_of(content)
            if facts["key"] != key:
                continue
            if choose is not None:
                value = choose(content, facts)
                if value is None:
                    return None
            else:
                value = _value(facts, _parquet_tables.unpacked(content))
        except _DAMAGE as error:
            _log.info("%s is not used: %s", path, type(error).__name__)
            continue
        with contextlib.suppress(OSError):
            os.utime(path)
        return value, facts["said"]
    return None


def _entries(folder: Path, key: str) -> list[Path]:
    if not _cache_folder.trusted(folder):
        return []
    try:
        found = sorted(folder.glob(f"*.{key}.*{_cache_folder.ENDING}"))
    except OSError:
        return []
    return [each for each in found if atomic.is_file(each)]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_LENGTH]


def _value(facts: Mapping[str, Any], frame: pd.DataFrame) -> Any:
    part = facts.get("part")
    if part is None:
        return frame
    from bolton_jsna.tables.idaci import Part

    return Part(part["name"], part["edition"], frame)


def _of_the_whole(
    folder: Path, dataset: str, name: str, sha256: str, options: Mapping[str, Any]
) -> tuple[Any, Sequence[str]] | None:
    """Return the rows of some areas and ages from the table of a whole file."""
    if not options or not set(options) <= {"areas", "ages"} or not options.get("areas"):
        return None
    from bolton_jsna.ingest import _parquet_tables
    from bolton_jsna.tables import population

    areas = population.codes_asked(options["areas"]) or set()
    ages = options.get("ages")

    def rows(content: bytes, facts: dict[str, Any]) -> Any:
        if not facts["regular"]:
            return None
        found = _parquet_tables.unpacked(content, areas=areas, ages=ages)
        # The reader has the message of areas and ages that are not there.
        return found if len(found) else None

    return _found(folder, _key(dataset, name, sha256, {}), rows)


def _keep(
    folder: Path, place: str, key: str, value: Any, *, said: Sequence[str], regular_by: str
) -> None:
    """Write an entry; a folder that cannot be written leaves things as they are."""
    from bolton_jsna.ingest import _parquet_tables
    from bolton_jsna.tables import idaci, population

    facts: dict[str, Any] = {"key": key, "said": list(said), "regular": False}
    frame = value
    if isinstance(value, idaci.Part):
        if value.others:
            return
        facts["part"] = {"name": value.name, "edition": value.edition}
        frame = value.frame
    elif regular_by:
        facts["regular"] = population.is_regular(frame, regular_by)
    try:
        content = _parquet_tables.packed(frame, facts)
    except _parquet_tables.NotKeptError:
        return
    name = f"{place}.{key}.{_digest(content)}{_cache_folder.ENDING}"
    try:
        if _cache_folder.made(folder):
            _cache_folder.prune(folder, atomic.write(folder / name, content))
    except (OSError, BoltonJsnaError) as error:
        _log.info("%s cannot be written: %s", folder, error)
