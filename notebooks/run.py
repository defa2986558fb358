"""Run the notebooks from top to bottom and save them with their outputs: `python notebooks/run.py [NAME …]`.

They run on sample data, whatever the caller's environment points them at: what is saved here is published. What differs
from run to run is left out of the files: times of execution, and ids that Jupyter makes up.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parent
_TIMEOUT_S = 120
_OWN_DATA = ("SNAPSHOT", "OLD", "NEW", "DATABASE_URL")  # what the first cells read


def notebooks() -> list[Path]:
    """Return the notebooks in the order of their numbers."""
    return sorted(FOLDER.glob("*.ipynb"))


def execute(path: Path, folder: str) -> NotebookNode:
    """Return a notebook with fresh outputs, run in a folder of its own.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=_TIMEOUT_S, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute(env={name: value for name, value in os.environ.items() if name not in _OWN_DATA})
    return tidied(notebook)


def tidied(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook without what differs from run to run."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
    return notebook


def main(names: list[str]) -> None:
    """Run all notebooks, or those whose names start so."""
    for path in notebooks():
        if names and not path.name.startswith(tuple(names)):
            continue
        with TemporaryDirectory() as folder:
            nbformat.write(execute(path, folder), path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1024:,.0f} KB{os.linesep}")


if __name__ == "__main__":
    main(sys.argv[1:])
