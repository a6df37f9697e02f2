"""Clients of the publishers' web services: each fetches a file into a temporary folder.

Each service has a client module (:mod:`bolton_jsna.services.registry` lists them). A client raises
:class:`~bolton_jsna.core.errors.SourceError` and nothing else. If the service has moved on to
another edition, that is :class:`~bolton_jsna.services.responses.OtherEditionError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bolton_jsna.core.areas import Area


@dataclass(frozen=True)
class Wanted:
    """One thing to fetch.

    Attributes
    ----------
    dataset, edition : str
        The id of the dataset in the catalogue and its edition, such as ``"2025"`` or
        ``"lsoa21-ward24"``.
    service : str
        The client that fetches it: nomis, arcgis, govuk, ees, ons or fingertips.
    ask : mapping
        The catalogue's parameters for this edition; the client's ``fetch`` lists its keys.
    area : Area or None
        The authority; None for a file that holds all of them.
    """

    dataset: str
    edition: str
    service: str
    ask: Mapping[str, Any] = field(default_factory=dict)
    area: Area | None = None


@dataclass(frozen=True)
class StoredCopy:
    """Facts of the stored copy, for requests that ask only for something newer.

    Attributes
    ----------
    address : str
        Where it came from.
    etag, last_modified : str
        The headers that were sent with it; empty if there were none.
    stamp : str
        The service's own version of the data (ArcGIS ``dataLastEditDate``, the release version of
        Explore education statistics, Nomis's ``LastUpdated``); empty if there is none.
    """

    address: str
    etag: str = ""
    last_modified: str = ""
    stamp: str = ""

    @property
    def condition(self) -> dict[str, str]:
        """The header that asks for the file only if it has changed; empty without ETag or date."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


@dataclass(frozen=True)
class Fetched:
    """A file that a client fetched.

    Attributes
    ----------
    path : Path or None
        The file, in the temporary folder that was given; None if nothing has changed (an answer
        304, or the same stamp).
    name : str
        A safe file name to keep them under: no separators, no leading dot.
    address : str
        Where it came from.
    etag, last_modified, stamp : str
        As in :class:`StoredCopy`, for the next request.
    rows : int or None
        The number of rows that the service reports, if it does.
    notes : tuple of str
        Notes for the user.
    doubt : str
        Why it is not known whether the publisher has a newer file; empty if the publisher's page
        or service could be read. A file with a doubt never replaces a good copy.
    """

    path: Path | None
    name: str
    address: str
    etag: str = ""
    last_modified: str = ""
    stamp: str = ""
    rows: int | None = None
    notes: tuple[str, ...] = ()
    doubt: str = ""
