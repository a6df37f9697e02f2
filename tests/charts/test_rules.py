"""What holds for a chart of every kind: marks, words, states, and that nothing overlaps."""

import itertools
import re

import pytest

from bolton_jsna.charts import _layout, _style
from bolton_jsna.charts._spec import Band, Bar, Dot, Line, StateMark, Whisker
from bolton_jsna.charts._web import shown
from bolton_jsna.core.states import SIGNS
from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.saving import picture
from chart_words import WIDTHS, crossings, words_of
from charts_made import CHARTS

CASES = [(kind, case) for kind in CHARTS for case in ("ordinary", "hidden", "one")]
JUDGING = re.compile(
    r"\b(higher|lower|similar(?! size)|rising|falling|unusual|rose|fell|better|worse"
    r"|significant)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def made():
    charts = {}

    def chart(kind, case):
        if (kind, case) not in charts:
            charts[kind, case] = getattr(CHARTS[kind], case)()
        return charts[kind, case]

    return chart


@pytest.mark.parametrize("page", WIDTHS)
@pytest.mark.parametrize(("kind", "case"), CASES)
def test_no_words_overlap_or_leave_the_page(made, kind, case, page):
    assert crossings(made(kind, case).spec, page) == []


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_bars_begin_at_zero(made, kind, case):
    spec = made(kind, case).spec
    bars = [each for each in spec.marks if isinstance(each, Bar)]
    for (_, along), group in itertools.groupby(
        sorted(bars, key=lambda each: (each.at, each.along)), key=lambda each: (each.at, each.along)
    ):
        # The parts of a whole stand on each other, the first of them on zero.
        assert min(min(abs(each.start), abs(each.end)) for each in group) == 0
        axis = spec.x if along == "x" else spec.y
        assert axis.low <= 0 <= axis.high


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_few_colours_that_can_be_seen(made, kind, case):
    spec = made(kind, case).spec
    drawn = [each for each in spec.marks if isinstance(each, Dot | Bar | Line | Whisker)]
    colours = {_style.colour(each.role) for each in drawn}
    assert len(colours) <= 6
    page = palettes.line("page")
    assert all(palettes.contrast(each, page) >= 3 for each in colours)


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_an_interval_is_drawn_where_there_is_one(made, kind, case):
    spec = made(kind, case).spec
    limits = {"lower", "upper"} <= set(spec.data.columns)
    if limits and spec.data["lower"].notna().any():
        assert any(isinstance(each, Band | Whisker) for each in spec.marks)


@pytest.mark.parametrize("kind", CHARTS)
def test_a_figure_without_a_number_has_its_sign(made, kind):
    chart = made(kind, "hidden")
    spec = chart.spec
    there = {each for each in spec.data["status"] if each in SIGNS}
    assert there, "the registry's chart has no figure without a number"
    drawing = _layout.laid_out(spec, 760, size=14)
    drawn = {each.text for each in words_of(drawing)}
    legend = {each.status for each in spec.legend if each.mark == "state"}
    table = {cell for row in shown(spec) for cell in row}
    for status in there:
        sign = SIGNS[status]
        assert any(sign in text for text in drawn), (status, "is not in the drawing")
        assert sign in table, (status, "is not in the table")
    assert legend == there
    hidden = sum(each in SIGNS for each in spec.data["status"])
    marked = [each for each in spec.marks if isinstance(each, StateMark)]
    assert len(marked) + sum(text in SIGNS.values() for text in drawn) >= min(hidden, 1)
    assert not any(
        ": 0.0" in each.said or ": nan" in each.said
        for each in spec.marks
        if isinstance(each, Dot | Bar)
    )


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_words_that_judge_come_from_verdicts(made, kind, case):
    spec = made(kind, case).spec
    verdicts = {"lower", "higher", "similar"}
    held = [name for name in spec.data if verdicts & set(spec.data[name].dropna().astype(str))]
    texts = [spec.title, spec.subtitle, spec.description, *spec.notes]
    texts += [each.text for each in spec.legend]
    judged = {word.lower() for text in texts for word in JUDGING.findall(text)}
    if not held:
        assert judged == set()
    said = {str(each) for name in held for each in spec.data[name].dropna()}
    assert judged <= said | {"lower", "higher", "similar"}


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_the_words_of_a_chart(made, kind, case):
    spec = made(kind, case).spec
    assert spec.title
    assert spec.subtitle
    assert 1 <= len(re.findall(r"[.](?: |$)", spec.description)) <= 8
    assert "nan" not in spec.description.lower()
    assert not re.search(r"\b(None|<NA>)\b", spec.description)
    assert [name for name, _ in spec.headings if name not in spec.data.columns] == []
    assert len({text for _, text in spec.headings}) == len(spec.headings)
    assert all(each for row in shown(spec) for each in row)
    said = [each.said for each in spec.marks if isinstance(each, Dot | Bar | StateMark)]
    assert all(said)
    assert not any("nan" in each.split() for each in said)


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_text_is_horizontal_and_the_page_loads_nothing(made, kind, case):
    page = made(kind, case).html()
    assert "rotate(" not in page
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert made(kind, case).html() == page


@pytest.mark.parametrize("kind", CHARTS)
def test_the_same_chart_twice_is_the_same_bytes(kind, tmp_path):
    charts = [CHARTS[kind].ordinary() for _ in range(2)]
    for ending in ("html", "csv"):
        first, second = (
            each.save(tmp_path / f"{at}.{ending}").read_bytes() for at, each in enumerate(charts)
        )
        assert first == second, ending
    figures = [each.figure() for each in charts]
    for ending in ("png", "svg"):
        first, second = (picture(each, ending, dpi=100) for each in figures)
        assert first == second, ending


@pytest.mark.parametrize("kind", CHARTS)
def test_a_made_up_chart_says_so(made, kind):
    from dataclasses import replace

    from bolton_jsna.charts._print import figure
    from bolton_jsna.charts._web import page

    spec = replace(made(kind, "ordinary").spec, illustrative=True)
    assert "Illustrative figures" in page(spec)
    drawn = figure(spec)
    assert any(
        "Illustrative figures" in each.get_text()
        for each in drawn.findobj()
        if hasattr(each, "get_text")
    )
