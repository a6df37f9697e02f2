"""The addresses of the services, and the environment variables that replace them by mirrors."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Final
from urllib.parse import urljoin, urlsplit

from bolton_jsna.core.errors import SourceError, UsageError, choice
from bolton_jsna.services.redaction import shown, without_password


@dataclass(frozen=True)
class Service:
    """One service of a publisher.

    Attributes
    ----------
    key : str
        Its name in the code.
    name : str
        Its name in messages.
    publisher : str
        Who runs it, in a few words.
    public : str
        The publisher's own base address.
    hosts : tuple of str
        Hosts that are the service's own.
    friends : tuple of str
        Services that it may redirect to.
    """

    key: str
    name: str
    publisher: str
    public: str
    hosts: tuple[str, ...]
    friends: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that replaces the base."""
        return f"BOLTON_JSNA_{self.key.upper()}_URL"

    @property
    def base(self) -> str:
        """The base in force, without a slash at its end."""
        given = os.environ.get(self.variable, "").strip().rstrip("/")
        if not given:
            return self.public
        if not _is_base(given):
            raise UsageError(
                f"{self.variable}={without_password(given)!r} is not a valid base address. Write "
                f"for example {self.variable}={self.public}"
            )
        return given


def _services() -> dict[str, Service]:
    text = resources.files(__package__).joinpath("endpoints.toml").read_text(encoding="utf-8")
    return {
        key: Service(
            key,
            facts["name"],
            facts["publisher"],
            facts["public"],
            tuple(facts["hosts"]),
            tuple(facts.get("friends", ())),
        )
        for key, facts in tomllib.loads(text).items()
    }


SERVICES: Final = _services()
"""Every service by its key."""


def service(key: str) -> Service:
    """Return one service."""
    choice("service", key, SERVICES)
    return SERVICES[key]


def resolve(key: str, path: str) -> str:
    """Return the full address of a path, or of an absolute address found in an answer."""
    own = service(key)
    if path.startswith("//"):
        path = f"https:{path}"
    if "://" not in path.partition("?")[0]:
        relative = path.lstrip("/")
        return f"{own.base}/{relative}" if relative else own.base
    parts = urlsplit(path)
    family = (own, *(SERVICES[each] for each in own.friends))
    for each in family:
        # With one mirror for all services, only the path shows whose address it is.
        below = _below(path, each.base) if each.base != each.public else None
        if below is not None:
            return f"{each.base}{below}"
    for each in family:
        if parts.hostname not in each.hosts or parts.username is not None:
            continue
        below_public = _below(path, each.public)
        if below_public is not None:
            return f"{each.base}{below_public}"
        if each.base == each.public:
            return parts._replace(scheme="https", netloc=str(parts.hostname)).geturl()
    raise SourceError(
        f"{key} named an address on {parts.hostname or 'no host'}, which is not its own "
        f"({', '.join(host for each in family for host in each.hosts)}): {shown(path)[:200]}. "
        "The address was not followed. If the publisher has moved, correct the catalogue."
    )


def redirected(key: str, here: str, goal: str) -> str:
    """Return the full address to which an answer of a service leads on."""
    own = service(key)
    parts = urlsplit(here)
    # A mirror's user and password are no part of what it answers.
    here = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    family = (own, *(SERVICES[each] for each in own.friends))
    joined = urljoin(here, goal)
    from_root = goal.startswith("/") and not goal.startswith("//") and own.base != own.public
    if from_root and all(_below(joined, each.base) is None for each in family):
        joined = urljoin(own.public, goal)
    return resolve(key, joined)


def _is_base(address: str) -> bool:
    """Report whether an address can be a base: its host is certain and paths can follow it."""
    # A password with a slash in it would make a host of its first part.
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    rest = address.partition("://")[2]
    host = rest.rpartition("@")[2].partition("/")[0]
    # A written-out "@" would make a host of a password.
    written_out = "%" in host and not host.startswith("[")
    odd = set("?#\\ ") & set(rest) or "@" in rest.partition("/")[2] or not address.isprintable()
    odd = odd or written_out
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not odd and port != 0


def _below(address: str, base: str) -> str | None:
    """Return what follows a base in an address (ArcGIS answers in any case), else None."""
    given, wanted = urlsplit(address), urlsplit(base)
    if given.hostname != wanted.hostname or given.username is not None:
        return None
    if given.port != wanted.port and not (wanted.port is None and given.port in {80, 443}):
        return None
    root = wanted.path.rstrip("/")
    if not given.path.lower().startswith(root.lower()):
        return None
    rest = given.path[len(root) :]
    if rest and not rest.startswith("/"):
        return None
    return f"{rest}?{given.query}" if given.query else rest
