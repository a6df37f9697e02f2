"""A file that its service cannot give, for any authority, costs no other file of the service."""

import pytest

from bolton_jsna.building.refresh import refresh
from bolton_jsna.services.http import Session
from standin import Answer

AREAS = ("Bolton", "Rochdale", "Barnsley")


@pytest.mark.parametrize("bad", ["2025", "2024"])
def test_a_layer_that_is_down_for_three_authorities_does_not_cost_the_others(
    live, tmp_path, session, bad
):
    live.fault("status", match=f"/arcgis/.*(WD_DEC|WD_MAY|Wards).*{bad}.*/query", code=503)
    names = ("ward_boundaries@2025", "ward_boundaries@2024", "lookup@lsoa21-ward25")
    record = refresh(AREAS, workspace=tmp_path, only=names, session=session)
    lacking = {each.file.partition("/")[0] for each in record.outcomes if each.incomplete}
    assert lacking == {f"ward_boundaries@{bad}"}
    assert len([each for each in record.outcomes if each.incomplete]) == len(AREAS)
    assert len([each for each in record.outcomes if each.verdict == "updated"]) == 2 * len(AREAS)
    said = [each.reason for each in record.outcomes if each.incomplete]
    assert ["was not asked again" in each for each in said] == [False, False, True]
    # The next refresh asks again.
    live.faults.clear()
    again = refresh(AREAS, workspace=tmp_path, only=names)
    assert [each for each in again.outcomes if each.incomplete] == []


def test_quick_pages_in_place_of_files_leave_nobody_alone(live, tmp_path, session):
    live.route("/arcgis/.*WD.*", Answer(200, {"Content-Type": "text/html"}, b"<html>no</html>"))
    refresh(AREAS, workspace=tmp_path, only="ward_boundaries", session=session)
    assert session.outages.down == {}


def test_layers_that_stay_down_keep_no_other_file_of_their_service_from_being_asked_about(
    live, tmp_path
):
    live.fault("status", match=r"/arcgis/.*(WD_DEC|WD_MAY|Wards).*/query", code=503)
    only = ("ward_boundaries@2025", "ward_boundaries@2024", "lookup@lsoa21-ward25")
    verdicts = []
    for _ in range(2):
        with Session(sleep=lambda _: None, timeout=(1, 30)) as session:
            record = refresh(workspace=tmp_path, only=only, session=session, fresh_hours=0)
        assert [each.file.partition("/")[0] for each in record.outcomes] == list(only)
        verdicts.append([each.incomplete for each in record.outcomes])
    # Left alone after two files; the next night they are the last to be asked about.
    assert verdicts == [[True, True, True], [True, True, False]]
