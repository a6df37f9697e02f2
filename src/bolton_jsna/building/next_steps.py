"""What to do next, as commands that can be run as they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna import catalogue, snapshot
from bolton_jsna.building import last_area
from bolton_jsna.building.fingerprints import in_one
from bolton_jsna.building.paths import MAPS, PROCESSED, RECORD
from bolton_jsna.core import untrusted
from bolton_jsna.core.areas import DEFAULT_AREA
from bolton_jsna.core.commands import is_default_workspace, joined

if TYPE_CHECKING:
    from bolton_jsna.building.refresh import RefreshRecord


def command(verb: str, folder: str | Path, areas: Sequence[str] = (DEFAULT_AREA,)) -> str:
    """Return a command for a workspace and areas, without the options that are the default."""
    words = ["bolton-jsna", *verb.split()]
    plain = list(areas) == [DEFAULT_AREA] and built_area(folder) in {"", DEFAULT_AREA}
    words += [] if plain else [word for each in areas for word in ("--area", each)]
    if not is_default_workspace(folder):
        words += ["--workspace", str(folder)]
    return joined(words)


def built_area(folder: str | Path) -> str:
    """Return the authority that the last build of a workspace was made for; empty without one."""
    try:
        built = last_area.of_last_build(Path(folder))
    except (OSError, untrusted.UntrustedError):
        return ""
    return built.name if built is not None else ""


def out_of_date(newer: Sequence[str], folder: str | Path, *, first: str = "") -> str:
    """Return what has changed since the last build, and the command that builds again."""
    # A refresh uses the options of the last build; bolton-jsna build would need them again.
    again = command("refresh", folder, [built_area(folder) or DEFAULT_AREA])
    how = f"To build again as before{f', {first}; then' if first else ''}: {again}"
    return f"Changed since the last build: {in_one(newer)}.\nThe outputs are out of date. {how}"


def outputs(folder: str | Path) -> str:
    """Return where the outputs of a build are."""
    where = Path(folder)
    return f"{(where / PROCESSED).as_posix()}/ and {(where / MAPS).as_posix()}/"


def after(record: RefreshRecord) -> list[str]:
    """Return what to do after a refresh, a line for each thing."""
    folder = Path(record.workspace)
    refresh = command(_only("refresh", record), folder, record.areas)
    if record.dry_run:
        return [out_of_date(record.newer, folder) if record.newer else f"To fetch it: {refresh}"]
    lines = []
    if record.newer and not record.build_failed:
        lines.append(out_of_date(record.newer, folder))
    elif not (folder / RECORD).exists():
        lines += _first_build(record)
    elif not record.build_failed:
        lines.append(f"The outputs are in {outputs(folder)}.")
    not_renewed = _not_renewed(record)
    if not_renewed:
        when = "when the network problem below is solved" if record.network else "later"
        lines.append(f"{not_renewed}; the reasons are above. To try again {when}: {refresh}")
    return lines


def _only(verb: str, record: RefreshRecord) -> str:
    """Add the files that a refresh was limited to; a dataset by name if all its files were."""
    asked = {f"{each.dataset}@{each.edition}" for each in record.outcomes}
    whole: dict[str, set[str]] = {}
    for each in catalogue.editions():
        whole.setdefault(each.dataset, set()).add(f"{each.dataset}@{each.edition}")
    names: list[str] = []
    for one in record.outcomes:
        name = f"{one.dataset}@{one.edition}"
        names.append(one.dataset if whole.get(one.dataset, {name, ""}) <= asked else name)
    if not names or set(names) >= set(whole):
        return verb
    return " ".join([verb, *(f"--only {each}" for each in dict.fromkeys(names))])


def _first_build(record: RefreshRecord) -> list[str]:
    place, *others = record.areas
    folder = record.workspace
    needed = {each.id for each in catalogue.datasets() if each.needed}
    kept = {each.dataset for each in record.outcomes if each.kept and each.area in {"", place}}
    if not snapshot.covers(place) and not needed <= kept:
        status = command("status", folder, [place])
        return [f"Nothing is built yet. To see what a build needs: {status}"]
    which = f", for {place} or another of them" if others else ""
    return [f"Nothing is built yet. Next{which}: {command('build', folder, [place])}"]


def _not_renewed(record: RefreshRecord) -> str:
    """Return how many files could not be renewed, in words."""
    counts = {
        "not renewed": sum(each.verdict == "stale" for each in record.outcomes),
        "missing": sum(each.verdict == "missing" for each in record.outcomes),
        "perhaps not the newest": sum(bool(each.doubt) for each in record.outcomes),
    }
    texts = [f"{count:,} {what}" for what, count in counts.items() if count]
    if not texts:
        return ""
    number, what = texts[0].split(" ", 1)
    noun = "file is" if number == "1" else "files are"
    return ", ".join([f"{number} {noun} {what}", *texts[1:]])
