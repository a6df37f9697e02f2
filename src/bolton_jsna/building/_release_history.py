"""The releases: what earlier builds published of local records, for later disclosure checks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._local_counts import BY_WARD, Linked
from bolton_jsna.building._release_schema import (
    NUMBERS,
    check_facts,
    moment_of,
    rule_name,
    rule_read,
    rule_written,
)
from bolton_jsna.building.paths import RELEASE, RELEASES
from bolton_jsna.core import timestamps, untrusted
from bolton_jsna.core.atomic import no_links
from bolton_jsna.core.errors import SourceError, UsageError, some
from bolton_jsna.core.untrusted import UntrustedError, plain
from bolton_jsna.disclosure.rules import RULES, SuppressionRule
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd

_SAYS: Final = (
    "What a build wrote of local records, small numbers hidden (null). Later builds hide what this "
    "one hid, and stop if both together would reveal a small number. Delete this file only if what "
    "that build wrote never left your team."
)


@dataclass(frozen=True)
class Release:
    """What one build wrote of an authority's local records.

    Attributes
    ----------
    name : str
        Day, authority and mark: the name of its file without the ending.
    finished : str
        When, UTC (ISO 8601); the earliest release comes first.
    mark : str
        The same for the same figures, whenever they are made.
    rule : str
        The name of the rule that protects them, from :func:`rule_name`.
    tables : Mapping of str to Mapping of str to DataFrame
        For each event its protected tables. ``at_least`` and ``at_most`` are the limits of
        the true count behind a count that is shown.
    wards : Mapping of str to str
        The ward that each LSOA counted in.
    """

    name: str
    finished: str
    mark: str
    rule: str
    tables: Mapping[Event, Linked]
    wards: Mapping[str, str]

    @property
    def area_code(self) -> str:
        """The authority, from the name."""
        return self.name.split("-")[3]


def release_of(
    written: Mapping[Event, Linked], rule: SuppressionRule, *, area_code: str, lookup: pd.DataFrame
) -> Release:
    """Return the release of what a build will publish of local records."""

    def with_limits(name: str, table: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        # A group that is hidden with its year may be zero, whatever the rule.
        hidden = (None if name == BY_WARD else 0, None)
        behind = [
            hidden if pd.isna(each) else rule.behind(int(each)) for each in table["count"].tolist()
        ]
        return table.drop(columns="status").assign(
            at_least=pd.array([least for least, _ in behind], dtype="Int64"),
            at_most=pd.array([most for _, most in behind], dtype="Int64"),
        )

    tables = {
        event: {name: with_limits(name, table) for name, table in each.items()}
        for event, each in written.items()
    }
    wards = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    mark = _mark(_facts(rule_name(rule), tables, wards))
    now = timestamps.now().isoformat(timespec="microseconds")
    return Release(f"{now[:10]}-{area_code}-{mark}", now, mark, rule_name(rule), tables, wards)


def _facts(rule: str, tables: Mapping[Event, Linked], wards: Mapping[str, str]) -> dict[str, Any]:
    import pandas as pd

    def plain(value: Any) -> Any:
        if pd.isna(value):
            return None
        return value if isinstance(value, str) else int(value)

    return {
        "rule": rule_written(rule),
        "tables": {
            event: {
                name: {column: list(map(plain, table[column].tolist())) for column in table}
                for name, table in each.items()
            }
            for event, each in tables.items()
        },
        "wards": dict(wards),
    }


def unlike(earlier: Iterable[Release], now: Release) -> list[Release]:
    """Return the earlier releases with other figures."""
    return [each for each in earlier if each.mark != now.mark]


def write(release: Release, staged: Path) -> Path:
    """Write a release among the staged outputs of its build."""
    facts = {
        "what": _SAYS,
        "finished": release.finished,
        **_facts(release.rule, release.tables, release.wards),
    }
    try:
        check_facts(facts)
    except UntrustedError as error:
        raise SourceError(
            f"The release of this build is not valid: {error}. Nothing was written. Use records "
            "and lookups with codes of LSOAs and wards of England or Wales."
        ) from error
    path = staged / RELEASES / f"{release.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def reject_another_rule(earlier: Iterable[Release], rule: SuppressionRule) -> None:
    """Reject a rule other than the one of the workspace's earlier builds."""
    # Two rules that hide different counts of the same records reveal more than each alone.
    others = {each.rule for each in earlier} - {rule_name(rule)}
    if not others:
        return
    options = {each.name: f"--rule {option}" for option, each in RULES.items()}
    raise UsageError(
        f"Earlier builds of this workspace hid small numbers by {some(sorted(others))}, and this "
        f"one would by {rule.name}. Two rules together reveal more than each. Keep to the first "
        f"({some(sorted(options.get(each, 'rule=') for each in others))}), or, if what those "
        "builds wrote never left your team, delete data/processed/releases/ and build again."
    )


def earlier_releases(workspace: Path, area_code: str | None = None) -> list[Release]:
    """Return the releases of an authority, or of all, the oldest first."""
    found = []
    try:
        no_links(workspace, workspace / RELEASES)
        paths = sorted((workspace / RELEASES).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SourceError(
            f"{RELEASES.as_posix()} cannot be read ({error.strerror or error}). It holds what "
            "earlier builds published of small numbers."
        ) from error
    for path in paths:
        if path.name.startswith("."):
            continue
        try:
            release = _release(path)
        except (OSError, UntrustedError) as error:
            why = str(error) if isinstance(error, UntrustedError) else type(error).__name__
            raise SourceError(
                f"{plain(path.name)!r} in {RELEASES.as_posix()} cannot be read ({why}): "
                "it holds what an earlier build published of small numbers. Restore it from a "
                "backup, or delete it if what that build wrote never left your team."
            ) from error
        if area_code in {None, release.area_code}:
            found.append(release)
    return sorted(found, key=lambda each: (each.finished, each.name))


def _release(path: Path) -> Release:
    """Read a release and check it: its mark must be that of its tables."""
    import pandas as pd

    named = RELEASE.fullmatch(path.name)
    if named is None:
        raise UntrustedError("its name is not that of a release")
    facts = untrusted.read_json(path)
    check_facts(facts)
    content = {name: facts[name] for name in ("rule", "tables", "wards")}
    if _mark(content) != named["mark"]:
        raise UntrustedError("it was changed after it was written: its checksum does not match")
    finished = moment_of(facts)
    tables = {
        event: {
            name: pd.DataFrame(columns).astype(dict.fromkeys(NUMBERS, "Int64"))
            for name, columns in each.items()
        }
        for event, each in content["tables"].items()
    }
    moment = finished.isoformat(timespec="microseconds")
    return Release(
        path.stem, moment, named["mark"], rule_read(content["rule"]), tables, content["wards"]
    )


def _mark(facts: Mapping[str, Any]) -> str:
    """Return the mark of the tables, rule and wards of a release."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
