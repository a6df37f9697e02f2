"""Doubts about a local file that a person has accepted; they hold for rebuilds of the same file."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._local_doubts import LONGEST, Doubt
from bolton_jsna.building.paths import PRIVATE
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import BoltonJsnaError, UsageError
from bolton_jsna.core.permissions import others_can_write
from bolton_jsna.core.untrusted import UntrustedError

if TYPE_CHECKING:
    from typing import Any

    from bolton_jsna.building._protected_counts import ProtectedCounts

BEFORE: Final = PRIVATE / "accepted.json"
"""Where earlier versions kept the acceptance."""

_MOST: Final = 64 * 1024


@dataclass(frozen=True)
class Acceptance:
    """Why a build may go on although its figures may be wrong.

    Attributes
    ----------
    reason : str
        Empty if nobody gave one.
    doubts : frozenset of str or None
        The doubts that were accepted; None if a person accepts all of them now.
    """

    reason: str = ""
    doubts: frozenset[str] | None = None

    def check(self, found: Sequence[Doubt]) -> str:
        """Stop a build that may be wrong unless its doubts are accepted; return the reason."""
        left = [each for each in found if self.doubts is not None and each.name not in self.doubts]
        if not found:
            return ""
        if self.reason and not left:
            return self.reason
        raise BoltonJsnaError(
            "The build stopped and wrote nothing. "
            + " ".join(each.what for each in (left or found))
            + " Check that the file is complete and counts the same thing (bolton-jsna check FILE "
            "shows the rows). If it is right, give the reason, without a file name or a number of "
            'rows: accept= or --accept "REASON". The reason is printed on the summary, each map '
            "and the page to sign. It holds for rebuilds of the same file; a changed file needs a "
            "new one."
        )


def given(accept: str | Acceptance) -> Acceptance:
    r"""Return the acceptance that a user gives, its reason on one line."""
    if isinstance(accept, Acceptance):
        return accept
    reason = " ".join(accept.split())
    if len(reason) > LONGEST or not reason.isprintable():
        raise UsageError(
            f"The reason in accept= (--accept) has {len(reason)} characters, or some that cannot "
            f"be printed. Give at most {LONGEST} printable characters: the reason is printed on "
            "the summary, each map and the page to sign."
        )
    return Acceptance(reason)


def facts(
    records: str | Path | None, *, area: str, local: ProtectedCounts
) -> dict[str, Any] | None:
    """Return what is kept of an acceptance for the rebuilds of the same file; None without one."""
    # A keyed hash of its bytes identifies the file: with a plain one, anyone could test guesses
    # of its counts.
    if records is None or not local.accepted:
        return None
    key = secrets.token_hex(16)
    return {
        "area": area,
        "reason": local.accepted,
        "doubts": sorted(each.name for each in local.doubts),
        "key": key,
        "mark": _mark(Path(records), key),
    }


def remembered(kept: object, records: str | Path | None, *, area: str) -> Acceptance:
    """Return what a person accepted of a file; empty if the file has changed since."""
    if records is None or not isinstance(kept, dict) or not _is_valid(kept):
        return Acceptance()
    try:
        same = kept["area"] == area and hmac.compare_digest(
            _mark(Path(records), kept["key"]), kept["mark"]
        )
    except OSError:
        return Acceptance()
    return Acceptance(kept["reason"], frozenset(kept["doubts"])) if same else Acceptance()


def kept_before(workspace: Path) -> dict[str, Any] | None:
    """Return the acceptance that earlier versions kept in a separate file."""
    path = workspace / BEFORE
    try:
        found, status = untrusted.read_table(path, most=_MOST), path.lstat()
    except (OSError, UntrustedError):
        return None
    if os.name == "posix" and (status.st_uid != os.geteuid() or others_can_write(status)):
        return None
    return found


def forget_before(workspace: Path) -> None:
    """Delete the separate file of earlier versions, after a build has written the new place."""
    if atomic.is_link((workspace / BEFORE).parent):
        return
    with contextlib.suppress(OSError):
        (workspace / BEFORE).unlink()


def _is_valid(kept: dict[Any, Any]) -> bool:
    texts = [kept.get(name) for name in ("area", "key", "mark")]
    doubts, reason = kept.get("doubts"), kept.get("reason")
    return (
        isinstance(doubts, list)
        and all(isinstance(each, str) and each.isascii() for each in [*texts, *doubts])
        and isinstance(reason, str)
        and reason.isprintable()
        and len(reason) <= LONGEST
    )


def _mark(path: Path, key: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return hmac.new(key.encode(), digest, "sha256").hexdigest()
