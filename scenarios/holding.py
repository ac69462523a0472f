"""Studies that hold a scenario against something else, as functions: rivals of its story, and early warnings of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios.early_warnings import EarlyWarning
from scenarios.ensemble import Progress
from scenarios.schema import Scenario
from scenarios.studies import conduct
from scenarios.studies.early_warning import EarlyWarningStudy
from scenarios.studies.nulls import Nulls, NullsStudy


def nulls(
    scenario: str | Path | Scenario,
    *,
    steps: int = 8,
    paths: int = 60,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Nulls:
    """Refit rivals of a scenario's story to its history: news only, no crowd, no forced sales, liquidator only.

    Parameters
    ----------
    scenario
        One with targets of kind history.
    steps
        In which each rival's numbers are refitted, at most.
    paths, seed, overrides, workers, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    told: dict[str, Any] = {"overrides": overrides, "workers": workers, "progress": progress}
    found: Nulls = conduct(NullsStudy(steps=steps), scenario, paths=paths, seed=seed, **told)
    return found


def early_warning(
    scenario: str | Path | Scenario = "quake-2007",
    *,
    markets: int = 60,
    paths: int = 6,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> EarlyWarning:
    """Tell which measure of crowding, seen the day before, warns of a forced unwind in the next ten days.

    Parameters
    ----------
    scenario
        Of long-short funds in stocks.
    markets
        With crowding, leverage, depth and size drawn at random.
    paths, seed, overrides, workers, progress
        As of `scenarios.run`; the paths are those of each market.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    told: dict[str, Any] = {"overrides": overrides, "workers": workers, "progress": progress}
    found: EarlyWarning = conduct(EarlyWarningStudy(markets=markets), scenario, paths=paths, seed=seed, **told)
    return found
