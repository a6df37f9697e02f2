"""A build and a check show themselves as the command line prints them, without asides."""

import json
import re
from html import unescape

from bolton_jsna import check_records
from bolton_jsna.building._run_record import Check, RunRecord
from bolton_jsna.building.summary import summary
from bolton_jsna.cli.check_records import check_lines


def words(text):
    """Words and numbers, without the marks of lists and the colons of headings."""
    return re.sub(r"\s-\s|:", " ", text).split()


def shown_words(page):
    return words(unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_build_shows_its_summary_without_asides(bolton_built):
    facts = json.loads((bolton_built / "data/processed/run.json").read_text(encoding="utf-8"))
    facts["checks"] = [Check(**each) for each in facts["checks"]]
    record = RunRecord(**facts, workspace="here", asides=["Row 17 has two children."])
    printed = summary(record)

    assert "Row 17" in printed
    assert "Row 17" not in repr(record) + record._repr_html_()
    own = words(printed.split("For your eyes")[0])
    assert shown_words(record._repr_html_())[: len(own)] == own
    assert "<script" not in record._repr_html_()
    assert repr(RunRecord(**{**facts, "figures": {}}, workspace="")).startswith("RunRecord(Bolton")


def test_a_check_shows_what_the_command_prints(tmp_path):
    path = tmp_path / "<b>.csv"
    path.write_text("Child ID,Date,Postcode\nA1,03/05/2024,BL1 1AP\nA1,03/05/2024,BL1 1AP\n")
    found = check_records(path, kind="referrals", workspace=tmp_path)

    assert repr(found) == check_lines(found)
    assert "Not for publication" in found._repr_html_().split("</caption>")[0]
    assert "<b>.csv" not in found._repr_html_()
    assert shown_words(found._repr_html_()) == words(check_lines(found))
