"""Make every table and map of a chapter from what there is, and leave a record."""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.core.areas import DEFAULT_AREA, Area
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, choice
from bolton_jsna.core.export import mark_tables
from bolton_jsna.core.isolation import own_settings
from bolton_jsna.core.permissions import shared_warning
from bolton_jsna.core.years import day_of
from bolton_jsna.disclosure.earlier_tables import CROSSING_OPTIONS, IfCrossed
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule, rule_of
from bolton_jsna.ingest.store import workspace_folder

if TYPE_CHECKING:
    from bolton_jsna.building._acceptance import Acceptance
    from bolton_jsna.tables.local.layouts import Columns

_log = logging.getLogger(__name__)


def build(
    area: str | int | Area | None = None,
    *,
    workspace: str | Path = ".",
    local_records: str | Path | None = None,
    kind: str | None = None,
    columns: Columns | None = None,
    year: int | None = None,
    records_to: dt.date | str | None = None,
    idaci_edition: int = 2025,
    rule: str | SuppressionRule = LOCAL,
    wards_only: bool = False,
    unprotected: str = "",
    accept: str | Acceptance = "",
    if_told: IfCrossed = "hold",
) -> RunRecord:
    """Make the tables and maps of an authority's chapter.

    Everything is read, checked, made and written to a staging folder first and moved into place
    at the end: when something is missing or wrong, the outputs of the last good build stay.

    Parameters
    ----------
    area : place, default "Bolton"
        An upper-tier authority by name, code or DfE number. If none is named and the last build in
        the workspace was of another authority than Bolton, a warning is logged.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is read and whose ``data/processed/`` and ``maps/`` are
        written.
    local_records : str or Path, optional
        The authority's own extract of referrals and plans, or its counts by ward or LSOA. Without
        it Bolton's ward figures are illustrative, and another authority has none.
    kind : {"referrals", "plans"}, optional
        What the rows are, where the file does not say.
    columns : mapping, str or Path, optional
        What the columns are called, as :func:`~bolton_jsna.loaders.load_local_records` takes it.
    year : int, optional
        Year ending 31 March of the local figures; the last that the records cover by default.
        Ward rates are per child at the mid-year before, as the authority's own rate is.
    records_to : date or str, optional
        The day up to which the records are whole (ISO, such as 2025-03-31), where the last event
        in them lies more than a month before the end of the year.
    idaci_edition : int, default 2025
        Year of the Indices of Deprivation.
    rule : str or SuppressionRule, default LOCAL
        How small local counts are hidden: a rule, or the name of one ("local", "dfe", "nhs",
        "round-to-5").
    wards_only : bool, default False
        Count local events by ward only, not by age, sex, category and so on.
    unprotected : str, optional
        Why small local counts are to be left open and for whom. Everything then goes to
        ``not_for_publication/`` in the workspace and says so on its face; only its owner can
        read it, and it does not count as published.
    accept : str or Acceptance, optional
        Why the local file is right although its totals are more than 5 per cent away from DfE's,
        or many of its rows are rejected. The reason stands on the summary, on each map and on the
        page to sign.
    if_told : {"hold", "hide", "stop"}, default "hold"
        What happens where a local count has become small since an earlier build wrote it, or is no
        longer small: both together would tell it. All counts of that event and year keep the
        earlier figures, marked with their date; they are hidden; or the build stops. All else is
        built.

    Returns
    -------
    RunRecord
        What was used, checked and made; also written as ``data/processed/run.json``. What an
        intruder could work out of the local figures, for the person who signs them off, is
        ``data/processed/sign_off.txt`` and ``.json``.

    Raises
    ------
    UsageError
        When the area, the workspace or the rule cannot be meant, or earlier builds of the workspace
        hid by another rule.
    MissingDataError
        With everything that is missing and how to get it.
    BoltonJsnaError
        When a file cannot be read, a check fails, or hidden counts could be worked out from what
        would be written and what earlier builds of the workspace wrote.

    Examples
    --------
    >>> import tempfile
    >>> record = build("Bolton", workspace=tempfile.mkdtemp())
    >>> record.figures["rates"][0]["rate"], "maps/ward_idaci.html" in record.outputs
    (503.0, True)
    """
    from bolton_jsna.building import _acceptance, last_area, lock

    choice("if_told", if_told, CROSSING_OPTIONS)
    chosen, accepted, until = rule_of(rule), _acceptance.given(accept), day_of(records_to)
    folder = workspace_folder(workspace)
    shared = shared_warning(folder)
    if shared:
        _log.warning("%s", shared)
    if area is None:
        area = area_of(DEFAULT_AREA)
        last_area.warn_of_another(folder, area)
    # What earlier builds told is read, and what this one tells is written, by one at a time.
    with lock.alone(folder), own_settings():
        record = _build(
            area,
            folder,
            local_records=local_records,
            kind=kind,
            columns=columns,
            year=year,
            records_to=until,
            idaci_edition=idaci_edition,
            chosen=chosen,
            wards_only=wards_only,
            reason=unprotected.strip(),
            accept=accepted,
            if_told=if_told,
        )
        if not record.unprotected:
            _acceptance.forget_before(folder)
    return record


def _build(
    area: str | int | Area,
    folder: Path,
    *,
    local_records: str | Path | None,
    kind: str | None,
    columns: Columns | None,
    year: int | None,
    records_to: dt.date | None,
    idaci_edition: int,
    chosen: SuppressionRule,
    wards_only: bool,
    reason: str,
    accept: Acceptance,
    if_told: IfCrossed,
) -> RunRecord:
    from bolton_jsna.building import (
        _acceptance,
        _checks,
        _disclosure_check,
        _maps,
        _outputs,
        _protected_counts,
        _reader_notes,
        _rebuild_settings,
        _rejects,
        _release_history,
        _sources_used,
        _tables,
        _ward_changes,
        fingerprints,
        inputs,
        partial_files,
        paths,
        summary,
    )
    from bolton_jsna.loaders import source_table

    own = {"local_records": _place(local_records, folder), "columns": _place(columns, folder)}
    gather = functools.partial(
        inputs.gather,
        area,
        workspace=folder,
        local_records=local_records,
        kind=kind,
        columns=columns,
        year=year,
        records_to=records_to,
        idaci_edition=idaci_edition,
    )
    made_from, read = fingerprints.read_with(gather, folder, own)
    place = made_from.place
    # What is made up tells of nobody, and nothing true stands beside it.
    every = _release_history.earlier_releases(folder) if made_from.has_own_file else []
    if not reason:
        _release_history.refuse_another_rule(every, chosen)
    earlier = [each for each in every if each.area_code == place.code]
    local = _protected_counts.local_counts(
        made_from,
        year=year,
        rule=None if reason else chosen,
        told=_ward_changes.told_by(earlier, made_from),
        wards_only=wards_only,
        reason=reason,
        accept=accept,
        if_told=if_told,
    )
    _rejects.check_reason("" if local is None else local.accepted, made_from, own)
    compared = _tables.comparisons(made_from)
    local, made, signed, released = _disclosure_check.signed_off(
        local,
        lambda local: _tables.make_tables(made_from, local, compared),
        made_from=made_from,
        earlier=earlier,
        may_hide=if_told != "stop",
    )
    passed = _checks.run_checks(made_from, made, local)
    if signed is not None:
        passed.append(signed.check())
    ids = _sources_used.used(made_from, made)
    origin = source_table(ids, own_records=local_records, workspace=folder, area=place.code)
    made["sources"] = origin
    said = _reader_notes.notes(made_from, local, made)
    said += [f"Not the whole of England: {each}." for each in partial_files.cuts(folder)]
    if made_from.wards is None:
        _log.warning("%s", _reader_notes.about_shapes(made_from)[0])
    # Figures of one source may come from two publishers, and both are named.
    lines = origin.groupby("source", sort=False)["attribution"]
    attributions = {name: tuple(dict.fromkeys(each)) for name, each in lines}
    frame, drawn = _maps.pictures(
        made_from,
        made["ward_profile"],
        local,
        attributions=attributions,
        notes=tuple(_reader_notes.map_notes(made_from, local)),
    )
    goal = folder / paths.PRIVATE if reason else folder
    options = {
        **own,
        "kind": kind,
        "year": year,
        "records_to": None if records_to is None else records_to.isoformat(),
        "idaci_edition": idaci_edition,
        "rule": asdict(chosen),
        "wards_only": wards_only,
        "if_told": if_told,
    }
    own_file = any(each is not None for each in own.values())
    with _outputs.staging(folder) as staged:
        _outputs.write_tables(mark_tables(made) if reason else made, staged / paths.PROCESSED)
        if signed is not None:
            _outputs.write_sign_off(signed.to_text(), signed.to_json(), staged)
        known = {each.mark for each in earlier}
        if released is not None and released.mark not in known and made_from.has_own_file:
            _release_history.write(released, staged)
        _maps.draw(frame, made_from, local, drawn, staged / paths.MAPS)
        record = RunRecord(
            area=place.name,
            area_code=place.code,
            workspace=str(goal.resolve()),
            finished=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            illustrative=made_from.illustrative,
            figures=summary.figures(made_from, made, compared, local),
            sources=json.loads(origin.to_json(orient="records")),
            checks=passed,
            notes=said,
            outputs=_outputs.outputs_of(staged),
            options=_rebuild_settings.public(options) if own_file else options,
            inputs=_rebuild_settings.public(read),
            own_file=own_file,
            unprotected=reason,
            accepted=local.accepted if local is not None else "",
            asides=_rejects.exactly(made_from),
        )
        if own_file and not reason:
            doubted = _acceptance.facts(local_records, area=place.code, local=local)
            _rebuild_settings.write(record, staged, options=options, inputs=read, accepted=doubted)
        (staged / paths.RECORD).write_text(record.to_json(), encoding="utf-8")
        if reason:
            _outputs.make_private(staged, goal)
        _outputs.put_in_place(staged, goal)
    _log.info("built %s: %d files", record.area, len(record.outputs))
    return record


def rebuild(workspace: str | Path = ".") -> RunRecord | None:
    """Build again what was built last, or nothing where nothing was."""
    # What a rebuild needs stands in files of the workspace that anyone may have changed: the run
    # record, and beside it the owner's file that names the authority's own. So a file that they
    # name is read only if it is a regular file of the user who wrote them, messages quote nothing
    # of it, and only a rule with a name is built with. No other build comes between the reading of
    # these files and the end of the rebuild.
    from bolton_jsna.building import lock

    folder = workspace_folder(workspace)
    with lock.alone(folder):  # which first completes a build that was killed
        return _rebuild(folder)


def _rebuild(folder: Path) -> RunRecord | None:
    from bolton_jsna.building import _acceptance, _last_release, paths

    last = _last_release.last_build(folder)
    if last is None:
        return None
    gone = _last_release.gone(last)
    if gone:
        raise SourceError(gone)
    before = _acceptance.kept_before(folder) if last.place == paths.RECORD else last.accepted
    try:
        return build(
            last.area_code,
            workspace=folder,
            local_records=last.local_records,
            kind=last.kind,
            columns=last.columns,
            year=last.year,
            records_to=last.records_to,
            idaci_edition=last.idaci_edition,
            rule=last.rule,
            wards_only=last.wards_only,
            if_told=last.if_told,
            accept=_acceptance.remembered(before, last.local_records, area=last.area_code),
        )
    except BoltonJsnaError:
        why = _last_release.unreadable(last, folder)
        if not why:
            raise
    # Raised here, apart from the first error, whose words a traceback would show.
    raise SourceError(why)


def _place(given: Columns | None, folder: Path) -> Any:
    """Return where a file lies, seen from the workspace if it lies in it."""
    if given is None or isinstance(given, Mapping):
        return given
    path = Path(given).resolve()
    within = path.is_relative_to(folder.resolve())
    return path.relative_to(folder.resolve()).as_posix() if within else str(path)
