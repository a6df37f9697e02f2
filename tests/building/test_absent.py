"""A build without a list of neighbours and without projections: the rest is made and compared."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import published
from bolton_jsna.building.summary import summary

pytestmark = pytest.mark.usefixtures("sketched")


def gone(what):
    def load(*_, **__):
        raise jsna.MissingDataError(f"No {what} is available: bolton-jsna refresh gets it.")

    return load


@pytest.fixture(scope="module")
def without_both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("absent")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published, "load_population_projections", gone("projection"))
        patch.setattr(published, "load_statistical_neighbours", gone("list of neighbours"))
        return jsna.build("Bolton", workspace=folder), folder


def test_what_is_missing_is_named_and_how_to_get_it(without_both):
    record, _ = without_both
    notes = " ".join(record.notes)
    assert "Left out: projected children and projected use of services. No projection" in notes
    assert "Left out: every comparison with statistical neighbours. No list of neigh" in notes
    assert notes.count("bolton-jsna refresh") >= 2


def test_the_rates_are_still_compared_with_england(without_both):
    record, folder = without_both
    text = summary(record)
    assert "  503.0 per 10,000 children (3,803 in all" in text
    assert "  England 519.4: similar" in text
    assert text.count("areas like it: there is no list of statistical neighbours") == 4
    assert "No projection of children aged 0-17 is available" in text
    found = pd.read_csv(folder / "data/processed/neighbour_comparison.csv")
    assert set(found["role"]) == {"area", "region", "country"}
    panel = pd.read_csv(folder / "data/processed/profile.csv").set_index("indicator")
    assert panel.loc["referrals", "against_england"] == "similar"
    assert panel["against_neighbours"].eq("not_available").all()


def test_no_projection_is_made_up(without_both):
    record, folder = without_both
    assert "data/processed/projections.csv" not in record.outputs
    demand = pd.read_csv(folder / "data/processed/projected_demand.csv")
    assert demand["count"].isna().all()
    assert set(demand["reason"]) == {"there is no projection of children aged 0-17"}
