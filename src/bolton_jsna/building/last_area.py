"""The authority that is taken if none is named: that of the workspace's last build."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bolton_jsna.building.paths import RECORD
from bolton_jsna.core import untrusted
from bolton_jsna.core.areas import DEFAULT_AREA, Area, find
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.areas import areas as areas_of
from bolton_jsna.core.errors import some

_log = logging.getLogger(__name__)

_LAST: Final = "the authority of the last build in this workspace"
_NONE: Final = "the default, because nothing has been built in this workspace"
_UNUSABLE: Final = f"the default, because {RECORD.as_posix()} cannot be used"


@dataclass(frozen=True)
class AreaChoice:
    """The authorities to work on.

    Attributes
    ----------
    places : tuple of Area
    why : str
        Why these, in words; empty if they were named.
    """

    places: tuple[Area, ...]
    why: str = ""


def choose(
    areas: str | int | Area | Iterable[str | int | Area] | None, workspace: Path
) -> AreaChoice:
    """Return the areas that are named; if none is, the area of the last build, else Bolton."""
    if areas is not None:
        return AreaChoice(areas_of(areas))
    try:
        built = of_last_build(workspace)
    except untrusted.UntrustedError as error:
        _log.warning(
            "%s cannot be used: %s. %s is taken, because no area was named. Name one (--area), or "
            "build again.",
            RECORD.as_posix(),
            error,
            DEFAULT_AREA,
        )
        return AreaChoice((area_of(DEFAULT_AREA),), _UNUSABLE)
    default = AreaChoice((area_of(DEFAULT_AREA),), _NONE)
    return default if built is None else AreaChoice((built,), _LAST)


def of_last_build(workspace: Path) -> Area | None:
    """Return the authority of the last build; None if nothing has been built."""
    try:
        code = untrusted.read_table(workspace / RECORD).get("area_code")
    except (FileNotFoundError, NotADirectoryError):
        return None
    place = find(code) if isinstance(code, str) else None
    if place is None or code not in place.codes:
        raise untrusted.UntrustedError("its area_code is not that of an authority")
    if place.level != "authority":
        raise untrusted.UntrustedError(f"its area is {place.name}, which is not an authority")
    if place.until is not None:
        after = some(each.name for each in map(area_of, place.successors))
        raise untrusted.UntrustedError(
            f"its area is {place.name}, which ended in {place.until} (now {after})"
        )
    return place


def warn_of_another(workspace: Path, place: Area) -> None:
    """Log a warning if the default authority is not the one that was built last."""
    try:
        built = of_last_build(workspace)
    except untrusted.UntrustedError:
        return
    if built is not None and built != place:
        _log.warning(
            "%s is built, because no area was named. The last build in this workspace was for %s. "
            "To build that again: bolton-jsna build%s.",
            place.name,
            built.name,
            built.as_option,
        )
