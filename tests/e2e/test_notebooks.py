"""Every notebook runs from top to bottom on sample data, and is saved with what it shows."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from notebooks.run import execute, notebooks

NAMES = [path.name for path in notebooks()]
pytestmark = [
    # Jupyter's own: it warns of its default transport and of event loops that it makes itself
    pytest.mark.filterwarnings("ignore::DeprecationWarning:zmq"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning:zmq"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client"),
]


def test_there_are_four_in_order() -> None:
    """The notebooks that the README names."""
    assert NAMES == [
        "01-replay-a-snapshot.ipynb",
        "02-what-changed-between-two-days.ipynb",
        "03-unmapped-labels.ipynb",
        "04-data-quality-over-time.ipynb",
    ]


def outputs(notebook: NotebookNode) -> list[list[tuple[str, str]]]:
    """Return the outputs of each code cell: kind and text; of a picture only that it is there."""
    return [
        [_shown(output) for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"
    ]


def _shown(output: NotebookNode) -> tuple[str, str]:
    if output.output_type not in {"execute_result", "display_data"}:
        return output.output_type, str(output.get("text", output.get("evalue")))
    return ("picture", "") if "image/png" in output.data else ("value", output.data["text/plain"])


@pytest.fixture
def _own_jupyter(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep Jupyter and IPython out of the caller's home: its settings do not count, and it may be unwritable."""
    folder = tmp_path_factory.mktemp("jupyter")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(folder / name.lower()))


@pytest.mark.long
@pytest.mark.usefixtures("_own_jupyter")
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_is_saved_as_it_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell runs without an error in an empty folder, and what it shows is what is saved.

    Data of the caller's own, which the environment points at, stay out of what is saved.

    After a change that moves the outputs: `make notebooks`.
    """
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    for own in ("SNAPSHOT", "OLD", "NEW", "DATABASE_URL"):
        monkeypatch.setenv(own, str(tmp_path / "nothing is here"))
    path = next(path for path in notebooks() if path.name == name)
    saved = outputs(nbformat.read(path, as_version=4))
    fresh = outputs(execute(path, str(tmp_path)))
    assert fresh == saved
    kinds = {kind for cell in fresh for kind, _ in cell}
    assert kinds == {"picture", "value"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_saved_reads_well_anywhere(name: str) -> None:
    """No path of the machine that ran it, no time, no address; small enough to be shown."""
    path = next(path for path in notebooks() if path.name == name)
    text = path.read_text("utf-8")
    words = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not re.search(r"/tmp/|/home/|/root/|127\.0\.0\.1|\d{8}T\d{6}Z-[0-9a-f]{6}\b(?<!3f9a1c)", words)
    assert len(text) < 400_000
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].cell_type == "markdown"
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
