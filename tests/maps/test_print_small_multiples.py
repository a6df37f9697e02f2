"""Maps side by side: the same classes when they are compared, nothing cut or covered."""

import functools

import pytest
import shapely
from matplotlib.figure import Figure

from bolton_jsna.core.errors import SchemaError, UsageError, VintageError
from bolton_jsna.maps import (
    Uncertainty,
    save_figure,
    shared_classes,
    static_bivariate,
    static_choropleth,
    static_side_by_side,
)
from bolton_jsna.maps.print._small_multiples import _shared_label


@pytest.fixture(scope="module")
def drawn(bolton):
    """What draws two years of one rate, in the same classes unless asked otherwise."""
    frame = bolton.assign(
        rate_2024=bolton["rate"] * 0.9,
        rate_2025=bolton["rate"],
        rate_2024_status=bolton["rate_status"],
        rate_2025_status=bolton["rate_status"],
        lower=bolton["rate"] * 0.8,
        upper=bolton["rate"] * 1.2,
        referrals=[15 if at % 3 else 200 for at in range(len(bolton))],
    ).drop(columns=["rate_status"])

    def make(*, shared=True):
        columns = ["rate_2024", "rate_2025"]
        classes = shared_classes(frame, columns, classes=4) if shared else 4
        sure = Uncertainty(count="referrals", benchmark=519.4)
        return [
            static_choropleth(
                frame,
                column,
                classes=classes,
                label="Referral rate",
                unit="per 10,000 children",
                title=f"Year {column[-4:]}",
                uncertainty=sure if column == "rate_2025" else None,
                illustrative=True,
                sources=["Contains OS data © Crown copyright and database right 2023."],
            )
            for column in columns
        ]

    return make


@pytest.fixture(scope="module")
def two(drawn):
    """The two years, drawn once: side by side, maps are drawn again from what they show."""
    return functools.cache(drawn)


def _texts(figure):
    return [each for each in figure.axes[0].texts if each.get_text()]


@pytest.mark.parametrize("size", ["column", "page", "slide"])
@pytest.mark.parametrize(
    ("shared", "number"), [(True, 2), (False, 2), (True, 3), (False, 4), (True, 6)]
)
def test_all_text_is_on_the_page_without_overlaps(two, size, shared, number):
    maps = (two(shared=shared) * 3)[:number]
    figure = static_side_by_side(*maps, title="Years", size=size)
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    told = []
    for text in _texts(figure):
        box = text.get_window_extent(renderer)
        assert 0 <= box.x0 <= box.x1 <= width, text
        assert 0 <= box.y0 <= box.y1 <= height, text
        shape = shapely.box(box.x0 + 1, box.y0 + 2, box.x1 - 1, box.y1 - 2)
        clash = [other for other, known in told if known.intersects(shape)]
        assert not clash, (text, clash)
        told.append((text, shape))
    if size != "column" and (shared or number > 2):
        assert width / height == pytest.approx({"page": 277 / 190, "slide": 16 / 9}[size])
    if size == "column":
        assert figure.get_figheight() <= 247 / 25.4  # the text of an A4 page


def test_the_same_classes_have_one_legend_with_the_counts_of_both(two):
    maps = two()
    figure = static_side_by_side(*maps, title="Two years")
    layers = [each.spec.layers[0] for each in maps]
    assert layers[0].scales[0].classes.breaks == layers[1].scales[0].classes.breaks
    told = [" ".join(text.get_text().split()) for text in _texts(figure)]
    same = "All maps have the same classes: equal colours are equal figures."
    assert same in figure.spec.notes
    assert same not in told
    for one, other in zip(layers[0].entries, layers[1].entries, strict=True):
        assert (one.key, one.label, one.paint) == (other.key, other.label, other.paint)
        assert told.count(one.label) == 1
        assert f"{one.count} and {other.count} wards" in told
    (similar, small) = layers[1].marks
    assert f"0 and {similar.count} wards" in told
    assert f"0 and {small.count} wards" in told


@pytest.mark.parametrize(
    ("size", "number", "rows"),
    [("column", 4, 2), ("column", 3, 2), ("column", 6, 3), ("page", 4, 1), ("slide", 6, 2)],
)
def test_maps_stand_in_rows_in_the_order_given(two, size, number, rows):
    first, second = two()
    maps = [first, second] * (number // 2) + [first] * (number % 2)
    figure = static_side_by_side(*maps, title="Years", size=size)
    heads = [each for each in _texts(figure) if each.get_text() in {"Year 2024", "Year 2025"}]
    places = [(round(-each.get_position()[1], 3), each.get_position()[0]) for each in heads]
    assert places == sorted(places)
    assert [each.get_text() for each in heads] == [each.spec.title for each in maps]
    assert len({down for down, _ in places}) == rows


def test_the_counts_of_many_maps_are_listed(two):
    first, second = two()
    figure = static_side_by_side(first, second, second)
    layers = [each.spec.layers[0] for each in (first, second, second)]
    lowest = [each.entries[0].count for each in layers]
    told = [" ".join(text.get_text().split()) for text in _texts(figure)]
    assert f"{lowest[0]}, {lowest[1]} and {lowest[2]} wards" in told
    told = [text.get_text() for text in _texts(static_side_by_side(first, first, second, second))]
    assert not [text for text in told if text.endswith(" wards") and text[0].isdigit()]


def test_the_label_of_a_mark_is_true_of_all_maps():
    others = ["Not significantly different from England (5)"]
    others.append(f"Others {others[0][:1].lower()}{others[0][1:]}")
    assert _shared_label("similar", others) == others[1]
    few = "Low reliability (fewer than 20)"
    assert _shared_label("small", [f"{few}; 3 of them", f"{few}; 4 of them"]) == few
    assert _shared_label("small", [f"{few}; 3 of them"] * 2) == f"{few}; 3 of them"


def test_notes_of_the_legends_are_in_the_file_beside_and_not_on_the_page(two, tmp_path):
    figure = static_side_by_side(*two(shared=False), title="Two years")
    told = " ".join(text.get_text() for text in _texts(figure))
    save_figure(figure, tmp_path / "years.svg")
    beside = (tmp_path / "years_notes.txt").read_text(encoding="utf-8")
    notes = [note for layer in figure.spec.layers for note in layer.notes]
    assert len(notes) > 2
    for note in notes:
        assert note in beside
        assert note not in told


def test_other_classes_have_a_legend_each_and_no_such_claim(two, bolton):
    crossed = static_bivariate(bolton, "idaci", "rate")
    for maps in (two(shared=False), [two()[0], crossed]):
        figure = static_side_by_side(*maps)
        told = " ".join(text.get_text() for text in _texts(figure))
        assert "same classes" not in told
        assert figure.spec.title == f"{maps[0].spec.title} and {maps[1].spec.title}"


def test_no_more_maps_than_there_is_room_for(two, tmp_path):
    first, second = two()
    figure = static_side_by_side(first, second, first, size="slide")
    assert save_figure(figure, tmp_path / "three.pdf").stat().st_size
    with pytest.raises(UsageError, match="7 maps side by side: expected 2 to 6"):
        static_side_by_side(*[first] * 7)
    apart = two(shared=False)
    with pytest.raises(UsageError, match="5 maps with a legend each: expected 2 to 4"):
        static_side_by_side(*apart, *apart, apart[0])


def test_the_same_maps_give_the_same_bytes(drawn, tmp_path):
    figures = [static_side_by_side(*drawn()) for _ in range(2)]
    for ending in ("svg", "pdf"):
        first, second = (
            save_figure(figure, tmp_path / f"{at}.{ending}").read_bytes()
            for at, figure in enumerate(figures)
        )
        assert first == second, ending


def test_maps_that_cannot_be_side_by_side_are_rejected(two, figures, wards):
    first, _ = two()
    with pytest.raises(UsageError, match="1 maps"):
        static_side_by_side(first)
    with pytest.raises(UsageError, match="was not made by"):
        static_side_by_side(first, Figure())
    with pytest.raises(VintageError, match="do not show the same areas"):
        static_side_by_side(first, static_choropleth(figures, "idaci", boundaries=wards))


def test_shared_classes_leave_withheld_numbers_out(figures):
    frame = figures.assign(after=figures["rate"], after_status=figures["rate_status"])
    leaky = frame.assign(rate=frame["rate"].fillna(9999.0))
    assert shared_classes(leaky, ["rate", "after"]) == shared_classes(frame, ["rate", "after"])
    with pytest.raises(SchemaError, match="Did you mean 'after'"):
        shared_classes(frame, ["rate", "aftre"])
