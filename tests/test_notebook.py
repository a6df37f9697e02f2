"""The tour runs from top to bottom, shows the known figures, and is kept without outputs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

SHOWN = {
    "rates": ("794.7", "503.0", "Byar"),
    "neighbours": ("Rochdale", "934.4", "519.4"),
    "models": ("604.97", "594.17", "581.03", "534.33", "527.69", "531.27"),
    "idaci": ("14", "18", "31", "35", "42", "52", "57", "68"),
    "wards": ("Rumworth", "0.691", "Queens Park &amp; Central", "0.680", "Halliwell", "0.644"),
    "sources": ("children_in_need@2025", "idaci@2025", "Open Government Licence v3.0"),
    "own": ("suppressed", "319"),
    "proof": ("safe", "True", "values"),
    "interactive": ("iframe", "Child deprivation in Bolton by ward"),
}
"""Published or agreed figures, by the cell that shows them."""


@pytest.fixture(scope="module")
def kept(root: Path) -> nbformat.NotebookNode:
    """The notebook as it is kept."""
    return nbformat.read(root / "notebooks" / "first_tour.ipynb", as_version=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tour")


@pytest.fixture(scope="module")
def run(kept: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """The notebook after its cells were run in an empty folder."""
    tour = nbformat.from_dict(kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BOLTON_JSNA_WORKSPACE", raising=False)
        # A user's own start-up files and back end are none of the tour's business.
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.delenv("MPLBACKEND", raising=False)
        client = NotebookClient(
            tour,
            kernel_name="python3",
            timeout=180,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
    return tour


def test_outputs_are_stripped(kept: nbformat.NotebookNode) -> None:
    cells = [cell for cell in kept.cells if cell.cell_type == "code"]

    assert [cell.id for cell in cells if cell.outputs or cell.execution_count is not None] == []
    assert kept.metadata.kernelspec.name == "python3"


def test_cells_are_named_once_by_what_they_do(kept: nbformat.NotebookNode) -> None:
    names = [cell.id for cell in kept.cells]

    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize("cell", SHOWN)
def test_the_tour_shows_the_known_figures(run: nbformat.NotebookNode, cell: str) -> None:
    page = html(run, cell)

    assert [figure for figure in SHOWN[cell] if figure not in page] == []


def test_the_tour_draws_a_picture_once_and_without_a_magic_line(
    kept: nbformat.NotebookNode, run: nbformat.NotebookNode
) -> None:
    assert [cell.id for cell in kept.cells if "%matplotlib" in cell.source] == []
    (drawn,) = outputs(run, "static")
    assert len(drawn["data"]["image/png"]) > 20_000
    assert "Child deprivation in Bolton by ward" in drawn["metadata"]["image/png"]["alt"]


def test_the_tour_leaves_maps_that_open(run: nbformat.NotebookNode, folder: Path) -> None:
    page = (folder / "ward_idaci.html").read_text(encoding="utf-8")

    assert "Rumworth" in page
    assert "Open Government Licence" in page
    assert (folder / "ward_idaci.png").read_bytes().startswith(b"\x89PNG")


def test_the_tour_warns_of_nothing(run: nbformat.NotebookNode) -> None:
    streams = [
        output.text
        for cell in run.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream"
    ]

    assert streams == []


def outputs(run: nbformat.NotebookNode, cell: str) -> list[nbformat.NotebookNode]:
    return next(each.outputs for each in run.cells if each.id == cell)


def html(run: nbformat.NotebookNode, cell: str) -> str:
    return "".join(output["data"].get("text/html", "") for output in outputs(run, cell))
