"""The files of a refresh: each task, its outcome, and the settings that hold for all tasks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from bolton_jsna.catalogue import Edition, Way
from bolton_jsna.catalogue.publishers import publisher
from bolton_jsna.core import timestamps
from bolton_jsna.core.areas import Area
from bolton_jsna.ingest import store
from bolton_jsna.ingest.lockfile import FileKey
from bolton_jsna.ingest.policy import Verdict


@dataclass(frozen=True)
class Task:
    """One file of a refresh.

    Attributes
    ----------
    edition : Edition
        Its entry in the catalogue.
    area : Area or None
        The authority; None for a national file.
    """

    edition: Edition
    area: Area | None = None

    @property
    def id(self) -> FileKey:
        """Which file it is."""
        edition = self.edition
        code = self.area.code if self.area else ""
        return FileKey(edition.dataset, edition.edition, edition.part, code)

    @property
    def key(self) -> str:
        """The same as text, such as ``lookup@lsoa21-ward24/E08000001``."""
        return str(self.id)

    @property
    def force(self) -> str:
        """The command that fetches the file without the checks against the copy before."""
        option = self.area.as_option if self.area else ""
        return f"bolton-jsna refresh --force --only {self.edition.id}{option}"

    def described(self, service: str) -> str:
        """Return the file and the service that it comes from, for messages."""
        return f"{self.key} from {publisher(service).name}"

    def question(self, way: Way) -> str:
        """Return a hash of what a service is asked for, by which a change of it is noticed."""
        asked = [way.service, dict(way.ask), list(self.edition.columns)]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Outcome:
    """The state of one file after a refresh.

    Attributes
    ----------
    file : str
        Its key, such as ``"lookup@lsoa21-ward24/E08000001"``.
    dataset, edition, part : str
        Which file it is.
    area : str
        The authority's name, empty for a national file.
    verdict : {"fresh", "unchanged", "updated", "stale", "missing"}
        See :data:`bolton_jsna.ingest.policy.VERDICTS`.
    reason : str
        Why.
    kept : str
        What can be used instead: an earlier copy, or the snapshot; empty if there is nothing.
    path : str
        Where the file is, below ``data/raw/``.
    retrieved : str
        When its bytes were fetched (ISO 8601).
    service : str
        The service that it came from.
    rows : int or None
        Rows in it.
    notes : tuple of str
        Notes from the service.
    doubt : str
        Why it is not known whether the publisher has something newer, though there is a new copy.
    in_place : str
        A note if it comes from another service than the catalogue's first; else empty.
    """

    file: str
    dataset: str
    edition: str
    part: str
    area: str
    verdict: Verdict
    reason: str
    kept: str = ""
    path: str = ""
    retrieved: str = ""
    service: str = ""
    rows: int | None = None
    notes: tuple[str, ...] = ()
    doubt: str = ""
    in_place: str = ""

    @property
    def incomplete(self) -> bool:
        """Whether the publisher's newest file is not in place, or this is not known."""
        return self.verdict in {"stale", "missing"} or bool(self.doubt)


@dataclass(frozen=True)
class Settings:
    """The options of a refresh, for every file.

    Attributes
    ----------
    folder : Path
        The workspace.
    now : datetime
        The moment of the refresh.
    force : bool
        Fetch everything, without the checks against the copies before.
    fresh_hours : float or None
        Replaces the catalogue's hours.
    keep : int
        How many replaced copies to keep.
    areas : tuple of Area
        The authorities of the refresh.
    only_missing : bool
        Fetch missing files only, however old the others are.
    asked, fetched : set of str
        National files that this refresh has asked about and has fetched, by key. A time would not
        do: two refreshes may begin in the same second.
    """

    folder: Path
    now: dt.datetime = field(default_factory=lambda: timestamps.now())  # noqa: PLW0108 (tests replace it)
    areas: tuple[Area, ...] = ()
    force: bool = False
    fresh_hours: float | None = None
    keep: int = 1
    only_missing: bool = False
    asked: set[str] = field(default_factory=set, compare=False)
    fetched: set[str] = field(default_factory=set, compare=False)

    @property
    def raw(self) -> Path:
        """The folder ``data/raw`` of the workspace."""
        return self.folder / store.RAW

    @property
    def moment(self) -> str:
        """The moment as text (ISO 8601)."""
        return self.now.astimezone(dt.UTC).isoformat(timespec="seconds")
