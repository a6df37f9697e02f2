"""What ``run.json`` and the releases say, changed by hand and met by the real command."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

RECORD = Path("data") / "processed" / "run.json"
RELEASES = Path("data") / "processed" / "releases"
COUNTS = Path("data") / "processed" / "local_counts.parquet"


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


# ---------------------------------------------------------------- what is deleted
def test_a_build_deletes_nothing_that_a_record_names_but_no_build_writes(council):
    """Names that lead out, in one run: absolute, upwards, through links, of other files inside."""
    home, workspace = council.home, council.workspace
    outside = home / "outside"
    outside.mkdir()
    (outside / "sign_off.txt").write_text("out of it")
    (outside / "ward_layers.html").write_text("out of it")
    mine = workspace / "data" / "processed" / "my_table.csv"
    mine.write_text("mine")
    releases = sorted((workspace / RELEASES).iterdir())
    linked = workspace / "maps" / "lsoa_idaci.html"
    linked.symlink_to(outside / "ward_layers.html")
    (workspace / "linked").symlink_to(outside)
    named = {
        str(council.canary): council.canary,
        "../children.csv": council.canary,
        "maps/../../children.csv": council.canary,
        "linked/sign_off.txt": outside / "sign_off.txt",
        "maps/lsoa_idaci.html": outside / "ward_layers.html",
        "data/processed/my_table.csv": mine,
        "own/extract.csv": workspace / "own" / "extract.csv",
        f"data/processed/releases/{releases[0].name}": releases[0],
    }
    council.tamper(
        lambda record: record["outputs"].update({n: digest(p) for n, p in named.items()})
    )
    done = council.run("build", "--workspace", workspace, "--quiet")
    assert done.returncode == 0
    assert [name for name, path in named.items() if not path.exists()] == []
    # One line, however many there are.
    (warning,) = [line for line in done.stderr.splitlines() if "run.json names" in line]
    assert "which no build writes: not changed" in warning
    assert council.leaks() == []


def test_an_output_in_a_folder_that_became_a_link_is_not_deleted_through_it(council):
    elsewhere = council.home / "elsewhere"
    elsewhere.mkdir()
    mine = elsewhere / "local_counts.csv"
    mine.write_text("other")
    outputs = {f"data/processed/{mine.name}": digest(mine)}
    (elsewhere / "run.json").write_text(json.dumps({"outputs": outputs}))
    processed = council.workspace / "data" / "processed"
    processed.rename(council.home / "moved")
    processed.symlink_to(elsewhere)
    done = council.run("build", "--workspace", council.workspace)
    assert sorted(path.name for path in elsewhere.iterdir()) == [mine.name, "run.json"]
    assert done.returncode == 1
    assert "is a link" in done.stderr


# ---------------------------------------------------------------- what is built with
def weaker(record: dict) -> None:
    record["options"]["rule"] |= {"threshold": 1, "width": 1, "zeros": "shown"}


def test_a_rule_with_other_numbers_under_the_same_name_is_not_built_with(nightly, small_counts):
    """The extract has fewer plans than last night: what was not small has become so."""
    extract = nightly.workspace / "own" / "extract.csv"
    rows = extract.read_text().splitlines(keepends=True)
    plans = [row for row in rows if row.startswith("plan,")]
    extract.write_text("".join([*(row for row in rows if row not in set(plans)), *plans[::3]]))
    before = digest(nightly.workspace / COUNTS)
    nightly.tamper(weaker, nightly.options)
    done = nightly.refresh()
    assert small_counts(nightly.workspace) == 0
    assert digest(nightly.workspace / COUNTS) == before
    assert done.returncode == 1
    assert "its rule is not one of those with a name" in done.stdout
    assert "bolton-jsna build" in done.stdout


def test_a_nightly_build_goes_on_as_it_was_asked_for(nightly, small_counts):
    """What is safe stays possible: the extract, named once, is read again every night."""
    done = nightly.refresh()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Bolton was built again" in done.stdout
    assert nightly.record(nightly.options)["options"]["local_records"] == "own/extract.csv"
    assert nightly.record()["illustrative"] is False
    assert small_counts(nightly.workspace) == 0


@pytest.mark.parametrize("option", ["local_records", "columns"])
def test_a_file_that_a_record_names_is_not_printed(nightly, option):
    """Its headings were once quoted, and the keys of a file of settings."""
    names = [row.partition(",")[0] for row in nightly.canary.read_text().splitlines()[1:]]
    texts = {
        "local_records": f"Child ID,Date,{names[0]}\n",
        "columns": "".join(f'{name} = "x"\n' for name in names),
    }
    nightly.canary.write_text(texts[option])
    change = {option: str(nightly.canary)}
    nightly.tamper(lambda kept: kept["options"].update(change), nightly.options)
    done = nightly.refresh()
    assert nightly.leaks() == []
    assert done.returncode == 1
    assert "cannot be read" in done.stdout


def test_an_extract_that_ends_its_reader_takes_no_refresh_with_it(nightly):
    """A workbook with a cell in the last corner that a sheet has, in place of last night's."""
    extract = nightly.workspace / "own" / "extract.xlsx"
    last_corner(extract)
    extract.chmod(0o600)
    change = {"local_records": "own/extract.xlsx", "kind": "referrals"}
    nightly.tamper(lambda kept: kept["options"].update(change), nightly.options)
    before = digest(nightly.workspace / RECORD)
    done = nightly.refresh()
    assert done.returncode == 1, done.stderr
    assert "idaci@2025" in done.stdout
    assert digest(nightly.workspace / RECORD) == before
    assert "idaci@2025" in nightly.record(Path("data") / "raw" / "sources.lock.json")["files"]


def last_corner(path: Path) -> None:
    """Write a workbook of a kilobyte and a half."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Child ID", "Date", "Postcode"])
    book.active.cell(1_048_576, 16_384, "x")
    book.save(path)


# ---------------------------------------------------------------- what is remembered of releases
def spoilt(facts: dict, how: str) -> object:
    if how == "a figure":
        table = next(iter(facts["tables"]["referrals"].values()))
        table["count"][0] = 1_000_000
    changed: dict[str, object] = {
        "no tables": facts | {"tables": {}},
        "empty tables": facts | {"tables": {"referrals": {}}},
        "a figure": facts,
        "a ward": facts | {"wards": {}},
        "a rule": facts | {"rule": "none"},
        "a list": [facts],
        "a level deeper": {"": facts},
    }
    return changed[how]


@pytest.mark.parametrize(
    "how", ["no tables", "empty tables", "a figure", "a ward", "a rule", "a list", "a level deeper"]
)
def test_a_release_that_was_changed_stops_the_build(council, how):
    (path,) = (council.workspace / RELEASES).iterdir()
    path.write_text(json.dumps(spoilt(json.loads(path.read_text("utf-8")), how)), "utf-8")
    before = digest(council.workspace / RECORD)
    extract = council.workspace / "own" / "extract.csv"
    done = council.run("build", "--workspace", council.workspace, "--local-records", extract)
    assert digest(council.workspace / RECORD) == before
    assert done.returncode == 1
    assert "what an earlier build published of small numbers" in done.stderr
