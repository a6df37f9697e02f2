"""The publisher of a file: that of the dataset, or a service that republishes its figures."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass, replace
from importlib import resources

from bolton_jsna.catalogue import Dataset, Edition


@dataclass(frozen=True)
class Publisher:
    """A service, and the publisher of its files.

    Attributes
    ----------
    name : str
        The name of the service for readers.
    publisher, landing, attribution : str
        As in :class:`bolton_jsna.catalogue.Dataset`; empty if they are those of the dataset.
    """

    name: str
    publisher: str = ""
    landing: str = ""
    attribution: str = ""


def publisher(service: str) -> Publisher:
    """Return the facts of a service, or only its name if it is not in the catalogue."""
    return _publishers().get(service, Publisher(service))


def as_given(dataset: Dataset, service: str) -> Dataset:
    """Return a dataset with the publisher of the service that its file came from."""
    own = publisher(service)
    if not own.publisher:
        return dataset
    return replace(
        dataset, publisher=own.publisher, landing=own.landing, attribution=own.attribution
    )


def in_place(edition: Edition, service: str) -> str:
    """Return which service a file came from, if not the catalogue's first, else an empty text."""
    first = edition.ways[0]
    way = next((each for each in edition.ways[1:] if each.service == service), None)
    if way is None or service == first.service:
        return ""
    for_all = ", one file for all authorities," if way.scope != edition.scope else ""
    return f"from {publisher(service).name}{for_all} in place of {publisher(first.service).name}"


@functools.cache
def _publishers() -> dict[str, Publisher]:
    text = resources.files(__package__).joinpath("services.toml").read_text(encoding="utf-8")
    return {name: Publisher(**facts) for name, facts in tomllib.loads(text).items()}
