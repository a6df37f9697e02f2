"""Files of single authorities that cannot be read: they must stop no other authority."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bolton_jsna import catalogue
from bolton_jsna.core.areas import find
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store

_CODE: Final = re.compile(r"E\d{8}")


@dataclass(frozen=True)
class Damage:
    """A file that cannot be read, the authority that it is for, and why."""

    path: Path
    area_code: str
    why: str


def damaged_files(folder: Path) -> tuple[Damage, ...]:
    """Return the files of authorities that cannot be read, of datasets that they stop."""
    found: list[Damage] = []
    for dataset in catalogue.datasets():
        files = {path: _owner(path, folder) for path in store.raw_files(dataset.id, folder)}
        if not any(files.values()) or not raw.has_reader(dataset.id):
            continue
        if _why_not(lambda name=dataset.id: raw.table(name, folder)):
            for path, code in files.items():
                why = _why_not(lambda: raw.read_file(dataset.id, path)) if code else ""  # noqa: B023
                if why:
                    found.append(Damage(path, code, why))
    return tuple(found)


def _owner(path: Path, folder: Path) -> str:
    """Return the code of the authority in the name of a file, empty for a national file."""
    codes = _CODE.findall(path.relative_to(folder / store.RAW).as_posix())
    place = find(codes[-1]) if codes else None
    return place.code if place is not None and place.level == "authority" else ""


def _why_not(read: object) -> str:
    """Return why something cannot be read, empty if it can."""
    try:
        read()  # type: ignore[operator]
    except BoltonJsnaError as error:
        return str(error)
    return ""
