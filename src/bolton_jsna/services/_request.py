"""One HTTP request to a service."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bolton_jsna.services.endpoints import SERVICES

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """A request to a service; ``accept`` has statuses other than 2xx that are not errors."""

    method: str
    service: str
    address: str
    params: Params | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    accept: Collection[int] = ()
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host of the address."""
        return str(urlsplit(self.address).hostname)

    @property
    def name(self) -> str:
        """The service and the host, for messages."""
        return f"{SERVICES[self.service].name} ({self.host})"
