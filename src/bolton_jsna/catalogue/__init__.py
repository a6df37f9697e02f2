"""Datasets, their publishers, licences and editions, and how to get them."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal

from bolton_jsna.core.commands import refresh_command
from bolton_jsna.core.errors import UsageError, choice, did_you_mean, some

Scope = Literal["nation", "area"]


@dataclass(frozen=True)
class Way:
    """A service that has a file, and how to ask it.

    Attributes
    ----------
    service : str
        A client of :mod:`bolton_jsna.services`.
    ask : mapping
        The arguments of its ``fetch``.
    whole : mapping of str to int
        How many areas a file of the whole of England must have: ``lsoas`` or ``authorities``.
        Empty for a file of one area, or if the number is not known.
    scope : {"nation", "area"}
        Whether its file has all authorities or one. A national file may be used in place of
        files of authorities; it is then stored once for all of them.
    """

    service: str
    ask: Mapping[str, Any] = field(default_factory=dict)
    whole: Mapping[str, int] = field(default_factory=dict)
    scope: Scope = "nation"


@dataclass(frozen=True)
class Edition:
    """One file of one edition of a dataset, and how to get it.

    Attributes
    ----------
    dataset, edition, part : str
        What it is; ``part`` distinguishes several files of an edition.
    scope : {"nation", "area"}
        Whether one file has all authorities, or each authority has its own.
    ways : tuple of Way
        The services that have it, in the order in which they are tried.
    columns : tuple of str
        Headings that it must have; ``a|b`` means one of them.
    holds : tuple of str
        Its indicators or levels, if several files make up a table.
    check_hours : float
        For how many hours a checked copy counts as fresh.
    only_when_named : bool
        Whether a refresh skips it unless it is named.
    """

    dataset: str
    edition: str
    scope: Scope
    ways: tuple[Way, ...]
    part: str = ""
    columns: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    check_hours: float = 12
    only_when_named: bool = False

    @property
    def id(self) -> str:
        """Its name, such as ``children_in_need@latest/referrals``."""
        return f"{self.dataset}@{self.edition}" + (f"/{self.part}" if self.part else "")


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
        What must be printed with anything made from it.
    files : str
        Which of the publisher's files to put in ``data/raw/<id>/``.
    purpose : str
        What it is for.
    rhythm : str
        When its publisher renews it.
    needed : bool
        Whether a build needs it.
    default : str
        The edition that is used if none is named.
    editions : tuple of Edition
        The files that can be fetched; empty if files are only added by hand.
    facts : mapping
        Edition to the facts that the reader of its files needs, and its number of areas.
    layouts : mapping
        Name of a layout of its files to its headings.
    """

    id: str
    title: str
    publisher: str
    landing: str
    licence: str
    attribution: str
    files: str
    purpose: str
    rhythm: str = ""
    needed: bool = False
    default: str = ""
    editions: tuple[Edition, ...] = ()
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    layouts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def how_to_get(self) -> str:
        """How to get the dataset."""
        return self.how_to_get_for("NAME")

    def how_to_get_for(self, area: str) -> str:
        """Return how to get the dataset for an authority."""
        by_hand = self.by_hand()
        if not self.editions:
            return f"{by_hand[0].upper()}{by_hand[1:]}."
        command = refresh_command([self.id], [area])
        return f"Fetch it: {command} (in Python download=True). Or {by_hand}."

    def by_hand(self, *, files: str = "", year: object = "", name: str = "") -> str:
        """Return which of the publisher's files to put where."""
        wanted = files or self.files
        wanted = wanted.replace("of the year wanted", f"of {year}") if year else wanted
        where = f" ({self.landing})" if self.landing else ""
        named = f" as {name}" if name else ""
        return f"put {wanted}{where} in data/raw/{self.id}/{named}"


def datasets() -> tuple[Dataset, ...]:
    """Return every dataset of the catalogue."""
    return tuple(_catalogue().values())


def dataset(name: str) -> Dataset:
    """Return one dataset of the catalogue."""
    choice("dataset", name, _catalogue())
    return _catalogue()[name]


def default_year(name: str) -> int:
    """Return the year of a dataset's edition that is used if none is named."""
    return int(dataset(name).default)


def editions(only: str | tuple[str, ...] | list[str] | None = None) -> tuple[Edition, ...]:
    """Return the files that can be fetched, or those of the datasets or editions named."""
    every = tuple(each for dataset in datasets() for each in dataset.editions)
    usual = tuple(each for each in every if not each.only_when_named)
    if only is None:
        return usual
    found: list[Edition] = []
    for name in [only] if isinstance(only, str) else only:
        named = [each for each in usual if each.dataset == name]
        named = named or [
            each for each in every if name in (each.dataset, each.id, each.id.partition("/")[0])
        ]
        if not named:
            known = sorted({each.dataset for each in every} | {each.id for each in every})
            there = sorted({each.dataset for each in every})
            raise UsageError(
                f"only={name!r} is not a dataset or edition that can be fetched. Expected one of "
                f"{some(there, most=20, like=name)}, or an edition such as "
                f"idaci@{dataset('idaci').default}.{did_you_mean(name, known)}"
            )
        found += named
    return tuple({each.id: each for each in found}.values())


def holding(name: str, *, edition: object = None, holds: Sequence[str] = ()) -> tuple[Edition, ...]:
    """Return the files that may have rows of a dataset."""
    wanted = set(holds)
    return tuple(
        each
        for each in dataset(name).editions
        if (each.edition == str(edition) if edition is not None else not each.only_when_named)
        and (not wanted or not wanted.isdisjoint(each.holds))
    )


@functools.cache
def _catalogue() -> dict[str, Dataset]:
    text = resources.files(__name__).joinpath("datasets.toml").read_text(encoding="utf-8")
    return {name: _dataset(name, facts) for name, facts in tomllib.loads(text).items()}


def _dataset(name: str, facts: dict[str, Any]) -> Dataset:
    listed = facts.pop("editions", [])
    described = {each["edition"]: each.pop("facts", {}) | each.get("whole", {}) for each in listed}
    fetched = tuple(_edition(name, each) for each in listed if "service" in each)
    return Dataset(id=name, **facts, editions=fetched, facts=described)


def _edition(dataset: str, facts: dict[str, Any]) -> Edition:
    first = {name: facts.pop(name) for name in ("service", "ask", "whole") if name in facts}
    scope = {"scope": facts["scope"]}
    ways = tuple(Way(**(scope | each)) for each in (first, *facts.pop("instead", [])))
    facts |= {name: tuple(facts.get(name, ())) for name in ("columns", "holds")}
    return Edition(dataset=dataset, ways=ways, **facts)
