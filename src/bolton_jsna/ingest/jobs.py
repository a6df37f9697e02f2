"""What a refresh looks after, how each file stands after it, and what holds for all of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from bolton_jsna.catalogue import Edition, Way
from bolton_jsna.core import timestamps
from bolton_jsna.core.areas import Area
from bolton_jsna.ingest import lockfile
from bolton_jsna.ingest.policy import Verdict


@dataclass(frozen=True)
class Task:
    """One file that a refresh looks after.

    Attributes
    ----------
    edition : Edition
        What the catalogue says of it.
    area : Area or None
        The authority; None for a national file.
    """

    edition: Edition
    area: Area | None = None

    @property
    def key(self) -> str:
        """What its entry in the lock file is called."""
        code = self.area.code if self.area else ""
        return lockfile.key_of(self.edition.dataset, self.edition.edition, self.edition.part, code)

    @property
    def force(self) -> str:
        """The command that takes the file whatever it is, for messages."""
        option = self.area.as_option if self.area else ""
        return f"bolton-jsna refresh --force --only {self.edition.id}{option}"

    def question(self, way: Way) -> str:
        """Return a short mark of what a service is asked for, so that a change of it is seen."""
        asked = [way.service, dict(way.ask), list(self.edition.columns)]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Outcome:
    """How one file stands after a refresh.

    Attributes
    ----------
    file : str
        Its key, such as ``"lookup@lsoa21-ward24/E08000001"``.
    dataset, edition, part : str
        What it is.
    area : str
        The authority's name, empty for a national file.
    verdict : {"fresh", "unchanged", "updated", "stale", "missing"}
        See :data:`bolton_jsna.ingest.policy.VERDICTS`.
    reason : str
        Why.
    kept : str
        What there is to work with: the copy of when, or that of the snapshot; empty when none.
    path : str
        Where the file lies, below ``data/raw/``.
    retrieved : str
        When its bytes were fetched (ISO 8601).
    service : str
        Who gave it.
    rows : int or None
        Rows in it.
    notes : tuple of str
        What the service said of it.
    doubt : str
        Why it is not known whether the publisher has something newer, though there is a new copy.
    in_place : str
        That it comes from another service than the catalogue's first, in words; else empty.
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
    def lacking(self) -> bool:
        """Whether the publisher's newest is not in place, or that is not known."""
        return self.verdict in {"stale", "missing"} or bool(self.doubt)


@dataclass(frozen=True)
class Settings:
    """What holds for every file of a refresh.

    Attributes
    ----------
    folder : Path
        The workspace.
    now : datetime
        The moment of the refresh.
    force : bool
        Fetch everything whatever it may be.
    fresh_hours : float or None
        In place of the catalogue's hours.
    keep : int
        Superseded copies to keep.
    areas : tuple of Area
        The authorities that it is run for.
    only_missing : bool
        Leave every file alone that there is, however old.
    """

    folder: Path
    now: dt.datetime = field(default_factory=lambda: timestamps.now())  # noqa: PLW0108 (tests replace it)
    areas: tuple[Area, ...] = ()
    force: bool = False
    fresh_hours: float | None = None
    keep: int = 1
    only_missing: bool = False

    @property
    def moment(self) -> str:
        """The moment as it is written down."""
        return self.now.astimezone(dt.UTC).isoformat(timespec="seconds")
