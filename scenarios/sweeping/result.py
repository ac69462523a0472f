"""What a sweep finds: a row a point, and what its design lets be said of the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from cqkit.showing import Shown
from scenarios.schema import Scenario
from scenarios.sweeping.tasks import TaskFolder


@dataclass(frozen=True, repr=False)
class Sweep(Shown):
    """Key figures at every point of a sweep.

    Attributes
    ----------
    scenario
        What was swept.
    design, keys, figure
        How the points were placed, what was turned, and the figure that was asked for.
    points
        A row a point: its `sample`, a column a key, `paths`, `fault` ("" or what the market stopped with), the figures'
        means over paths and their standard errors (`<figure>_error`), the asked figure's mean in the baseline (no
        liquidator), and `loop_gain` of the crowd's books at the start where it was computed.
    figures
        Names, units, and whether a figure is a share of paths.
    effects
        What the keys do to the asked figure: Sobol indices, or the differences from where the scenario stands.
    manifest
        How it came about.
    """

    scenario: Scenario
    design: str
    keys: tuple[str, ...]
    figure: str
    points: pd.DataFrame
    figures: pd.DataFrame
    effects: pd.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)
    tasks: TaskFolder | None = None

    formats: ClassVar[Mapping[str, tuple[str, ...]]] = {"points": ("parquet", "csv")}

    @property
    def unit(self) -> str:
        """Of the figure that was asked for."""
        return str(self.figures.set_index("figure")["unit"].get(self.figure, ""))

    @property
    def paths_told(self) -> str:
        """How many paths the points have, in words."""
        least, most = self.points["paths"].min(), self.points["paths"].max()
        return f"{least:,}" if least == most else f"{least:,} to {most:,}"

    @property
    def failed(self) -> int:
        """How many points' markets left the range in which they mean anything."""
        return int((self.points["fault"] != "").sum())

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"points": self.points, "figures": self.figures, "effects": self.effects}

    def write_files(self, folder: Path) -> None:
        """Write every task's paths, as Parquet, and the plan, so that the sweep can be gone on with."""
        if self.tasks is not None:
            self.tasks.move_into(folder)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        names = ("design", "keys", "figure", "unit", "failed")
        tables = {name: frame.to_dict("records") for name, frame in self.tables().items()}
        return {
            "scenario": self.scenario.name,
            **{name: getattr(self, name) for name in names},
            **tables,
            "manifest": self.manifest,
        }
