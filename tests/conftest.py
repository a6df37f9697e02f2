"""What every test may ask for."""

import importlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The first example of a property pays for imports, and a shared machine may be slow.
settings.register_profile(
    "bolton_jsna", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("bolton_jsna")

# A test that means the network says so, whatever the shell allows.
os.environ.pop("BOLTON_JSNA_DOWNLOAD", None)

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of published official files; a test that asks for it is skipped without it."""
    named = os.environ.get("BOLTON_JSNA_REFERENCE_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"no published files at {folder}: set BOLTON_JSNA_REFERENCE_DATA to check against them"
        )
    return folder


def pytest_collection_modifyitems(items):
    for item in items:
        if "oracle" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.oracle)


@pytest.fixture
def oracle():
    """Import a library that figures are compared with; `make oracle` needs it, others may skip."""
    if os.environ.get("BOLTON_JSNA_ORACLES") == "required":
        return importlib.import_module
    return lambda name: pytest.importorskip(name, reason=f"{name} is for comparison: make oracle")
