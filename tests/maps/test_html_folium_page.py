"""A map in a notebook is as high as its page: table, notes and sources are seen."""

from bolton_jsna.maps import choropleth_map


def test_the_frame_of_a_notebook_takes_the_height_of_the_page(bolton, visit, tmp_path):
    drawn = choropleth_map(bolton, "rate", label="Rate", notes=["A note."], sources=["The source."])
    page = tmp_path / "notebook.html"
    page.write_text(
        f"<!DOCTYPE html><meta charset='utf-8'><body>{drawn._repr_html_()}</body>", encoding="utf-8"
    )
    for width in (1200, 700):
        seen = visit(page, width=width)
        seen.page.wait_for_function(
            """() => {
                const frame = document.querySelector("iframe"), inside = frame.contentDocument;
                return inside.querySelector("path.area") !== null
                    && Math.abs(frame.clientHeight - inside.body.offsetHeight) < 2;
            }"""
        )
        frame, below, table = seen.page.evaluate(
            """() => {
                const frame = document.querySelector("iframe");
                const end = (name) => frame.contentDocument.querySelector(name)
                    .getBoundingClientRect().bottom;
                return [frame.clientHeight, end("footer"), end("#figures") - end(".scroll")];
            }"""
        )
        assert below <= frame <= below + 40
        assert table <= 0
