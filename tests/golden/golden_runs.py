"""Golden cases: every scenario of the library at its own size, and what none of them reaches in small markets.

Nothing here knows how the house is built inside: cases go through the packages' public names.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from golden import FOLDER, Arrays, Case, as_array, columns, plain

import crowdquake as cq

CLOSES = 1e-12  # what a bar's cash ledger may be off by
Changes = dict[str, Any]


def scenario(name: str, paths: int = 3) -> Arrays:
    """A scenario with its twin, counterfactuals and sensitivities."""

    return run_arrays(cq.run(name, paths=paths, seed=11), bands=True)


def market(world: str, changes: Changes, paths: int = 3) -> Arrays:
    """A small market with some keys changed."""

    return run_arrays(cq.run(FOLDER / "worlds" / f"{world}.toml", paths=paths, seed=5, overrides=changes), bands=False)


def run_arrays(result: Any, *, bands: bool) -> Arrays:
    """All frames, figures and targets of a run; its ledger must close."""
    assert result.manifest["ledger_residual"] < CLOSES
    found: Arrays = {}
    for name in ("daily", "funds", "events", "hedges"):
        found |= columns(name, getattr(result, name))
    if bands:
        quantiles = [column for column in result.bands if column[0] == "q" and column[1:].isdigit()]
        for name, rows in result.bands.groupby("column", sort=False):
            found[f"bands.{name}"] = as_array(rows[quantiles])
    for name, entry in {"main": {"figures": result.summary()["figures"]}, **result.counterfactual()}.items():
        found |= {
            f"figures.{name}.{figure}": as_array(plain("", spread)[".values"])
            for figure, spread in entry["figures"].items()
        }
    for target in result.targets:
        told = (target.measured, target.interval, target.paths, target.met, target.sensitivity)
        found[f"target.{target.name}"] = plain("", told)[".values"]
    return found


def own_holdings() -> Arrays:
    """The user's own books: nine funds, some alike, some not."""
    generator = np.random.Generator(np.random.PCG64(3))
    books = generator.standard_normal(40) + 0.6 * generator.standard_normal((9, 40))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "books.csv"
        np.savetxt(path, 1e6 * books, delimiter=",")
        return market("crowd", {"funds.holdings": str(path), "funds.scale": 1000.0})


CROWD: dict[str, Changes] = {
    "as it is": {},
    "impact linear": {"impact.law": "linear", "impact.strength": 4.0},
    "schedule almgren_chriss": {"liquidator.schedule": "almgren_chriss", "liquidator.urgency": 2.5},
    "schedule percent_of_volume": {"liquidator.schedule": "percent_of_volume", "liquidator.participation": 0.15},
    "schedule plan": {"liquidator.schedule": "plan", "liquidator.plan": (0.5, 0.1, 0.4)},
    "cut far below the limit": {"funds.cut": 0.5, "funds.reentry_wait": [1.0, 1.0], "funds.headroom": [0.02, 0.1]},
    "no forced sales": {"funds.forced_sales": False, "funds.intraday_share": 0.3},
    "desk reduces": {"desk.when_exhausted": "reduce", "desk.reserve": 0.101, "desk.tilt": 2.0},
    "desk partial": {"desk.policy": "partial:lock_rule=daily", "desk.gains_fund_margin": False},
    "desk timing": {"desk.policy": "timing:indicator=ma_cross", "desk.starts": "2007-08-01"},
    "index path": {"market.index_path": "example", "market.market_volatility": 0.0},
    "no fundamentals": {"market.fundamentals": False},
    "small caps": {"market.index_share": 0.4, "market.small_cap_volatility": 0.006},
    "makers retreat": {"makers.capital": 0.05, "makers.recovery_days": 3.0},
    "funds rescued": {"rescue.injection": 0.2, "rescue.date": "2007-08-08", "rescue.receiver": "funds"},
    "limits and a halt": {
        "market.price_limit": 0.02,
        "halt": [{"date": "2007-08-08", "starts": 0.5, "days": 0.5, "share": 0.3}],
    },
    "spreads": {"market.instruments": "spreads", "index_sector.holding": 0.0, "impact.strength": 4.0},
}
FUTURES: dict[str, Changes] = {
    "as it is": {},
    "mixed crowd": {"funds.kind": {"long_short": 0.5, "futures": 0.5}, "funds.long_short_leverage": 2.5},
    "mixed policies": {
        "funds.policy": {"full": 0.25, "partial": 0.25, "timing": 0.25, "minimum-variance": 0.25},
        "futures_funds.rehedging": 0.6,
    },
    "desk moves prices": {"desk.price_taker": False, "desk.size": 0.02, "desk.policy": "full-rebalanced"},
    "desk moves prices and reduces": {
        "desk.price_taker": False,
        "desk.size": 0.02,
        "desk.reserve": 0.101,
        "desk.tilt": 3.0,
        "desk.when_exhausted": "reduce",
    },
    "long-short liquidator": {"liquidator.kind": "long_short"},
    "lines": {
        "lines.warning": 0.95,
        "lines.stop": 0.9,
        "lines.start": (0.94, 1.05),
        "lines.warning_days": 3.0,
        "lines.stop_days": 2.0,
    },
    "redemptions": {"redemptions.sensitivity": 1.0, "redemptions.horizon": 3, "redemptions.notice": 2},
    "margins react": {
        "futures.margin_reaction": 1.0,
        "futures.swap_margin_reaction": 0.5,
        "futures.half_spread": 0.0002,
        "futures_funds.financing": 0.04,
        "futures.start_basis": -0.01,
    },
    "rules of an exchange": {
        "market.price_limit": 0.03,
        "market.wide_limit": 0.05,
        "market.wide_share": 0.4,
        "futures.price_limit": 0.03,
        "futures.diverted": 0.5,
        "futures_funds.broker_closes": "futures",
        "futures_funds.top_up_days": 0.5,
        "futures_funds.transfer_days": 1.0,
        "futures_funds.swap_share": 0.3,
        "futures_funds.cash_reserve": 0.01,
        "halt": [{"date": "2024-01-30", "starts": 0.25, "days": 0.5, "share": 0.4}],
        "futures_demand": [{"date": "2024-01-29", "days": 2, "amount": 1.0}],
        "news": [{"date": "2024-01-29", "days": 3, "move": 0.03}],
    },
    "all pay": {
        "futures_funds.swap_share": 0.0,
        "futures_funds.cash_reserve": 0.0,
        "futures_funds.deposit_floor": 0.98,
    },
    "all swaps": {"futures_funds.swap_share": 1.0, "funds.leverage": 5.0, "funds.intraday_share": 0.2},
    "mixed crowd, makers, rescue": {
        "funds.kind": {"long_short": 0.5, "futures": 0.5},
        "makers.capital": 0.1,
        "rescue.injection": 0.1,
        "rescue.date": "2024-01-31",
        "rescue.receiver": "funds",
    },
    "percent of volume": {"liquidator.schedule": "percent_of_volume"},
    "impact linear": {"impact.law": "linear", "impact.strength": 1.0},
}
CREDIT: dict[str, Changes] = {
    "as it is": {},
    "no rescue": {"rescue.injection": 0.0, "predators.size": 0.3},
    "holds": {"large_fund.sells": False, "large_fund.unwinds": None},
}

SCENARIOS: dict[str, Case] = {
    name: partial(scenario, name)
    for name in (
        *(
            "quake-2007",
            "quake-2007-orderly",
            "ltcm-1998",
            "china-2024",
            "china-2024-09",
            "china-2021",
            "calm",
            "report-2007",
        ),
    )
}
MARKETS: dict[str, Case] = {
    f"{world}: {name}": partial(market, world, changes)
    for world, cases in (("crowd", CROWD), ("futures", FUTURES), ("credit", CREDIT))
    for name, changes in cases.items()
} | {
    "crowd: own holdings": own_holdings,
    "crowd: more than one block": partial(market, "crowd", {"clock.days": 8}, 402),
}
