"""The reserve of a hedge and its margin calls, policy by policy, in a market whose crowd answers back.

Every policy, and every crowding, is a market on the same noise, read off the accounts of the hedge desk in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from abm import Market
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging import parse_policy
from hedging.reserves import HedgeNeeds
from scenarios.desk import desk_dates, desk_sale_costs
from scenarios.ensemble import Case, Size
from scenarios.loading import changed
from scenarios.reserves.answers import Answer
from scenarios.reserves.result import Reserves
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, register
from scenarios.twins import has_seller, without_liquidator

CROWDING = (0.0, 0.5, 1.0)
DIAL = "funds.crowding"
TWIN = "no liquidator"
Key = tuple[str, float | str | None]  # policy, and crowding, TWIN, or None: the scenario as it is


class DeskRead(NamedTuple):
    """What is read off a market's hedge desk."""

    needs: HedgeNeeds
    sale_cost: FloatArray  # of raising the new money from its own stocks, a ratio to the book, (paths,)


@register
@dataclass(frozen=True)
class DeskReserveStudy(Study):
    """Reserve needed and calls at the reserve held, by policy, and how they move with crowding.

    What is left out is the scenario's desk's own: policy, reserve, margin. A call that the reserve cannot meet is met
    from outside, so that the whole book stays, and needs are those of the whole book. Where somebody liquidates, the
    scenario as it is is held against its twin in which nobody does.
    """

    name: ClassVar[str] = "reserve"
    size: ClassVar[Size] = Size(block=100, batch=16)
    policies: tuple[str, ...] = ()
    reserve: float | None = None
    margin: float | None = None
    crowding: tuple[float, ...] | None = None  # None: 0, 0.5 and 1, where the scenario was tested there

    def check(self, scenario: Scenario) -> None:
        faults = []
        if scenario.desk_size == 0:
            faults.append(f"{scenario.name}: has no hedge desk: desk.size must be above 0, or a book given (desk.book)")
        if self.crowding and scenario.funds.holdings is not None:
            faults.append(f"{scenario.name}: its crowd's books are given (funds.holdings): crowding must be left out")
        raise_faults(faults)

    def chosen(self, scenario: Scenario) -> dict[str, str]:
        """Policies as they are written, by label."""
        written = self.policies or (scenario.desk.policy,)
        return {parse_policy(text)[0]: text for text in written}

    def dials(self, scenario: Scenario) -> tuple[float, ...]:
        """Crowding at which the crowd is tried besides the scenario's own."""
        own = scenario.funds.crowding
        if self.crowding is not None:
            return tuple(value for value in dict.fromkeys(self.crowding) if value != own)
        axis = next((axis for axis in scenario.domain.axis if axis.key == DIAL), None)
        if axis is None or scenario.funds.holdings is not None:
            return ()
        return tuple(value for value in CROWDING if axis.low <= value <= axis.high and value != own)

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Key, Case]:  # noqa: ARG002
        bare = scenario.model_copy(update={"target": (), "counterfactual": (), "sensitivity": ()})
        agreed: dict[str, Any] = {"desk.when_exhausted": "top_up"}
        agreed |= {} if self.reserve is None else {"desk.reserve": self.reserve}
        agreed |= {} if self.margin is None else {"desk.margin": self.margin}
        cases: dict[Key, Case] = {}
        for label, text in self.chosen(scenario).items():
            own = changed(bare, {**agreed, "desk.policy": text})
            cases[label, None] = Case(own.settings)
            if has_seller(own.settings):
                cases[label, TWIN] = Case(without_liquidator(own.settings))
            for dial in self.dials(scenario):
                cases[label, dial] = Case(changed(own, {DIAL: dial}).settings)
        return cases

    def read(self, key: Any, market: Market) -> DeskRead:  # noqa: ARG002
        result = market.desk_result
        if result is None:
            raise InputError("desk.starts: the hedge is never put on: must be a trading day before the last")
        needs = HedgeNeeds.of(result)
        return DeskRead(needs, desk_sale_costs(market, needs))

    def result(self, found: Found) -> Reserves:
        scenario, dates = found.scenario, desk_dates(found.scenario.settings)
        own, varied = [], []
        read = {key: _joined(blocks) for key, blocks in found.readings.items()}
        for (policy, dial), (needs, cost) in read.items():
            if dial == TWIN:
                continue
            twin = read.get((policy, TWIN)) if dial is None else None
            answer = Answer(
                policy=policy,
                source=scenario.name or "scenario",
                needs=needs,
                dates=dates,
                sale_cost=cost,
                impact=scenario.impact,
                crowding=scenario.funds.crowding if dial is None else dial,
                has_crowd=True,
                twin=None if twin is None else twin.needs,
            )
            if dial is None:
                own.append(answer)
            varied.append(answer)
        ordered = sorted(varied, key=lambda answer: (answer.policy, answer.crowding))
        shown = tuple(ordered) if len(varied) > len(own) else ()
        reserve = scenario.desk.reserve if self.reserve is None else self.reserve
        margin = scenario.desk.margin if self.margin is None else self.margin
        return Reserves(tuple(own), shown, reserve, margin, manifest=found.manifest)

    def tables(self, found: Found) -> Mapping[str, pd.DataFrame]:
        return self.result(found).tables()


def _joined(blocks: Sequence[DeskRead]) -> DeskRead:
    """All paths' readings in one."""
    needs = HedgeNeeds.concatenate([block.needs for block in blocks])
    return DeskRead(needs, np.concatenate([block.sale_cost for block in blocks]))
