"""Rows for a loader: from the workspace or the snapshot, else fetched, if that is allowed.

A loader passes a function of areas, options and ``workspace`` that returns rows, or
:class:`Missing`: what is missing, and which files of the publishers may have it. :func:`resolve`
fetches those files into the workspace, as a refresh would, and calls the function again. It does
not renew files that are there: a refresh does that.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bolton_jsna import catalogue
from bolton_jsna.core.areas import Area, authorities_in
from bolton_jsna.core.commands import refresh_command, with_workspace
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError, UsageError, some
from bolton_jsna.ingest import file_status, national_files, runner, store
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.loaders import arguments
from bolton_jsna.loaders._alternatives import MOST
from bolton_jsna.loaders.arguments import Folder
from bolton_jsna.services.redaction import join_messages

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.services.http import Session
    from bolton_jsna.services.outages import Outages

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

DOWNLOAD: Final = "BOLTON_JSNA_DOWNLOAD"
"""The environment variable that allows every loader to fetch what is missing."""

_BY_HAND: Final = "put it in data/raw/"
"""Words of a publisher's client that already explains how to add the file by hand."""

_YES, _NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")


@dataclass(frozen=True)
class Missing:
    """Rows that are missing, and the publishers' files that may have them.

    Attributes
    ----------
    message : str
        What is missing and how to get it.
    lead, by_hand : str
        What is missing, and how to add it by hand: the message if it could not be fetched.
    files : tuple of Task
        Empty if no publisher's service has such rows.
    areas : tuple of Area
        Whose rows are missing.
    network : str
        As in :class:`bolton_jsna.core.errors.MissingDataError`.
    cause : Exception, optional
        The error that stopped the download.
    """

    message: str
    lead: str
    by_hand: str
    files: tuple[Task, ...]
    areas: tuple[Area, ...]
    network: str = ""
    cause: Exception | None = None

    def __str__(self) -> str:
        return str(MissingDataError(self.message, self.network))


def missing(
    name: str,
    what: str,
    *,
    more: str = "",
    edition: object = None,
    instead: str = "",
    by_hand: Mapping[str, str] | None = None,
    holds: Sequence[str] = (),
    areas: Iterable[Area] = (),
    within: bool = False,
) -> Missing:
    """Return what is missing of a dataset, how to get it, and which files may have it."""
    # ``within``: the rows of England or a region are those of the authorities in it.
    whose = tuple(areas)
    inside = [one for each in whose for one in authorities_in(each)] if within else whose
    many = len(inside) > MOST
    places = [
        each for each in inside if each.level == "authority" and each.until is None and not many
    ]
    offered = catalogue.holding(name, edition=edition, holds=holds)
    files = tuple(
        Task(each, place)
        for each in offered
        for place in (places if each.scope == "area" else (None,))
    )
    facts = catalogue.dataset(name)
    lead = arguments.not_found(name, what) + (f" {more}" if more else "")
    put = f"{facts.by_hand(**(by_hand or {}))}."
    if files:
        ids = list(dict.fromkeys(each.edition.id for each in files))
        every = {each.id for each in catalogue.editions() if each.dataset == name}
        named = [name] if set(ids) >= every else ids
        command = refresh_command(named, (each.area.name for each in files if each.area))
        message = f"{lead} Fetch it: {command} (in Python download=True). Or {put}"
    elif within and offered and not (inside and places):
        one = "The publisher has it for one authority at a time: name one, such as 'Bolton'."
        message = f"{lead} {one} Or {put}"
    elif facts.editions and edition is not None:
        known = some(dict.fromkeys(f"{name}@{each.edition}" for each in facts.editions), most=8)
        way = f"It cannot be fetched. These can: {known}. {instead}".strip()
        message = f"{lead} {way} Or {put}"
    else:
        message = f"{lead} P{put[1:]}"
    return Missing(message, lead, f"You can also {put}", files, whose)


def complete(
    name: str,
    frame: pd.DataFrame,
    wanted: Sequence[Area],
    *,
    asked: str,
    there: str = "",
    edition: object = None,
    holds: Sequence[str] = (),
    by_hand: Mapping[str, str] | None = None,
    areas: Sequence[Area] = (),
    named: Mapping[str, Sequence[Any] | None] | None = None,
) -> pd.DataFrame | Missing:
    """Return the rows if they have each area, year and indicator asked for, or what is missing."""
    present = set(frame["area_code"].unique())
    absent = [each for each in wanted if each.code not in present]
    if frame.empty or absent:
        who = some(each.name for each in absent) if absent else "any area"
        what, whose = f"rows of {who} ({asked})", absent
    else:
        columns = {"area_code": [each.code for each in wanted] or None, **(named or {})}
        values = {column: each for column, each in columns.items() if each is not None}
        gaps = _combinations_missing(frame, values)
        if not gaps:
            return frame.reset_index(drop=True)
        what = _in_words(frame, values, gaps, {each.code: each.name for each in wanted})
        whose = [each for each in wanted if each.code in set(itertools.chain(*gaps))]
    return missing(
        name,
        what,
        more=f"Available: {there}." if there else "",
        edition=edition,
        holds=holds,
        by_hand=by_hand,
        areas=areas or whose or wanted,
    )


def _combinations_missing(
    frame: pd.DataFrame, named: Mapping[str, Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Return the combinations of named values that no row has."""
    if not named:
        return []
    there = set(zip(*(frame[column].tolist() for column in named), strict=True))
    asked = itertools.product(*(dict.fromkeys(values) for values in named.values()))
    return [each for each in asked if each not in there]


def _in_words(
    frame: pd.DataFrame,
    named: Mapping[str, Sequence[Any]],
    gaps: list[tuple[Any, ...]],
    names: Mapping[str, str],
) -> str:
    """Name each value that no row has, then the other combinations that are missing."""
    gone = {
        column: [each for each in dict.fromkeys(values) if each not in set(frame[column])]
        for column, values in named.items()
    }
    words = [f"{column} {value}" for column, values in gone.items() for value in values]
    alone = set(itertools.chain.from_iterable(gone.values()))
    rest = [each for each in gaps if not alone.intersection(each)]
    words += [" ".join(str(names.get(str(value), value)) for value in each) for each in rest]
    return some(words, most=8)


def allowed(download: bool | None) -> bool:
    """Return whether a loader may use the network, by its argument or the environment variable."""
    if download is not None:
        return download
    word = os.environ.get(DOWNLOAD, "").strip().lower()
    if word not in _YES + _NO:
        raise UsageError(
            f"{DOWNLOAD}={word!r} is neither yes nor no. Write {DOWNLOAD}=1 to let loaders fetch "
            "what is missing, or 0."
        )
    return word in _YES


def load(answer: Callable[..., _T | Missing], *places: object, **options: Any) -> _T:
    """Return the rows of :func:`resolve`; if they are missing, raise MissingDataError."""
    found = resolve(answer, *places, **options)
    if isinstance(found, Missing):
        raise MissingDataError(found.message, found.network) from found.cause
    return found


def resolve(
    answer: Callable[..., _T | Missing],
    *places: object,
    workspace: Folder,
    download: bool | None,
    **options: object,
) -> _T | Missing:
    """Return an answer; if rows are missing and the network is allowed, fetch and ask again."""
    may = allowed(download)
    outcomes: dict[str, Outcome] = {}
    network = ""
    while isinstance(found := answer(*places, workspace=workspace, **options), Missing):
        todo = [each for each in found.files if each.key not in outcomes] if may else []
        if not todo:
            message = found.message
            if outcomes:
                message = f"{found.lead} {_download_results(outcomes.values())}"
                message += "" if _BY_HAND in message else f" {found.by_hand}"
            message = with_workspace(message, store.workspace_folder(workspace))
            return replace(found, message=message, network=network)
        _log.info("fetching %s", some((each.key for each in todo), most=20))
        try:
            done, network = _fetched(todo, found.areas, workspace)
        except BoltonJsnaError as error:
            message = f"{found.lead} It could not be fetched: {error} {found.by_hand}"
            return replace(found, message=message, cause=error)
        outcomes |= done
    return found


def _fetched(
    files: Sequence[Task], areas: tuple[Area, ...], workspace: Folder
) -> tuple[dict[str, Outcome], str]:
    """Fetch files that are missing; return their outcomes, and what is wrong with the network."""
    settings = Settings(
        folder=store.workspace_folder(workspace),
        areas=areas,
        only_missing=True,
    )
    entries = store.entries(settings.folder)
    found: dict[str, Outcome] = {}
    for each in files:
        entry = national_files.entry_of(each, entries)
        decision = file_status.decided(each, entry, settings)
        if decision.action == "none":
            found[each.key] = file_status.standing(each, entry, decision, settings)
    rest = [each for each in files if each.key not in found]
    if not rest:
        return found, ""
    with _session() as session:
        done = runner.fetch(rest, settings, session=session)
    return found | {each.file: each for each in done.outcomes}, done.network


_REMEMBERED: Final = 30.0
_memory: dict[tuple[str, ...], tuple[float, Outages]] = {}


@contextlib.contextmanager
def _session() -> Iterator[Session]:
    """Open a session with the failures of the last half minute in this process."""
    # A build looks for many missing files, and each would wait again for a publisher that does not
    # answer. Half a minute after the last new failure, or with other network settings, publishers
    # are asked again: the network may work by then.
    from bolton_jsna.services.endpoints import SERVICES
    from bolton_jsna.services.http import Session
    from bolton_jsna.services.redaction import network_settings

    settings = (network_settings(), *(each.base for each in SERVICES.values()))
    then, outages = _memory.get(settings, (-math.inf, None))
    with Session() as session:
        if outages is not None and time.monotonic() - then < _REMEMBERED:
            session.outages = outages
        known = session.outages.failures
        try:
            yield session
        finally:
            if session.outages is not outages or session.outages.failures != known:
                then = time.monotonic()
            _memory.clear()
            _memory[settings] = then, session.outages


def _download_results(outcomes: Iterable[Outcome]) -> str:
    """Return why the files that were asked for do not have the rows."""
    failed: list[str] = []
    files: dict[bool, list[str]] = {True: [], False: []}
    for each in outcomes:
        if each.verdict in {"missing", "stale"}:
            failed.append(f"{each.file}: {each.reason}")
        else:
            files[each.verdict == "fresh"].append(each.file)
    results = [f"It could not be fetched. {join_messages(failed)}"] if failed else []
    if files[False]:
        results.append(f"The files fetched for it do not have it: {some(files[False])}.")
    if files[True]:
        results.append(
            f"Files fetched earlier do not have it: {some(files[True])}; bolton-jsna refresh "
            "renews them."
        )
    return " ".join(results)
