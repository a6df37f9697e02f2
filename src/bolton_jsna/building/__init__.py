"""Make every table and map of a chapter from what there is, and leave a record."""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.catalogue import default_year
from bolton_jsna.core import collecting, timestamps
from bolton_jsna.core.areas import DEFAULT_AREA, Area
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, choice
from bolton_jsna.core.export import mark_tables
from bolton_jsna.core.isolation import own_settings
from bolton_jsna.core.permissions import shared_warning
from bolton_jsna.core.years import day_of
from bolton_jsna.disclosure.earlier_tables import CROSSING_OPTIONS, IfCrossed
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule, rule_of
from bolton_jsna.ingest.store import workspace_folder
from bolton_jsna.tables.local.layouts import Columns

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._acceptance import Acceptance
    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.building._protected_counts import ProtectedCounts
    from bolton_jsna.building._release_history import Release
    from bolton_jsna.building.inputs import Ingredients
    from bolton_jsna.building.published import SharedInputs

_log = logging.getLogger(__name__)


@checked
def build(
    area: str | int | Area | None = None,
    *,
    workspace: str | Path = ".",
    local_records: str | Path | None = None,
    kind: str | None = None,
    columns: Columns | None = None,
    year: int | None = None,
    to_year: int | None = None,
    records_to: dt.date | str | None = None,
    idaci_edition: int = default_year("idaci"),
    rule: str | SuppressionRule = LOCAL,
    wards_only: bool = False,
    maps: bool = True,
    charts: bool = False,
    chapter: str | Iterable[str] = (),
    draft: bool = False,
    unprotected: str = "",
    accept: str | Acceptance = "",
    if_told: IfCrossed = "hold",
    profile: bool = False,
) -> RunRecord:
    """Make the tables and maps of an authority's chapter.

    Everything is read, checked and written to a staging folder first, and moved into place at the
    end. If something is missing or wrong, the outputs of the last good build stay.

    Parameters
    ----------
    area : place, default "Bolton"
        An upper-tier authority by name, code or DfE number. If you name none and the last build in
        the workspace was for another authority than Bolton, a warning is logged.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is read and whose ``data/processed/`` and ``maps/`` are
        written.
    local_records : str or Path, optional
        The authority's own extract of referrals and plans, or its counts by ward, LSOA, age band or
        category. Without it the ward figures of Bolton are illustrative, and other authorities have
        no ward figures.
    kind : {"referrals", "plans"}, optional
        What the rows are, if the file does not name it.
    columns : mapping, str or Path, optional
        The names of the columns; see :func:`~bolton_jsna.loaders.load_local_records`.
    year : int, optional
        Year ending 31 March of the local figures; the last that the records cover by default.
        Ward rates are per child at the mid-year before, as the authority's own rate is.
    to_year : int, optional
        Last year ending 31 March of the published figures, and of the local ones. Later figures are
        left out, and so are population projections that begin after it: what the chapter of an
        earlier year says. All years by default.
    records_to : date or str, optional
        The date up to which the records are complete (ISO, such as 2025-03-31), if the last event
        in them is more than a month before the end of the year.
    idaci_edition : int, default 2025
        Year of the Indices of Deprivation.
    rule : str or SuppressionRule, default LOCAL
        How small local counts are hidden: a rule, or the name of one ("local", "dfe", "nhs",
        "round-to-5").
    wards_only : bool, default False
        Count local events by ward only, not by age, sex, category and so on.
    maps : bool, default True
        Draw maps, into ``maps/``; without them a build is faster.
    charts : bool, default False
        Draw charts as well, into ``charts/``: trends, neighbours, projections, the profile and the
        local figures, each as PNG, SVG, HTML and CSV, with ``captions.md``.
    chapter : str or iterable of str, optional
        Formats in which the chapter is written as well, into ``chapter/``; see
        :func:`~bolton_jsna.building.chapter.write_chapter`.
    draft : bool, default False
        Mark the chapter as a draft and show the row behind each figure.
    unprotected : str, optional
        The reason why small local counts are not hidden, and for whom. Everything then goes to
        ``not_for_publication/`` in the workspace and is marked as not for publication; only its
        owner can read it, and it does not count as published.
    accept : str or Acceptance, optional
        The reason why the local file is right although its totals are more than 5 per cent away
        from DfE's, or many of its rows are rejected. The reason is printed on the summary, on each
        map and on the page to sign.
    if_told : {"hold", "hide", "stop"}, default "hold"
        What to do if a local count has become small since an earlier build wrote it, or is no
        longer small, because both figures together would reveal it: "hold" keeps the earlier
        figures of all counts of that event and year, marked with their date; "hide" hides these
        counts; "stop" stops the build. All other figures are built.
    profile : bool, default False
        Note the seconds and the memory of each stage in the record.

    Returns
    -------
    RunRecord
        What was used, checked and made; also written as ``data/processed/run.json``. The page
        ``data/processed/sign_off.txt``, and ``.json``, list what an intruder could work out from
        the local figures, for the person who signs them off.

    Raises
    ------
    UsageError
        If the area, the workspace or the rule is not valid, or earlier builds of the workspace used
        another rule.
    MissingDataError
        If data are missing; the message lists all of it and how to get it.
    BoltonJsnaError
        If a file cannot be read, a check fails, or hidden counts could be worked out from what this
        build and earlier builds of the workspace would publish.

    Examples
    --------
    >>> import tempfile
    >>> record = build("Bolton", workspace=tempfile.mkdtemp())
    >>> record.figures["rates"][0]["rate"], "maps/ward_idaci.html" in record.outputs
    (503.0, True)
    """
    from bolton_jsna.building import _acceptance, _chapter, last_area, lock
    from bolton_jsna.building._options import BuildOptions

    choice("if_told", if_told, CROSSING_OPTIONS)
    options = BuildOptions(
        workspace=workspace_folder(workspace),
        local_records=local_records,
        kind=kind,
        columns=columns,
        year=year,
        to_year=to_year,
        records_to=day_of(records_to),
        idaci_edition=idaci_edition,
        rule=rule_of(rule),
        wards_only=wards_only,
        maps=maps,
        charts=charts,
        chapter=_chapter.formats_of(chapter),
        draft=draft,
        unprotected=unprotected.strip(),
        accept=_acceptance.given(accept),
        if_told=if_told,
        profile=profile,
    )
    open_to_others = shared_warning(options.folder)
    if open_to_others:
        _log.warning("%s", open_to_others)
    if area is None:
        area = area_of(DEFAULT_AREA)
        last_area.warn_of_another(options.folder, area)
    with lock.alone(options.folder):
        record = build_one(area, options)
        if not record.unprotected:
            _acceptance.forget_before(options.folder)
    return record


def build_one(
    area: str | int | Area, options: BuildOptions, shared: SharedInputs | None = None
) -> RunRecord:
    """Build an authority, from inputs of many authorities if they are read."""
    from bolton_jsna.building import lock

    # Each build reads what the one before published, so only one is at work at a time.
    with lock.alone(options.goal), own_settings(), collecting.paused():
        return _build(area, options, shared)


def _build(area: str | int | Area, options: BuildOptions, shared: SharedInputs | None) -> RunRecord:
    from bolton_jsna.building import (
        _acceptance,
        _chapter,
        _chapter_files,
        _checks,
        _disclosure_check,
        _maps,
        _outputs,
        _pictures,
        _projected_demand,
        _protected_counts,
        _reader_notes,
        _rebuild_settings,
        _rejects,
        _release_history,
        _sources_used,
        _stages,
        _tables,
        _ward_changes,
        paths,
        summary,
    )
    from bolton_jsna.loaders import source_table

    folder, own, reason = options.folder, options.own_files, options.unprotected
    stages = _stages.begun(options, "reading")
    own_parts = _chapter.own_parts(options)
    made_from, read = _gathered(area, options, shared)
    made_from.log_warnings()
    place = made_from.place
    # Illustrative records are of no real child, so earlier builds of them need no protection.
    earlier = _earlier(made_from, options)
    before = _ward_changes.earlier_counts(
        earlier, made_from.lookup, by_lsoa=made_from.local.by_lsoa
    )
    stages.begin("local counts")
    local = _protected_counts.local_counts(made_from, options, before)
    _rejects.check_reason(local.accepted, made_from, own)
    stages.begin("comparisons")
    compared = _tables.comparisons(made_from)
    stages.begin("disclosure control")
    local, made, signed, released = _disclosure_check.signed_off(
        local,
        lambda local: _tables.make_tables(made_from, local, compared),
        made_from=made_from,
        earlier=earlier,
        may_hide=options.if_told != "stop",
    )
    stages.begin("profile and projections")
    made |= {
        "profile": _tables.profile_of(made_from),
        "projected_demand": _projected_demand.projected_demand(made_from, folder),
    }
    passed = _checks.run_checks(made_from, made, local)
    if signed is not None:
        passed.append(signed.check())
    made |= _chapter.more_tables(made_from, made, local, options)
    origin = source_table(
        _sources_used.used(made_from, made),
        own_records=options.local_records,
        workspace=folder,
        area=place.code,
    )
    made["sources"] = origin
    notes = _noted(made_from, local, made, folder)
    # Figures of one source may come from two publishers, and both are named.
    lines = origin.groupby("source", sort=False)["attribution"]
    maps = _maps.planned_maps(
        made_from if options.maps else replace(made_from, wards=None),
        made["ward_profile"],
        local,
        attributions={name: tuple(dict.fromkeys(each)) for name, each in lines},
        notes={each: _reader_notes.map_notes(made_from, local, each) for each in local.events},
        printed={each: _reader_notes.map_note(made_from, local, each) for each in local.events},
    )
    goal = options.goal / paths.PRIVATE if reason else options.goal
    recorded, own_file = options.recorded(), any(each is not None for each in own.values())
    with _outputs.staging(options.goal) as staged:
        stages.begin("writing tables")
        _outputs.write_tables(mark_tables(made) if reason else made, staged / paths.PROCESSED)
        if signed is not None:
            _outputs.write_sign_off(signed.to_text(), signed.to_json(), staged)
        known = {each.mark for each in earlier}
        if released is not None and released.mark not in known and made_from.local.from_file:
            _release_history.write(released, staged)
        _write_profile_page(made["profile"], origin, staged, not_for_publication=bool(reason))
        _pictures.draw(
            _pictures.Results(made_from, made, compared, local, notes),
            maps=maps,
            own_parts=own_parts,
            options=options,
            staged=staged,
            stages=stages,
        )
        stages.end()
        record = RunRecord(
            area=place.name,
            area_code=place.code,
            workspace=str(goal.resolve()),
            finished=timestamps.now().isoformat(timespec="seconds"),
            illustrative=made_from.illustrative,
            figures=summary.figures(made_from, made, compared, local),
            sources=json.loads(origin.to_json(orient="records")),
            checks=passed,
            notes=notes,
            outputs=_outputs.outputs_of(staged),
            options=_rebuild_settings.public(recorded) if own_file else recorded,
            inputs=_rebuild_settings.public(read),
            own_file=own_file,
            unprotected=reason,
            accepted=local.accepted,
            kept=_chapter_files.kept_open(goal),
            stages=stages.found,
            asides=_rejects.exact(made_from),
        )
        if own_file and not reason:
            doubted = _acceptance.facts(options.local_records, area=place.code, local=local)
            _rebuild_settings.write(record, staged, options=recorded, inputs=read, accepted=doubted)
        (staged / paths.RECORD).write_text(record.to_json(), encoding="utf-8")
        if reason:
            _outputs.make_private(staged, goal)
        _outputs.put_in_place(staged, goal)
    _log.info("built %s: %d files", record.area, len(record.outputs))
    return record


def _write_profile_page(
    panel: pd.DataFrame, origin: pd.DataFrame, staged: Path, *, not_for_publication: bool
) -> None:
    from bolton_jsna.building import paths
    from bolton_jsna.site.profile_page import built_page

    page = built_page(panel, origin, not_for_publication=not_for_publication)
    (staged / paths.PROFILE_PAGE).write_text(page, encoding="utf-8")


def _noted(
    made_from: Ingredients, local: ProtectedCounts, made: dict[str, pd.DataFrame], folder: Path
) -> list[str]:
    """Return what a reader of the outputs must know; what is only for the log goes there."""
    from bolton_jsna.building import _own_text_doubts, _reader_notes, partial_files

    doubts = _own_text_doubts.doubts_of_reason(local.accepted, made)
    unlike, absent = _reader_notes.about_shapes(made_from), _reader_notes.about_absent(made_from)
    for each in (*doubts, *unlike, *absent):
        _log.warning("%s", each)
    in_part = partial_files.partial_tables(folder)
    notes = _reader_notes.notes(made_from, local, made)
    return notes + [f"Not the whole of England: {each}." for each in in_part]


def _earlier(made_from: Ingredients, options: BuildOptions) -> list[Release]:
    """Return what earlier builds published of the authority's own counts."""
    from bolton_jsna.building import _release_history

    every = _release_history.earlier_releases(options.goal) if made_from.local.from_file else []
    if not options.unprotected:
        _release_history.reject_another_rule(every, options.rule)
    return [each for each in every if each.area_code == made_from.place.code]


def _gathered(
    area: str | int | Area, options: BuildOptions, shared: SharedInputs | None
) -> tuple[Ingredients, dict[str, str]]:
    """Return what a build is made from, and the marks of the files that it was read from."""
    from bolton_jsna.building import fingerprints, inputs

    if shared is not None:
        return inputs.gather(area, options, shared.every_area), dict(shared.marks)
    gather = functools.partial(inputs.gather, area, options)
    return fingerprints.read_with(gather, options.folder, options.own_files)


def rebuild(workspace: str | Path = ".") -> RunRecord | None:
    """Repeat the last build of a workspace; return None if there was none."""
    # The options of the last build are in files of the workspace that anyone may have changed. So
    # a file that they name is read only if it is a regular file of the user who wrote them,
    # messages quote nothing of it, and only a rule with a name is used. No other build comes
    # between the reading of these files and the end of the rebuild.
    from bolton_jsna.building import _last_build, lock

    folder = workspace_folder(workspace)
    with lock.alone(folder):  # this first completes a build that was killed
        last = _last_build.last_build(folder)
        if last is None:
            return None
        _last_build.check_files(last)
        try:
            return build(last.area_code, **_last_build.accepted_again(last, folder).asked())
        except BoltonJsnaError:
            why = _last_build.unreadable(last)
            if not why:
                raise
        # Raised outside the handler: a traceback would show the words of the first error.
        raise SourceError(why)
