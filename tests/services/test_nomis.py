"""The client of Nomis meets every quirk and fault that its contract names."""

import gzip
import json
import logging
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import StoredCopy, Wanted, _nomis_parse, nomis
from bolton_jsna.tables import population
from standin import Answer

PROJECTIONS = Wanted(
    "population_projections",
    "2022",
    "nomis",
    {"table": "NM_2006_1", "areas": ["area"]},
    area("Bolton"),
)
ESTIMATES = Wanted(
    "population_estimates",
    "latest",
    "nomis",
    {"table": "NM_2002_1", "areas": ["area", "region", "england"], "sexes": ["persons"]},
    area("Bolton"),
)
LSOAS = Wanted(
    "population_estimates",
    "latest",
    "nomis",
    {"table": "NM_2014_1", "sexes": ["persons"]},
    area("Bolton"),
)
DATA = r"\.data\.csv"


@pytest.fixture
def server(publisher, monkeypatch):
    monkeypatch.delenv(nomis.KEY, raising=False)
    return publisher


@pytest.fixture
def recorded(reference):
    folder = reference.parent / "recorded"
    if not folder.is_dir():
        pytest.skip(f"no recorded answers at {folder}")
    return folder


def with_ask(wanted, **ask):
    return replace(wanted, ask={**wanted.ask, **ask})


def asked(server, part=".data.csv"):
    return [parse_qs(urlsplit(each.path).query) for each in server.requests if part in each.path]


def test_projections_carry_the_base_year_of_the_code_list(server, session, tmp_path):
    fetched = nomis.fetch(PROJECTIONS, session, tmp_path)
    frame = population.read_projections(fetched.path)
    assert frame["base_year"].unique().tolist() == [2022]
    assert (frame["year"].min(), frame["year"].max()) == (2022, 2047)
    assert fetched.rows == len(frame) == 26 * 18 * 3
    assert fetched.name == "nomis_NM_2006_1_base_2022_E08000001.csv"
    assert fetched.notes == ("base year 2022, read from Nomis's list of projected years",)
    row = frame.query("year == 2030 and age == 7 and sex == 'females'").iloc[0]
    expected = server.world.projection("E08000001", 2022, 2030, 7, "females")
    assert row["population"] == pytest.approx(expected)
    query = asked(server)[0]
    assert query["projected_year"] == ["2022...2047"]
    assert query["c_age"] == ["101...118"]
    assert query["measures"] == ["20100"]
    assert "date" not in query
    assert "time" not in query


def test_another_base_year_than_the_one_meant_is_rejected(server, session, tmp_path):
    with pytest.raises(SourceError, match=r"has the 2022-based .* not those based on 2018"):
        nomis.fetch(replace(PROJECTIONS, edition="2018"), session, tmp_path)
    assert not asked(server)


def test_every_age_and_the_variant_in_the_name(server, session, tmp_path):
    wanted = with_ask(PROJECTIONS, ages=[0, 90], variant="migration category", sexes=["persons"])
    fetched = nomis.fetch(wanted, session, tmp_path)
    frame = population.read_projections(fetched.path)
    assert asked(server)[0]["c_age"] == ["101...191"]
    assert frame["age"].max() == 90
    assert frame["variant"].unique().tolist() == ["migration category"]


def test_estimates_of_an_authority_its_region_and_england(server, session, tmp_path):
    fetched = nomis.fetch(with_ask(ESTIMATES, years_before=2), session, tmp_path)
    frame = population.read_estimates(fetched.path)
    assert sorted(frame["year"].unique()) == [2023, 2024, 2025]
    assert set(frame["area_level"]) == {"authority", "region", "country"}
    children = frame.query("area_code == 'E08000001' and year == 2024")["population"].sum()
    assert children == server.world.children("E08000001", 2024)


def test_pages_follow_the_rows_received_and_not_a_limit(server, session, tmp_path):
    # The cap of a key is not known: 1,000 rows come where 25,000 were asked for.
    server.fault("row_cut", match=DATA, rows=1_000)
    fetched = nomis.fetch(PROJECTIONS, session, tmp_path)
    offsets = [query["RecordOffset"] for query in asked(server)]
    assert offsets == [["0"], ["1000"]]
    assert len(population.read_projections(fetched.path)) == fetched.rows == 1_404


def test_all_authorities_in_several_pages(server, session, tmp_path):
    wanted = with_ask(
        replace(ESTIMATES, area=None),
        areas=["authorities", "regions", "england"],
        sexes=["persons", "females", "males"],
        years_before=11,
    )
    fetched = nomis.fetch(wanted, session, tmp_path)
    frame = population.read_estimates(fetched.path)
    assert fetched.rows == len(frame) == (153 + 9 + 1) * 18 * 3 * 12
    assert {query["RecordOffset"][0] for query in asked(server)} >= {"0", "25000"}
    assert max(len(query["geography"][0].split(",")) for query in asked(server)) <= 100


def test_an_area_that_the_table_knows_by_another_code_does_not_spoil_the_rest(
    server, session, tmp_path
):
    # Nomis files Barnsley under its code of 2025, and rejects any query that has the old one.
    wanted = with_ask(ESTIMATES, areas=["E08000001", "E08000005", "Barnsley"])
    fetched = nomis.fetch(replace(wanted, area=area("Barnsley")), session, tmp_path)
    frame = population.read_estimates(fetched.path)
    assert set(frame["area_name"]) == {"Bolton", "Rochdale", "Barnsley"}
    assert not fetched.notes


def test_an_area_without_rows_is_noted_and_the_authority_itself_is_not_forgiven(
    server, session, tmp_path
):
    wanted = with_ask(ESTIMATES, areas=["area", "E06000099"])
    fetched = nomis.fetch(wanted, session, tmp_path)
    assert fetched.notes == ("no rows in NM_2002_1 of E06000099",)
    wanted = with_ask(wanted, areas=["area", "Rochdale"])
    unknown = replace(area("Bolton"), code="E10000099")
    with pytest.raises(SourceError, match=r"no rows in NM_2002_1 of 1 of 2 areas: E10000099"):
        nomis.fetch(replace(wanted, area=unknown), session, tmp_path)


def test_small_areas_from_the_codes_given_english_ones_only(server, session, tmp_path):
    codes = [*(each.code for each in server.world.lsoas_of("E10000017")), "W01000001"]
    wanted = with_ask(replace(LSOAS, area=area("Lancashire")), codes=codes)
    fetched = nomis.fetch(wanted, session, tmp_path)
    frame = population.read_estimates(fetched.path)
    assert set(frame["area_code"]) == set(codes[:-1])
    assert set(frame["area_level"]) == {"lsoa"}
    assert frame["year"].unique().tolist() == [2024]
    assert not asked(server, "TYPE151")


@pytest.mark.parametrize("place", ["Bolton", "Lancashire", "Barnsley"])
def test_small_areas_are_listed_by_nomis_where_no_codes_are_given(server, session, tmp_path, place):
    fetched = nomis.fetch(replace(LSOAS, area=area(place)), session, tmp_path)
    frame = population.read_estimates(fetched.path)
    inside = {each.code for each in server.world.lsoas_of(area(place).code)}
    assert set(frame["area_code"]) == inside


def test_small_areas_that_nomis_does_not_list(server, session, tmp_path):
    with pytest.raises(SourceError, match=r"lists no LSOAs in NM_2014_1 for Derby "):
        nomis.fetch(replace(LSOAS, area=area("Derby")), session, tmp_path)


def test_a_missing_lsoa_is_rejected(server, session, tmp_path):
    codes = [*(each.code for each in server.world.lsoas_of("E08000001")[:7]), "E01999999"]
    with pytest.raises(SourceError, match=r"1 of 8 areas: E01999999.*year of boundaries"):
        nomis.fetch(with_ask(LSOAS, codes=codes), session, tmp_path)


def test_a_whole_type_keeps_england_only(server, session, tmp_path):
    fetched = nomis.fetch(with_ask(LSOAS, areas=["TYPE151"]), session, tmp_path)
    frame = population.read_estimates(fetched.path)
    assert frame["area_code"].str.startswith("E01").all()
    assert fetched.rows == len(frame) == len(server.world.lsoas) * 18


def test_unchanged_by_condition_or_stamp_without_rows(server, session, tmp_path):
    first = nomis.fetch(PROJECTIONS, session, tmp_path)
    known = StoredCopy(first.address, first.etag, first.last_modified, first.stamp)
    before = len(server.requests)
    sent = server.bodies()
    again = nomis.fetch(PROJECTIONS, session, tmp_path, known)
    assert again.path is None
    assert again.stamp == first.stamp
    assert [each.status for each in server.requests[before:]] == [304]
    assert server.bodies() == sent
    # Without an ETag the stamp decides.
    again = nomis.fetch(PROJECTIONS, session, tmp_path, replace(known, etag=""))
    assert again.path is None
    # Another request is another matter, even if nothing has been updated.
    assert nomis.fetch(with_ask(PROJECTIONS, ages=[0, 4]), session, tmp_path, known).path
    server.world.revise("population_projections")
    assert nomis.fetch(PROJECTIONS, session, tmp_path, known).path


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (("empty", {}), r"200 with an empty body for NM_2006_1.*parameter is wrong or no row"),
        (("json_error", {}), r"200 with the error 'Cannot create query' for NM_2006_1"),
        (("html", {}), r"other than CSV for NM_2006_1 .*text/html.*<!DOCTYPE html>"),
        (("limited", {}), r"other than CSV .*'Too many requests'.*BOLTON_JSNA_NOMIS_KEY"),
        (("wrong_type", {"type": "text/html"}), r"other than CSV .*\(text/html\)"),
        (
            ("renamed_column", {"old": b'"OBS_VALUE"', "new": b'"VALUE"'}),
            r"no column OBS_VALUE for NM_2006_1",
        ),
        (("replace", {"old": b'"A",1404', "new": b"1404"}), r"a row of 8 cells under 9"),
        (("status", {"code": 503}), r"answered 503"),
    ],
)
def test_what_is_no_table_is_rejected(server, session, tmp_path, trouble, message):
    kind, options = trouble
    server.fault(kind, match=DATA, **options)
    with pytest.raises(SourceError, match=message):
        nomis.fetch(PROJECTIONS, session, tmp_path)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing_page", r"only 1,000 of 1,404 rows for NM_2006_1"),
        ("duplicate_page", r"the figure of E08000001, 2022.* twice for NM_2006_1"),
        ("other_count", r"counted 1,404 rows .* and then 1,405: the table changed"),
    ],
)
def test_pages_that_do_not_add_up_are_rejected(server, session, tmp_path, kind, message):
    server.fault("row_cut", match=DATA, rows=1_000)
    server.fault(kind, match=DATA)
    with pytest.raises(SourceError, match=message):
        nomis.fetch(PROJECTIONS, session, tmp_path)


def test_rows_lost_within_a_page_are_noticed_by_the_next(server, session, tmp_path):
    # It begins after the rows received, and so brings rows that were there already.
    server.fault("lost_rows", match=DATA, rows=3, times=1)
    with pytest.raises(SourceError, match=r"2047, 2, 116, 20100 twice"):
        nomis.fetch(PROJECTIONS, session, tmp_path)


def test_a_variant_dimension_that_was_not_asked_for_is_noticed(server, session, tmp_path):
    server.fault("variants", match=DATA)
    with pytest.raises(SourceError, match=r"has a dimension whose code must be chosen"):
        nomis.fetch(PROJECTIONS, session, tmp_path)


def test_percentages_next_to_counts_are_not_read_as_counts(server, session, tmp_path):
    server.fault("both_measures", match=DATA)
    fetched = nomis.fetch(PROJECTIONS, session, tmp_path)
    assert len(population.read_projections(fetched.path)) == 1_404


def test_ages_that_were_not_asked_for_are_rejected(server, session, tmp_path):
    server.fault("replace", match=DATA, old=b'"118"', new=b'"119"')
    with pytest.raises(SourceError, match=r"codes of C_AGE .*without 118, with 119"):
        nomis.fetch(PROJECTIONS, session, tmp_path)


@pytest.mark.parametrize("kind", ["limited", "too_many", "cut", "truncated_gzip", "html", "drop"])
def test_passing_troubles_are_waited_out(server, session, tmp_path, kind):
    server.fault(kind, match=DATA, times=1)
    fetched = nomis.fetch(PROJECTIONS, session, tmp_path)
    assert fetched.rows == 1_404


def test_a_byte_order_mark_is_no_part_of_a_heading(server, session, tmp_path):
    server.fault("bom", match=DATA)
    fetched = nomis.fetch(PROJECTIONS, session, tmp_path)
    assert not fetched.path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(population.read_projections(fetched.path)) == 1_404


def test_a_wrong_question_is_given_up_after_a_few_refusals(server, session, tmp_path):
    wanted = with_ask(ESTIMATES, areas=["authorities"], parameters={"flavour": 3})
    with pytest.raises(SourceError, match=r"empty body .* Check the parameters in the catalogue"):
        nomis.fetch(wanted, session, tmp_path)
    assert len(asked(server)) < 20


@pytest.mark.parametrize(
    ("answer", "table"),
    [(None, "NM_9999_1"), (Answer(404, {}, b"not found"), "NM_2006_1")],
)
def test_an_unknown_table(server, session, tmp_path, answer, table):
    # Whether Nomis answers 404, or 200 with no key family, is not confirmed.
    if answer:
        server.route(r".*\.def\.sdmx\.json", answer)
    with pytest.raises(SourceError, match=rf"has no table '{table}'"):
        nomis.fetch(with_ask(PROJECTIONS, table=table), session, tmp_path)


def test_code_list_without_years(server, session, tmp_path):
    server.route(r".*/projected_year\.def\.sdmx\.json", Answer(200, {}, b'{"structure":{}}'))
    with pytest.raises(SourceError, match=r"expected a list such as 2022 to 2047"):
        nomis.fetch(PROJECTIONS, session, tmp_path)


def test_the_key_is_sent_and_stays_secret(server, session, tmp_path, monkeypatch, caplog):
    secret = "0x5ecre7"  # noqa: S105 (made up)
    monkeypatch.setenv(nomis.KEY, secret)
    with caplog.at_level(logging.DEBUG):
        fetched = nomis.fetch(PROJECTIONS, session, tmp_path)
        assert asked(server)[0]["uid"] == [secret]
        server.fault("status", match=DATA, code=500)
        with pytest.raises(SourceError) as status:
            nomis.fetch(PROJECTIONS, session, tmp_path)
        server.faults.clear()
        server.fault("drop", match=DATA)
        with pytest.raises(SourceError) as dropped:
            nomis.fetch(PROJECTIONS, session, tmp_path)
    assert "uid=***" in caplog.text
    assert secret not in caplog.text
    assert secret not in f"{fetched}"
    for error in (status.value, dropped.value):
        assert secret not in f"{error!r} {error.__cause__!r} {error.__context__!r}"


@pytest.mark.reference
def test_a_recorded_body_is_read_by_the_client_and_the_reader(recorded, tmp_path):
    raw = gzip.decompress((recorded / "nomis_NM_2002_1_data.tsv.gz").read_bytes())
    columns = ["geography_code", "gender", "c_age", "obs_value"]
    page = _nomis_parse.page(raw, columns=columns, asked="NM_2002_1")
    assert len(page.rows) == 71_162
    figures = {tuple(row[:3]): row[3] for row in page.rows}
    path = tmp_path / "nomis.tsv"
    # The recorded answer is of mid-2018, without the column that the client asks for.
    head, *rows = raw.decode().splitlines()
    path.write_text("\n".join([f"{head}\tDATE_NAME", *(f"{row}\t2018" for row in rows)]))
    frame = population.read_estimates(path, areas="E08000001")
    row = frame.query("sex == 'males' and age == 0").iloc[0]
    assert row["population"] == int(figures["E08000001", "1", "101"])


@pytest.mark.reference
def test_the_recorded_definition_and_base_year(recorded):
    body = json.loads((recorded / "NM_2021_1.def.sdmx.json").read_text(encoding="utf-8"))
    reply = type("Reply", (), {"json": lambda _: body, "content": b""})()
    definition = _nomis_parse.family(reply, "NM_2021_1")
    assert _nomis_parse.last_updated(definition) == "2022-11-02 09:30:00"
    assert _nomis_parse.dimensions(definition)[:2] == ["GEOGRAPHY", "C2021_RESTYPE_3"]
    fields = json.loads((recorded / "nomis_NM_2006_1_metadata.json").read_text(encoding="utf-8"))
    years = fields["fields"]["PROJECTED_YEAR"]
    listed = [_nomis_parse.Code(value, str(name)) for value, name in years.items()]
    assert _nomis_parse.base_year(listed) == (2016, 2041)
