"""Brunnermeier and Pedersen 2005: predators on a fund that has to sell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from scenarios.measures import Outcome
from scenarios.measures.credit import ColumnTrough, equity_at
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial, median_figure

EVE, RESCUE = date(1998, 8, 14), date(1998, 9, 22)


@row(
    paper="Brunnermeier and Pedersen 2005",
    place="abstract; propositions on overshooting and on the price of liquidation",
    states="Others sell ahead of a trader in distress and buy back: the price overshoots, they profit, and he "
    "gets less.",
    kind="out of sample",
    certainty="verified",
    run="the scenario ltcm-1998 with predators and without, on the same noise",
    tolerance="signs, beyond a 95 % interval",
)
def brunnermeier_pedersen_predators(trial: Trial) -> Iterator[Figure]:
    """No closed form. Predators here follow one mechanical rule; their competition is another row."""
    runs = trial.outcomes("ltcm-1998", "no_predators")
    main, without = runs["main"], runs["no_predators"]
    few = without.record.paths
    deeper = _trough(without) - _trough(main)[:few]
    less = 3.5 * (equity_at(without, RESCUE) - equity_at(main, RESCUE)[:few])
    profit = 3.5 * main.record["predators_profit"][:, -1]
    for name, values in (
        ("trough of the spreads, deeper by, basis points", 1e4 * deeper),
        ("equity before the rescue, less by, USD bn", less),
        ("predators' profit at the end, USD bn", profit),
    ):
        yield median_figure(name, values, low=0.0)


def _trough(outcome: Outcome) -> np.ndarray:
    return ColumnTrough(column="mispricing", after=EVE).values(outcome)
