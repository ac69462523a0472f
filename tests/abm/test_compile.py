"""The kernels' cache."""

from __future__ import annotations

from pathlib import Path

import abm
from abm import compile as compiling


def test_every_module_with_a_kernel_counts_in_the_caches_name():
    folder = Path(abm.__file__).parent
    with_kernels = {file.name for file in folder.glob("*.py") if "\n@kernel\n" in file.read_text()}
    assert with_kernels
    assert with_kernels | {"state.py", "laws.py"} <= set(compiling._KERNEL_MODULES)


def test_an_edit_of_a_kernels_source_moves_the_cache(monkeypatch, tmp_path):
    before = compiling.cache_folder()
    for name in compiling._KERNEL_MODULES:
        (tmp_path / name).write_bytes((Path(compiling.__file__).parent / name).read_bytes())
    (tmp_path / "phases.py").write_text((tmp_path / "phases.py").read_text() + "\n# edited\n")
    monkeypatch.setattr(compiling, "__file__", str(tmp_path / "compile.py"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiling.cache_folder.__wrapped__().name != before.name


def test_a_home_that_cannot_be_written_does_not_stop_a_run(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    assert compiling.cache_folder.__wrapped__().is_dir()
