"""Which client fetches from which service: one list, and what each client must be able to do."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.services import Fetched, StoredCopy, Wanted
from bolton_jsna.services.http import Session


class Client(Protocol):
    """A module that fetches files from one service."""

    def fetch(
        self, wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
    ) -> Fetched:
        """Fetch one file into a folder, or report that the known copy is still the newest."""


def client(service: str) -> Client:
    """Return the client of a service that the catalogue names."""
    from bolton_jsna.services import arcgis, ees, fingertips, govuk, nomis, ons

    clients: dict[str, Client] = {
        "arcgis": arcgis,
        "ees": ees,
        "fingertips": fingertips,
        "govuk": govuk,
        "nomis": nomis,
        "ons": ons,
    }
    if service not in clients:
        raise SourceError(
            f"The catalogue names the service {service!r}, which does not exist. Known services: "
            f"{some(clients, most=9)}. Correct the catalogue."
        )
    return clients[service]
