"""What holds for the project as a whole: layers, dependencies, licences, and nothing of one machine in it."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
# What a program under Apache-2.0 may depend on without taking on more than notices (MPL-2.0 binds its own files only).
COMPATIBLE = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla|Zlib|Unlicense|CC0|HPND|0BSD")
COPYLEFT = re.compile(r"(?<!L)\b(A?GPL|GNU (Affero )?General)|\bLGPL|Lesser General", re.IGNORECASE)


def project():
    return tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement):
    return normal(re.match(r"[\w.-]+", requirement).group())


def direct_dependencies(*, extras=True):
    content = project()
    lists = [content["project"]["dependencies"]]
    if extras:
        lists += list(content["project"].get("optional-dependencies", {}).values())
        lists += list(content.get("dependency-groups", {}).values())
    return {name_of(item) for items in lists for item in items if isinstance(item, str)} - {"crowdquake"}


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the tracked files cannot be listed")
    return [HOUSE / name for name in listed.stdout.split("\0") if name and (HOUSE / name).is_file()]


def test_a_module_is_read_in_one_sitting_and_what_a_function_does_fits_a_screen():
    """350 lines, and 60 beside the docstring and the parameters; what is compiled may be as long as a bar is."""
    for path in (item for item in tracked_files() if item.suffix == ".py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 350, path
        for item in ast.walk(ast.parse(text)):
            if isinstance(item, ast.FunctionDef) and "kernel" not in map(ast.unparse, item.decorator_list):
                does = item.body[ast.get_docstring(item) is not None :] or item.body
                assert item.end_lineno - does[0].lineno < 60, (path, item.name)


def test_imports_run_one_way():
    done = subprocess.run([BIN / "lint-imports"], cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_constraints_pin_every_dependency_and_name_no_host():
    text = (HOUSE / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    pins = {normal(line.partition("==")[0]) for line in text.splitlines() if "==" in line}
    assert direct_dependencies() - pins == set()
    assert all("==" in line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def test_nothing_of_one_machine_is_in_the_project():
    folders = "|".join(f"/{name}/" for name in ("work", "root", "home"))
    told = re.compile(rf"(?<![\w.])(?:{folders})|{'-'.join(('index', 'url'))}")
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture
            continue
        found += [f"{path.relative_to(HOUSE)}: {hit.group()}" for hit in told.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "absent"),
    [
        ("import crowdquake", ("mesa", "numba", "matplotlib", "pandas", "numpy")),
        ("from crowdquake.commands import make_app; make_app()(['--help'], standalone_mode=False)", ()),
        ("import scenarios; scenarios.load_scenario('quake-2007')", ("mesa", "matplotlib")),
        ("import crowdquake.console", ("mesa", "scipy.stats")),
    ],
)
def test_nobody_waits_for_what_he_does_not_use(what, absent):
    heavy = absent or ("mesa", "numba", "matplotlib")
    code = f"{what}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"


def test_the_licence_is_apache_2():
    text = (HOUSE / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert project()["project"]["license"] == "Apache-2.0"


def test_the_citation_names_this_version_and_its_licence():
    cited = dict(
        line.split(": ", 1)
        for line in (HOUSE / "CITATION.cff").read_text(encoding="utf-8").splitlines()
        if ": " in line
    )
    assert cited["version"] == project()["project"]["version"]
    assert cited["license"] == project()["project"]["license"]


def licence(name):
    """What a distribution says its licence is."""
    found = distribution(name).metadata
    classified = [item.split(" :: ")[-1] for item in found.get_all("Classifier", []) if item.startswith("License")]
    return found.get("License-Expression") or "; ".join(classified) or (found.get("License") or "").strip()[:80]


def all_dependencies():
    """Names of all installed distributions that a user of the program gets, through any number of steps."""
    waiting, seen = list(direct_dependencies(extras=False)), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        try:
            needed = requires(name) or []
        except PackageNotFoundError:  # of another platform
            continue
        seen.add(name)
        waiting += [name_of(item) for item in needed if "extra ==" not in item]
    return sorted(seen)


@pytest.mark.parametrize("name", all_dependencies())
def test_a_dependency_s_licence_goes_with_ours(name):
    told = licence(name)
    assert COMPATIBLE.search(told), f"{name}: {told!r}"
    assert not COPYLEFT.search(told), f"{name}: {told!r}"
