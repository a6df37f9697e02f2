"""What is said about speed is measured, and the measuring goes on when something fails."""

import json
import math
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIGURE = re.compile(
    r"\d[\d.,]* ?(ms|s|MB|GB|KB|seconds?|minutes?)\b|\b(a|half a|twenty|ten|two) minutes?\b"
)
"""A figure of time or memory in a text."""


@pytest.fixture
def speed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT))
    import benchmarks.speed.__main__ as program

    return program


@pytest.fixture
def side_by_side(speed):
    from benchmarks.speed import side_by_side

    return side_by_side


def said() -> list[dict[str, object]]:
    path = ROOT / "benchmarks" / "speed" / "said.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["said"]


def texts(entry: dict[str, object]) -> list[str]:
    text = entry["text"]
    return [text] if isinstance(text, str) else list(text)


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=[str(each.relative_to(ROOT)) for each in PAGES])
def test_each_figure_of_time_or_memory_is_in_the_list(page: Path) -> None:
    name = page.relative_to(ROOT).as_posix()
    known = [text for each in said() if each["file"] == name for text in texts(each)]
    lines = page.read_text(encoding="utf-8").splitlines()
    bare = [
        line for line in lines if FIGURE.search(line) and not any(text in line for text in known)
    ]
    assert not bare, "Add these to benchmarks/speed/said.toml with what measures them"


def test_what_is_in_the_list_is_in_the_texts_and_is_measured(speed) -> None:
    claims = {each.id for each in speed.CLAIMS}
    for each in said():
        text = (ROOT / str(each["file"])).read_text(encoding="utf-8")
        for part in texts(each):
            assert part in text
        kinds = each.keys() & {"claim", "script", "limit", "other"}
        assert len(kinds) == 1
        assert each.get("claim", "build") in claims
        assert each.get("script", "rates") in speed.SCRIPTS
    for name in speed.SCRIPTS:
        assert (ROOT / "benchmarks" / f"{name}.py").is_file()


def test_claims_have_names_of_their_own_and_peers(speed) -> None:
    assert len({each.id for each in speed.CLAIMS}) == len(speed.CLAIMS)
    for each in speed.CLAIMS:
        assert each.what
        assert each.peer


def claim(side_by_side, name: str, **options: object):
    def prepare(share: float):
        rows = round(10_000 * share)
        return side_by_side.Pair(lambda: rows / 1000, lambda: rows / 100, rows, rows // 10)

    return side_by_side.Claim(name, "what", options.pop("prepare", prepare), "peer", **options)


def test_a_run_is_written_with_its_failures_and_what_is_not_there(
    speed, side_by_side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def fails(share: float):
        raise OSError("the disk is full")

    def absent(share: float):
        raise side_by_side.NotMeasured("no file")

    made = (
        claim(side_by_side, "fails", prepare=fails),
        claim(side_by_side, "absent", prepare=absent),
        claim(side_by_side, "without_peer", needs=("no_such_package",)),
        claim(side_by_side, "whole", grows=True),
        claim(side_by_side, "slow", slow=True),
    )
    monkeypatch.setattr(speed, "CLAIMS", made)
    path = tmp_path / "figures" / "speed.json"
    assert speed.main(["--json", str(path)]) == 1
    figures = json.loads(path.read_text())
    assert figures["versions"].keys() >= {"python", "pandas", "bolton-jsna"}
    found = {each["id"]: each for each in figures["claims"]}
    assert list(found) == ["fails", "absent", "without_peer", "whole", "slow"]
    assert "the disk is full" in found["fails"]["failed"]
    assert found["absent"]["not_measured"] == "no file"
    assert found["without_peer"]["peer"]["missing"] == "not installed: pip install no_such_package"
    assert "ratio" not in found["without_peer"]
    # The peer has a tenth of the rows: 100 s for 1,000 are 1,000 s for 10,000, next to our 10.
    assert found["whole"]["ratio"] == 100
    assert found["whole"]["growth"] == {
        "rows": [100, 1000, 10_000], "seconds": [0.1, 1.0, 10.0], "exponent": 1.0,
    }  # fmt: skip
    printed = capsys.readouterr().out
    assert "pip install no_such_package" in printed
    assert "FAILED: OSError: the disk is full" in printed
    assert speed.main(["--quick", "--json", str(path)]) == 1
    assert "slow" not in [each["id"] for each in json.loads(path.read_text())["claims"]]


def test_the_two_take_turns_and_the_first_round_does_not_count(side_by_side) -> None:
    order: list[str] = []

    def call(name: str):
        def run() -> float:
            order.append(name)
            return 100.0 if len(order) <= 2 else 1.0

        return run

    ours, peer = side_by_side.in_turns([call("ours"), call("peer")], 3)
    assert order == ["ours", "peer"] * 4
    assert ours.seconds == peer.seconds == [1.0, 1.0, 1.0]
    # A claim of one round has no round before it, because one takes minutes.
    (once,) = side_by_side.in_turns([lambda: 5.0], 1)
    assert once.seconds == [5.0]


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_growth_is_the_power_of_the_rows(side_by_side, power: float) -> None:
    rows = [337, 3_375, 33_755]
    found = side_by_side.exponent(rows, [2 * each**power for each in rows])
    assert math.isclose(found, power)


def test_real_claims_are_measured(speed, tmp_path: Path) -> None:
    path = tmp_path / "speed.json"
    names = ("import", "standardised_rates")
    words = [part for each in names for part in ("--only", each)]
    assert speed.main([*words, "--rounds", "1", "--quick", "--json", str(path)]) == 0
    found = {each["id"]: each for each in json.loads(path.read_text())["claims"]}
    assert found["standardised_rates"]["rows"] == 1_736 * 19
    assert found["import"]["ratio"] > 0
