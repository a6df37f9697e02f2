"""Who a file comes from: the dataset's publisher, or a service that publishes the figures again."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass, replace
from importlib import resources

from bolton_jsna.catalogue import Dataset, Edition


@dataclass(frozen=True)
class Publisher:
    """A service, and who publishes what it gives.

    Attributes
    ----------
    name : str
        What a reader knows the service as.
    publisher, landing, attribution : str
        As in :class:`bolton_jsna.catalogue.Dataset`; empty where those of the dataset hold.
    """

    name: str
    publisher: str = ""
    landing: str = ""
    attribution: str = ""


def publisher(service: str) -> Publisher:
    """Return the facts of a service; of one that is not known, its name alone."""
    return _publishers().get(service, Publisher(service))


def as_given(dataset: Dataset, service: str) -> Dataset:
    """Return the facts of a dataset, with the publisher of the service that a file came from."""
    own = publisher(service)
    if not own.publisher:
        return dataset
    return replace(
        dataset, publisher=own.publisher, landing=own.landing, attribution=own.attribution
    )


def in_place(edition: Edition, service: str) -> str:
    """Return that a file comes from another service than the catalogue's first; else nothing."""
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
