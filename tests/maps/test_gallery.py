"""The gallery shows what its own code draws, small and with words for who does not see it."""

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _maps

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "gallery.md"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location(
        "draw_gallery", ROOT / "scripts" / "draw_gallery.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shown() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8")
    return {name: words for words, name in re.findall(r"!\[(.*?)\]\((.*?)\)", text, re.DOTALL)}


def test_every_picture_is_shown_small_and_in_words():
    shown = _shown()
    held = {path.relative_to(PAGE.parent).as_posix() for path in PAGE.parent.glob("gallery/*")}
    assert held == set(shown)
    for name, words in shown.items():
        assert len(words.split()) > 10, name
        assert (PAGE.parent / name).stat().st_size < 100_000, name


def test_the_code_of_the_page_draws_its_pictures(script, tmp_path, bolton_built, monkeypatch):
    build = jsna.build

    def built(area, **options):
        if options:
            return build(area, **options)
        # The build that all tests share: the page makes the same.
        return shutil.copytree(bolton_built / "data", "data")

    monkeypatch.setattr(jsna, "build", built)
    # The page draws from the tables of its builds; their own maps it does not look at.
    monkeypatch.setattr(_maps, "draw", lambda *_: {})
    script.run(PAGE.read_text(encoding="utf-8"), tmp_path)
    drawn = {f"gallery/{path.name}" for path in (tmp_path / "gallery").glob("*.png")}
    assert drawn | {"gallery/page.png"} == set(_shown())
    assert (tmp_path / "layers.html").stat().st_size < 300_000


def test_a_smaller_picture_is_the_same_picture(script):
    import io

    from PIL import Image

    image = Image.new("RGB", (40, 30), "#12436d")
    content = io.BytesIO()
    image.save(content, "PNG")
    small = Image.open(io.BytesIO(script.smaller(content.getvalue())))
    assert small.size == (40, 30)
    assert small.convert("RGB").getpixel((5, 5)) == (0x12, 0x43, 0x6D)
