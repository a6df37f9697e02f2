"""The last place to look: what is in neither workspace nor snapshot is fetched, where allowed.

A loader that finds rows missing raises :class:`GapError`, which knows the publishers' files that
may have them. :func:`filled` fetches those into the workspace, as a refresh would, and has the
loader answer again. Files that are there are left alone, however old: renewing is for a refresh.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bolton_jsna import catalogue
from bolton_jsna.core.areas import Area
from bolton_jsna.core.commands import refresh_command, with_workspace
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError, UsageError, choice, some
from bolton_jsna.ingest import file_status, national_files, runner, store
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.loaders.arguments import Folder, lacks
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
"""How a publisher's client says what to do by hand, once it knows that there is nothing."""

_YES, _NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")


class GapError(MissingDataError):
    """Rows that are missing, with the publishers' files that may have them.

    Attributes
    ----------
    files : tuple of Task
        None where no publisher's service has such rows.
    areas : tuple of Area
        Whose rows are missing.
    lead, by_hand : str
        What is missing, and how to add it by hand: what is left to say once it could not be
        fetched.
    """

    def __init__(
        self,
        message: str,
        files: tuple[Task, ...] = (),
        areas: tuple[Area, ...] = (),
        *,
        lead: str = "",
        by_hand: str = "",
    ) -> None:
        super().__init__(message)
        self.files = files
        self.areas = areas
        self.lead = lead or message
        self.by_hand = by_hand


def gap(
    name: str,
    what: str,
    *,
    more: str = "",
    edition: object = None,
    instead: str = "",
    by_hand: Mapping[str, str] | None = None,
    holds: Sequence[str] = (),
    areas: Iterable[Area] = (),
) -> GapError:
    """Return the error that says what is missing, how to get it, and which files may have it."""
    whose = tuple(areas)
    places = [each for each in whose if each.level == "authority" and each.until is None]
    files = tuple(
        Task(each, place)
        for each in catalogue.holding(name, edition=edition, holds=holds)
        for place in (places if each.scope == "area" else (None,))
    )
    facts = catalogue.dataset(name)
    ids = list(dict.fromkeys(each.edition.id for each in files))
    every = {each.id for each in catalogue.editions() if each.dataset == name}
    named = [name] if set(ids) >= every else ids
    if files:
        command = refresh_command(named, (each.area.name for each in files if each.area))
        way = f"Fetch it: {command} (in Python download=True)."
    elif facts.editions and edition is not None:
        known = some(dict.fromkeys(f"{name}@{each.edition}" for each in facts.editions), most=8)
        way = f"It cannot be fetched. What can be fetched: {known}. {instead}".strip()
    else:
        way = ""
    lead = lacks(name, what) + (f" {more}" if more else "")
    put = f"{facts.by_hand(**(by_hand or {}))}."
    told = f"{lead} {way} Or {put}" if way else f"{lead} P{put[1:]}"
    return GapError(told, files, whose, lead=lead, by_hand=f"You can also {put}")


def covered(
    name: str,
    frame: pd.DataFrame,
    wanted: Sequence[Area],
    *,
    asked: str,
    there: str = "",
    edition: object = None,
    holds: Sequence[str] = (),
    areas: Sequence[Area] = (),
    named: Mapping[str, Sequence[Any] | None] | None = None,
) -> None:
    """Reject an answer that is empty or leaves out an area, year or indicator requested."""
    there_are = set(frame["area_code"].unique())
    absent = [each for each in wanted if each.code not in there_are]
    if frame.empty or absent:
        who = some(each.name for each in absent) if absent else "any area"
        raise gap(
            name,
            f"rows of {who} ({asked})",
            more=f"What there is: {there}." if there else "",
            edition=edition,
            holds=holds,
            areas=areas or absent or wanted,
        )
    columns = {"area_code": [each.code for each in wanted] or None, **(named or {})}
    asked_for = {column: each for column, each in columns.items() if each is not None}
    lacking = _lacking(frame, asked_for)
    if lacking:
        names = {each.code: each.name for each in wanted}
        codes = set(itertools.chain.from_iterable(lacking))
        raise gap(
            name,
            _in_words(frame, asked_for, lacking, names),
            more=f"What there is: {there}." if there else "",
            edition=edition,
            holds=holds,
            areas=areas or [each for each in wanted if each.code in codes] or wanted,
        )


def _lacking(frame: pd.DataFrame, named: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return the combinations of named values that no row has."""
    if not named:
        return []
    there = set(zip(*(frame[column].tolist() for column in named), strict=True))
    asked = itertools.product(*(dict.fromkeys(values) for values in named.values()))
    return [each for each in asked if each not in there]


def _in_words(
    frame: pd.DataFrame,
    named: Mapping[str, Sequence[Any]],
    lacking: list[tuple[Any, ...]],
    names: Mapping[str, str],
) -> str:
    """Name what is missing: what no row has by itself, other gaps with what they go with."""
    gone = {
        column: [each for each in dict.fromkeys(values) if each not in set(frame[column])]
        for column, values in named.items()
    }
    said = [f"{column} {value}" for column, values in gone.items() for value in values]
    alone = set(itertools.chain.from_iterable(gone.values()))
    rest = [each for each in lacking if not alone.intersection(each)]
    said += [" ".join(str(names.get(str(value), value)) for value in each) for each in rest]
    return some(said, most=8)


def allowed(download: bool | None) -> bool:
    """Say whether a loader may use the network: as its caller or the environment says."""
    choice("download", download, (None, True, False))
    if download is not None:
        return download
    said = os.environ.get(DOWNLOAD, "").strip().lower()
    if said not in _YES + _NO:
        raise UsageError(
            f"{DOWNLOAD}={said!r} is neither yes nor no. Write {DOWNLOAD}=1 to let loaders fetch "
            "what is missing, or 0."
        )
    return said in _YES


def filled(answer: Callable[[], _T], *, workspace: Folder, download: bool | None) -> _T:
    """Return an answer; where it has a gap and the network is allowed, fetch and answer again."""
    may = allowed(download)
    outcomes: dict[str, Outcome] = {}
    network = ""
    while True:
        try:
            return answer()
        except GapError as found:
            todo = [each for each in found.files if each.key not in outcomes]
            if not may or not (todo or outcomes):
                found.message = with_workspace(str(found), store.workspace_folder(workspace))
                found.args = (found.message,)
                raise
            if not todo:
                said = f"{found.lead} {_came_to(outcomes.values())}"
                said += "" if _BY_HAND in said else f" {found.by_hand}"
                said = with_workspace(said, store.workspace_folder(workspace))
                raise MissingDataError(said, network) from found
            _log.info("fetching %s", some((each.key for each in todo), most=20))
            try:
                done, network = _fetched(todo, found.areas, workspace)
                outcomes |= done
            except BoltonJsnaError as error:
                said = f"{found.lead} It could not be fetched: {error} {found.by_hand}"
                raise MissingDataError(said) from error


def _fetched(
    files: Sequence[Task], areas: tuple[Area, ...], workspace: Folder
) -> tuple[dict[str, Outcome], str]:
    """Fetch files that are missing; return how they stand, and what is wrong with the network."""
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
    """Open a session that knows what has failed a moment ago in this process."""
    # A build has many gaps, and each would wait anew for publishers that do not answer. Half a
    # minute after the last failure that was new, or with other settings, they are asked again:
    # somebody may have mended the network.
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


def _came_to(outcomes: Iterable[Outcome]) -> str:
    """Say what came of asking the publishers."""
    failed: list[str] = []
    empty: list[str] = []
    old: list[str] = []
    for each in outcomes:
        if each.verdict in {"missing", "stale"}:
            failed.append(f"{each.file}: {each.reason}")
        else:
            (old if each.verdict == "fresh" else empty).append(each.file)
    said = []
    if failed:
        said.append(f"It could not be fetched. {join_messages(failed)}")
    if empty:
        said.append(f"Fetched for it, but without it: {some(empty)}.")
    if old:
        said.append(f"Without it, as fetched before: {some(old)}; bolton-jsna refresh renews them.")
    return " ".join(said)
