"""Nothing of a child leaves: every output, log line, exception and temporary file is searched.

An extract is made whose ids, postcodes, days and words occur nowhere else; then everything that a
build, a check and every kind of failure leave behind is searched for them, in the ways in which
files hold them: as text, in zips and Parquet, and as numbers of days and milliseconds.
"""

import datetime as dt
import functools
import io
import logging
import re
import shutil
import sys
import tempfile
import traceback
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import bolton_jsna as jsna
import sketches
from bolton_jsna import snapshot
from bolton_jsna.building import _outputs
from bolton_jsna.building.summary import summary
from bolton_jsna.cli.check_records import check_lines, check_records
from bolton_jsna.cli.main import app
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.measures import events
from bolton_jsna.tables.local import _dates as local_days

DAYS = [dt.date(2024, 8, 17), dt.date(2024, 11, 23), dt.date(2025, 1, 19), dt.date(2025, 3, 9)]
BORN = [dt.date(2012, 10, 27), dt.date(2016, 12, 13), dt.date(2010, 7, 11)]
WORDS = ("NEEDLECHILD", "Needle of Acacia Avenue", "Needlename")
BIRTH_YEAR = "birth_year_to_march"
MARKED = 730_918_264_000
"""Added to years of birth to March, which are too short to be searched for."""


def ways(day):
    """A day in the ways in which it may be written."""
    stamp = int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
    return {
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%Y%m%d}",
        f"{day.day} {day:%B} {day.year}",
        f"{day:%d %b %Y}",
        str(stamp * 1000),
    }


@pytest.fixture(scope="module")
def rows():
    maker = np.random.default_rng(7)
    homes = snapshot.read("postcodes@2025").dropna(subset=["lsoa_code"])["postcode"]
    homes = homes.sample(400, random_state=1).to_numpy(dtype=object)
    count = 4000
    return pd.DataFrame(
        {
            "Child ID": [f"NEEDLECHILD{each:05d}" for each in maker.integers(0, 3000, count)],
            "Name": "Needlename",
            "Kind": maker.choice(["referral", "plan"], count, p=[0.85, 0.15]),
            "Date": maker.choice([day.strftime("%d/%m/%Y") for day in DAYS], count),
            "Date of birth": maker.choice([day.strftime("%d/%m/%Y") for day in BORN], count),
            "Postcode": maker.choice(homes, count),
            "Source": maker.choice(["Police", "Needle of Acacia Avenue"], count, p=[0.999, 0.001]),
            "Category": "Neglect",
        }
    )


@pytest.fixture(scope="module")
def needles(rows):
    days = {way for day in (*DAYS, *BORN) for way in ways(day)}
    homes = set(rows["Postcode"])
    return {*WORDS, *days, *homes, *(each.replace(" ", "") for each in homes)}


def texts_of(name, content):
    """The bytes of a file, and of what lies within it."""
    yield content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from texts_of(member, archive.read(member))
    if content.startswith(b"PAR1"):
        yield pd.read_parquet(io.BytesIO(content)).to_csv().encode()


def branches(words):
    """A pattern of any of these words that looks at each place of a text once."""
    tails: dict[str, set[str]] = {}
    for word in words:
        if not word:
            return ""  # A word that ends here is found, however others go on.
        tails.setdefault(word[0], set()).add(word[1:])
    ways = "|".join(re.escape(first) + branches(after) for first, after in sorted(tails.items()))
    return f"(?:{ways})"


@functools.lru_cache(maxsize=4)
def any_of(needles):
    return re.compile(branches(needles).encode())


def found_in(name, content, needles):
    held = set()
    for text in texts_of(name, content):
        if any_of(frozenset(needles)).search(text):
            held |= {each for each in needles if each.encode() in text}
    return held


def searched(folder, needles, leave=()):
    """What is found in the files of a folder, by file."""
    found = {
        path.relative_to(folder).as_posix(): found_in(path.name, path.read_bytes(), needles)
        for path in folder.rglob("*")
        if path.is_file() and path not in leave
    }
    assert all(not found_in(name, name.encode(), needles) for name in found)
    return {name: held for name, held in found.items() if held}


_watch: dict[str, list[str] | None] = {"opened": None}


def _hook(event, arguments):
    opened = _watch["opened"]
    if event == "open" and opened is not None:
        path, mode, flags = arguments
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        writes = writes or (mode is None and isinstance(flags, int) and flags & 3)
        if writes and isinstance(path, str | Path):
            opened.append(str(path))


sys.addaudithook(_hook)


@pytest.fixture
def said(caplog, capfd):
    """Everything that has been logged, at any level, and printed."""
    caplog.set_level(logging.DEBUG)

    def _said():
        captured = capfd.readouterr()
        return (caplog.text + captured.out + captured.err).encode()

    return _said


@pytest.fixture
def watched(tmp_path, monkeypatch, needles):
    """Point temporary files to a folder of their own and search what is thrown away."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    thrown = {}
    remove = shutil.rmtree

    def search_first(path, *args, **kwargs):
        thrown.update(searched(Path(path), needles))
        return remove(path, *args, **kwargs)

    monkeypatch.setattr(shutil, "rmtree", search_first)
    _watch["opened"] = []
    yield scratch, thrown
    _watch["opened"] = None


def test_the_search_finds_what_it_looks_for(tmp_path, rows, needles):
    rows.head(20).to_csv(tmp_path / "a.csv")
    rows.head(20).to_parquet(tmp_path / "b.parquet")
    rows.head(20).to_excel(tmp_path / "c.xlsx", index=False)
    days = pd.DataFrame({"day": pd.to_datetime(rows["Date"], format="%d/%m/%Y")})
    stamps = days["day"].astype("datetime64[ms]").astype("int64").head(3).tolist()
    (tmp_path / "d.json").write_text(str(stamps))
    days.to_parquet(tmp_path / "e.parquet")
    assert len(searched(tmp_path, needles)) == 5


def test_each_needle_is_found_alone(needles):
    for each in needles:
        for text in (each, f"x{each}x", f"{each[:-1]} {each}", each[0] + each):
            assert each in found_in("x.txt", text.encode(), needles)
    assert found_in("x.txt", b"a page of nothing, 17/08 and BL1", needles) == set()


def test_a_build_and_a_check_leave_nothing_of_a_child(tmp_path, rows, needles, watched, said):
    scratch, thrown = watched
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    extract = tmp_path / "extract.csv"
    rows.to_csv(extract, index=False)
    record = jsna.build(workspace=workspace, local_records=extract, accept="few")
    told = [summary(record), record.to_json(), repr(record)]
    with pytest.MonkeyPatch.context() as patch:
        sketches.put_in_place(patch)
        open_ = jsna.build(
            workspace=workspace, local_records=extract, unprotected="Case audit", accept="few"
        )
    told += [summary(open_), open_.to_json(), repr(open_)]
    local = jsna.load_local_records(extract)
    told += [repr(local), str(local), local.rejects.to_csv()]
    check = check_records(extract, rejects=workspace / "rejects.csv")
    told += [check_lines(check), check.to_json()]
    told += [CliRunner().invoke(app, ["--verbose", "check", str(extract)]).output]
    opened, _watch["opened"] = _watch["opened"], None
    assert not record.illustrative
    assert len(list(workspace.rglob("*"))) > 20
    assert searched(workspace, needles) == {}
    assert searched(scratch, needles) == {}
    assert thrown == {}
    outside = [Path(each) for each in opened if Path(each).is_file()]
    outside = [each for each in outside if tmp_path not in each.parents]
    assert {
        str(each): held
        for each in outside
        if (held := found_in(each.name, each.read_bytes(), needles))
    } == {}
    assert found_in("said", "\n".join(told).encode() + said(), needles) == set()
    # Whoever reads the outputs learns that there were records, and how many were repeats.
    assert len(local.rejects) > 0


@pytest.mark.usefixtures("sketched")
def test_no_year_of_birth_leaves(tmp_path, rows, watched, said, monkeypatch):
    """All that is kept of birth dates: made numbers that occur nowhere else, and searched for."""
    real = local_days.years_to_march
    monkeypatch.setattr(local_days, "years_to_march", lambda days: MARKED + real(days))
    monkeypatch.setattr(events, "_LARGEST", MARKED + 9_999)
    scratch, thrown = watched
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    extract = tmp_path / "extract.csv"
    rows.to_csv(extract, index=False)
    local = jsna.load_local_records(extract)
    years = set(local.records[BIRTH_YEAR].dropna())
    assert years == {MARKED + 2011, MARKED + 2013, MARKED + 2017}
    marks = {str(each) for each in years} | {BIRTH_YEAR}
    record = jsna.build(workspace=workspace, local_records=extract, accept="few")
    open_ = jsna.build(
        workspace=workspace, local_records=extract, unprotected="Case audit", accept="few"
    )
    told = [repr(local), str(local), local.rejects.to_csv(), local.remarks.to_csv()]
    told += [repr(local.reading)]
    for each in (record, open_):
        told += [summary(each), each.to_json(), repr(each)]
    check = check_records(extract, rejects=workspace / "rejects.csv")
    told += [check_lines(check), check.to_json()]
    told += [CliRunner().invoke(app, ["--verbose", "check", str(extract)]).output]
    # The search is of the kind that finds: it does so in the table itself.
    local.records.to_parquet(tmp_path / "kept.parquet")
    kept = (tmp_path / "kept.parquet").read_bytes()
    assert found_in("kept.parquet", kept, marks) == marks
    assert len(list(workspace.rglob("*"))) > 20
    assert searched(workspace, marks) == {}
    assert searched(scratch, marks) == {}
    assert thrown == {}
    assert found_in("told", "\n".join(told).encode() + said(), marks) == set()


@pytest.mark.usefixtures("sketched")
def test_a_build_that_fails_leaves_nothing_either(tmp_path, rows, needles, watched, said):
    scratch, thrown = watched
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    extract = tmp_path / "extract.csv"
    rows.to_csv(extract, index=False)

    def broken(*args, **kwargs):
        message = "no space left"
        raise OSError(message)

    patch = pytest.MonkeyPatch()
    patch.setattr(_outputs, "put_in_place", broken)
    with pytest.raises(OSError, match="no space") as caught:
        jsna.build(workspace=workspace, local_records=extract, accept="few")
    patch.undo()
    assert found_in("x", _printed(caught.value), needles) == set()
    assert list(workspace.iterdir()) == []
    assert thrown == {}
    assert searched(scratch, needles) == {}
    assert found_in("log", said(), needles) == set()


def _printed(error):
    return "".join(traceback.format_exception(error)).encode()


def _spoilt(rows, folder):
    """Extracts that cannot be read, one for each way to fail."""
    text = rows.head(60).to_csv(index=False)
    head, body = text.split("\n", 1)
    whole = rows.head(60)
    made = {
        "no_headings.csv": body,
        "no_child.csv": text.replace("Child ID", "Something"),
        "no_home.csv": text.replace("Postcode", "Something"),
        "no_kind.csv": text.replace("Kind", "Something"),
        "twice.csv": text.replace("Name", "Date"),
        "open_quote.csv": f'{head}\n"{body * 60}',
        "nul.csv": text.replace("NEEDLECHILD", "\0NEEDLECHILD"),
        "page.csv": f"<!DOCTYPE html><html>{text}</html>",
        "old_year.csv": text.replace("/2024", "/1950").replace("/2025", "/1950"),
        "broken.xml": f"<Message><Children><Child><LAchildID>{body}",
        "other.xml": f"<Report><Row>{body.replace('&', '')}</Row></Report>",
        "entity.xml": f'<!DOCTYPE x [<!ENTITY a "{body[:80]}">]><Message/>',
        "damaged.parquet": b"PAR1" + body.encode(),
        "damaged.xlsx": b"PK\x03\x04" + body.encode(),
        "damaged.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + body.encode(),
        "locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + "EncryptedPackage".encode("utf-16-le")
        + body.encode(),
        "damaged.csv.gz": b"\x1f\x8b" + body.encode(),
    }
    for name, content in made.items():
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        yield path
    lists = whole.assign(Postcode=[["NEEDLECHILD"]] * len(whole))
    lists.to_parquet(folder / "lists.parquet")
    yield folder / "lists.parquet"
    with pd.ExcelWriter(folder / "sheets.xlsx") as book:
        whole.drop(columns="Child ID").to_excel(book, sheet_name="Needlename", index=False)
    yield folder / "sheets.xlsx"


@pytest.mark.usefixtures("sketched")
def test_no_failure_tells_of_a_child(tmp_path, rows, needles, said):
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    failed, told = [], {}
    for path in _spoilt(rows, tmp_path):
        for call in (
            lambda path=path: jsna.load_local_records(path),
            lambda path=path: check_records(path),
            lambda path=path: jsna.build(workspace=workspace, local_records=path),
        ):
            try:
                call()
            except BoltonJsnaError as error:
                failed.append(path.name)
                told[path.name] = told.get(path.name, b"") + _printed(error)
    assert {
        name: held for name, text in told.items() if (held := found_in(name, text, needles))
    } == {}
    assert len(set(failed)) >= 18, sorted(set(failed))
    assert list(workspace.iterdir()) == []
    assert found_in("log", said(), needles) == set()
