"""Every fault of the services through a refresh: what the user sees and what is kept.

The rows of the table in docs/refresh.md are these cases, by name.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bolton_jsna.building.refresh import refresh
from bolton_jsna.ingest import store
from bolton_jsna.services.outages import Outages
from stored import changed_files

IOD = "idaci@2025"
WARDS = "ward_boundaries@2025"
LOOKUP = "lookup@lsoa21-ward25"
LSOAS = "population_estimates@latest/lsoas"
CIN = "children_in_need@latest/referrals"
SNPP = "population_projections@2022"
MEDIA = "/govuk_assets/media/"
QUERY = "/FeatureServer/0/query"
EES = "/(ees_site|ees_content)/"
ARCGIS_ERROR = (
    b'{"error":{"code":400,"message":"Cannot perform query. Invalid query parameters.",'
    b'"details":["Unable to perform query. Please check your parameters."]}}'
)


@dataclass(frozen=True)
class Case:
    """A fault, where it strikes, and what a refresh then says."""

    name: str
    only: str
    faults: tuple[tuple[str, str, dict], ...]
    verdict: str
    says: str
    held: bool = True
    revised: bool = True
    exit_code: int = 3
    world: dict = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.name}-{self.only}"


def bad(case, only, kind, match, says, /, **more) -> Case:
    """A fault that lasts: the good copy stays."""
    about = {key: more.pop(key) for key in ("held", "revised", "world") if key in more}
    return Case(case, only, ((kind, match, more),), "stale", says, exit_code=3, **about)


def overcome(  # noqa: PLR0917
    case, only, kind, match, says="figures? revised", verdict="updated", /, **more
) -> Case:
    """A fault that passes, or that is no hindrance: the new copy is in place."""
    about = {key: more.pop(key) for key in ("held", "revised", "world") if key in more}
    return Case(case, only, ((kind, match, more),), verdict, says, exit_code=0, **about)


CASES = [
    overcome("too-many-requests", IOD, "too_many", MEDIA, times=2, after=3),
    overcome(
        "too-many-requests", LSOAS, "too_many", r"data\.csv", "rows", held=False, times=1, after=1
    ),
    bad("too-many-requests-for-long", IOD, "too_many", MEDIA, "answered 429", after=1),
    bad("too-many-requests-for-long", CIN, "too_many", EES, "asks for a pause of", after=3600),
    *[
        case
        for code in (500, 502, 503)
        for case in (
            overcome("server-error-that-passes", CIN, "status", EES, times=2, code=code),
            bad("server-error", WARDS, "status", "/arcgis/", f"answered {code}", code=code),
        )
    ],
    bad("not-found", CIN, "status", "/ees_content/pub", "there is no publication", code=404),
    bad("timeout", IOD, "timeout", MEDIA, r"did not answer within 0.\d seconds", seconds=3),
    overcome(
        "timeout-that-passes", LOOKUP, "timeout", QUERY, "rows", held=False, times=1, seconds=3
    ),
    overcome("cut-that-passes", IOD, "cut", MEDIA, times=2),
    overcome("cut-that-passes", WARDS, "cut", QUERY, "20 rows", held=False, times=1),
    bad("cut", CIN, "cut", EES, "ended its answer too early"),
    bad("cut", LSOAS, "cut", r"data\.csv", "ended its answer too early"),
    bad("dropped", IOD, "drop", "/govuk", "ended its answer too early"),
    overcome("truncated-gzip-that-passes", CIN, "truncated_gzip", EES, times=1),
    bad("truncated-gzip", IOD, "truncated_gzip", MEDIA, "gzip body ends before its end"),
    overcome("wrong-type", IOD, "wrong_type", MEDIA),
    bad("wrong-bytes", IOD, "replace", MEDIA, "other than text", old=b"LSOA code", new=b"\x00PDF"),
    bad("html-page", IOD, "html", MEDIA, "a web page"),
    bad("html-page", CIN, "html", EES, "(other than JSON|a web page)"),
    bad("html-page", LSOAS, "html", "/nomis/", "(?i)(web page|html|other than JSON)"),
    bad("html-page", WARDS, "html", "/arcgis/", "(?i)(web page|html|other than JSON)"),
    bad("empty-body", LSOAS, "empty", r"data\.csv", "(?i)(empty|no rows)"),
    bad("empty-body", IOD, "empty", MEDIA, "an empty body"),
    bad("nomis-error-under-200", LSOAS, "json_error", r"data\.csv", "Cannot create query"),
    bad(
        "arcgis-error-under-200",
        WARDS,
        "json_error",
        QUERY,
        "Cannot perform query",
        body=ARCGIS_ERROR,
    ),
    overcome("row-cut", LSOAS, "row_cut", r"data\.csv", "3,186 rows", held=False, rows=1000),
    bad("row-cut", LOOKUP, "row_cut", QUERY, "(?i)(count|rows)"),
    bad(
        "row-cut",
        CIN,
        "half",
        "/csv|/files/",
        "1,09. rows, but the service reports 2,184",
    ),
    bad("row-cut", IOD, "half", MEDIA, "it looks incomplete"),
    bad("lost-rows", LSOAS, "lost_rows", r"data\.csv", "(rows|twice)", rows=9),
    Case(
        "duplicate-page",
        LSOAS,
        (("row_cut", r"data\.csv", {"rows": 1000}), ("duplicate_page", r"data\.csv", {})),
        "stale",
        "(?i)(twice|rows|again)",
        exit_code=3,
    ),
    bad(
        "duplicate-page",
        LOOKUP,
        "duplicate_page",
        QUERY,
        "(?i)(twice|rows|again)",
        world={"arcgis_page": 50},
    ),
    Case(
        "missing-page",
        LSOAS,
        (("row_cut", r"data\.csv", {"rows": 1000}), ("missing_page", r"data\.csv", {})),
        "stale",
        "(?i)(rows|page|empty)",
        exit_code=3,
    ),
    bad(
        "missing-page",
        LOOKUP,
        "missing_page",
        QUERY,
        "(?i)rows|count",
        world={"arcgis_page": 50},
    ),
    overcome("redirect", IOD, "redirect", f"{MEDIA}.*2025", times=1, to="/govuk_assets/moved.csv"),
    bad("redirect-loop", IOD, "redirect_loop", "/govuk", "redirects in a circle"),
    bad("redirect-away", IOD, "redirect", MEDIA, "not its own", to="https://evil.example/f.csv"),
    bad(
        "renamed-column",
        CIN,
        "renamed_column",
        EES,
        "(?i)no column 'new_la_code'",
        old=b"new_la_code",
        new=b"la_gss",
    ),
    bad(
        "renamed-column",
        IOD,
        "renamed_column",
        MEDIA,
        "no column",
        old=b"(IDACI) Score (rate)",
        new=b"(IDACI) Value",
    ),
    overcome("byte-order-mark", CIN, "bom", EES),
    overcome(
        "changed-etag-same-bytes",
        IOD,
        "changed_etag_same_bytes",
        MEDIA,
        "the same bytes",
        "unchanged",
        revised=False,
    ),
    overcome(
        "same-etag-changed-bytes",
        IOD,
        "same_etag_changed_bytes",
        MEDIA,
        "new bytes, the same figures",
        revised=False,
        old=b",20.5,",
        new=b",20.6,",
    ),
    bad("oversized", IOD, "oversized", MEDIA, "declares 10,737,418,240 bytes, more than"),
    bad("endless", IOD, "oversized", MEDIA, "sent more than", endless=True),
    bad("moved-media", IOD, "moved_media", MEDIA, "answered 404"),
    bad("moved-media", IOD, "moved_media", MEDIA, "a web page", html=True),
    overcome("path-in-file-name", IOD, "evil_name", "indices", name="../../../evil.csv"),
    bad(
        "script-in-area-name",
        WARDS,
        "script_name",
        QUERY,
        "a tag of a web page",
        name="<script>alert(1)</script>",
    ),
    *[
        Case(
            name, SNPP, (("status", "/nomis/", {}), (kind, "/ons/", {})), "stale", says, held=False
        )
        for name, kind, says in (
            ("zip-entry-outside", "evil_zip", "not a safe file name"),
            ("zip-bomb", "zip_bomb", "unpacks to"),
        )
    ],
]
REVISED = {IOD: "idaci", WARDS: "ward_boundaries", LOOKUP: "lookup", CIN: "children_in_need"}
REVISED |= {LSOAS: "population_estimates", SNPP: "population_projections"}


def bytes_of(workspace: Path) -> dict[str, bytes]:
    raw = workspace / store.RAW
    return {
        path.relative_to(raw).as_posix(): path.read_bytes()
        for path in sorted(raw.rglob("*"))
        if path.is_file() and path.suffix in {".csv", ".geojson", ".zip"}
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_is_reported_and_the_last_good_copy_kept(live, session, tmp_path, case):
    if case.held:
        first = refresh(workspace=tmp_path, only=case.only, session=session)
        assert [each.verdict for each in first.outcomes] == ["updated"]
    before = bytes_of(tmp_path)
    live.world.options.update(case.world)
    if case.revised:
        live.world.revise(REVISED[case.only])
    if "moved.csv" in str(case.faults):
        # The address that the page names leads on to where the file now is.
        path = next(each.path for each in live.requests if each.path.startswith(MEDIA))
        live.route("/govuk_assets/moved.csv", lambda request: _file_7(live))
        assert path
    for kind, match, options in case.faults:
        live.fault(kind, match=match, **options)
    session.max_bytes = 64 * 2**20
    patient = session.timeout
    if case.name.startswith("timeout"):
        session.timeout = (1, 0.9)

    record = refresh(workspace=tmp_path, only=case.only, session=session, fresh_hours=0)

    (found,) = record.outcomes
    assert record.exit_code == case.exit_code
    assert found.verdict == case.verdict, found.reason
    assert re.search(case.says, " ".join([found.reason, *found.notes])), found.reason
    assert changed_files(tmp_path) == ()
    after = bytes_of(tmp_path)
    # For any name in the answer, the file is in the folder of its edition.
    edition = store.RAW / case.only.partition("/")[0].replace("@", "/")
    assert {each.parent for each in tmp_path.rglob("evil*")} <= {tmp_path / edition}
    assert not list((tmp_path / store.RAW).glob(".incoming"))
    if case.verdict != "updated":
        assert after == before
    else:
        assert after != before
        # The copy before is out of sight, not gone.
        assert set(before.values()) <= set(after.values())
    if case.verdict == "stale":
        assert found.kept.startswith("the copy of" if case.held else "the snapshot's")
    live.faults.clear()
    session.outages = Outages()
    session.timeout = patient
    if case.held:
        again = refresh(workspace=tmp_path, only=case.only, session=session, fresh_hours=0)
        assert again.exit_code == 0, again.outcomes


def _file_7(live):
    from standin import Answer
    from standin.govuk import file_7

    return Answer(200, {"Content-Type": "text/csv"}, file_7(live.world, 2025))


def test_an_unchanged_answer_to_changed_bytes_is_overcome_by_force(live, session, tmp_path):
    """A 304 is believed, so bytes that change behind the same ETag are seen with --force only."""
    from standin import Answer
    from standin.govuk import MEDIA as IDS
    from standin.govuk import NAMES, file_7

    body = [file_7(live.world, 2025)]
    path = f"/govuk_assets/media/{IDS[2025]}/{NAMES[2025]}"
    live.route(
        re.escape(path), lambda _: Answer(200, {"Content-Type": "text/csv", "ETag": '"1"'}, body[0])
    )
    refresh(workspace=tmp_path, only=IOD, session=session)
    body[0] = body[0].replace(b",20.5,", b",20.6,")
    (seen,) = refresh(workspace=tmp_path, only=IOD, session=session, fresh_hours=0).outcomes
    assert seen.verdict == "unchanged"
    (forced,) = refresh(workspace=tmp_path, only=IOD, session=session, force=True).outcomes
    assert forced.verdict == "updated"


def test_a_moved_file_is_found_by_its_page_and_a_lost_page_by_the_pinned_address(
    live, session, tmp_path
):
    refresh(workspace=tmp_path, only=IOD, session=session)
    live.world.revise("idaci")  # issued again under another media id
    (moved,) = refresh(workspace=tmp_path, only=IOD, session=session, fresh_hours=0).outcomes
    assert moved.verdict == "updated"
    live.fault("status", match="/govuk/api/content", code=404)
    other = tmp_path / "other"
    other.mkdir()
    live.world.revisions.clear()
    (pinned,) = refresh(workspace=other, only=IOD, session=session).outcomes
    assert pinned.verdict == "updated"
    assert "from the pinned address" in " ".join(pinned.notes)


@pytest.mark.parametrize("case", ["docs", "tests"])
def test_every_row_of_the_table_in_the_docs_is_a_test_and_the_other_way_round(root, case):
    page = (root / "docs" / "refresh.md").read_text(encoding="utf-8")
    table = page.partition("## When something goes wrong")[2].partition("\n## ")[0]
    rows = set(re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE))
    names = {each.name for each in CASES}
    assert (rows - names if case == "docs" else names - rows) == set()
