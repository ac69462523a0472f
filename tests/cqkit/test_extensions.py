"""Files of the user's own: loaded once, as modules that every process knows by the same name."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from cqkit import extensions
from cqkit.errors import InputError
from cqkit.extensions import carried, file_of, load_extensions, loaded_extensions
from cqkit.registry import Registry


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """What a test loads is forgotten after it."""
    monkeypatch.setattr(extensions, "_LOADED", {})
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture(scope="module")
def toys():
    return Registry("toy of the extensions")


def test_a_file_is_loaded_once_whatever_it_is_called(tmp_path, monkeypatch):
    path = tmp_path / "one.py"
    path.write_text("import sys\nsys.loads = getattr(sys, 'loads', 0) + 1\n")
    (tmp_path / "link.py").symlink_to(path)
    monkeypatch.setattr(sys, "loads", 0, raising=False)
    monkeypatch.chdir(tmp_path)
    load_extensions([path, "one.py", "link.py"])
    load_extensions([path])
    assert sys.loads == 1
    (found,) = loaded_extensions()
    assert (found.path, file_of(found.module)) == (path, "one.py")
    assert file_of("cqkit.registry") is None


def test_two_files_of_one_name_are_two_modules(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "my.py").write_text(f"WHO = '{name}'\n")
    load_extensions([tmp_path / "a" / "my.py", tmp_path / "b" / "my.py"])
    modules = [sys.modules[item.module] for item in loaded_extensions()]
    assert [module.WHO for module in modules] == ["a", "b"]


def test_what_a_file_registers_is_known_as_the_file_s(tmp_path, toys):
    path = tmp_path / "mine.py"
    path.write_text(
        "from cqkit.registry import registries\n"
        "@registries()['toy of the extensions'].register('mine')\n"
        "class Mine:\n    'What it is.'\n\n"
        "registries()['toy of the extensions'].add('seven', 7)\n"  # a thing that was made elsewhere
    )
    with toys.scratch():
        toys.add("eight", 8)
        load_extensions([path])
        assert toys.names() == ("eight", "mine", "seven")
        assert [file_of(toys.origin(name)) for name in toys.names()] == [None, "mine.py", "mine.py"]


def test_a_file_that_fails_is_not_loaded_and_may_be_mended(tmp_path):
    path = tmp_path / "my.py"
    path.write_text("1 / 0\n")
    with pytest.raises(InputError, match=r"my.py: line 1: ZeroDivisionError"):
        load_extensions([path])
    assert loaded_extensions() == ()
    path.write_text("WHO = 'me'\n")
    load_extensions([path])
    assert [item.path for item in loaded_extensions()] == [path]


def test_every_fault_of_a_file_has_a_line(tmp_path):
    path = tmp_path / "my.py"
    path.write_text("from cqkit.errors import InputError\n\nraise InputError('one', 'two')\n")
    with pytest.raises(InputError) as raised:
        load_extensions([path])
    assert raised.value.faults == ("my.py: line 3: one", "my.py: line 3: two")


def test_another_process_loads_the_same_files_before_its_work(tmp_path):
    path = tmp_path / "my.py"
    path.write_text(
        "from dataclasses import dataclass\n\n\n"
        "@dataclass(frozen=True)\nclass Mine:\n    x: int = 1\n\n\n"
        "def doubled(mine):\n    return Mine(2 * mine.x)\n"
    )
    load_extensions([path])
    module = sys.modules[loaded_extensions()[0].module]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(carried(module.doubled, module.Mine(21))).result()
    assert found == module.Mine(42)
