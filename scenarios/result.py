"""What a run gives: frames, targets, a summary beside its twin, and a manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import pandas as pd

from abm import FundKind
from abm.columns import COLUMNS
from abm.record import Events
from cqkit.arrays import FloatArray
from cqkit.plain import percent
from cqkit.showing import Shown
from cqkit.statistics import quantiles
from scenarios.desk import DeskAccount, closing_dates, desk_dates
from scenarios.figures import Figure, figures
from scenarios.measures import Outcome, daily_columns
from scenarios.schema import Scenario
from scenarios.targets import Runs, TargetResult, as_json, evaluate_targets

T = TypeVar("T")
QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
FRAMES = ("daily", "bands", "funds", "events", "hedges", "desk_calls", "desk_sales")


@dataclass(frozen=True, repr=False)
class RunResult(Shown):
    """A scenario's ensemble and its twin.

    Attributes
    ----------
    scenario
        What was run.
    daily
        A row a run (main or twin), path and day: returns as ratios, flows in days of the market's value, margin calls.
    bands
        Quantiles over paths of each daily column (of `nav`: over paths and funds) by run, column and day; all runs.
    funds
        A row a run (main or twin), path and fund: leverage, trough and end since the eve of the event, forced sales.
    events
        Every margin call, forced sale, default and re-entry: run, path, day, fund, amount in the scenario's currency;
        the hedge desk's calls (`desk_call`) and forced sales (`desk_sale`) as those of fund -1, day -1 being the eve.
    hedges
        The hedge desk's accounts by run, path and close (day 0 is the close at which the hedge is put on); contracts
        are those named in `contract`.
    desk_calls
        First margin calls on the desk by run and date: paths, their share, and the share called by then.
    desk_sales
        What the desk sold, or raising what was called sells, by run, case (average, worst) and stock, in money.
    targets
        The scenario's targets, measured.
    manifest
        Scenario digest, seed, paths, versions, ledger residual.
    """

    scenario: Scenario
    daily: pd.DataFrame
    bands: pd.DataFrame
    funds: pd.DataFrame
    events: pd.DataFrame
    hedges: pd.DataFrame
    desk_calls: pd.DataFrame
    desk_sales: pd.DataFrame
    targets: list[TargetResult]
    manifest: dict[str, Any]
    _figures: dict[str, dict[str, Any]]

    formats: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(FRAMES, ("parquet",))

    def __post_init__(self) -> None:
        """Say in the frame of daily columns what each is."""
        names = [name for name in map(str, self.daily) if name in COLUMNS]
        self.daily.attrs["columns"] = {name: f"{COLUMNS[name].meaning} ({COLUMNS[name].unit})" for name in names}

    def says(self) -> str:
        """The median fund's lowest, forced sales, and the desk's calls."""
        figures = self.summary()["figures"]
        told = []
        for name, what in (("fund_trough", "median fund"), ("forced_share", "forced sales, of the crowd's book")):
            if figures[name]["median"] is not None:
                told.append(f"{what} {percent(figures[name]['median'])}")
        call = figures.get("desk_margin_call")
        return ", ".join([*told, *([f"desk called in {percent(call['share'])} of paths"] if call else [])])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {name: getattr(self, name) for name in FRAMES}

    def as_json(self) -> dict[str, Any]:
        """Plain values: targets, key figures, counterfactuals."""
        return {
            "scenario": self.manifest["scenario"],
            "title": self.scenario.title,
            "paths": self.manifest["paths"],
            "seed": self.manifest["seed"],
            "targets": [as_json(target) for target in self.targets],
            "summary": self.summary()["figures"],
            "counterfactual": self.counterfactual(),
            "desk": self.desk(),
            "manifest": self.manifest,
        }

    def desk(self) -> dict[str, Any] | None:
        """First call, sales and their cost by run, with what the run itself sells by stock; None without a desk."""
        if "desk" not in self.manifest:
            return None
        sales = self.desk_sales[self.desk_sales["run"] == "main"].drop(columns="run")
        calls = self.desk_calls[self.desk_calls["run"] == "main"].drop(columns="run")
        dated = calls.assign(date=calls["date"].astype(str)) if len(calls) else calls
        return {**self.manifest["desk"], "first_calls": dated.to_dict("records"), "sales": sales.to_dict("records")}

    def stored(self) -> dict[str, Any]:
        """What it is made of beside its tables, in plain values: `load` reads it back."""
        return {
            "manifest": self.manifest,
            "targets": [as_json(target) for target in self.targets],
            "figures": self._figures,
            "scenario": self.scenario.model_dump(mode="json", by_alias=True),
        }

    def summary(self) -> dict[str, Any]:
        """Key figures: median and 10-90 % over paths, the twin's, and the difference path by path."""
        return self._figures["main"]

    def counterfactual(self) -> dict[str, Any]:
        """The same figures for the twin and for every counterfactual."""
        return {name: found for name, found in self._figures.items() if name != "main"}


def build_result(
    scenario: Scenario, runs: Runs, manifest: dict[str, Any], desks: Mapping[str, DeskAccount]
) -> RunResult:
    """Turn simulated arrays into frames and figures, and tell in the manifest what they say of themselves."""
    pair = {name: runs.outcomes[name] for name in ("main", "twin")}
    main = pair["main"]
    told = {name: (outcome, desks.get(name)) for name, outcome in pair.items()}
    return RunResult(
        scenario=scenario,
        daily=_stack(pair, _daily),
        bands=_stack(runs.outcomes, _bands),
        funds=_stack(pair, _funds),
        events=_stack(told, lambda each: _events(*each)),
        hedges=_stack(pair, _hedges),
        desk_calls=_stack(told, lambda each: pd.DataFrame() if each[1] is None else each[1].calls()),
        desk_sales=_stack(told, lambda each: pd.DataFrame() if each[1] is None else each[1].sales()),
        targets=evaluate_targets(scenario, runs),
        manifest={
            **manifest,
            **({"desk": {name: desk.as_json() for name, desk in desks.items()}} if desks else {}),
            "counterfactual_paths": {name: item.record.paths for name, item in runs.outcomes.items()},
            "ledger_residual": max(float(item.record.ledger_residual.max()) for item in runs.outcomes.values()),
            "realised_overlap": _number(np.nanmean(main.record.overlap)) if main.record.nav.shape[2] > 1 else None,
        },
        _figures=_all_figures(scenario, runs),
    )


def _all_figures(scenario: Scenario, runs: Runs) -> dict[str, dict[str, Any]]:
    titles = {variant.name: variant.title for variant in scenario.counterfactual}
    changes = {variant.name: {**variant.set, **variant.multiply} for variant in scenario.counterfactual}
    found: dict[str, dict[str, Any]] = {}
    for name, outcome in runs.outcomes.items():
        twin = None if name == "twin" else runs.twins.get(name, runs.outcomes["twin"] if name == "main" else None)
        beside = {} if twin is None else figures(twin)
        entry: dict[str, Any] = (
            {} if name == "main" else {"title": titles.get(name, scenario.twin_title), "paths": outcome.record.paths}
        )
        if name in changes:
            entry["set"] = {key: _told(value) for key, value in changes[name].items()}
        entry["figures"] = {key: _spread(figure, beside.get(key)) for key, figure in figures(outcome).items()}
        found[name] = entry
    return found


def _told(value: Any) -> float | str:
    return value if isinstance(value, int | float) else str(value)


def _spread(figure: Figure, twin: Figure | None) -> dict[str, Any]:
    """Median and 10-90 % of a figure (a share and its interval for a yes-or-no), beside the twin's."""
    spread = _statistics(figure)
    if twin is not None:
        spread["twin"] = _statistics(twin)["share" if figure.yes_or_no else "median"]
        difference = figure.values - twin.values
        spread["difference"] = _number(np.nanmean(difference) if figure.yes_or_no else _median(difference))
    return {"unit": figure.unit, **spread}


def _statistics(figure: Figure) -> dict[str, Any]:
    values = figure.values
    if figure.yes_or_no:
        share, low, high = figure.share()
        return {"share": share, "interval": [low, high]}
    if np.isnan(values).all():
        return {"median": None, "p10": None, "p90": None}
    low, middle, high = np.nanpercentile(values, [10, 50, 90])
    return {"median": _number(middle), "p10": _number(low), "p90": _number(high)}


def _median(values: FloatArray) -> float:
    return float("nan") if np.isnan(values).all() else float(np.nanmedian(values))


def _number(value: Any) -> float | None:
    return float(value) + 0.0 if np.isfinite(value) else None  # + 0.0: no minus zero


def _stack(outcomes: Mapping[str, T], build: Callable[[T], pd.DataFrame]) -> pd.DataFrame:
    frames = []
    for name, outcome in outcomes.items():
        frame = build(outcome)
        frame.insert(0, "run", pd.Series(name, index=frame.index, dtype=str))
        frames.append(frame)
    stacked = pd.concat(frames, ignore_index=True)
    return stacked.astype({"run": "category"})


def _grid(outcome: Outcome) -> dict[str, Any]:
    paths, days = outcome.record["index"].shape
    dates = outcome.settings.clock.dates
    return {
        "path": np.repeat(np.arange(paths), days),
        "day": np.tile(np.arange(days), paths),
        "date": np.tile(dates.astype("datetime64[s]"), paths),
    }


def _daily(outcome: Outcome) -> pd.DataFrame:
    return pd.DataFrame(_grid(outcome) | {name: values.ravel() for name, values in daily_columns(outcome).items()})


def _bands(outcome: Outcome) -> pd.DataFrame:
    dates = outcome.settings.clock.dates.astype("datetime64[s]")
    series = daily_columns(outcome)
    series["crowded_book_since_eve"] = _since_eve(outcome.record["crowded_book"], outcome.event_day)
    found = {name: quantiles(values, QUANTILES) for name, values in series.items()} | _nav_quantiles(outcome)
    grid = {
        "column": np.repeat(np.array(list(found), dtype=object), dates.size),
        "day": np.tile(np.arange(dates.size), len(found)),
        "date": np.tile(dates, len(found)),
    }
    values = np.hstack(list(found.values()))
    return pd.DataFrame(
        grid | {f"q{round(100 * level):02d}": row for level, row in zip(QUANTILES, values, strict=True)}
    )


def _nav_quantiles(outcome: Outcome) -> dict[str, FloatArray]:
    """Quantiles of NAV over paths and funds, of each kind of fund too if there are several, (levels, days): by day."""
    kinds = outcome.record.kinds
    groups = {"nav": np.ones(kinds.size, dtype=bool)}
    if len(set(kinds.tolist())) > 1:
        groups |= {f"nav_{kind.name.lower()}": kinds == kind for kind in FundKind if (kinds == kind).any()}
    days: dict[str, list[FloatArray]] = {name: [] for name in groups}
    for day in range(outcome.record.nav.shape[1]):
        change = outcome.nav_change(slice(day, day + 1))[:, 0]
        for name, chosen in groups.items():
            days[name].append(quantiles(change[:, chosen].reshape(-1, 1), QUANTILES))
    return {name: np.hstack(columns) for name, columns in days.items()}


def _since_eve(changes: FloatArray, event_day: int) -> FloatArray:
    total = np.cumsum(changes, axis=1)
    return total - total[:, event_day - 1 : event_day]


def _funds(outcome: Outcome) -> pd.DataFrame:
    record = outcome.record
    paths, days, funds = record.nav.shape
    forced = record.by_fund("forced_sale", amounts=True)
    return pd.DataFrame(
        {
            "path": np.repeat(np.arange(paths), funds),
            "fund": np.tile(np.arange(funds), paths),
            "trough": outcome.fund_troughs().ravel(),
            "end": outcome.nav_change(slice(days - 1, days)).ravel(),
            "margin_calls": record.by_fund("margin_call").ravel().astype(int),
            "forced_sales": forced.ravel() * outcome.settings.market.daily_value,
            "defaulted": record.by_fund("default").ravel() > 0,
        }
    )


def _events(outcome: Outcome, desk: DeskAccount | None) -> pd.DataFrame:
    frame = Events.joined([*outcome.record.events, *([desk.events()] if desk is not None else [])]).frame()
    frame["amount"] *= np.where(frame["fund"] >= 0, outcome.settings.market.daily_value, 1.0)  # the desk's is money
    dates = closing_dates(outcome.settings).astype("datetime64[s]")
    frame.insert(2, "date", dates[frame["day"] + 1])
    return frame


def _hedges(outcome: Outcome) -> pd.DataFrame:
    if outcome.desk is None:
        return pd.DataFrame()
    frame = outcome.desk.frame(desk_dates(outcome.settings))
    named = outcome.settings.desk.named_contract(outcome.settings.market.currency)
    frame["contracts"] /= named.worth  # a unit of the desk's own is worth 1 at the start
    frame["contract"] = named.name
    return frame
