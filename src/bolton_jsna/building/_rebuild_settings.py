"""The settings of a rebuild that concern the authority's own file, in a file for its owner only.

Readers of the outputs must not learn where an extract is, when it was last changed, what its
columns are called and what was accepted of it. So :data:`~bolton_jsna.building.paths.KEPT` is next
to the outputs in the workspace, but is not one of them; it is moved into place with its build.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building.paths import KEPT, RECORD
from bolton_jsna.core import untrusted
from bolton_jsna.core.export import NOT_FOR_PUBLICATION, write_private
from bolton_jsna.core.permissions import others_can_write
from bolton_jsna.core.untrusted import UntrustedError

if TYPE_CHECKING:
    from bolton_jsna.building._run_record import RunRecord

OWN: Final = ("local_records", "columns")
"""Options of a build that may name a file of the authority."""

_SECRET: Final = (*OWN, "kind", "records_to")
_SAYS: Final = (
    "What a rebuild needs of the authority's own file. For its owner only: do not publish or pass "
    "it on."
)


@dataclass(frozen=True)
class RebuildSettings:
    """What a rebuild needs apart from the area, from a file of the workspace.

    Attributes
    ----------
    place : Path
        The file that these come from, in the workspace.
    options : Mapping of str to object
        What the build was asked for.
    inputs : Mapping of str to object
        When the authority's own files were last changed.
    accepted : object
        What was accepted of the own file, as :func:`bolton_jsna.building._acceptance.facts` has it.
    """

    place: Path
    options: Mapping[str, Any]
    inputs: Mapping[str, Any]
    accepted: object = None

    @property
    def own_file(self) -> bool:
        """Whether it names a file of the authority."""
        return any(self.options.get(name) is not None for name in OWN)


def public(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a build, or its marks, that reveal nothing of the own file."""
    return {name: value for name, value in given.items() if name not in _SECRET}


def write(
    record: RunRecord,
    staged: Path,
    *,
    options: Mapping[str, Any],
    inputs: Mapping[str, str],
    accepted: object,
) -> None:
    """Write what a rebuild needs among the staged files of its build, for its owner only."""
    facts = {
        "publication": NOT_FOR_PUBLICATION,
        "what": _SAYS,
        "area_code": record.area_code,
        "finished": record.finished,
        "options": dict(options),
        "inputs": {name: inputs[name] for name in OWN if name in inputs},
        "accepted": accepted,
    }
    write_private(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", staged / KEPT)


def read_settings(record: Mapping[str, Any], workspace: Path) -> RebuildSettings:
    """Return what a rebuild needs, from the owner's file if there is an own file."""
    # Earlier versions wrote it into the record itself. Such a record is read, and the next build
    # takes it out.
    options = record.get("options", {})
    if not isinstance(options, dict):
        raise UntrustedError("its options are not a table")
    if "own_file" not in record and not os.path.lexists(workspace / KEPT):
        marks = record.get("inputs")
        return RebuildSettings(RECORD, options, marks if isinstance(marks, dict) else {})
    if record.get("own_file") is False:
        # A path in such a record was not written by a build.
        return RebuildSettings(
            RECORD, {each: options[each] for each in options if each not in OWN}, {}
        )
    if record.get("own_file") is not True:
        raise UntrustedError(f"it does not state whether {KEPT} in the workspace belongs to it")
    facts = _read(workspace)
    if any(facts.get(each) != record.get(each) for each in ("area_code", "finished")):
        raise UntrustedError(f"{KEPT}, which names the own file, belongs to another build")
    options, marks = facts.get("options"), facts.get("inputs")
    if not isinstance(options, dict) or not isinstance(marks, dict):
        raise UntrustedError(f"{KEPT} is not what a build writes")
    return RebuildSettings(KEPT, options, marks, facts.get("accepted"))


def used_own_file(workspace: Path) -> bool:
    """Return whether the last build used a file of the authority, or may have done."""
    try:
        return read_settings(untrusted.read_table(workspace / RECORD), workspace).own_file
    except (FileNotFoundError, NotADirectoryError):
        return False
    except UntrustedError:
        return True


def _read(workspace: Path) -> dict[str, Any]:
    path = workspace / KEPT
    try:
        status = path.lstat()
        facts = untrusted.read_table(path)
    except FileNotFoundError:
        raise UntrustedError(f"{KEPT}, which names the own file, is missing") from None
    except UntrustedError as error:
        raise UntrustedError(f"{KEPT} cannot be used: {error}") from error
    if os.name == "posix":
        if status.st_uid not in {os.geteuid(), workspace.stat().st_uid}:
            raise UntrustedError(f"{KEPT} belongs to another user")
        if others_can_write(status):
            raise UntrustedError(f"other users can write {KEPT}, which names the own file")
    return facts
