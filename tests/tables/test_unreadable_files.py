"""What stands in place of a file, and cells of any kind: one message, at once, quoting nobody."""

import gzip
import json
import os
import socket
import stat

import pandas as pd
import pytest

from bolton_jsna.core import errors
from bolton_jsna.core.errors import BoltonJsnaError, SchemaError, SourceError, UsageError, some
from bolton_jsna.tables import _markers
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local import records as local_records
from bolton_jsna.tables.local._cin_census import is_xml

HEAD = "Child ID,Date,Postcode,Age,Date of Birth\n"


@pytest.fixture
def no_file(workspace):
    """Make what is no file of a kind."""

    def make(kind):
        path = workspace / "x.csv"
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "socket":
            server = socket.socket(socket.AF_UNIX)
            server.bind(str(path))
            server.close()
        elif kind == "link to a pipe":
            os.mkfifo(workspace / "pipe")
            path.symlink_to(workspace / "pipe")
        elif kind == "link to itself":
            path.symlink_to(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        elif kind == "terminal":
            path.symlink_to("/dev/tty")
        return path

    return make


KINDS = (
    *("pipe", "folder", "socket", "link to a pipe", "link to itself", "device", "terminal"),
    "nothing",
)


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are files of POSIX")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_at_once(kind, no_file, command, is_refused):
    path = no_file(kind)
    assert is_refused(command("check", path, "--kind", "referrals", timeout=30), "'x.csv'")


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are files of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "nothing"])
def test_a_mapping_that_is_no_file_is_refused_at_once(
    kind, no_file, workspace, command, is_refused
):
    extract = workspace / "extract.csv"
    extract.write_text(f"{HEAD}a,2024-05-03,BL1 1AP,7,\n")
    done = command("check", extract, "--columns", no_file(kind), timeout=30)
    assert is_refused(done, "'x.csv'")


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are files of POSIX")
def test_a_build_passes_a_pipe_in_its_raw_files_by_and_names_it(workspace, command):
    place = workspace / "data" / "raw" / "idaci"
    place.mkdir(parents=True)
    os.mkfifo(place / "x.csv")
    (place / "y.csv").write_text("a,b\n1,2\n")
    done = command("build", timeout=60)
    assert done.returncode == 1
    assert "x.csv is not used: it is a broken link, a pipe or a device" in done.stderr
    assert "'y.csv' is not a table of IDACI" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_of_another_user_is_one_message(what, workspace, command, is_refused):
    folder = workspace / "f"
    folder.mkdir()
    path = folder / "x.csv"
    path.write_text(HEAD)
    (path if what == "file" else folder).chmod(0)
    try:
        done = command("check", path, "--kind", "referrals")
    finally:
        folder.chmod(stat.S_IRWXU)
    assert is_refused(done, "cannot be read")


def test_an_error_of_the_system_is_one_message(workspace, monkeypatch):
    from bolton_jsna.core.reading import opening

    path = workspace / "x.csv"
    path.write_text(HEAD)

    def forbidden(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening.os, "open", forbidden)
    with pytest.raises(SourceError, match=r"'x\.csv' cannot be read: Permission denied\. Check"):
        local_records.read(path, kind="referrals")


@pytest.mark.parametrize("name", ["a\x1b[2J\rb.csv", "a\x9b31m\u202eb.csv"])
def test_a_name_never_steers_a_terminal(name, workspace, command, is_refused):
    path = workspace / name
    path.write_text("a,b\n1,2\n")
    done = command("check", path, "--kind", "referrals", "--json")
    assert is_refused(done)
    path.write_text(f"{HEAD}a,2024-05-03,BL1 1AP,7,\n")
    plain = command("check", path, "--kind", "referrals")
    as_json = command("check", path, "--kind", "referrals", "--json")
    logged = command("--verbose", "check", path, "--kind", "referrals")
    assert plain.returncode == as_json.returncode == logged.returncode == 0
    assert json.loads(as_json.stdout)["file"] == name
    for each in (done, plain, as_json, logged):
        text = (each.stdout + each.stderr).replace("\n", "")
        assert [mark for mark in text if not mark.isprintable()] == []


def test_a_name_that_is_no_text_is_printed(workspace, command):
    path = workspace / os.fsdecode(b"a\xff.csv")
    path.write_text(f"{HEAD}a,2024-05-03,BL1 1AP,7,\n")
    done = command("check", path, "--kind", "referrals")
    assert done.returncode == 0
    assert "a\\udcff.csv" in done.stdout


def test_a_heading_that_steers_is_written_out(workspace, command):
    path = workspace / "x.csv"
    path.write_text("Child ID,Date,Postcode,\x1b]0;evil\x07Age\n")
    done = command("check", path)
    assert "\x1b" not in done.stdout + done.stderr


def test_words_of_a_file_are_cut_and_written_out():
    assert some(["a\nb\x1b[1m", "x" * 5000]) == f"a\\nb\\u001b[1m, {'x' * 79}…"
    error = SchemaError(f"'a' holds {'x' * 100_000}\x1b[2J")
    assert len(str(error)) < 10_100
    assert "\x1b" not in str(UsageError("\x1b[2J"))
    kept = "Ynys Môn\nWrecsam\u00a0a\u2009b"
    assert errors.clean(kept) == kept


CELLS = (
    *("²", "\u0663", "9" * 5000, "1e400", "nan", "inf", "-0", "1_0", "0x10", "+7", "7.0", "½"),
    *("31/02/2024", "99/99/9999", "0000-00-00", "9999-12-31", "99999", "2958466", "-1", "Ⅷ"),
    *(
        "1/1/1",
        "29/02/2023",
        "2024-05-03T25:61",
        "\u0663/\u0665/\u0662\u0660\u0662\u0664",
        "\ufffd",
    ),
)


@pytest.mark.parametrize("column", range(5))
def test_any_cell_is_used_or_named_by_its_row(column, workspace):
    path = workspace / "x.csv"
    for text in CELLS:
        row = ["CANARY-1", "2024-05-03", "BL1 1AP", "7", "01/01/2017"]
        row[column] = text
        path.write_text(HEAD + ",".join(row) + "\n", encoding="utf-8")
        found = local_records.read(path, kind="referrals")
        assert len(found.records) + len(found.rejects) == 1
        assert "CANARY" not in " ".join(found.rejects["reason"])


@pytest.mark.parametrize("digits", ["²", "\u0663", "\u0662\u0660", "1_0"])
def test_digits_that_are_no_digits_are_no_figures(digits, workspace):
    path = workspace / "x.csv"
    path.write_text(f"Ward code,Year,Count\nE05014818,2024,{digits}\nE05014819,2024,7\n")
    found = local_counts.read(path, event="referrals")
    assert found.counts["count"].tolist() == [7]
    assert found.rejects["row"].tolist() == [2]
    path.write_text(f"{HEAD}a,2024-05-03,BL1 1AP,{digits},\n")
    rejects = local_records.read(path, kind="referrals").rejects
    assert rejects["reason"].tolist() == ["age is not a whole number from 0 to 17"]
    with pytest.raises(SchemaError):
        _markers.numbers(pd.Series([digits]), column="count", name="x.csv")


@pytest.mark.parametrize("figure", ["inf", "1e400", "9" * 400, "-inf", "nan", "1e300"])
def test_a_figure_that_is_not_finite_is_named(figure, workspace):
    with pytest.raises(SchemaError, match="column 'count' holds"):
        _markers.numbers(pd.Series(["1", figure]), column="count", name="x.csv")


def test_figures_of_thousands_of_digits_are_refused_by_row(workspace):
    path = workspace / "x.csv"
    path.write_text(f"Ward code,Year,Count\nE05014818,2024,{'9' * 5000}\nE05014819,2024,{10**30}\n")
    found = local_counts.read(path, event="referrals")
    assert found.rejects["row"].tolist() == [2, 3]


MAPPINGS = (
    *("columns = 3", "[[columns]]\nchild_id = 'a'", "words = 'x'", "[words]\ncategory = 3"),
    *("options = [1]", "[options]\nkind = [1]", "[options]\ndate_order = {a = 1}"),
    *("x = " + "[" * 9000, "a" + ".a" * 5000 + " = 1", "[" + "x" * 9000 + "]\n", "\x00"),
    *("[columns]\nchild_id = " + "9" * 5000, "[columns]\nchild_id = 9999-99-99"),
    *("[words.category]\na = []", "[columns]\nchild_id = [[['a']]]", "[columns]\nkind = ''"),
    *("[columns]\nchild_id = nan", "[options]\nkind = 'CANARY-1'"),
)


@pytest.mark.parametrize("number", range(len(MAPPINGS)))
def test_a_mapping_of_wrong_types_and_depth_is_one_error(number, workspace):
    path = workspace / "x.toml"
    path.write_text(MAPPINGS[number], encoding="utf-8")
    extract = workspace / "x.csv"
    extract.write_text(f"{HEAD}a,2024-05-03,BL1 1AP,7,\n")
    with pytest.raises((SourceError, UsageError)) as caught:
        local_records.read(extract, columns=path)
    assert "something unexpected" not in str(caught.value)
    assert len(str(caught.value)) < 1500


def test_a_mapping_is_small(workspace):
    """The parser takes time with the square of a key's parts."""
    path = workspace / "x.toml"
    for parts, message in ((100_000, "more than 65,536 bytes"), (30_000, "cannot be read as TOML")):
        path.write_text("a" + ".a" * parts + " = 1")
        with pytest.raises(SourceError, match=message):
            local_layouts.mapping(path)


def test_days_of_a_parquet_file_beyond_the_calendar_are_named_by_row(workspace):
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = pa.array([2**31 - 1, -(2**31), 19_846], pa.int32()).cast(pa.date32())
    table = {"Child ID": ["a", "b", "c"], "Date": days, "Postcode": ["BL1 1AP"] * 3}
    pq.write_table(pa.table(table), workspace / "x.parquet")
    found = local_records.read(workspace / "x.parquet", kind="referrals")
    assert found.rejects.to_numpy().tolist() == [[2, "impossible date"], [3, "impossible date"]]
    assert found.records["date"].astype(str).tolist() == ["2024-05-03"]


def test_records_in_place_of_a_mapping_are_not_quoted(canaries, workspace, command, is_refused):
    extract = workspace / "extract.csv"
    extract.write_text(f"{HEAD}a,2024-05-03,BL1 1AP,7,\n")
    for text in ("", "CANARY-1 = 'a'\nCANARY-1 = 'b'\n", "[CANARY-1]\n[CANARY-1]\n"):
        if text:
            canaries.path.write_text(text)
        done = command("check", extract, "--columns", canaries.path)
        assert is_refused(done, "'records.csv'")
        assert canaries.in_text(done.stdout, done.stderr) == []


@pytest.mark.parametrize("dataset", ["idaci", "ward_boundaries", "lookup", "children_in_need"])
def test_records_among_the_raw_files_are_not_quoted(
    dataset, canaries, workspace, command, is_refused
):
    """A file of records put in the wrong folder, without its headings."""
    place = workspace / "data" / "raw" / dataset
    place.mkdir(parents=True)
    lines = canaries.path.read_text().splitlines()[1:]
    name = "x.geojson" if dataset == "ward_boundaries" else "x.csv"
    (place / name).write_text("\n".join(lines))
    done = command("build")
    assert is_refused(done, repr(name))
    assert canaries.in_text(done.stdout, done.stderr) == []


DECLARED = '<!DOCTYPE x [<!ENTITY a "b">]>'
LONG = "<!-- " + "x" * 200_000 + " -->"
RETURN = "<Message><Children></Children></Message>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", LONG, "<?pi x?>" + "\n" * 70_000], ids=["", "long", "far"])
def test_a_declaration_is_refused_wherever_it_stands(encoding, before, workspace):
    said = "utf-16" if "16" in encoding else "utf-8"
    text = f'<?xml version="1.0" encoding="{said}"?>{before}{DECLARED}{RETURN}'
    path = workspace / "x.xml"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(SourceError, match="declares a document type"):
        local_records.read(path)


@pytest.mark.parametrize(
    "declared",
    [
        "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE x ["
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
        + "]>",
        "<!DOCTYPE x [<!ENTITY % a SYSTEM 'x'> %a;]>",
        "<!DOCTYPE\n\n x>",
    ],
)
def test_every_kind_of_declaration_is_refused(declared, workspace, command, is_refused):
    path = workspace / "x.xml"
    path.write_text(f'<?xml version="1.0"?>{LONG}{declared}{RETURN}')
    assert is_refused(command("check", path), "declares a document type")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-le"])
def test_a_declaration_is_named_in_every_encoding(encoding, workspace):
    """Also where the file says another encoding than it has, which no parser reads."""
    path = workspace / "x.xml"
    text = f'<?xml version="1.0" encoding="utf-8"?>{DECLARED}{RETURN}'
    path.write_bytes(text.encode(encoding))
    with pytest.raises(SourceError, match="declares a document type"):
        local_records.read(path)


def test_what_follows_a_gzip_is_not_quoted(workspace):
    path = workspace / "x.csv.gz"
    path.write_bytes(gzip.compress(b"Child ID,Date\n") + b"QZ of a record")
    with pytest.raises(SourceError, match="other bytes follow") as caught:
        local_records.read(path, kind="referrals")
    assert "QZ" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["x-unknown", "utf-7", "gb2312", "hex", "base64", "rot13"])
def test_an_encoding_that_is_unknown_is_one_message(encoding, workspace):
    path = workspace / "x.xml"
    path.write_text(f'<?xml version="1.0" encoding="{encoding}"?>{RETURN}')
    with pytest.raises(SourceError, match="cut off, damaged"):
        local_records.read(path)


def test_a_return_in_utf_16_is_a_return():
    assert is_xml(f'<?xml version="1.0"?>{RETURN}'.encode("utf-16"))
    assert not is_xml("Child ID,Date".encode("utf-16"))


def test_a_large_return_is_read_as_a_small_one(workspace):
    child = (
        "<Child><ChildIdentifiers><LAchildID>a{}</LAchildID></ChildIdentifiers><CINdetails>"
        "<CINreferralDate>2024-05-03</CINreferralDate><ChildProtectionPlans><CPPstartDate>"
        "2024-06-03</CPPstartDate></ChildProtectionPlans></CINdetails></Child>"
    )
    path = workspace / "x.xml"
    for children in (3, 6000):
        inner = "".join(child.format(n) for n in range(children))
        path.write_text(
            f"<Message><Header><Year>2025</Year></Header><Children>{inner}</Children></Message>"
        )
        found = local_records.read(path)
        assert found.reading.year == 2025
        assert found.records["kind"].value_counts().to_dict() == {
            "referral": children,
            "plan": children,
        }


@pytest.mark.parametrize("kind", ["whole", "number"])
def test_a_column_of_another_type_is_named_and_no_cell_of_it(kind):
    from bolton_jsna.tables import schemas

    frame = pd.DataFrame({"a": ["CANARY-1", float("inf")]}, dtype=object)
    with pytest.raises(SchemaError, match="Column 'a' holds something other than") as caught:
        schemas.typed(frame, (schemas.Column("a", kind, "A column"),))
    assert "CANARY" not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_readers_have_one_error_for_what_no_check_foresaw(workspace, monkeypatch):
    path = workspace / "x.csv"
    path.write_text(f"{HEAD}CANARY-1,2024-05-03,BL1 1AP,7,\n")

    def fail(*_, **__):
        raise KeyError("CANARY-1")

    monkeypatch.setattr(local_records, "_together", fail)
    with pytest.raises(SourceError, match="KeyError in records") as caught:
        local_records.read(path, kind="referrals")
    assert "CANARY" not in str(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(TypeError):
        local_records.read(path, kinds="referrals")


def test_the_process_apart_has_no_current_folder(workspace, command):
    """A file named as a module, in the folder that a command is run in, is not run."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Child ID", "Date", "Postcode"])
    book.save(workspace / "x.xlsx")
    (workspace / "python_calamine.py").write_text("open('run', 'w').close()\nraise SystemExit(7)\n")
    done = command("check", "x.xlsx", "--kind", "referrals")
    assert done.returncode == 0, done.stderr
    assert not (workspace / "run").exists()


def test_nothing_of_a_failure_comes_with_an_error(workspace):
    path = workspace / "x.csv.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00CANARY")
    with pytest.raises(BoltonJsnaError) as caught:
        local_records.read(path, kind="referrals")
    assert "CANARY" not in str(caught.value)
    assert local_layouts.mapping(None) == local_layouts.FileSettings()
