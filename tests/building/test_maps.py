"""The maps of a build for print: words of a size that can be read, and only notes that apply."""

import itertools
import json
import re
from dataclasses import replace

import pytest

from bolton_jsna import maps
from bolton_jsna.building import _maps, _protected_counts, _reader_notes, _tables, inputs
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building.paths import OUTPUTS
from bolton_jsna.disclosure.rules import RULES

YEAR = re.compile(r"\b20\d\d\b")
SIZES = ("column", "page", "slide")


@pytest.fixture(scope="module")
def bolton():
    return inputs.gather("Bolton", BuildOptions())


@pytest.fixture(scope="module")
def local(bolton):
    return _protected_counts.local_counts(bolton)


@pytest.fixture(scope="module")
def profile(bolton, local):
    return _tables.make_tables(bolton, local, _tables.comparisons(bolton))["ward_profile"]


def planned(bolton, profile, local):
    notes = {each: _reader_notes.map_notes(bolton, local, each) for each in local.events}
    printed = {each: _reader_notes.map_note(bolton, local, each) for each in local.events}
    attributions = {
        "ward_boundaries@2023": [
            "Source: Office for National Statistics licensed under the Open Government Licence "
            "v.3.0. Contains OS data © Crown copyright and database right 2023."
        ],
        "idaci@2025": [
            "Source: MHCLG, English Indices of Deprivation 2025. Contains public sector "
            "information licensed under the Open Government Licence v3.0."
        ],
    }
    frame, found = _maps.planned_maps(
        bolton, profile, local, attributions=attributions, notes=notes, printed=printed
    )
    return frame, {each.name: each for each in found}


def figure_of(bolton, frame, plan, **options):
    draw = {"choropleth": maps.static_choropleth, "bivariate": maps.static_bivariate}[plan.kind]
    return draw(frame, *plan.columns, boundaries=bolton.wards, **(plan.options | options))


@pytest.fixture(scope="module")
def drawn(bolton, profile, local):
    """Every map of a build at every size, and two side by side."""
    frame, plans = planned(bolton, profile, local)
    found = {
        (name, size): figure_of(bolton, frame, plan, size=size)
        for name, plan in plans.items()
        for size in SIZES
    }
    pair = [found[name, "column"] for name in ("ward_idaci", "ward_referral_rate")]
    for size in SIZES:
        found["side by side", size] = maps.static_side_by_side(*pair, size=size)
    return found


def _words(figure) -> list[tuple[str, float]]:
    return [
        (word, text.get_fontsize())
        for text in figure.axes[0].texts
        for word in text.get_text().split()
    ]


def test_at_most_a_third_of_the_words_are_small_print(drawn):
    """At the printed width, 8 point is read with ease, and nothing is under 7."""
    assert len(drawn) == 15
    for key, figure in drawn.items():
        sizes = [size for _, size in _words(figure)]
        assert min(sizes) >= 7, key
        assert sum(size < 8 for size in sizes) <= len(sizes) / 3, key


def test_a_print_has_one_note_one_line_of_sources_and_a_date(drawn):
    for (name, size), figure in drawn.items():
        spec = figure.spec
        told = " ".join(word for word, _ in _words(figure))
        assert len(told.split()) < (240 if "side" not in name else 340), (name, size)
        assert spec.note in told
        shown = [note for note in (*spec.notes, *spec.layers[0].notes) if note in told]
        assert all(note in spec.note for note in shown)
        assert told.count("Open Government Licence") == told.count("©") == 1
        assert "area" not in told.split()
        if name != "side by side":
            assert YEAR.search(spec.subtitle), name


def test_the_list_of_names_is_level_in_its_columns(drawn):
    for (name, size), figure in drawn.items():
        texts = figure.axes[0].texts
        spots = {}
        for text in texts:
            spots.setdefault(round(text.get_position()[1], 6), []).append(text)
        listed = [
            text
            for text in texts
            if text.get_text().isdigit() and (text.get_ha(), text.get_weight()) == ("right", "bold")
        ]
        assert listed or size != "column"
        for number in listed:
            line = spots[round(number.get_position()[1], 6)]
            after = [each for each in line if each.get_position()[0] > number.get_position()[0]]
            assert after, (name, size, number)
            assert {each.get_va() for each in line} == {"baseline"}
        downs = sorted({round(text.get_position()[1], 6) for text in listed})
        steps = {round(high - low, 4) for low, high in itertools.pairwise(downs)}
        whole = min(steps, default=1)
        assert all(abs(each / whole - round(each / whole)) < 0.01 for each in steps), (name, size)


def test_england_is_in_the_legend_of_the_crossed_map_and_low_is_low_for_whom(drawn):
    for size in SIZES:
        told = " ".join(word for word, _ in _words(drawn["ward_idaci_vs_referrals", size]))
        assert "England 2025 (519.4)" in told
        assert "about a third each of these 20 wards." in told


def test_no_ward_has_two_marks_or_a_mark_over_a_pattern(drawn):
    layer = drawn["ward_plan_rate", "page"].spec.layers[0]
    assert {mark.key for mark in layer.marks} == {"similar", "small"}
    marks = list(map(sum, zip(*(mark.marked for mark in layer.marks), strict=True)))
    assert max(marks) == 1
    for paint, number in zip(layer.paints, marks, strict=True):
        assert not number or paint.pattern == "none"


def test_a_note_on_hidden_counts_is_only_on_a_map_that_hides_one(bolton, profile, local):
    _, plans = planned(bolton, profile, local)
    said = {name: " ".join(plan.options["notes"]) for name, plan in plans.items()}
    assert profile["plans_status"].eq("suppressed").any()
    assert not profile["referrals_status"].eq("suppressed").any()
    assert "are hidden" in said["ward_plan_rate"]
    for name in ("ward_idaci", "ward_referral_rate", "ward_idaci_vs_referrals"):
        assert "hidden" not in said[name]
    rounded = replace(local, rule=RULES["nhs"])
    assert RULES["nhs"].rounding > 1
    notes = planned(bolton, profile, rounded)[1]["ward_referral_rate"].options["notes"]
    assert f"Counts are rounded to {RULES['nhs'].rounding}." in notes


def test_the_notes_of_a_map_are_about_its_own_event(bolton, profile, local):
    _, plans = planned(bolton, profile, local)
    plans_notes = " ".join(plans["ward_plan_rate"].options["notes"])
    assert "referral" not in plans_notes
    assert "Without a known ward" in plans_notes
    assert "plans" not in " ".join(plans["ward_referral_rate"].options["notes"])


def test_without_a_figure_of_england_no_note_is_about_a_comparison(bolton, profile, local):
    figures = bolton.children_in_need
    alone = replace(bolton, children_in_need=figures[figures["area_code"] != "E92000001"])
    frame, plans = planned(alone, profile, local)
    for name in ("ward_referral_rate", "ward_plan_rate", "ward_idaci_vs_referrals"):
        spec = figure_of(alone, frame, plans[name], labels=False).spec
        assert "England" not in " ".join((*spec.notes, *spec.layers[0].notes)), name


def test_a_total_unlike_that_of_dfe_is_not_compared_with_england(
    bolton, profile, local, monkeypatch, tmp_path
):
    from bolton_jsna.building._local_doubts import Doubt

    doubts = (Doubt("total", "The local file has few.", "referrals"),)
    figures = bolton.children_in_need
    more = figures["count"].where(figures["area_code"] != "E08000001", figures["count"] * 2)
    part = replace(bolton, children_in_need=figures.assign(count=more))
    accepted = replace(local, doubts=doubts, accepted="A test.")
    frame, plans = planned(part, profile, accepted)
    for name in ("ward_referral_rate", "ward_idaci_vs_referrals"):
        plan = plans[name]
        spec = figure_of(part, frame, plan, labels=False).spec
        assert not [scale for scale in spec.layers[0].scales if scale.benchmark]
        assert plan.caution == spec.note
        assert "may not be whole: they have 3," in spec.note
        assert "50 per cent fewer than DfE published" in spec.note
        assert spec.note.endswith("; accepted with the reason: A test.")
        assert "Check" not in " ".join((spec.note, *spec.notes))
    # The page of each map has it below its subtitle, the page of layers below its title.
    shown = {}

    def save(page, path):
        shown[path.stem] = page.get_root().spec

    monkeypatch.setattr(maps, "save_map", save)
    monkeypatch.setattr(maps, "save_figure", lambda _figure, _path: None)
    both = [plans["ward_idaci"], plans["ward_referral_rate"]]
    _maps.draw(frame, replace(part, postcodes=None), accepted, both, tmp_path)
    caution = plans["ward_referral_rate"].caution
    assert shown["ward_referral_rate"].subtitle.endswith(f"year ending 31 March 2025. {caution}")
    assert "whole" not in shown["ward_idaci"].subtitle
    assert shown["ward_layers"].subtitle == caution
    # The plans are as DfE has them.
    assert plans["ward_plan_rate"].options["uncertainty"].benchmark is not None
    assert plans["ward_plan_rate"].caution == ""
    assert "whole" not in plans["ward_plan_rate"].options["note"]


def test_a_print_without_comparisons_has_no_words_of_them(bolton, profile, local):
    frame, plans = planned(bolton, profile, local)
    spec = figure_of(bolton, frame, plans["ward_idaci_vs_referrals"], labels=False).spec
    said = " ".join((*spec.notes, *spec.layers[0].notes))
    assert "significantly" not in said
    assert "is compared with England" not in said
    assert plans["ward_idaci_vs_referrals"].web_notes
    notes = (plans["ward_idaci"].options["note"], *plans["ward_idaci"].options["notes"])
    assert sum("other editions" in note for note in notes) == 1


def test_the_notes_of_each_map_are_an_output_of_the_build(bolton_built):
    record = json.loads((bolton_built / "data" / "processed" / "run.json").read_text("utf-8"))
    pictures = [name for name in record["outputs"] if name.endswith(".png")]
    assert len(pictures) == 3
    for name in pictures:
        notes = name.replace(".png", "_notes.txt")
        assert notes in record["outputs"]
        assert notes in OUTPUTS
        written = (bolton_built / notes).read_text("utf-8")
        assert "Open Government Licence" in written
        assert ("Illustrative local data" in written) == ("referral" in name)


def test_published_numbers_of_children_are_not_called_modelled(bolton, local):
    published = replace(bolton, children=bolton.children.assign(status="value"))
    assert _reader_notes.map_note(published, local, "referrals") == ""
    assert "modelled" not in " ".join(_reader_notes.map_notes(published, local, "referrals"))
    assert "modelled" in _reader_notes.map_note(bolton, local, "referrals")
