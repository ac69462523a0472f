"""The kernels' cache, and compilation that nobody sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from abm import Market, Settings, is_warm, warm_up
from abm import compile as compiling
from abm.day import trade_paths_under
from abm.warmup import _day_of


def fresh_folder():
    return compiling.cache_folder.__wrapped__()


def test_an_edit_of_any_source_moves_the_cache(monkeypatch, tmp_path):
    before = compiling.cache_folder()
    copy = shutil.copytree(Path(compiling.__file__).parent, tmp_path / "abm")
    monkeypatch.setattr(compiling, "__file__", str(copy / "compile.py"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    assert fresh_folder().name == before.name
    edited = copy / "inhabitants" / "long_short" / "bar.py"
    edited.write_text(edited.read_text() + "\n# edited\n")
    assert fresh_folder().name != before.name


def test_a_home_that_cannot_be_written_is_stood_in_for_by_one_folder_that_is_found_again(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    monkeypatch.setattr(compiling.tempfile, "tempdir", str(tmp_path))
    first, second = fresh_folder(), fresh_folder()
    assert first == second
    assert first.is_dir()
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_warm_cache_that_cannot_be_written_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "home"))
    monkeypatch.setattr(compiling.tempfile, "tempdir", str(tmp_path))
    warm = fresh_folder()
    (warm / "kernel.nbc").write_text("code")
    warm.chmod(0o555)
    assert (fresh_folder() / "kernel.nbc").read_text() == "code"
    warm.chmod(0o755)


def test_a_warm_cache_that_cannot_be_written_is_copied(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "home"))
    monkeypatch.setattr(compiling.tempfile, "tempdir", str(tmp_path))
    warm = fresh_folder()
    (warm / "kernel.nbc").write_text("code")
    writable = compiling._can_be_written
    monkeypatch.setattr(compiling, "_can_be_written", lambda folder: folder != warm and writable(folder))
    stand_in = fresh_folder()
    assert stand_in != warm
    assert (stand_in / "kernel.nbc").read_text() == "code"


def test_without_compilation_everything_works_all_the_same():
    tables = {
        "clock": {"start": "2007-08-03", "days": 2, "bars": 1, "event": "2007-08-06"},
        "market": {"stocks": 6},
        "funds": {"count": 3, "styles": 2},
    }
    code = f"from abm import Market, Settings\nprint(Market(Settings(**{tables}), seed=1).run(1)['index'][0].tolist())"
    words, env = [sys.executable, "-c", code], {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    compiled, interpreted = Market(Settings(**tables), seed=1).run(1)["index"][0], json.loads(done.stdout)
    assert compiled == pytest.approx(interpreted, rel=1e-6)  # normals are drawn in single precision


def test_one_day_is_compiled_for_all_who_are_the_same_kinds(small, hedged):
    """A long-short run after a futures run, and one of a user's own books, find their day compiled."""
    for settings in (small(), hedged(), hedged(funds={"kind": {"long_short": 0.5, "futures": 0.5}})):
        Market(settings, seed=1).step()
    compiled = trade_paths_under("square_root").signatures
    for settings in (hedged(), small(), small(liquidator={"size": 0})):
        market = Market(settings, seed=2, paths=2)
        assert not market.state.baskets.shares.flags.writeable
        market.step()
    assert trade_paths_under("square_root").signatures == compiled


def test_warm_is_what_has_been_compiled(small, hedged):
    for settings in (small(), hedged()):
        warm_up(settings)
        assert is_warm(settings)


@pytest.mark.slow
def test_the_first_run_gives_what_every_later_one_gives(tmp_path):
    """Machine code that a process compiles itself differs in a last bit from the cached: so another process does it."""
    code = (
        "import hashlib, scenarios\n"
        "found = scenarios.run('china-2024', paths=1, counterfactuals=False, overrides={'market.stocks': 30})\n"
        "daily = found.daily.drop(columns=['run', 'date'])\n"
        "print(hashlib.sha256(daily.to_numpy(dtype=float, na_value=0).tobytes()).hexdigest())"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    env.pop("NUMBA_CACHE_DIR", None)
    words = [sys.executable, "-c", code]
    first, second = (subprocess.run(words, env=env, capture_output=True, text=True, check=True) for _ in range(2))
    assert len(first.stdout.strip()) == 64
    assert first.stdout == second.stdout


def test_a_day_is_named_after_everybody_who_may_be_absent_from_it(small, hedged):
    with_capital = {"opportunists": {"capital": 0.1}}
    worlds = [small(), small(**with_capital), small(market={"price_limit": 0.1}), hedged(), hedged(**with_capital)]
    assert len({_day_of(settings) for settings in worlds}) == len(worlds)
