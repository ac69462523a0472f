"""The notebooks run as they stand, and hold what they show."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__).parents[2] / "examples" / "notebooks"
NOTEBOOKS = sorted(path.stem for path in HERE.glob("*.ipynb"))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_three_with_outputs():
    assert NOTEBOOKS == ["first-run", "own-parts", "your-book"]
    for name in NOTEBOOKS:
        path = HERE / f"{name}.ipynb"
        cells = code_cells(nbformat.read(path, as_version=4))
        assert sum(bool(cell.outputs) for cell in cells) >= len(cells) // 2
        assert not [output for cell in cells for output in cell.outputs if output.output_type in ("error", "stderr")]
        assert path.stat().st_size < 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_in_any_folder_and_shows_the_same_kinds_of_things(name, tmp_path):
    spec = importlib.util.spec_from_file_location("renew", HERE / "renew.py")
    renew = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(renew)
    path = HERE / f"{name}.ipynb"
    stored = code_cells(nbformat.read(path, as_version=4))
    run = code_cells(renew.execute(path, tmp_path))
    for before, now in zip(stored, run, strict=True):
        kinds = [
            [sorted(output.get("data", {})) for output in cell.outputs if output.output_type != "stream"]
            for cell in (before, now)
        ]
        assert kinds[0] == kinds[1], now.source
