"""What exists: datasets, publishers, licences and how to get them (data, no code)."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

from bolton_jsna.errors import choice


@dataclass(frozen=True)
class Dataset:
    """One dataset of the catalogue.

    Attributes
    ----------
    id : str
        Its name here, and of its folder in ``data/raw/``.
    title, publisher, landing : str
        What it is, who publishes it and where.
    licence, attribution : str
        What must stand beside anything made from it.
    files : str
        Which of the publisher's files to lay in ``data/raw/<id>/``.
    purpose : str
        What it is for.
    """

    id: str
    title: str
    publisher: str
    landing: str
    licence: str
    attribution: str
    files: str
    purpose: str

    @property
    def how_to_get(self) -> str:
        """One sentence that says how to fill the gap when the dataset is missing."""
        where = f" ({self.landing})" if self.landing else ""
        return f"Lay in data/raw/{self.id}/ {self.files}{where}."


def datasets() -> tuple[Dataset, ...]:
    """Return every dataset of the catalogue.

    Examples
    --------
    >>> [each.id for each in datasets()][:3]
    ['population_projections', 'population_estimates', 'idaci']
    """
    return tuple(_catalogue().values())


def dataset(name: str) -> Dataset:
    """Return one dataset of the catalogue.

    Raises
    ------
    UsageError
        When there is no such dataset.

    Examples
    --------
    >>> dataset("idaci").publisher
    'Ministry of Housing, Communities and Local Government'
    """
    choice("dataset", name, _catalogue())
    return _catalogue()[name]


@functools.cache
def _catalogue() -> dict[str, Dataset]:
    text = resources.files(__name__).joinpath("datasets.toml").read_text(encoding="utf-8")
    return {name: Dataset(id=name, **facts) for name, facts in tomllib.loads(text).items()}
