"""Leaflet's files are those that its makers published, and their licence is beside them."""

import hashlib

from bolton_jsna.maps.html import _leaflet

PUBLISHED = {
    # Of leaflet-1.9.4.tgz as npm has it, which agrees with the hashes that leafletjs.com gives.
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}


def test_leaflets_files_are_as_they_were_published(root):
    folder = root / "src" / "bolton_jsna" / "maps" / "html" / "third_party"
    for name, digest in PUBLISHED.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    licence = (folder / "LICENSE-leaflet.txt").read_text(encoding="utf-8")
    assert licence.startswith("BSD 2-Clause License")
    assert sorted(path.name for path in folder.iterdir()) == [
        "LICENSE-leaflet.txt",
        "leaflet.css",
        "leaflet.js",
    ]


def test_a_page_names_leaflet_and_its_makers():
    assert "Leaflet 1.9.4" in _leaflet.script()
    assert "Agafonkin" in _leaflet.script()
    assert "url(" not in _leaflet.style()
