"""The commands profile and indicators: tables that fit, data for scripts, and exit codes."""

import io
import json

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.cli._profile import indicator_lines, profile_lines
from command_line import command


@pytest.fixture(scope="module")
def panel():
    return jsna.profile("Bolton")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_tables_fit_the_width_and_have_every_indicator(panel, width):
    text = profile_lines(panel, width)
    assert max(map(len, text.splitlines())) <= width
    whole = " ".join(text.split())
    for subject in panel["subject"].unique():
        assert f"\n{subject}\n" in text
    assert "503.0" in text
    assert "Similar" not in whole
    assert whole.count("8 of 11: similar") >= 2
    assert "published without its counts" in whole
    every = indicator_lines(jsna.indicators(), width, search="")
    assert max(map(len, every.splitlines())) <= width
    assert "re_referrals_within_12_months" in every


def test_a_search_that_finds_few_explains_them():
    one = " ".join(indicator_lines(jsna.indicators("re-referrals"), 100, search="re-ref").split())
    assert "The share of referrals that came within 12 months of an earlier referral" in one
    assert "Denominator: referrals in the year. Year ending 31 March, 2011 to 2025." in one
    assert "1 indicator, 1 available here." in one
    assert "Not available here" not in one
    gone = " ".join(indicator_lines(jsna.indicators("caseload"), 100, search="caseload").split())
    assert "Not available here. " in gone
    assert "data/raw/social_work_workforce" in gone
    every = indicator_lines(jsna.indicators(), 100, search="")
    assert "The share of referrals that came" not in every


def test_brackets_in_a_title_are_text(panel):
    text = profile_lines(panel.assign(title="[red]Referrals[/red]"), 100)
    assert "[red]Referrals[/red]" in text


def test_the_command_prints_the_profile(tmp_path):
    done = command("profile", "referrals", "cpp_started", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Profile of Bolton\n\nReferrals and assessments\n")
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_json_and_csv_have_the_whole_table(tmp_path, panel):
    names = ["referrals", "neet"]
    rows = json.loads(command("profile", *names, "--json", cwd=tmp_path).stdout)
    assert [row["indicator"] for row in rows] == names
    assert rows[0]["count"] == 3_803
    assert rows[1]["lower"] is None
    assert list(rows[0]) == list(panel.columns)
    text = command("profile", *names, "--csv", "--year", "2025", cwd=tmp_path).stdout
    table = pd.read_csv(io.StringIO(text))
    assert table["indicator"].tolist() == names
    assert table["value"].round(1).tolist()[0] == 503.0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("referals",), 2, "Did you mean 'referrals'"),
        (("--area", "Boltn"), 2, "Did you mean 'Bolton'"),
        (("--year", "2024/25"), 2, "2025"),
        (("--json", "--csv"), 2, "--json and --csv"),
        (("--area", "Northumberland"), 1, "Northumberland"),
    ],
)
def test_what_cannot_be_printed_is_one_message_and_an_exit_code(tmp_path, arguments, code, words):
    done = command("profile", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_indicators_are_searched(tmp_path):
    rows = json.loads(command("indicators", "re-referrals", "--json", cwd=tmp_path).stdout)
    assert "re_referrals_within_12_months" in [row["indicator"] for row in rows]
    assert {"definition", "denominator", "unit", "available", "how_to_get"} <= set(rows[0])
    listed = pd.read_csv(io.StringIO(command("indicators", "--csv", cwd=tmp_path).stdout))
    assert listed["indicator"].is_unique
    assert set(rows[0]) == set(listed.columns)
    none = command("indicators", "zebra", cwd=tmp_path)
    assert (none.returncode, none.stdout[:45]) == (
        0,
        "No indicator has the words 'zebra'. Use fewer",
    )
    assert json.loads(command("indicators", "zebra", "--json", cwd=tmp_path).stdout) == []
