"""Draw the images of docs/gallery.md by running the code on that page.

    python scripts/draw_gallery.py [FOLDER]

The code runs in a temporary folder; the images are written to docs/gallery/ (or FOLDER) with at
most 128 colours, which keeps them small. The image of the web page needs Chromium; without it that
image is not changed.
"""

import io
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "gallery.md"
COLOURS = 128


def blocks(text: str) -> list[str]:
    """Return the Python blocks of a Markdown page."""
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def run(text: str, folder: Path) -> None:
    """Run the blocks of a page in order in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        code = compile("\n".join(blocks(text)), "gallery.md", "exec")
        exec(code, {"__name__": "gallery"})  # noqa: S102 (our own page)
    finally:
        os.chdir(before)


def smaller(content: bytes) -> bytes:
    """Return a PNG with few colours."""
    small = io.BytesIO()
    image = Image.open(io.BytesIO(content)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def photograph(page: Path) -> bytes | None:
    """Return a screenshot of the page of layers, or None without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only where there is one)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        seen = browser.new_page(viewport={"width": 1150, "height": 900})
        seen.goto(page.as_uri())
        seen.locator("input[name=layer]").nth(1).check()
        seen.fill("#find", "Smithills")
        seen.keyboard.press("Enter")
        picture = seen.screenshot()
        browser.close()
    return picture


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        run(PAGE.read_text(encoding="utf-8"), scratch)
        drawn = {path.name: path.read_bytes() for path in (scratch / "gallery").glob("*.png")}
        picture = photograph(scratch / "maps" / "ward_layers.html")
        if picture is not None:
            drawn["page.png"] = picture
    for name, content in sorted(drawn.items()):
        small = smaller(content)
        (folder / name).write_bytes(small)
        print(f"{folder / name}: {len(small):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE.parent / "gallery")
