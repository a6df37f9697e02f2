"""A figure shows itself in a notebook once, at its printed size, and is no figure of pyplot."""

import struct
import types

import matplotlib.pyplot as plt

from bolton_jsna.drawing.canvas import Canvas


def test_a_figure_shows_itself_as_a_picture_with_words():
    figure = Canvas(4, 2).figure
    figure.spec = types.SimpleNamespace(title="Plans", description="Map of 20 areas.")
    with plt.rc_context({"savefig.dpi": 20, "savefig.bbox": "tight"}):
        data, shown = figure._repr_mimebundle_()

    assert list(data) == ["image/png"]
    assert struct.unpack(">II", data["image/png"][16:24]) == (576, 288)
    assert shown == {"image/png": {"width": 384, "alt": "Plans. Map of 20 areas."}}
    assert repr(figure).startswith("<Figure for print: 'Plans', 102 x 51 mm")
    assert plt.get_fignums() == []
