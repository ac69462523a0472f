"""Golden cases: studies of many markets on one noise, and Mesa's model with a user's own agent in it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from golden import FOLDER, Arrays, Case, as_array, columns, plain

import crowdquake as cq
from abm import CrowdingModel
from abm.agents import Trader
from scenarios import load_scenario, unwind

WORLDS = FOLDER / "worlds"


def explained(world: str, changes: dict[str, Any], paths: int, orders: int | None = None) -> Arrays:
    """A hedge loss taken apart: its parts, by path too."""

    source = WORLDS / f"{world}.toml" if "-" not in world else world
    found = cq.explain(source, paths=paths, seed=7, overrides=changes, orders=orders)
    totals = {name: getattr(found, name) for name in ("pnl", "pnl_off", "total", "total_low", "total_high", "orders")}
    return {
        **columns("parts", found.frame()),
        **columns("by_path", found.by_path),
        **plain("totals", totals | {"eve": found.eve, "last": found.last, "off": found.off}),
    }


def cliff(world: str, paths: int, **arguments: Any) -> Arrays:
    """The crowd's reserve against the chance of a systemic unwind."""

    source = WORLDS / f"{world}.toml" if "-" not in world else world
    found = cq.cliff(source, paths=paths, seed=3, **arguments)
    return {**columns("points", found.points), **columns("halves", found.halves)}


def reverse(world: str, vary: list[str], paths: int, **arguments: Any) -> Arrays:
    """Where a chance reaches a level, and all that was tried on the way."""

    found = cq.breakpoint(WORLDS / f"{world}.toml", vary, paths=paths, seed=5, **arguments)
    frames = {"answers": found.answers, "evaluations": found.evaluations}
    return {name: values for key, frame in frames.items() for name, values in columns(key, frame).items()}


def unwinding(world: str, changes: dict[str, Any], paths: int, **arguments: Any) -> Arrays:
    """One book sold over few days and over many."""

    source = WORLDS / f"{world}.toml" if "-" not in world else world
    found = unwind(load_scenario(source, changes), paths=paths, seed=2, **arguments)
    return {
        **columns("table", found.table),
        **plain("best", found.best()),
        **plain("told", [found.units, found.rescue]),
    }


def stepped(world: str, changes: dict[str, Any]) -> Arrays:
    """Mesa's model, day by day, with a trader who buys what has fallen and sells it again."""

    class Contrarian(Trader):
        def __init__(self, model: Any) -> None:
            super().__init__(model)
            self.curve: list[tuple[float, float]] = []

        def step(self) -> None:
            self.curve.append((self.equity, self.cash))
            if self.model.day % 3 == 1:
                self.order(-0.2 * np.log(self.model.prices) * np.linspace(0.0, 0.01, self.model.stocks))
            elif self.model.day % 3 == 2:
                self.order(-0.5 * self.holdings)

    model = CrowdingModel(load_scenario(WORLDS / f"{world}.toml", changes).settings, rng=13)
    trader = Contrarian(model)
    while model.running:
        model.step()
    assert trader.cash != 0
    found = {
        **columns("frame", model.frame),
        "trader.curve": as_array(trader.curve),
        "trader.holdings": as_array(trader.holdings),
        "prices": as_array(model.prices),
        "liquidator": as_array([model.liquidator.book, model.liquidator.cash]),
        "providers.inventory": as_array(model.providers.inventory),
        "providers.pnl": as_array([model.providers.pnl]),
        "broker": as_array([*model.broker.limits, *model.broker.headroom, model.broker.deleveraging]),
        "desk": as_array([model.desk.hedged_pnl, model.desk.margin_calls]),
    }
    for kind, names in (
        ("quant_funds", ("equity", "book", "leverage", "nav", "state")),
        ("futures_funds", ("equity", "nav", "unit_value", "stock_book", "contracts", "deposit", "reserve", "state")),
    ):
        for name in names:
            found[f"{kind}.{name}"] = as_array([float(getattr(fund, name)) for fund in getattr(model, kind)])
    return found


FIVE = {"impact.half_spread": 0, "index_sector.holding": 0, "funds.headroom": (0.0, 0.02)}
MIXED = {"funds.kind": {"long_short": 0.25, "futures": 0.75}, "funds.policy": {"full": 0.5, "timing": 0.5}}
STUDIES: dict[str, Case] = {
    "explain: all orders": partial(explained, "crowd", FIVE, 33),
    "explain: drawn orders": partial(explained, "crowd", {}, 3, 4),
    "explain: futures": partial(explained, "futures", {}, 3, 4),
    "explain: china-2024": partial(explained, "china-2024", {}, 2, 4),
    "cliff: small": partial(
        cliff,
        "futures",
        101,
        reserves=(0.02, 0.06, 0.5),
        policies=("full-rebalanced", "timing"),
        vary={"funds.leverage": [2.0], "slump.length": [0.5, 1.25]},
    ),
    "cliff: china-2024": partial(
        cliff,
        "china-2024",
        3,
        reserves=(0.02, 0.10),
        policies=("full-rebalanced", "partial"),
        vary={"funds.crowding": [0.0], "slump.length": [1.5]},
    ),
    "breakpoint: reserve": partial(reverse, "futures", ["desk.reserve"], 101),
    "breakpoint: frontier": partial(
        reverse,
        "crowd",
        ["funds.leverage", "shock"],
        8,
        ranges=[(0.5, 3.0), (-0.1, 0.1)],
        loss=0.05,
        of="crowd",
        points=2,
    ),
    "unwind: small crisis": partial(unwinding, "credit", {}, 51, days=[1, 7]),
    "unwind: ltcm-1998": partial(unwinding, "ltcm-1998", {}, 3, days=[1, 60]),
    "unwind: quake-2007": partial(unwinding, "quake-2007", {}, 2, days=[0.5, 10]),
    "unwind: without a desk": partial(unwinding, "crowd", {"desk.size": 0.0}, 3, days=[2], injection=0.1),
    "model: crowd": partial(stepped, "crowd", {}),
    "model: futures": partial(stepped, "futures", MIXED),
    "model: crisis": partial(stepped, "credit", {}),
}
