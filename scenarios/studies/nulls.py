"""A history held against rival explanations, refitted: whether it tells them from the scenario's own story.

Rivals are fitted on every other path, to history and to what is put in, by least squares in the logarithms of what they
leave free, which are no more numbers than there are history targets. Misfits are those of the other paths. Targets
of kind design are no evidence, and are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from abm import Market, Settings
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import InputError
from cqkit.showing import Shown
from cqkit.statistics import bootstrap
from scenarios.ensemble import Case, Size
from scenarios.evidence import KINDS, Asked, Samples, evidence, read_evidence, values_of
from scenarios.misfit import FARTHEST, distance, misfit, signed
from scenarios.refit import Place, Refit, refit
from scenarios.rivals import RIVALS, Dial, Rival
from scenarios.schema import Scenario, Target
from scenarios.studies.base import Found, Readings, Study, register
from scenarios.targets import is_met

STORY = "story"
WEIGHTS = {"history": 1.0, "input": 0.25}  # in the fit


@dataclass(frozen=True, repr=False)
class Nulls(Shown):
    """How well a history fits its story and each rival.

    Attributes
    ----------
    scenario
        Whose history it is.
    table
        A row an explanation: `title`, what was `refitted`, how many numbers are `free`, and by kind (history, input,
        held_out) the `misfit` with its 95 % interval over paths, and how many targets are `met` of how many; of history
        how much larger its misfit is than the story's (`worse`), with its interval, path by path; whether it is
        `told_apart`.
    targets
        A row an explanation and target: its range, history, and what was measured.
    paths, seed
        Of the ensemble; every other path is fitted on, the others are measured.
    manifest
        Scenario digest, overrides, seconds, versions.
    """

    scenario: Scenario
    table: pd.DataFrame
    targets: pd.DataFrame
    paths: int
    seed: int
    manifest: dict[str, Any]

    @property
    def sentence(self) -> str:
        """What the history cannot tell apart, in words."""
        rivals = self.table[self.table["explanation"] != STORY]
        count = int(self.table["of_history"].iloc[0])
        story = f"the story ({self.table['misfit_history'].iloc[0]:.2f})"

        def named(rows: pd.DataFrame) -> str:
            return ", ".join(f"{row.explanation} ({row.misfit_history:.2f})" for row in rows.itertuples())

        same, apart = rivals[~rivals["told_apart"]], rivals[rivals["told_apart"]]
        said = [f"The {count} history targets of {self.scenario.name}"]
        said.append(f"cannot tell {story} from {named(same)}" if len(same) else f"tell {story} from every rival")
        if len(same) and len(apart):
            said.append(f"; they do tell it from {named(apart)}")
        elif len(apart):
            said.append(f": {named(apart)}")
        held = int(self.table["of_held_out"].iloc[0])
        last = f" {held} held-out targets stand apart." if held else " No target is held out."
        return " ".join(said[:2]) + "".join(said[2:]) + "." + last

    def says(self) -> str:
        """What was found."""
        return self.sentence

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"nulls": self.table, "targets": self.targets}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {"scenario": self.scenario.name, "paths": self.paths, "seed": self.seed, "sentence": self.sentence}
        frames = {name: frame.to_dict("records") for name, frame in self.tables().items()}
        return {**told, **frames, "manifest": self.manifest}


@register
@dataclass(frozen=True)
class NullsStudy(Study):
    """A history under its story and under rivals, refitted: news only, no crowd, no forced sales, liquidator only."""

    name: ClassVar[str] = "nulls"
    size: ClassVar[Size] = Size(block=400, batch=24)
    keep_faults: ClassVar[bool] = True
    steps: int = 8
    free: int = 5

    def faults(self) -> list[str]:
        given = {"steps": (self.steps, 1, 100), "free": (self.free, 1, 20)}
        return [
            f"{name} = {value}: must lie in {low}..{high}"
            for name, (value, low, high) in given.items()
            if not low <= value <= high
        ]

    def check(self, scenario: Scenario) -> None:
        if not any(item.kind == "history" for item in evidence(scenario)):
            raise InputError(f"{scenario.name}: has no target of kind history to hold rivals against")

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Any, Case]:
        if paths < 4:
            raise InputError(f"paths = {paths}: must be at least 4: half are fitted on, half are measured")
        asked = (Asked(evidence(scenario)),)
        return {(STORY, ()): Case(scenario.settings, rules=asked), **self.further(scenario, paths, seed, {})}

    def further(self, scenario: Scenario, paths: int, seed: int, readings: Readings) -> dict[Any, Case]:  # noqa: ARG002
        asked, found = (Asked(evidence(scenario)),), {}
        for rival in RIVALS:
            dials = self.dials(scenario, rival)
            for place in self.refitted(scenario, rival, readings).wanted:
                found[rival.name, place] = Case(turned(scenario.settings, rival, dials, place), rules=asked)
        return found

    @property
    def rounds(self) -> int:
        return 1 + self.steps

    def read(self, key: Any, market: Market) -> Samples:  # noqa: ARG002
        return read_evidence(market)

    def dials(self, scenario: Scenario, rival: Rival) -> tuple[Dial, ...]:
        """What a rival leaves free in a scenario: no more numbers than there are history targets."""
        history = sum(item.kind == "history" for item in evidence(scenario))
        return rival.dials(scenario.settings, min(self.free, history))

    def refitted(self, scenario: Scenario, rival: Rival, readings: Readings) -> Refit:
        """Where the fit of a rival's numbers stands."""
        targets = evidence(scenario)
        known = {key[1]: _residuals(targets, blocks) for key, blocks in readings.items() if key[0] == rival.name}
        dials = self.dials(scenario, rival)
        while True:
            found = refit(known, len(dials), self.steps)
            outside = [place for place in found.wanted if _is_outside(scenario, rival, dials, place)]
            if not outside:
                return found
            known |= {place: _residuals(targets, None) for place in outside}

    def result(self, found: Found) -> Nulls:
        scenario, targets = found.scenario, evidence(found.scenario)
        story = _Explained(STORY, scenario.title, (), (), _measured(found.readings[STORY, ()]))
        explained = [story]
        for rival in RIVALS:
            dials, best = self.dials(scenario, rival), self.refitted(scenario, rival, found.readings).best
            samples = _measured(found.readings[rival.name, best])
            explained.append(_Explained(rival.name, rival.title, dials, best, samples))
        table = pd.DataFrame([_row(item, story, targets) for item in explained])
        measured = pd.DataFrame([row for item in explained for row in _target_rows(item, targets)])
        return Nulls(scenario, table, measured, found.paths, found.seed, found.manifest)


@dataclass(frozen=True)
class _Explained:
    """An explanation, where its numbers were fitted to, and what it comes to on the paths that no fit has seen."""

    name: str
    title: str
    dials: tuple[Dial, ...]
    place: Place
    samples: Samples | None  # None: it cannot be run


def turned(settings: Settings, rival: Rival, dials: Sequence[Dial], place: Place) -> Settings:
    """A rival's market with its numbers at a place."""
    altered = rival.alter(settings)
    for dial, where in zip(dials, place, strict=True):
        altered = dial.turn(altered, 2.0**where)
    return altered


def _is_outside(scenario: Scenario, rival: Rival, dials: Sequence[Dial], place: Place) -> bool:
    """Whether a rival's market lies outside the box in which the scenario was tested."""
    settings = turned(scenario.settings, rival, dials, place)
    return any(axis.fault(settings, scenario.settings) for axis in scenario.domain.axis)


# -- what was measured ------------------------------------------------------------------------------------------------


def _every_other(blocks: Sequence[Any], first: int) -> Samples | None:
    """Every other path of all blocks, from a first one; None for a market that cannot be run."""
    if any(isinstance(block, InputError) for block in blocks):
        return None
    return {
        name: tuple(np.concatenate(parts)[first::2] for parts in zip(*(block[name] for block in blocks), strict=True))
        for name in blocks[0]
    }


def _measured(blocks: Sequence[Any]) -> Samples | None:
    return _every_other(blocks, 1)


def _residuals(targets: Sequence[Target], blocks: Sequence[Any] | None) -> FloatArray:
    """Signed distances on the paths that are fitted on, by weight; as far as can be for what cannot be run."""
    fitted = [target for target in targets if target.kind in WEIGHTS]
    found = values_of(fitted, None if blocks is None else _every_other(blocks, 0))
    return np.array([np.sqrt(WEIGHTS[target.kind]) * signed(target, found[target.name]) for target in fitted])


def _row(item: _Explained, story: _Explained, targets: Sequence[Target]) -> dict[str, Any]:
    """An explanation's row of the table."""
    refitted = ", ".join(f"{dial.name} x {2.0**where:.3g}" for dial, where in zip(item.dials, item.place, strict=True))
    row: dict[str, Any] = {"explanation": item.name, "title": item.title, "free": len(item.dials), "refitted": refitted}
    for kind in KINDS:
        chosen, name = [target for target in targets if target.kind == kind], kind.replace("-", "_")
        values = values_of(chosen, item.samples)
        low, high = _interval(chosen, [item])
        row |= {
            f"misfit_{name}": misfit(chosen, values),
            f"misfit_{name}_low": low,
            f"misfit_{name}_high": high,
            f"met_{name}": sum(is_met(target, values[target.name]) for target in chosen),
            f"of_{name}": len(chosen),
        }
    history = [target for target in targets if target.kind == "history"]
    row["worse"] = row["misfit_history"] - misfit(history, values_of(history, story.samples))
    row["worse_low"], row["worse_high"] = _interval(history, [item, story])
    row["told_apart"] = item is not story and bool(row["worse_low"] > 0) and row["met_history"] < row["of_history"]
    return row


def _interval(targets: Sequence[Target], of: Sequence[_Explained]) -> tuple[float, float]:
    """95 % interval over paths of a misfit, or of how much the first one's exceeds the second one's."""
    sizes = [len(parts[0]) for item in of if item.samples for parts in item.samples.values()]
    if not targets or not sizes:
        return float("nan"), float("nan")

    def statistic(chosen: IntArray) -> float:
        first, *others = (misfit(targets, values_of(targets, item.samples, chosen)) for item in of)
        return first - sum(others)

    return bootstrap(statistic, sizes[0], resamples=200)


def _target_rows(item: _Explained, targets: Sequence[Target]) -> list[dict[str, Any]]:
    values = values_of(targets, item.samples)
    return [
        {
            "explanation": item.name,
            "target": target.name,
            "kind": target.kind,
            "low": target.low,
            "high": target.high,
            "history": target.history,
            "measured": values[target.name],
            "distance": min(distance(target, values[target.name]), FARTHEST),
            "met": is_met(target, values[target.name]),
        }
        for target in targets
    ]
