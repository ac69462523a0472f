"""How well measures of crowding warn of a forced unwind: what the study finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cqkit.plain import counted
from cqkit.showing import Shown
from scenarios.schema import Scenario

VIEWS = ("all books, the evening before", "5 days late", "10 days late", "half of the funds", "a quarter of the funds")


@dataclass(frozen=True, repr=False)
class EarlyWarning(Shown):
    """How well each measure warns of a forced unwind.

    Attributes
    ----------
    scenario
        Whose laws the markets have.
    table
        A row a measure and view: area under the curve with its interval (`area_low`, `area_high`), and days a year with
        a false alarm where four in five days before an unwind are warned of, with their interval.
    curves
        A row a measure and share of false alarms (`alarms`): share detected with its interval, all books seen.
    draws
        A row a market: what was drawn, and the share of its paths with an unwind.
    before, other
        Days before an unwind, and other days, that were judged.
    paths, seed
        Of each market.
    manifest
        Scenario digest, overrides, seconds, versions.
    """

    scenario: Scenario
    table: pd.DataFrame
    curves: pd.DataFrame
    draws: pd.DataFrame
    before: int
    other: int
    paths: int
    seed: int
    manifest: dict[str, Any]

    @property
    def sentence(self) -> str:
        """Which measure warns best, and what is left of it when books are seen late or in part."""
        whole = self.table[self.table["view"] == VIEWS[0]].sort_values("area", ascending=False)
        best = whole.iloc[0]
        if np.isnan(best["area"]):
            lacking = "days before an unwind" if self.before == 0 else "other days"
            return (
                f"Nothing can be said of warnings: {len(self.draws)} markets of {counted(self.paths, 'path')} have no "
                f"{lacking}: take more markets or paths."
            )
        of_best = self.table[self.table["measure"] == best["measure"]].set_index("view")["area"]
        left = ", ".join(f"{of_best[view]:.2f} {view}" for view in VIEWS[1:])
        return (
            f"{str(best['measure']).capitalize()} warns best: area {best['area']:.2f} ({best['area_low']:.2f} to "
            f"{best['area_high']:.2f}), {best['false_alarms']:.0f} days a year with a false alarm at 80 % detection; "
            f"seen late or in part: {left}."
        )

    def says(self) -> str:
        """What was found."""
        return self.sentence

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"warning": self.table, "curves": self.curves, "draws": self.draws}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {
            "scenario": self.scenario.name,
            "paths": self.paths,
            "seed": self.seed,
            "sentence": self.sentence,
            "days_before": self.before,
            "days_other": self.other,
        }
        frames = {name: frame.to_dict("records") for name, frame in self.tables().items()}
        return {**told, **frames, "manifest": self.manifest}
