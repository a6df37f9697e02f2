"""The client of GOV.UK finds files by name, follows moved pages, and rejects what is not a file."""

import json
import re
import time
from dataclasses import replace

import pytest

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import StoredCopy, Wanted, govuk
from bolton_jsna.tables import idaci, neighbours
from standin import Answer
from standin import govuk as pages

PAGE = "government/statistics/english-indices-of-deprivation-2025"
PINNED = f"{pages.ASSETS}/media/{pages.MEDIA[2025]}/{pages.NAMES[2025]}"
ASK = {"page": PAGE, "file": "^File[_ ]7", "pinned": [PINNED]}
IOD = Wanted("idaci", "2025", "govuk", ASK)
TOOL = {"page": pages.LAIT, "ending": "xlsx"}
NEIGHBOURS = Wanted("statistical_neighbours", "2021", "govuk", {**TOOL, "file": "benchmarking"})


@pytest.mark.parametrize("edition", [2015, 2019, 2025])
def test_the_indices_are_read_as_they_are_left(publisher, session, tmp_path, edition):
    ask = {"page": pages.IOD.format(edition), "file": "^File[_ ]7"}
    fetched = govuk.fetch(replace(IOD, edition=str(edition), ask=ask), session, tmp_path)
    table = idaci.read(fetched.path)
    assert fetched.name == pages.NAMES[edition]
    assert set(table["edition"]) == {edition}
    assert len(table) == len(publisher.world.lsoas)
    # IoD 2025: Bolton 005A has rank 8,162 and, printed, decile 3.
    if edition == 2025:
        row = table.set_index("lsoa_code").loc["E01004766"]
        assert (row["idaci_rank"], row["idaci_decile"], row["children_0_15"]) == (8162, 3, 294)


@pytest.mark.parametrize(("model", "pattern"), [("2021", "benchmarking"), ("2025", "LAIT")])
def test_the_neighbours_are_read_as_they_are_left(publisher, session, tmp_path, model, pattern):
    wanted = replace(NEIGHBOURS, ask={**TOOL, "file": pattern})
    table = neighbours.read(govuk.fetch(wanted, session, tmp_path).path)
    assert set(table["model"]) == {model}
    # DfE: the first neighbour of Bolton is Kirklees in the model of 2021, Rochdale in that of 2025.
    first = table[(table["area_name"] == "Bolton") & (table["rank"] == 1)]["neighbour_name"]
    assert first.tolist() == [{"2021": "Kirklees", "2025": "Rochdale"}[model]]


def test_an_unchanged_file_is_not_transferred(publisher, session, tmp_path):
    first = govuk.fetch(IOD, session, tmp_path)
    known = StoredCopy(first.address, first.etag, first.last_modified)
    again = govuk.fetch(IOD, session, tmp_path, known)
    assert again.path is None
    assert (again.etag, again.address) == (first.etag, first.address)
    assert publisher.requests[-1].status == 304


def test_a_reissue_has_another_address_and_is_fetched(publisher, session, tmp_path):
    first = govuk.fetch(IOD, session, tmp_path)
    publisher.world.revise("idaci")
    again = govuk.fetch(IOD, session, tmp_path, StoredCopy(first.address, first.etag))
    assert again.path is not None
    assert again.address != first.address
    assert not again.notes


def test_links_in_the_text_serve_where_no_attachments_are_listed(publisher, session, tmp_path):
    publisher.world.options["govuk_bare"] = True
    fetched = govuk.fetch(replace(IOD, ask={**ASK, "pinned": []}), session, tmp_path)
    assert len(idaci.read(fetched.path)) == len(publisher.world.lsoas)


def test_of_two_issues_the_higher_version_is_taken(publisher, session, tmp_path):
    publisher.world.options["govuk_reissue"] = True
    assert govuk.fetch(IOD, session, tmp_path).name.endswith("_v2.csv")


def test_a_collection_leads_to_its_pages(publisher, session, tmp_path):
    ask = {"page": pages.COLLECTION, "document": "2019", "file": "^File[_ ]7"}
    fetched = govuk.fetch(replace(IOD, ask=ask), session, tmp_path)
    assert fetched.name == pages.NAMES[2019]


def test_moved_pages_are_followed(publisher, session, tmp_path):
    publisher.world.options["govuk_redirects"] = {"government/old": f"/{PAGE}?utm=1#documents"}
    publisher.world.options["govuk_303"] = {"government/older": "government/old"}
    ask = {"page": "government/older", "file": "^File[_ ]7"}
    assert govuk.fetch(replace(IOD, ask=ask), session, tmp_path).path.is_file()


@pytest.mark.parametrize(
    ("redirects", "said"),
    [
        ({"a": "/b", "b": "/a"}, r"redirects in a circle: a -> b -> a"),
        ({"a": "https://example.org/a"}, "outside GOV.UK"),
    ],
)
def test_redirects_to_wrong_places_are_rejected(publisher, session, tmp_path, redirects, said):
    publisher.world.options["govuk_redirects"] = redirects
    with pytest.raises(SourceError, match=said):
        govuk.fetch(replace(IOD, ask={"page": "a", "file": "x"}), session, tmp_path)


def test_a_prefix_rule_moves_the_pages_below(publisher, session):
    rule = {"path": "/old", "type": "prefix", "destination": f"/{PAGE}"}
    item = {"schema_name": "redirect", "redirects": [rule]}
    publisher.route(
        "/govuk/api/content/old/part",
        Answer(200, {"Content-Type": "application/json"}, json.dumps(item).encode()),
    )
    assert govuk.content(session, "old/part")["base_path"] == f"/{PAGE}"


@pytest.mark.parametrize(("gone", "said"), [((), "not there"), (("nowhere",), "withdrawn")])
def test_a_page_that_is_no_more_falls_back_on_the_pin(publisher, session, tmp_path, gone, said):
    publisher.world.options["govuk_gone"] = gone
    fetched = govuk.fetch(replace(IOD, ask={**ASK, "page": "nowhere"}), session, tmp_path)
    assert fetched.path.is_file()
    assert "pinned" in fetched.notes[0]
    assert said in fetched.notes[1]


@pytest.mark.parametrize("fault", ["html", "too_many", "status", "empty"])
def test_a_content_api_in_trouble_falls_back_on_the_pin(publisher, session, tmp_path, fault):
    publisher.fault(fault, match="/govuk/api")
    fetched = govuk.fetch(IOD, session, tmp_path)
    assert "pinned" in fetched.notes[0]


def test_a_busy_service_is_asked_again(publisher, session, tmp_path):
    publisher.fault("too_many", match="/govuk", times=2, after=1)
    assert not govuk.fetch(IOD, session, tmp_path).notes


@pytest.mark.parametrize("options", [{}, {"html": True}])
def test_a_moved_media_id_is_an_error_with_both_answers(publisher, session, tmp_path, options):
    publisher.fault("moved_media", **options)
    said = "a web page" if options else "answered 404"
    with pytest.raises(SourceError, match=rf"(?s)no file for idaci 2025: .*{said}.*{said}"):
        govuk.fetch(IOD, session, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_pin_serves_while_the_page_names_a_lost_file(publisher, session, tmp_path):
    publisher.world.options["govuk_reissue"] = True
    publisher.fault("moved_media", match="_v2")
    assert govuk.fetch(IOD, session, tmp_path).address.endswith(pages.NAMES[2025])


def test_a_web_page_in_place_of_a_csv_is_rejected(publisher, session, tmp_path):
    publisher.fault("html", match="/govuk_assets")
    with pytest.raises(
        SourceError, match=r"a web page: .*\(declared as text/html\).*Expected a CSV file"
    ):
        govuk.fetch(IOD, session, tmp_path)


def test_an_empty_body_is_rejected(publisher, session, tmp_path):
    publisher.fault("empty", match="/govuk_assets")
    with pytest.raises(SourceError, match="an empty body"):
        govuk.fetch(IOD, session, tmp_path)


def test_right_bytes_of_a_wrong_type_are_kept_and_noted(publisher, session, tmp_path):
    publisher.fault("wrong_type", match="/govuk_assets")
    fetched = govuk.fetch(IOD, session, tmp_path)
    assert fetched.notes == ("the service called it application/pdf, but it is CSV",)
    assert len(idaci.read(fetched.path)) == len(publisher.world.lsoas)


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"\x1f\x8b\x08...", b'{"error":1}', b"a\0b"])
def test_other_kinds_in_place_of_a_csv_are_rejected(publisher, session, tmp_path, content):
    publisher.route("/govuk_assets/.*", Answer(200, {"Content-Type": "text/csv"}, content))
    with pytest.raises(SourceError, match="Expected a CSV file"):
        govuk.fetch(IOD, session, tmp_path)


def test_a_csv_in_place_of_a_workbook_is_rejected(publisher, session, tmp_path):
    publisher.route("/govuk_assets/.*", Answer(200, {"Content-Type": "text/csv"}, b"a,b\n1,2\n"))
    with pytest.raises(SourceError, match="something other than xlsx"):
        govuk.fetch(NEIGHBOURS, session, tmp_path)


def test_a_page_without_the_file_says_what_it_offers(publisher, session, tmp_path):
    with pytest.raises(SourceError, match=r"no CSV file like 'File 99'.*offers Infographic\.pdf"):
        govuk.fetch(replace(IOD, ask={"page": PAGE, "file": "File 99"}), session, tmp_path)


def test_a_pattern_that_fits_two_files_is_rejected(publisher, session, tmp_path):
    with pytest.raises(SourceError, match="offers 2 files like"):
        govuk.fetch(replace(NEIGHBOURS, ask={**TOOL, "file": "."}), session, tmp_path)


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x.csv", "..\\..\\x.csv", ".hidden/.x.csv"])
def test_a_path_in_a_file_name_leads_nowhere(publisher, session, tmp_path, name):
    publisher.fault("evil_name", name=name)
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    fetched = govuk.fetch(replace(IOD, ask={**ASK, "file": "^File 7"}), session, folder)
    assert fetched.name == "x.csv"
    assert fetched.path.resolve().parent == folder.resolve()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [fetched.path]


def test_a_file_on_another_host_is_not_fetched(publisher, session, tmp_path):
    link = '<a href="https://example.org/File_7.csv">File 7</a>'
    item = {"schema_name": "publication", "details": {"body": link}}
    body = json.dumps(item).encode()
    publisher.route(f"/govuk/api/content/{PAGE}", Answer(200, {}, body))
    with pytest.raises(SourceError, match=r"example\.org, which is not its own"):
        govuk.fetch(replace(IOD, ask={"page": PAGE, "file": "^File[_ ]7"}), session, tmp_path)


def test_a_preview_becomes_the_file_behind_it():
    new = f'<a href="https://www.gov.uk/csv-preview/{pages.MEDIA[2025]}/File_7.csv">View</a>'
    old = '<a href="/government/uploads/attachment_data/file/1/File_7.csv/preview">View online</a>'
    found = govuk.attachments({"details": {"body": new, "documents": [old]}})
    assert [each.url for each in found] == [
        f"{pages.ASSETS}/media/{pages.MEDIA[2025]}/File_7.csv",
        "/government/uploads/attachment_data/file/1/File_7.csv",
    ]


@pytest.mark.parametrize("ask", [{}, {"file": "x"}, {"page": PAGE}])
def test_a_request_that_is_not_understood_is_the_catalogues(session, tmp_path, ask):
    with pytest.raises(SourceError, match="Correct the catalogue"):
        govuk.fetch(replace(IOD, ask=ask), session, tmp_path)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("recorded", "some"),
    [
        ("content_api_publication_with_attachment.json", r"\.pdf$"),
        ("content_api_statistical_data_set_with_csv.json", r"\.csv$"),
    ],
)
def test_recorded_items_give_their_files(root, recorded, some):
    path = root.parent / "shared" / "recorded" / recorded
    if not path.is_file():
        pytest.skip("no recorded answers")
    found = govuk.attachments(json.loads(path.read_text(encoding="utf-8")))
    assert found
    assert all(each.url and each.filename for each in found)
    assert any(re.search(some, each.filename) for each in found)


@pytest.mark.parametrize("unit", ['<a href="/f.csv">', "<a ", '<a href="'])
def test_a_page_of_tags_that_never_end_takes_no_more_than_its_length(unit):
    """Eight times the page may take eight times as long, not sixty-four times."""

    def took(times: int) -> float:
        began = time.process_time()
        govuk.attachments({"details": {"body": unit * times}})
        return time.process_time() - began

    assert took(40_000) < 24 * max(took(5_000), 0.01)
