"""The README's Python runs as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.slow
def test_the_readmes_python_runs_as_it_stands(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    script = tmp_path / "readme.py"
    script.write_text("\n\n".join(blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cascade.png").stat().st_size > 10_000
    assert "forced_sale" in done.stdout


def test_the_readmes_variant_is_the_librarys():
    (variant,) = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    library = README.parent / "scenarios" / "library" / "quake-2007-orderly.toml"
    assert variant.strip() in library.read_text(encoding="utf-8")


def test_the_readmes_commands_have_options_that_exist(command):
    used: dict[str, set[str]] = {}
    house = README.parent
    for path in (README, house / "CONTRIBUTING.md", house / "examples" / "README.md", *house.glob("docs/*.md")):
        for name, rest in re.findall(
            r"(?:^\$ |`)crowdquake ([a-z-]+)([^`\n]*)", path.read_text(encoding="utf-8"), re.M
        ):
            used.setdefault(name, set()).update(re.findall(r" (--[a-z-]+)", rest))
    assert set(used) >= {"run", "hedge", "hedge-reserve", "replicate-report", "fear-gauge", "contracts", "schema"}
    for name, options in used.items():
        shown = command(name, "--help")
        assert shown.code == 0, name
        assert options <= set(re.findall(r"--[a-z-]+", shown.out)), name
