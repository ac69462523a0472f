import importlib

import pandas as pd
import pytest

from cqkit.errors import InputError
from scenarios import Size, run
from scenarios.result import FRAMES

ensembles = importlib.import_module("scenarios.studies.run")


def equal(one, other):
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.targets == other.targets
    assert one.summary() == other.summary()
    assert one.counterfactual() == other.counterfactual()


def test_equal_seeds_give_equal_runs_and_others_do_not(small, small_run):
    equal(small_run, run(small, paths=5, seed=13))
    assert not run(small, paths=5, seed=8).daily.equals(small_run.daily)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_do_not_depend_on_the_number_of_workers(small, small_run, workers):
    equal(small_run, run(small, paths=5, seed=13, workers=workers))


@pytest.mark.parametrize("block", [1, 2, 5])
def test_results_do_not_depend_on_how_paths_are_cut_into_blocks(small, small_run, monkeypatch, block):
    monkeypatch.setattr(ensembles.RunStudy, "size", Size(block, batch=2))
    equal(small_run, run(small, paths=5, seed=13))


def test_counterfactuals_take_the_first_paths_of_a_large_run(small, small_run, monkeypatch):
    monkeypatch.setattr(ensembles, "VARIANT_PATHS", 3)
    monkeypatch.setattr(ensembles.RunStudy, "size", Size(block=2))
    found = run(small, paths=5, seed=13)
    few = run(small, paths=3, seed=13)
    assert found.manifest["counterfactual_paths"] == {"main": 5, "twin": 5, "alone": 3}
    assert found.counterfactual()["alone"] == few.counterfactual()["alone"]
    pd.testing.assert_frame_equal(found.daily, small_run.daily)


def test_the_first_paths_are_the_same_however_many_follow(small, small_run):
    few = run(small, paths=2, seed=13).daily
    many = small_run.daily[small_run.daily["path"] < 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(few, many)


def test_without_a_liquidator_a_run_is_its_own_twin(small):
    found = run(small, paths=3, overrides={"liquidator.size": 0})
    for name in FRAMES:
        frame = getattr(found, name)
        main, twin = (
            frame[frame["run"] == part].drop(columns="run").reset_index(drop=True) for part in ("main", "twin")
        )
        pd.testing.assert_frame_equal(main, twin)
    assert all(figure["difference"] in (0, None) for figure in found.summary()["figures"].values())


def test_counterfactuals_run_beside_the_twin_and_say_what_they_change(small_run):
    found = small_run.counterfactual()
    assert list(found) == ["twin", "alone"]
    assert found["alone"]["set"] == {"funds.crowding": 0}
    assert found["alone"]["title"] == "Funds with nothing in common"
    # It has a twin of its own to be held against, which has no liquidator either.
    assert found["alone"]["figures"]["fund_trough"]["twin"] != found["twin"]["figures"]["fund_trough"]["median"]
    assert [target.name for target in small_run.targets] == ["trough", "tuesday", "alone less its twin"]
    assert set(small_run.targets[0].sensitivity) == {"impact +3 %"}


def test_counterfactuals_are_left_out_on_demand_and_their_targets_with_them(small, small_run):
    found = run(small, paths=5, seed=13, counterfactuals=False)
    assert list(found.counterfactual()) == ["twin"]
    assert [target.name for target in found.targets] == ["trough", "tuesday"]
    assert found.targets[0].sensitivity == {}
    assert found.targets[0].measured == small_run.targets[0].measured
    pd.testing.assert_frame_equal(found.daily, small_run.daily)


def test_a_counterfactual_of_another_grid_runs_too(small):
    change = [{"name": "coarse", "set": {"clock.bars": 1, "market.stocks": 20}}]
    found = run(small, paths=2, overrides={"counterfactual": change, "target": []})
    assert found.counterfactual()["coarse"]["figures"]["forced_share"]["median"] is not None


def test_progress_rises_to_one(small):
    told = []
    run(small, paths=3, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_the_manifest_says_what_was_run(small, small_run):
    made = small_run.manifest
    assert (made["scenario"], made["paths"], made["seed"]) == ("small", 5, 13)
    assert made["digest"] == small.digest
    assert made["ledger_residual"] < 1e-9


def test_arguments_out_of_range_are_all_told_before_anything_runs(small):
    with pytest.raises(InputError) as raised:
        run(small, paths=0, seed=-1, workers=0)
    assert [fault.split(" =")[0] for fault in raised.value.faults] == ["paths", "seed", "workers"]
