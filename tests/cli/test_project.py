"""The command project: a table that fits, the record below it, data for scripts, exit codes."""

import io
import json

import pandas as pd
import pytest

from bolton_jsna.cli._project import project_lines
from bolton_jsna.questions.projections import demand_of
from command_line import command


@pytest.fixture(scope="module")
def referrals():
    return demand_of("Bolton", "referrals")


@pytest.mark.parametrize("width", [80, 100])
def test_the_text_fits_and_has_each_year_and_the_record(referrals, width):
    text = project_lines(referrals, width)
    assert max(map(len, text.splitlines())) <= width
    whole = " ".join(text.split())
    assert whole.startswith("Referrals, Bolton, if the rate of 2025 goes on: projection, not a ")
    for row in referrals.to_dict(orient="records"):
        line = next(each for each in text.splitlines() if each.startswith(f"  {row['year']} "))
        assert f"{row['count']:,.0f}" in line
        assert f"{row['lower_80']:,.0f} to {row['upper_80']:,.0f}" in line
        assert f"{row['median_error']:.0f}%" in line
    five = referrals.set_index("horizon").loc[5]
    assert f"Over 5 years, half of {five['errors']} past projections" in whole
    assert f"missed by more than {five['median_error']:.0f} per cent" in whole
    assert f"and {five['past_count']:,.0f} in 2020; there were 3,803." in whole
    assert "with the change of the 2022-based projection" in whole


def test_the_command_prints_the_table_and_chooses_the_years(tmp_path):
    done = command("project", "--years", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Referrals, Bolton, if the rate of 2025 goes on: ")
    assert max(map(len, done.stdout.splitlines())) <= 100
    years = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  20")]
    assert years == ["2026", "2027", "2028"]


def test_a_figure_without_a_national_record_names_what_the_interval_rests_on(tmp_path):
    done = command("project", "cla_started", "--years", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not measured" in done.stdout
    whole = " ".join(done.stdout.split())
    assert "yearly changes of the area's own rate (2020 to 2025)" in whole
    assert "there is no record of past projections of this figure" in whole
    assert "past projections of authorities in the same third by number" not in whole


def test_a_scenario_shows_its_rate_and_that_it_has_no_record(tmp_path):
    given = ("--scenario", "target", "--target", "400", "--by", "2030")
    done = command("project", *given, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "if the rate reaches the target" in done.stdout.splitlines()[0]
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("  2030 ")]
    assert " 400.0 " in line
    whole = " ".join(done.stdout.split())
    assert "This scenario has no record of its own" in whole
    assert "outside of the interval" not in whole


def test_a_scenario_that_leaves_the_interval_is_named():
    low = demand_of("Bolton", "referrals", scenario="target", target=300, by=2028, horizon=4)
    outside = (low["count"] < low["lower_80"]).tolist()
    assert outside == [False, True, True, True]
    text = " ".join(project_lines(low, 100).split())
    assert "In 2027 to 2029 the expected number is outside of the interval" in text


def test_json_and_csv_have_every_column_at_full_precision(tmp_path, referrals):
    rows = json.loads(command("project", "--years", "10", "--json", cwd=tmp_path).stdout)
    assert list(rows[0]) == list(referrals.columns)
    assert [row["count"] for row in rows] == pytest.approx(referrals["count"].tolist(), abs=1e-9)
    assert rows[0]["count"] != round(rows[0]["count"], 3)
    assert rows[0]["label"] == "projection, not a forecast of need"
    none = json.loads(command("project", "cla_started", "--json", cwd=tmp_path).stdout)
    assert {row["median_error"] for row in none} == {None}
    text = command("project", "--csv", cwd=tmp_path).stdout
    table = pd.read_csv(io.StringIO(text))
    assert list(table.columns) == list(referrals.columns)
    assert table["upper_95"].tolist() == referrals["upper_95"].tolist()
    assert set(table["source"].str.split("; ").sum()) >= {
        "children_in_need@2025",
        "population_projections@2022",
        "projection_errors@2025",
    }


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("referals",), 2, "Did you mean 'referrals'"),
        (("--area", "Boltn"), 2, "Did you mean 'Bolton'"),
        (("--years", "ten"), 2, "--years 'ten' is not a whole number. Write 1 to 30"),
        (("--years", "31"), 2, "--years 31 is not valid. Write 1 to 30 years"),
        (("--years", "25"), 1, "(--years 23)"),
        (("--by", "2024/25"), 2, "For the year ending 31 March 2025 write 2025"),
        (("--scenario", "targt"), 2, "Did you mean 'target'"),
        (("--target", "450"), 2, "does not go with scenario='constant'"),
        (("--scenario", "target"), 2, "Expected a number above 0 per 10,000"),
        (("--scenario", "target", "--target", "x"), 2, "--target 'x' is not a number"),
        (("--json", "--csv"), 2, "--json and --csv"),
        (("neet",), 2, "'neet' is in the unit 'per cent'"),
        (("injuries_0_to_14",), 2, "of children aged 0-14"),
        (("assessments",), 1, "data/raw/children_in_need/"),
        (("--area", "Northumberland"), 1, "--only children_in_need@latest/referrals"),
        (("--area", "Rochdale"), 1, "refresh --only population_projections --area Rochdale"),
    ],
)
def test_what_cannot_be_projected_is_one_message_and_an_exit_code(tmp_path, arguments, code, words):
    done = command("project", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_advice_on_too_many_years_works(tmp_path):
    done = command("project", "--years", "23", "--csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 24
