"""Run the notebooks of this folder, or those named, and keep what they show.

Use: python examples/notebooks/renew.py [NAME...]
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from nbclient import NotebookClient

HERE = Path(__file__).parent
nbformat: Any = import_module("nbformat")  # it has types for some of its functions alone
SECONDS = 600  # that a cell may take


def execute(path: Path, folder: Path) -> Any:
    """Run a notebook in a folder and return it with its outputs; a cell that fails raises."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}})
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it was run is nobody's concern
    return notebook


def main() -> None:
    """Renew them all."""
    for path in sorted(HERE.glob("*.ipynb")):
        if not sys.argv[1:] or path.stem in sys.argv[1:]:
            nbformat.write(execute(path, HERE), path)


if __name__ == "__main__":
    main()
