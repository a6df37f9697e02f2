"""A release file with the right mark is still believed only as far as a build could write it."""

import copy
import hashlib
import json
import random
from pathlib import Path

import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _release_history, paths
from bolton_jsna.core.errors import SourceError, UsageError
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule

DAY = "2026-01-01"
WARDS = ["E05014818", "E05014819"]


def facts() -> dict:
    """What a build of two wards told: one count is hidden, and with it another."""
    return {
        "what": "What a build wrote of local records.",
        "finished": f"{DAY}T12:00:00.000001+00:00",
        "rule": LOCAL.name,
        "tables": {
            "referrals": {
                "area_code x year": {
                    "area_code": [*WARDS, "Elsewhere or not known", "All"],
                    "year": [2025] * 4,
                    "count": [30, None, None, 60],
                    "at_least": [30, None, None, 60],
                    "at_most": [30, None, None, 60],
                },
                "sex x year": {
                    "sex": ["female", "male", "All"],
                    "year": [2025] * 3,
                    "count": [None, None, 60],
                    "at_least": [0, 0, 60],
                    "at_most": [None, None, 60],
                },
            }
        },
        "wards": {"E01004766": WARDS[0], "E01004767": WARDS[1]},
    }


def put(workspace: Path, given: object, *, text: str | None = None) -> Path:
    """Write a release file whose name has the mark of its contents."""
    told = {}
    if isinstance(given, dict):
        told = {name: given.get(name) for name in ("rule", "tables", "wards")}
    mark = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    path = workspace / paths.RELEASES / f"{DAY}-E08000001-{mark}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(given) if text is None else text)
    return path


def ward_table(given: dict) -> dict:
    return given["tables"]["referrals"]["area_code x year"]


def sex_table(given: dict) -> dict:
    return given["tables"]["referrals"]["sex x year"]


def test_what_a_build_wrote_is_read(tmp_path):
    put(tmp_path, facts())
    (found,) = _release_history.earlier_releases(tmp_path, "E08000001")
    assert (found.rule, list(found.tables)) == (LOCAL.name, ["referrals"])
    assert found.tables["referrals"]["area_code x year"]["count"].isna().sum() == 2


def cell(column: str, value: object):
    def change(given: dict) -> None:
        ward_table(given)[column][0] = value

    return change


def at(*names: str, value: object):
    def change(given: dict) -> None:
        here = given
        for name in names[:-1]:
            here = here[name]
        here[names[-1]] = value

    return change


def renamed(*names: str, to: str):
    def change(given: dict) -> None:
        here = given
        for name in names[:-1]:
            here = here[name]
        here[to] = here.pop(names[-1])

    return change


def taken(*names: str):
    def change(given: dict) -> None:
        here = given
        for name in names[:-1]:
            here = here[name]
        del here[names[-1]]

    return change


def row(**values: object):
    def change(given: dict) -> None:
        for name, column in ward_table(given).items():
            column.append(values[name])

    return change


SEX = ("tables", "referrals", "sex x year")
BY_WARD = ("tables", "referrals", "area_code x year")
ODD = {
    **{f"count {value!r:.12}": cell("count", value) for value in (-5, 10**400 - 1, 10**13, 2.0)},
    **{f"count of {value!r:.9}": cell("count", value) for value in (True, "30", [30], {}, "")},
    **{f"limit {value!r:.9}": cell("at_most", value) for value in (-1, 10**20, False, "9", None)},
    "limits the wrong way round": cell("at_least", 31),
    "a hidden count with limits": at(*SEX, "at_most", value=[5, None, 60]),
    "a hidden count of at least 1": at(*SEX, "at_least", value=[1, 0, 60]),
    **{f"year {value!r:.12}": cell("year", value) for value in (0, -1, 20255, 10**30, 2025.0)},
    **{f"year as {value!r:.9}": cell("year", value) for value in ("2025", "All", True, None, [])},
    "a year without a total": row(area_code=WARDS[0], year=2024, count=9, at_least=9, at_most=9),
    "a row twice": row(area_code=WARDS[0], year=2025, count=9, at_least=9, at_most=9),
    **{
        f"ward {value!r:.20}": cell("area_code", value)
        for value in (
            "E05099999",
            "e05014818",
            "E01004766",
            "",
            "E05014818\n",
            "٤",
            5,
            None,
            [],
            {},
        )
    },
    "a row without a name": at(*SEX, "sex", value=["", "male", "All"]),
    "a row of two lines": at(*SEX, "sex", value=["a\nb", "male", "All"]),
    "a row that steers a terminal": at(*SEX, "sex", value=["a\x1b[2J", "male", "All"]),
    "a row that turns": at(*SEX, "sex", value=["a\u202eb", "male", "All"]),
    "half a character": at(*SEX, "sex", value=["\ud800", "male", "All"]),
    "a huge name": at(*SEX, "sex", value=["x" * 100_000, "male", "All"]),
    "no such event": renamed("tables", "referrals", to="births"),
    "an event that no build tells": renamed("tables", "referrals", to="cpp_started"),
    "an event without a name": renamed("tables", "referrals", to=""),
    "no such table": renamed(*SEX, to="postcode x year"),
    "a table of children": renamed(*SEX, to="child_id x year"),
    "another order": renamed(*SEX, to="year x sex"),
    "no table by ward": taken(*BY_WARD),
    "no such column": renamed(*SEX, "sex", to="gender"),
    "a column more": at(*SEX, "status", value=["value"] * 3),
    "a column less": taken(*SEX, "at_most"),
    "a short column": at(*SEX, "sex", value=["female", "male"]),
    "a column of one number": at(*SEX, "count", value=60),
    "a column of text": at(*SEX, "sex", value="abc"),
    "a column by row": at(*SEX, "count", value={"0": 1, "1": 2, "2": 3}),
    "no rows": at(*SEX, value={name: [] for name in sex_table(facts())}),
    "empty table": at(*SEX, value={}),
    "a table that is a list": at(*SEX, value=[]),
    "a table that is null": at(*SEX, value=None),
    "no tables": at("tables", value={}),
    "tables that are none": at("tables", value={"referrals": {}}),
    "one event of two is empty": at("tables", "cpp_at_31_march", value={}),
    "tables as a list": at("tables", value=[1]),
    "tables as a text": at("tables", value="referrals"),
    "rule of another name": at("rule", value="none"),
    "rule by its option": at("rule", value="local"),
    "rule as a table": at("rule", value={"name": LOCAL.name, "threshold": 1}),
    "rule as a number": at("rule", value=5),
    "rule as a list": at("rule", value=[LOCAL.name]),
    "own rule in the name of another": at("rule", value=f"own rule: {LOCAL.name}"),
    "no rule": at("rule", value=None),
    "a rule that steers": at("rule", value="own rule: \x1b[2J"),
    "a rule of length": at("rule", value="own rule: " + "x" * 1000),
    "no wards": at("wards", value={}),
    "wards as a list": at("wards", value=[["E01004766", WARDS[0]]]),
    "wards as null": at("wards", value=None),
    "a ward that is none": at("wards", "E01004767", value="Bolton"),
    "a ward that is an LSOA": at("wards", "E01004767", value="E01004767"),
    "a ward of digits of another script": at("wards", "E01004767", value="E0501481٩"),
    "a ward with an end of line": at("wards", "E01004767", value=WARDS[1] + "\n"),
    "a ward as a list": at("wards", "E01004767", value=[WARDS[1]]),
    "an LSOA that is none": renamed("wards", "E01004767", to="nowhere"),
    "an LSOA that is a ward": renamed("wards", "E01004767", to="E05014820"),
    "an LSOA of length": renamed("wards", "E01004767", to="E01" + "0" * 5000),
    "a key more": at("more", value=1),
    "a key less": taken("what"),
    "a note that is a list": at("what", value=[]),
    "no moment": at("finished", value=None),
    "a moment as a number": at("finished", value=20260101),
    "a moment as words": at("finished", value="yesterday"),
    "a moment of no calendar": at("finished", value="2026-02-30T12:00:00+00:00"),
    "a moment without a zone": at("finished", value=f"{DAY}T12:00:00"),
    "a moment of another zone": at("finished", value=f"{DAY}T12:00:00+05:00"),
}


def refused(workspace: Path) -> str:
    with pytest.raises(SourceError) as caught:
        _release_history.earlier_releases(workspace, "E08000001")
    said = str(caught.value)
    assert "what an earlier build published of small numbers. Restore it from a backup, or" in said
    assert said.isprintable()
    assert len(said) < 600
    return said


@pytest.mark.parametrize("how", ODD)
def test_odd_contents_with_the_right_mark_are_refused(tmp_path, how):
    given = facts()
    ODD[how](given)
    path = put(tmp_path, given)
    assert path.name in refused(tmp_path)
    # What the message asks for ends it.
    path.unlink()
    put(tmp_path, facts())
    assert len(_release_history.earlier_releases(tmp_path, "E08000001")) == 1


def written(change: tuple[str, str]) -> str:
    text = json.dumps(facts())
    assert change[0] in text
    return text.replace(*change, 1)


@pytest.mark.parametrize(
    "text",
    [
        written(('"count": [30', '"count": [1e400')),
        written(('"count": [30', '"count": [NaN')),
        written(('"count": [30', '"count": [-Infinity')),
        written(('"count": [30', '"count": [3e1')),
        written(('"count": [30', f'"count": [{"9" * 400}')),
        written(('"count": [30', f'"count": [{"9" * 20_000}')),
        written(('"count": [30', f'"count": [{"[" * 900}{"]" * 900}')),
        written(('"rule"', '"rule": "none", "rule"')),
        written(('"count"', '"count": [1, 2, 3, 4], "count"')),
        written(('"E01004767"', '"E01004767": "E05014818", "E01004767"')),
        '{"a":' * 50_000,
        "[" * 900 + "]" * 900,
        "null",
        "",
        "\x00",
        json.dumps(facts()) + "{}",
    ],
    ids=lambda text: text[-1:-9:-1].encode().hex() + str(len(text)),
)
def test_text_that_no_build_writes_is_refused(tmp_path, text):
    path = put(tmp_path, facts(), text=text)
    assert path.name in refused(tmp_path)


VALUES = (
    *(None, True, False, 0, -1, 5, 10**20, 10**400, 1.5, -0.0, "", "All", "E05014818", "\x1b[2J"),
    *("\ud800", "x" * 5000, [], [1], [[]], {}, {"": {}}, {"count": [1]}, 2025, "2025"),
)


def spots(given: object, before: tuple = ()) -> list[tuple]:
    inner = given.items() if isinstance(given, dict) else enumerate(given)
    found = []
    for name, value in inner:
        found.append((*before, name))
        if isinstance(value, dict | list):
            found += spots(value, (*before, name))
    return found


def test_whatever_stands_anywhere_is_read_or_one_message(tmp_path):
    """A value of any type at any place, or a name changed: seeded, with the right mark."""
    chance = random.Random(20261129)  # noqa: S311 (damage, no secret)
    read = 0
    for _ in range(1500):
        given = facts()
        for _ in range(chance.choice((1, 1, 2))):
            *way, last = chance.choice(spots(given))
            here = given
            for name in way:
                here = here[name]
            value = copy.deepcopy(chance.choice(VALUES))
            if isinstance(here, dict) and chance.random() < 0.3:
                here[str(value)[:50]] = here.pop(last)
            else:
                here[last] = value
        path = put(tmp_path, given)
        try:
            _release_history.earlier_releases(tmp_path, "E08000001")
            read += 1
        except SourceError as error:
            assert "an earlier build published" in str(error)  # noqa: PT017 (either is right)
        path.unlink()
    assert 0 < read < 300


# ---------------------------------------------------------------- with the real command
def remarked(council, change) -> Path:
    """Change the release of a real build and give it the mark of its new contents."""
    (path,) = (council.workspace / paths.RELEASES).iterdir()
    given = json.loads(path.read_text("utf-8"))
    change(given)
    told = {name: given[name] for name in ("rule", "tables", "wards")}
    mark = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    path.unlink()
    new = path.with_name(f"{path.name[:20]}-{mark}.json")
    new.write_text(json.dumps(given), "utf-8")
    return new


@pytest.mark.parametrize("how", ["count -5", "rule as a table"])
def test_the_command_ends_with_one_message(council, how):
    remarked(council, ODD[how])
    extract = council.workspace / "own" / "extract.csv"
    done = council.run("build", "--workspace", council.workspace, "--local-records", extract)
    assert done.returncode == 1
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("bolton-jsna: ")]
    assert "Restore it from a backup, or delete it if what that build wrote never left" in said


def test_figures_that_contradict_each_other_are_one_message_too(council):
    """Each is a count, but no children could give them all."""
    remarked(council, lambda given: ward_table(given)["count"].__setitem__(-1, 1))
    extract = council.workspace / "own" / "extract.csv"
    accepted = ("--accept", "a made-up extract of a few wards")
    done = council.run(
        "build", "--workspace", council.workspace, "--local-records", extract, *accepted
    )
    assert done.returncode == 1
    assert "its counts contradict what earlier builds published" in done.stderr


# ---------------------------------------------------------------- what is written can be read
def test_a_rule_of_your_own_is_remembered_as_such(tmp_path):
    given = facts()
    given["rule"] = "own rule: ours"
    put(tmp_path, given)
    (found,) = _release_history.earlier_releases(tmp_path, "E08000001")
    assert found.rule == "ours"
    for name in ("", "a\nb", "x" * 201, "\x1b[2J"):
        with pytest.raises(UsageError, match="one line of at most 200 characters"):
            SuppressionRule(name, threshold=5, width=5)


def test_words_of_an_extract_name_rows_that_can_be_read_again():
    """A word that ten children share becomes the name of a row, in a file that is read later."""
    records = jsna.load_local_records().records.iloc[::20].copy()
    odd = {0: "My\tnurse\xa0 here\n", 1: "Steers\x1b[2J", 2: "x" * 1000}
    for start, word in odd.items():
        records.loc[records.index[start::4], "category"] = word
    counts = jsna.count_events(records, "referrals", years=[2025], by=["category"])
    named = set(counts["category"])
    assert {"My nurse here", "Other words"} <= named
    assert all(name.isprintable() and len(name) <= 200 for name in named)
