"""What a reverse stress finds: where the chance of an event reaches a level, and that in a sentence for a committee."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cqkit.crossings import stretches
from cqkit.showing import Shown
from scenarios.dials import Dial
from scenarios.schema import Scenario


@dataclass(frozen=True, repr=False)
class Breakpoint(Shown):
    """Where the chance of an event reaches a level.

    Attributes
    ----------
    scenario
        What was studied.
    dials
        The key that is turned, and the one of a frontier besides.
    event
        What the chance is of, in words.
    level
        Of the chance.
    answers
        A row a value of the second key, `other` (one row, NaN, without one): the `outcome` (found; never or always: at
        no or every value tried; not monotone), the `value` of the key at which the level is reached, NaN unless found,
        its 95 % interval `low`..`high`, infinite where it goes on beyond what was tried, whether the chance `rises`
        with the key, and the lowest and highest chance seen, `least` and `most`.
    evaluations
        A row a market: `other`, the `value`, `hits` of `paths`, the `probability` and its 95 % Wilson interval
        `low`..`high`.
    paths, seed
        Of the ensemble.
    manifest
        Scenario digest, overrides, seconds, versions.
    """

    scenario: Scenario
    dials: tuple[Dial, ...]
    event: str
    level: float
    answers: pd.DataFrame
    evaluations: pd.DataFrame
    paths: int
    seed: int
    manifest: dict[str, Any]

    @property
    def dial(self) -> Dial:
        """The key that is turned."""
        return self.dials[0]

    @property
    def other(self) -> Dial | None:
        """The second key of a frontier."""
        return self.dials[1] if len(self.dials) > 1 else None

    def says(self) -> str:
        """The answer in one sentence, shorter."""
        return self.headline

    def own_chance(self) -> float | None:
        """The chance where the scenario stands; None if it was not tried, or there is a second key."""
        rows = self.evaluations[self.evaluations["value"] == self.dial.own]
        return None if self.other is not None or rows.empty else float(rows["probability"].iloc[0])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"breakpoints": self.answers, "evaluations": self.evaluations}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "scenario": self.scenario.name,
            "vary": [dial.key for dial in self.dials],
            "ranges": [[dial.values[0], dial.values[-1]] for dial in self.dials],
            "own": [dial.own for dial in self.dials],
            "event": self.event,
            "level": self.level,
            "paths": self.paths,
            "seed": self.seed,
            "finding": self.finding,
            **{name: frame.to_dict("records") for name, frame in self.tables().items()},
            "manifest": self.manifest,
        }

    @property
    def finding(self) -> str:
        """The answer in one sentence."""
        told = f"{self.scenario.name}: the chance of {self.event}"
        if self.other is not None:
            return f"{told} {self._frontier(self.other)}."
        return f"{told} {self._answer(self.answers.iloc[0])}."

    @property
    def headline(self) -> str:
        """The same, shorter: without intervals, and of a frontier its two ends."""
        found = self.answers[self.answers["outcome"] == "found"]
        if self.other is None or found.empty:
            return self.finding.partition("; ")[0].partition(" (95 %")[0].removeprefix(f"{self.scenario.name}: ")
        first, last = found.iloc[0], found.iloc[-1]
        other = f"{self.other.word} {self.other.number(first['other'])}"
        where = f"{self.dial.word} {self.dial.number(first['value'])}, {other}"
        told = f"{self.event} is {share(self.level)} likely at {where}"
        if len(found) == 1:
            return told
        return f"{told}; at {self.dial.number(last['value'])}, {self.other.number(last['other'])}"

    def _answer(self, row: pd.Series[Any]) -> str:
        dial, level = self.dial, share(self.level)
        inside = f"{dial.told(dial.values[0])} to {dial.told(dial.values[-1])}"
        if row["outcome"] == "not monotone":
            where = self._stretches()
            return (
                f"does not go one way as {dial.word} goes from {inside}, so that there is no one breakpoint: "
                f"among the values tried it is {level} or more {where}"
            )
        if row["outcome"] == "never":
            return (
                f"stays below {level} as {dial.word} goes from {inside}: the breakpoint is not within {dial.domain}; "
                f"the highest chance seen is {share(row['most'])}{self._open_end(row)}"
            )
        if row["outcome"] == "always":
            return (
                f"is {level} or more at every value of {dial.word} from {inside}; "
                f"the lowest chance seen is {share(row['least'])}{self._open_end(row)}"
            )
        way = "rises" if row["rises"] else "falls"
        where = f"{way} to {dial.told(row['value'])} ({self.interval(row)})"
        return f"reaches {level} once {dial.word} {where}{self._own(row)}"

    def interval(self, row: pd.Series[Any]) -> str:
        """The interval of an answer in words."""
        dial = self.dial
        low, high = float(row["low"]), float(row["high"])
        if math.isinf(low) and math.isinf(high):
            return f"95 % interval beyond {dial.domain} on both sides"
        if math.isinf(low):
            return f"95 % interval up to {dial.number(high)}, and beyond {dial.domain} below"
        if math.isinf(high):
            return f"95 % interval from {dial.number(low)}, and beyond {dial.domain} above"
        return f"95 % interval {dial.number(low)} to {dial.number(high)}"

    def _own(self, row: pd.Series[Any]) -> str:
        """Where the scenario stands, and how far that is from the breakpoint."""
        own, chance = self.dial.own, self.own_chance()
        if own is None or chance is None:
            return ""
        told = f"; the scenario has {self.dial.number(own)}, where the chance is {share(chance)}"
        if own <= 0:
            return told
        gap, below = share(abs(row["value"] / own - 1)), chance < self.level
        change = "rise" if bool(row["rises"]) == below else "cut"
        return f"{told}, and bears a {change} of {gap}" if below else f"{told}: it would take a {change} of {gap}"

    def _open_end(self, row: pd.Series[Any]) -> str:
        ends = [float(row["low"]), float(row["high"])]
        finite = [end for end in ends if math.isfinite(end)]
        edges = (self.dial.values[0], self.dial.values[-1])
        if not finite or finite[0] in edges:
            return ""
        way = "below" if math.isinf(ends[1]) else "above"
        return f", and with 95 % confidence the breakpoint is not {way} {self.dial.number(finite[0])}"

    def _stretches(self) -> str:
        rows = self.evaluations
        found = stretches(rows["value"].tolist(), (rows["probability"] >= self.level - 1e-12).tolist())
        number = self.dial.number
        parts = [f"at {number(low)}" if low == high else f"from {number(low)} to {number(high)}" for low, high in found]
        return " and ".join(parts) if parts else "nowhere"

    def _frontier(self, other: Dial) -> str:
        level, dial, found = share(self.level), self.dial, self.answers[self.answers["outcome"] == "found"]
        ends = f"from {other.measured(other.values[0])} to {other.measured(other.values[-1])}"
        tried = f"{len(self.answers)} values of {other.word} {ends}"
        if found.empty:
            where = f"within {dial.domain} of {dial.word} at none of {tried}"
            return f"reaches {level} {where}: {_counted(self.answers)}"
        shown = [found.iloc[0], found.iloc[-1]][: len(found)]
        parts = [
            f"{dial.measured(row['value'])} ({self.interval(row)}) at {other.measured(row['other'])}" for row in shown
        ]
        rest = "" if len(found) == len(self.answers) else f"; elsewhere: {_counted(self.answers.drop(found.index))}"
        return f"reaches {level} at {len(found)} of {tried}: {dial.word} is there {' and '.join(parts)}{rest}"


def share(chance: float) -> str:
    """A chance in whole percent, or with a decimal where that says more."""
    return f"{100 * chance:.3g} %"


def _counted(answers: pd.DataFrame) -> str:
    told = {"never": "below the level throughout", "always": "at the level throughout", "not monotone": "not one way"}
    counts = answers["outcome"].value_counts()
    return ", ".join(f"{words} at {counts[name]} of them" for name, words in told.items() if name in counts)
