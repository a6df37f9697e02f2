"""The options of a build, as they travel from ``build`` through the room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._to_year import local_year
from bolton_jsna.catalogue import default_year
from bolton_jsna.core.years import one_year
from bolton_jsna.disclosure.earlier_tables import IfCrossed
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.ingest.store import workspace_folder

if TYPE_CHECKING:
    from bolton_jsna.building._acceptance import Acceptance
    from bolton_jsna.tables.local.layouts import Columns


@dataclass(frozen=True)
class BuildOptions:
    """What a build was asked for; fields as of :func:`bolton_jsna.building.build`."""

    workspace: str | Path | None = None
    local_records: str | Path | None = None
    kind: str | None = None
    columns: Columns | None = None
    year: int | None = None
    to_year: int | None = None
    records_to: dt.date | None = None
    idaci_edition: int = default_year("idaci")
    rule: SuppressionRule = LOCAL
    wards_only: bool = False
    maps: bool = True
    charts: bool = False
    chapter: tuple[str, ...] = ()
    draft: bool = False
    unprotected: str = ""
    accept: Acceptance | None = None
    if_told: IfCrossed = "hold"
    into: Path | None = None
    profile: bool = False

    def __post_init__(self) -> None:
        if self.year is not None:
            one_year("year", self.year)
        object.__setattr__(self, "year", local_year(self.year, self.to_year))
        edition = one_year("idaci_edition", self.idaci_edition, text=True)
        object.__setattr__(self, "idaci_edition", edition)

    @property
    def folder(self) -> Path:
        """The workspace."""
        return workspace_folder(self.workspace)

    @property
    def goal(self) -> Path:
        """The folder that is built in: the workspace, or one of many in it."""
        return self.folder if self.into is None else self.into

    @property
    def hiding(self) -> SuppressionRule | None:
        """The rule by which small counts are hidden; None if they are left open."""
        return None if self.unprotected else self.rule

    @property
    def own_files(self) -> dict[str, Any]:
        """The authority's own file and the names of its columns, as paths in the workspace."""
        return {
            "local_records": _relative(self.local_records, self.folder),
            "columns": _relative(self.columns, self.folder),
        }

    def asked(self) -> dict[str, Any]:
        """Return the options as the arguments of ``build``, with which it is repeated."""
        return {name: value for name, value in vars(self).items() if name not in _NOT_REPEATED}

    def recorded(self) -> dict[str, Any]:
        """Return the options as the run record has them."""
        return {
            **self.own_files,
            "kind": self.kind,
            "year": self.year,
            # Only where it was given: the records of all other builds are as before.
            **({} if self.to_year is None else {"to_year": self.to_year}),
            "records_to": None if self.records_to is None else self.records_to.isoformat(),
            "idaci_edition": self.idaci_edition,
            "rule": asdict(self.rule),
            "wards_only": self.wards_only,
            # Only where they are left out: the records of all other builds are as before.
            **({} if self.maps else {"maps": False}),
            "charts": self.charts,
            "chapter": list(self.chapter),
            "draft": self.draft,
            "if_told": self.if_told,
        }


DEFAULT: Final = BuildOptions()
_NOT_REPEATED: Final = ("into", "profile")
"""Options of the run, and not of what is built."""


def _relative(given: Columns | None, folder: Path) -> Any:
    """Return the path of a file, relative to the workspace if it is in it."""
    if given is None or isinstance(given, Mapping):
        return given
    path, root = Path(given).resolve(), folder.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
