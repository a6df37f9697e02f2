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
    """Return the facts of a service; of one that is not known, its name alone.

    Examples
    --------
    >>> publisher("ees").name, publisher("fingertips").name
    ("DfE's Explore education statistics", 'OHID Fingertips')
    """
    return _publishers().get(service, Publisher(service))


def as_given(dataset: Dataset, service: str) -> Dataset:
    """Return the facts of a dataset, with the publisher of the service that a file came from.

    Examples
    --------
    >>> from bolton_jsna.catalogue import dataset
    >>> looked_after = dataset("children_looked_after")
    >>> as_given(looked_after, "ees") == looked_after
    True
    >>> as_given(looked_after, "fingertips").landing
    'https://fingertips.phe.org.uk/'
    """
    own = publisher(service)
    if not own.publisher:
        return dataset
    return replace(
        dataset, publisher=own.publisher, landing=own.landing, attribution=own.attribution
    )


def in_place(edition: Edition, service: str) -> str:
    """Return that a file comes from another service than the catalogue's first; else nothing.

    Examples
    --------
    >>> from bolton_jsna.catalogue import editions
    >>> in_place(editions("children_looked_after")[0], "fingertips")
    "from OHID Fingertips in place of DfE's Explore education statistics"
    >>> in_place(editions("population_projections")[0], "ons")
    'from the ONS website, one file for all authorities, in place of Nomis'
    >>> in_place(editions("population_projections")[0], "nomis")
    ''
    """
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
