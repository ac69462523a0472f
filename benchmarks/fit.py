"""Fit what is free in a scenario to what is known of its history: the part that all `fit_*.py` share.

    python benchmarks/fit_ltcm.py --count                        free parameters, and what they have to meet
    python benchmarks/fit_ltcm.py --response --paths 200         every target under -10 and +10 % in each parameter
    python benchmarks/fit_ltcm.py --search --minutes 30 --write  a search (extra `calib`), and the lines that it changes

All trials see the same noise (common random numbers), so that two of them differ by their parameters alone. Every trial
is tried a little beside where it stands, in a direction of its own, and the answer is the middle of the region that the
search ends in: a wide basin beats a sharp one. No fit looks at a target that is held out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from abm.settings import sections
from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from scenarios import Case, Scenario, load_scenario, simulate
from scenarios.loading import changed
from scenarios.misfit import distance
from scenarios.schema import Kind, Target
from scenarios.studies.run import RunStudy, gather
from scenarios.targets import FITTED, for_fitting, measure_target

SEED = 101  # not one of those that results are shown for
WEIGHTS = {"history": 1.0, "input": 0.25, "design": 0.25}
BESIDE = 0.05  # how far each parameter is off, at most, when a trial is tried
STEP = 0.1  # of the response
FAILED = 1000.0  # score of a market that cannot be run
NAMES = "counterfactual", "sensitivity", "target", "history", "fact"  # of a scenario, and not of its market


def read_key(scenario: Scenario, key: str) -> float:
    """A number that a scenario has, by its dotted key."""
    section, name = key.split(".")
    return float(getattr(getattr(scenario, section), name))


class Parameter(NamedTuple):
    """A number that is free, and where it may lie."""

    name: str  # a scenario key; or a name of the fit's own, which its ties turn into keys
    low: float
    high: float
    log: bool = False  # whether the search steps in its logarithm
    read: Callable[[Scenario], float] | None = None  # what it is in a scenario, where it is no key

    def now(self, scenario: Scenario) -> float:
        """What it is in a scenario."""
        return read_key(scenario, self.name) if self.read is None else self.read(scenario)

    def at(self, place: float) -> float:
        """Its value at a place within the range, 0..1."""
        if self.log:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + (self.high - self.low) * place

    def place(self, value: float) -> float:
        """Where in its range a value lies, 0..1."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return (value - self.low) / (self.high - self.low)


def allowed(scenario: Scenario, item: Parameter) -> tuple[float, float]:
    """Where a parameter may lie: what its key takes, within the scenario's box; a name of the fit's own, anywhere."""
    low, high = -np.inf, np.inf
    if item.read is not None:
        return low, high
    section, name = item.name.split(".")
    for bound in sections()[section].model_fields[name].metadata:
        low, high = max(low, getattr(bound, "ge", low)), min(high, getattr(bound, "le", high))
    for axis in scenario.domain.axis:
        if axis.key == item.name:
            unit = axis.unit(scenario.settings)
            low, high = max(low, axis.low * unit), min(high, axis.high * unit)
    return low, high


Ties = Callable[[Scenario, Mapping[str, float]], Mapping[str, Any]]


def no_ties(_: Scenario, __: Mapping[str, float]) -> Mapping[str, Any]:
    """Nothing follows from the parameters but their own keys."""
    return {}


class Fit(NamedTuple):
    """What is free in a scenario.

    Attributes
    ----------
    scenario
        Its name.
    free
        The parameters.
    ties
        Scenario keys that follow from the parameters' values: of those that are no keys, and of what moves with them.
    given
        Numbers that are not free (shared with another scenario, documented or assumed); the response has them too.
    last_day
        Trading day after which the targets need no more; None: the run's last.
    later
        Targets that need longer runs than that: no trial reads them.
    kinds
        Of the targets that a search draws to: without `design` nothing is bent to our own requirements.
    """

    scenario: str
    free: tuple[Parameter, ...]
    ties: Ties = no_ties
    given: tuple[Parameter, ...] = ()
    last_day: date | None = None
    later: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = FITTED


def to_fit(fit: Fit, scenario: Scenario, kinds: Sequence[Kind] = FITTED) -> Scenario:
    """The scenario with the targets that a trial may read, and the runs that these need; nothing else."""
    targets = [item for item in for_fitting(scenario, kinds).target if item.name not in fit.later]
    names = set().union(*(item.runs.values() for item in targets))
    variants = [item for item in scenario.counterfactual if item.name in names]
    return scenario.model_copy(
        update={"target": tuple(targets), "counterfactual": tuple(variants), "sensitivity": (), "fact": ()}
    )


def parameters(fit: Fit, scenario: Scenario) -> dict[str, float]:
    """The free parameters as the scenario has them."""
    return {item.name: item.now(scenario) for item in fit.free}


def with_parameters(fit: Fit, scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with some of its parameters, free or given, at other values."""
    known = (*fit.free, *fit.given)
    every = {item.name: item.now(scenario) for item in known} | dict(values)
    keys = {item.name: every[item.name] for item in known if item.read is None and item.name in values}
    return changed(scenario, {**keys, **fit.ties(scenario, every)})


def measure(fit: Fit, scenario: Scenario, paths: int, seed: int = SEED) -> dict[str, float]:
    """What each target that a trial may read comes to, by its name."""
    scenario, study = to_fit(fit, scenario), RunStudy()
    cases = study.cases(scenario, paths, seed)
    if not any(item.minus_twin or "twin" in item.runs.values() for item in scenario.target):
        del cases["run", "twin"]
    days = None if fit.last_day is None else scenario.clock.day_of(fit.last_day) + 1
    shorter = {key: Case(case.settings, case.paths, days) for key, case in cases.items()}
    runs = gather(simulate(shorter, study.read, paths=paths, seed=seed, size=study.size, workers=1))
    found = {item.name: measure_target(item, runs) for item in scenario.target}
    return {name: float("nan") if value is None else value for name, value in found.items()}


def score(targets: Sequence[Target], found: Mapping[str, float]) -> float:
    """Mean squared distance by weight, and a fine for whatever is at the edge of its range or beyond."""
    total = weights = 0.0
    for target in targets:
        away, weight = min(distance(target, found[target.name]), 10.0), WEIGHTS[target.kind]
        total += weight * (away**2 + 10.0 * max(away - 0.8, 0.0))
        weights += weight
    return total / weights


def beside(fit: Fit, values: Mapping[str, float], generator: np.random.Generator) -> dict[str, float]:
    """The same parameters, each up to 5 % off, within its range."""
    off = 1.0 + BESIDE * generator.uniform(-1, 1, len(fit.free))
    return {
        item.name: min(max(values[item.name] * factor, item.low), item.high)
        for item, factor in zip(fit.free, off, strict=True)
    }


def try_out(fit: Fit, scenario: Scenario, values: Mapping[str, float], paths: int) -> float:
    """Score of some parameters; of a market that cannot be run, the worst."""
    try:
        return score(scenario.target, measure(fit, with_parameters(fit, scenario, values), paths))
    except InputError:
        return FAILED


class Found(NamedTuple):
    """What a search came to."""

    values: dict[str, float]  # the middle of the region that it ended in
    score: float  # of that, with all parameters a little off
    before: float  # the same of the scenario as it was
    trials: int


def search(
    fit: Fit, scenario: Scenario, paths: int, seed: int, minutes: float = np.inf, trials: float = np.inf
) -> Found:
    """Look for better parameters by evolution (CMA-ES) from where the scenario stands, so long or so many trials.

    A single number is looked for by Brent's method within its range.
    """
    if len(fit.free) == 1:
        return _search_one(fit, to_fit(fit, scenario, fit.kinds), paths, seed, trials)
    from cmaes import CMA  # noqa: PLC0415

    scenario = to_fit(fit, scenario, fit.kinds)
    until, tried = time.monotonic() + 60 * minutes, 0
    start = np.array([item.place(item.now(scenario)) for item in fit.free])
    bounds = np.repeat([[0.0, 1.0]], len(fit.free), axis=0)
    evolution = CMA(mean=start, sigma=0.2, bounds=bounds, seed=seed)
    while time.monotonic() < until and tried < trials and not evolution.should_stop():
        generation: list[tuple[FloatArray, float]] = []
        for _ in range(evolution.population_size):
            place = evolution.ask()
            values = beside(fit, values_at(fit, place), np.random.default_rng([seed, tried]))
            generation.append((place, try_out(fit, scenario, values, paths)))
            tried += 1
        evolution.tell(generation)
        middle = {key: float(f"{value:.4g}") for key, value in values_at(fit, evolution.mean).items()}
        print(f"{tried:5} {min(worth for _, worth in generation):8.3f}  {json.dumps(middle)}", flush=True)
    found, now = values_at(fit, evolution.mean), parameters(fit, scenario)
    after, before = (_around(fit, scenario, values, paths, seed) for values in (found, now))
    return Found(found, after, before, tried)


def _search_one(fit: Fit, scenario: Scenario, paths: int, seed: int, trials: float) -> Found:
    tried: list[float] = []

    def worth(place: float) -> float:
        values = values_at(fit, np.array([place]))
        tried.append(try_out(fit, scenario, values, paths))
        print(f"{len(tried):5} {tried[-1]:8.3f}  {json.dumps(values)}", flush=True)
        return tried[-1]

    most = 40 if trials == np.inf else int(trials)
    place = minimize_scalar(worth, bounds=(0.0, 1.0), method="bounded", options={"maxiter": most, "xatol": 0.02}).x
    found, now = values_at(fit, np.array([place])), parameters(fit, scenario)
    after, before = (_around(fit, scenario, values, paths, seed) for values in (found, now))
    return Found(found, after, before, len(tried))


def values_at(fit: Fit, place: FloatArray) -> dict[str, float]:
    """The parameters at a place within their ranges, each 0..1."""
    return {item.name: item.at(float(where)) for item, where in zip(fit.free, place, strict=True)}


def _around(fit: Fit, scenario: Scenario, values: Mapping[str, float], paths: int, seed: int, tries: int = 4) -> float:
    generator = np.random.default_rng([seed, 2**31])
    return float(np.mean([try_out(fit, scenario, beside(fit, values, generator), paths) for _ in range(tries)]))


def response(fit: Fit, scenario: Scenario, paths: int, seed: int = SEED) -> None:
    """Print what every target becomes with each parameter 10 % lower and higher, or as far as it may go."""
    scenario = to_fit(fit, scenario)
    base = measure(fit, scenario, paths, seed)
    print(f"{paths} paths, seed {seed}; * outside the range; | as far as the key or the box lets it go.")
    print("Targets, as it is:")
    for number, target in enumerate(scenario.target, 1):
        print(f"{number:3} {target.name:58} {target.low:8.3g} to {target.high:8.3g} {_marked(target, base)}")
    print(f"\n{'':39}" + "".join(f"{number:9}" for number in range(1, len(base) + 1)))
    for item in (*fit.free, *fit.given):
        value, (low, high) = item.now(scenario), allowed(scenario, item)
        for sign in (-STEP, STEP) if value != 0 else ():
            wanted = value * (1 + sign)
            held = min(max(wanted, low), high)
            stepped = f"{held / value - 1:+6.1%}{'|' if held != wanted else ' '}"
            found = (
                base if held == value else measure(fit, with_parameters(fit, scenario, {item.name: held}), paths, seed)
            )
            told = "".join(_marked(target, found) for target in scenario.target)
            print(f"{item.name + ' (given)' * (item in fit.given):31} {stepped} {told}", flush=True)


def _marked(target: Target, found: Mapping[str, float]) -> str:
    value = found[target.name]
    return f"{value:8.3g}{' ' if target.low <= value <= target.high else '*'}"


def count(fit: Fit, scenario: Scenario) -> None:
    """Print how many parameters meet how many targets."""
    print(f"{len(fit.free)} free parameters of {fit.scenario}, range, and what they are:")
    for item in fit.free:
        print(f"  {item.name:32} {item.low:8.4g} to {item.high:8.4g} {item.now(scenario):10.4g}")
    kinds = [item.kind for item in scenario.target]
    print(f"{len(scenario.news)} entries of news are put in.")
    print(
        f"{len(kinds)} targets that a fit may look at: "
        + ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    )
    print(f"A trial reads {len(to_fit(fit, scenario).target)} of them; later: {', '.join(fit.later) or 'none'}.")


def toml_lines(before: Scenario, after: Scenario) -> list[str]:
    """The lines of a scenario file that differ, to four digits, section by section."""
    old, new = (item.model_dump(mode="json", exclude=set(NAMES)) for item in (before, after))
    lines: list[str] = []
    for section, table in new.items():
        if isinstance(table, dict):
            keys = [key for key, value in table.items() if value != old[section][key]]
            lines += [f"[{section}]", *(f"{key} = {_told(table[key])}" for key in keys), ""] if keys else []
        elif isinstance(table, list) and table != old[section]:
            for entry in table:
                given = {key: value for key, value in entry.items() if value is not None}
                lines += [f"[[{section}]]", *(f"{key} = {_told(value)}" for key, value in given.items()), ""]
    return lines


def _told(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_told(item) for item in value)}]"
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value)


def main(fit: Fit) -> None:
    """Read the command line of a fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("count", "response", "search", "write"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--minutes", type=float, default=np.inf)
    parser.add_argument("--trials", type=int, default=500, help="of a search that has no --minutes")
    parser.add_argument("--paths", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="of the search; all trials share the noise of seed 101")
    chosen = parser.parse_args()
    scenario = for_fitting(load_scenario(fit.scenario))
    if chosen.search:
        trials = chosen.trials if chosen.minutes == np.inf else np.inf
        found = search(fit, scenario, chosen.paths, chosen.seed, chosen.minutes, trials)
        better = with_parameters(fit, scenario, found.values)
        print(f"{found.trials} trials of {chosen.paths} paths; a little off: {found.score:.3f}, was {found.before:.3f}")
        for name, value in measure(fit, better, chosen.paths).items():
            print(f"  {name:58} {value:9.3f}")
        if chosen.write:
            print("\n".join(toml_lines(scenario, better)))
    if chosen.response:
        response(fit, scenario, chosen.paths)
    if chosen.count or not (chosen.response or chosen.search):
        count(fit, scenario)
