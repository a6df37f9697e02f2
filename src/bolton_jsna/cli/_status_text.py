"""A status as text: a line for each source, what is wrong with it, and what to do next."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bolton_jsna import catalogue, snapshot
from bolton_jsna.building import next_steps
from bolton_jsna.cli._status import Holding, Status
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.commands import with_workspace
from bolton_jsna.core.errors import clean, short, some
from bolton_jsna.core.timestamps import when
from bolton_jsna.services.progress_text import first_failure

_WIDTH: Final = 100
_ORIGINS: Final = {"nothing": "none"}
_STATES: Final = {
    "stale": "not renewed",
    "doubt": "perhaps not the newest",
    "missing": "not available",
    "gone": "gone",
    "changed": "changed by hand",
}


class _Notes:
    """Messages by number: each once, however many files it concerns."""

    def __init__(self, ours: Iterable[Holding], now: dt.datetime | None) -> None:
        self.now = now
        self.short = {each.dataset for each in ours if each.state in {"missing", "gone"}}
        self.found: dict[str, list[Holding]] = {}

    def snapshot(self, holding: Holding) -> str:
        """Return what a source of the snapshot is used for."""
        whose = snapshot.coverage()
        if holding.edition == "illustrative":
            return "illustrative (for your own: build --local-records FILE)"
        return f"in place of what is missing ({whose})" if holding.dataset in self.short else whose

    def number(self, holding: Holding) -> int:
        """Return the number of a file's message."""
        # One failure of a service is one message, also for files that were not requested.
        reason = first_failure(holding.reason)
        self.found.setdefault(reason, []).append(holding)
        return list(self.found).index(reason) + 1

    def lines(self) -> list[str]:
        """Return the messages, with since when."""
        lines = []
        for number, (reason, files) in enumerate(self.found.items(), start=1):
            since = min((each.since for each in files if each.since), default="")
            lines.append(
                f"({number}) {f'Since {when(since, self.now)}: ' if since else ''}{reason}"
            )
        return lines


def status_lines(found: Status) -> str:
    """Return a status as text."""
    now = dt.datetime.fromisoformat(found.moment) if found.moment else None
    now = now.replace(tzinfo=dt.UTC) if now is not None and now.tzinfo is None else now
    ours = [each for each in found.holdings if each.concerns(area_of(found.area))]
    notes = _Notes(ours, now)
    why = f" ({found.area_from}; --area takes another)" if found.area_from else ""
    lines = [f"{found.area}{why}, workspace {found.workspace}", ""]
    lines += _aligned([_row(group, notes) for group in _groups(ours)])
    lines += ["", *_others(found), *_checked(ours, now)]
    area = f"{found.built_area}, " if found.built_area else ""
    lines.append(f"Last build: {area}{when(found.built, now) if found.built else 'none'}.")
    if found.lacks:
        lines.append(f"A build of {found.area} cannot be made now; the reason is at the end.")
    else:
        lines += _wrapped("A build would use: ", f"{', '.join(found.uses)}.")
    lines += [f"Not the whole of England: {each}." for each in found.cuts]
    lines += _next(found, ours)
    messages = [with_workspace(each, found.workspace) for each in notes.lines()]
    for each in [*messages, found.lacks, *found.build_warnings, found.warning]:
        lines += ["", each] if each else []
    return clean("\n".join(lines))


def _groups(holdings: Iterable[Holding]) -> list[list[Holding]]:
    """Put the files of one dataset and edition together, and those added by hand."""
    groups: dict[tuple[str, ...], list[Holding]] = {}
    listed = list(holdings)
    gone = {(each.dataset, each.edition) for each in listed if each.origin == "nothing"}
    for each in listed:
        # What the snapshot has in place of an edition is one line with it.
        with_it = each.origin == "snapshot" and (each.dataset, each.edition) in gone
        fetched = each.edition and each.origin in {"nothing", "fetched"}
        kind = "" if fetched or with_it else each.origin
        groups.setdefault((each.dataset, each.edition, kind), []).append(each)
    order = {each.id: number for number, each in enumerate(catalogue.datasets())}
    # The newest edition first, as in the catalogue; the snapshot and what was added by hand last.
    groups = dict(sorted(groups.items(), key=lambda each: each[0][1], reverse=True))
    return [
        groups[key] for key in sorted(groups, key=lambda key: (order.get(key[0], 99), key[2] != ""))
    ]


def _row(group: list[Holding], notes: _Notes) -> tuple[str, str, str]:
    first = group[0]
    source = f"{first.dataset}@{first.edition}" if first.edition else first.dataset
    there = [each for each in group if each.origin != "nothing"]
    origin = there[0].origin if there else "nothing"
    return source, _ORIGINS.get(origin, origin), _detail(group, there, notes)


def _detail(group: list[Holding], there: list[Holding], notes: _Notes) -> str:
    first = group[0]
    if first.origin == "added by hand":
        names = [each.name.removeprefix(f"{each.dataset}/") for each in group]
        # A name with a line feed would look like another line.
        one = short(names[0], 200)
        return one if len(names) == 1 else f"{len(names)} files: {some(names, most=2)}"
    if not first.edition:
        return "not fetched yet" if catalogue.dataset(first.dataset).editions else "not added"
    if first.origin == "snapshot":
        return notes.snapshot(first)
    if there and there[0].origin == "snapshot":
        number = notes.number(first)
        return f"in place of the publisher's, which is not available ({number})"
    parts = []
    if there:
        oldest = when(min(each.retrieved for each in there), notes.now)
        many = "" if len(group) == 1 else f"{len(group)} files, the oldest "
        parts.append(
            f"{len(there)} of {len(group)} files, {oldest}"
            if len(there) < len(group)
            else f"{many}{oldest}"
        )
    parts += dict.fromkeys(_service(each) for each in there if each.in_place)
    for state, words in _STATES.items():
        count = sum(each.state == state for each in group)
        if count:
            parts.append(f"{count} {words}" if len(group) > 1 else words)
    numbers = sorted({notes.number(each) for each in group if each.state})
    noted = f" ({', '.join(map(str, numbers))})" if numbers else ""
    return "; ".join(parts) + noted


def _service(holding: Holding) -> str:
    """Name the service used in place of the usual one, and the authorities that use its file."""
    return f"{holding.in_place}{f', for {holding.area}' if len(holding.codes) > 1 else ''}"


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return rows in columns; a third column that is too long is continued below."""
    first, second = (max((len(row[at]) for row in rows), default=0) for at in (0, 1))
    lines = []
    for source, origin, detail in rows:
        start = f"{source:<{first}}  {origin:<{second}}  "
        room = max(_WIDTH - len(start), 40)
        parts = [""]
        for each in detail.split("; "):
            longer = f"{parts[-1]}; {each}" if parts[-1] else each
            parts = [*parts[:-1], longer] if len(longer) <= room else [*parts, each]
        shown = [each for each in parts if each] or [""]
        lines.append(f"{start}{shown[0]}".rstrip())
        lines += [f"{'':<{len(start)}}{part}" for part in shown[1:]]
    return lines


def _others(found: Status) -> list[str]:
    place = area_of(found.area)
    others = [
        each for each in found.holdings if each.origin != "nothing" and not each.concerns(place)
    ]
    if not others:
        return []
    names = some(sorted({each.area for each in others}))
    files = f"{len(others)} file{'s' if len(others) > 1 else ''}"
    return [f"Also here, not used for {found.area}: {files} of {names}."]


def _checked(holdings: list[Holding], now: dt.datetime | None) -> list[str]:
    """Return when the publishers were last asked, and which file was checked longest ago."""
    asked = [each for each in holdings if each.checked and each.origin == "fetched"]
    if not asked:
        return []
    last, first = (pick(asked, key=lambda each: each.checked) for pick in (max, min))
    lines = [f"Publishers last asked: {when(last.checked, now)}."]
    if first.checked[:10] != last.checked[:10]:
        which = f"{first.dataset}@{first.edition}"
        lines.append(f"Checked longest ago: {which}, {when(first.checked, now)}.")
    return lines


def _wrapped(begins: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=begins, subsequent_indent="    ", break_on_hyphens=False
    )


def _next(found: Status, ours: list[Holding]) -> list[str]:
    """Return what to do next."""
    folder = Path(found.workspace)
    refresh = next_steps.command("refresh", folder, [found.area])
    short = [each for each in ours if each.state in {"stale", "doubt", "missing", "gone"}]
    if found.interrupted:
        return [found.interrupted]
    if found.newer and found.lacks:
        return [next_steps.out_of_date(found.newer, folder, first="solve the problem at the end")]
    if found.newer:
        return [next_steps.out_of_date(found.newer, folder)]
    if found.lacks:
        needed = {each.id for each in catalogue.datasets() if each.needed}
        there = {each.dataset for each in ours if each.origin != "nothing"}
        return [f"Next: {refresh}"] if short or not needed <= there else []
    lines = []
    if not found.built:
        build = next_steps.command("build", folder, [found.area])
        lines.append(f"Nothing is built yet. Next: {build}")
    if short:
        count = "1 file is" if len(short) == 1 else f"{len(short)} files are"
        lines.append(f"{count} missing or not renewed. To try again: {refresh}")
    return lines
