"""Doubts about a local file that a person accepted, kept for the rebuilds of the same file."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna import atomic, untrusted
from bolton_jsna.building.doubts import LONGEST, Doubt
from bolton_jsna.building.places import PRIVATE
from bolton_jsna.errors import BoltonJsnaError, UsageError
from bolton_jsna.publication import NOT_FOR_PUBLICATION, write_private
from bolton_jsna.sharing import others_can_write, private_folder
from bolton_jsna.untrusted import UntrustedError

if TYPE_CHECKING:
    from typing import Any

_log = logging.getLogger(__name__)

KEPT: Final = PRIVATE / "accepted.json"
"""Where it is kept: whoever reads the mark of a file could try guesses of its counts against it."""

_MOST: Final = 64 * 1024


@dataclass(frozen=True)
class Acceptance:
    """Why a build may go on, and in spite of what.

    Attributes
    ----------
    reason : str
        Empty where nobody gave one.
    doubts : frozenset of str or None
        The doubts that were accepted; None where a person accepts now whatever there is.
    """

    reason: str = ""
    doubts: frozenset[str] | None = None

    def check(self, found: Sequence[Doubt]) -> str:
        """Stop a build that may be wrong unless it is accepted, and return the reason.

        Raises
        ------
        BoltonJsnaError
            With each doubt and what to do.
        """
        left = [each for each in found if self.doubts is not None and each.name not in self.doubts]
        if not found:
            return ""
        if self.reason and not left:
            return self.reason
        raise BoltonJsnaError(
            "The build stopped and wrote nothing. "
            + " ".join(each.what for each in (left or found))
            + " Check that the file is whole and counts the same thing (bolton-jsna check FILE "
            "names rows). If it is right all the same, say why: accept= or --accept "
            '"REASON". The reason stands on the summary, on each map and on the page to sign. It '
            "holds for rebuilds of the same file, and is asked for anew when the file has changed."
        )


def given(accept: str | Acceptance) -> Acceptance:
    r"""Return the acceptance that a user gives, its reason on one line.

    Raises
    ------
    UsageError
        When the reason is too long to stand below a map.

    Examples
    --------
    >>> given(" two teams are\n not in the extract ").reason
    'two teams are not in the extract'
    """
    if isinstance(accept, Acceptance):
        return accept
    reason = " ".join(accept.split())
    if len(reason) > LONGEST or not reason.isprintable():
        raise UsageError(
            f"The reason of accept= (--accept) has {len(reason)} characters, or some that cannot "
            f"be printed. Give {LONGEST} letters at most: it stands on the summary, on each map "
            "and on the page to sign."
        )
    return Acceptance(reason)


def remember(
    workspace: Path, records: Path | None, *, area: str, reason: str, found: Iterable[Doubt]
) -> None:
    """Keep what was accepted for the rebuilds of the same file, or forget what was before.

    The file is known again by a keyed mark of its bytes, in a folder that only its owner can read.
    """
    kept = workspace / KEPT
    if atomic.is_link(kept.parent):
        # Nothing is deleted or written through a link, and the build is done by now.
        _log.warning("%s is a link: what was accepted is not kept for a rebuild", kept.parent)
        return
    if records is None or not reason:
        kept.unlink(missing_ok=True)
        return
    key = secrets.token_hex(16)
    facts = {
        "publication": NOT_FOR_PUBLICATION,
        "area": area,
        "reason": reason,
        "doubts": sorted(each.name for each in found),
        "key": key,
        "mark": _mark(records, key),
    }
    private_folder(workspace / PRIVATE)
    write_private(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", kept)


def remembered(workspace: Path, records: Path | None, *, area: str) -> Acceptance:
    """Return what a person accepted of a file, empty where it is another file by now.

    What is kept is believed only as far as this library writes it.

    Examples
    --------
    >>> remembered(Path("no-such-folder"), None, area="E08000001")
    Acceptance(reason='', doubts=None)
    """
    if records is None:
        return Acceptance()
    try:
        facts = _facts(workspace / KEPT)
        same = facts["area"] == area and hmac.compare_digest(
            _mark(records, facts["key"]), facts["mark"]
        )
    except (OSError, UntrustedError):
        return Acceptance()
    return Acceptance(facts["reason"], frozenset(facts["doubts"])) if same else Acceptance()


def _facts(path: Path) -> dict[str, Any]:
    facts = untrusted.read_table(path, most=_MOST)
    status = path.lstat()
    if os.name == "posix" and (status.st_uid != os.geteuid() or others_can_write(status)):
        raise UntrustedError("it is not of this user alone")
    texts = [facts.get(name) for name in ("area", "reason", "key", "mark")]
    doubts = facts.get("doubts")
    if not isinstance(doubts, list) or not all(
        isinstance(each, str) and each.isascii() for each in [*texts[:1], *texts[2:], *doubts]
    ):
        raise UntrustedError("it is not what a build writes")
    reason = facts["reason"]
    if not isinstance(reason, str) or not reason.isprintable() or len(reason) > LONGEST:
        raise UntrustedError("its reason is none")
    return facts


def _mark(path: Path, key: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return hmac.new(key.encode(), digest, "sha256").hexdigest()
