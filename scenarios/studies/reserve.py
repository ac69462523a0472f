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
from abm.steering import Steer
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging import parse_policy
from hedging.reserves import HedgeNeeds
from scenarios.desk import desk_dates, desk_sale_costs
from scenarios.ensemble import Case, Size
from scenarios.loading import changed
from scenarios.reserves.answers import Answer
from scenarios.reserves.result import Reserves
from scenarios.reserves.steering import STEERED, Pilot, Proposal, Tail
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Readings, Study, register
from scenarios.twins import has_seller, without_liquidator

CROWDING = (0.0, 0.5, 1.0)
DIAL = "funds.crowding"
TWIN = "no liquidator"
Dial = float | str | None
Key = tuple[str, Dial] | tuple[str, Dial, str]  # policy, and crowding, TWIN, or None: as it is; STEERED paths of it


class DeskRead(NamedTuple):
    """What is read off a market's hedge desk."""

    needs: HedgeNeeds
    sale_cost: FloatArray  # of raising the new money from its own stocks, a ratio to the book, (paths,)
    index_moves: (
        FloatArray  # daily log moves of the index while the hedge is on, (paths, days); no paths where none steers
    )


@register
@dataclass(frozen=True)
class DeskReserveStudy(Study):
    """Reserve needed and calls at the reserve held, by policy, and how they move with crowding.

    What is left out is the scenario's desk's own: policy, reserve, margin. A call that the reserve cannot meet is met
    from outside, so that the whole book stays, and needs are those of the whole book. Where somebody liquidates, the
    scenario as it is is held against its twin in which nobody does. With a `level`, `tail_paths` more are steered to
    where that much is needed (scenarios.reserves.steering); none if they are 0.
    """

    name: ClassVar[str] = "reserve"
    size: ClassVar[Size] = Size(block=100, batch=16)
    policies: tuple[str, ...] = ()
    reserve: float | None = None
    margin: float | None = None
    crowding: tuple[float, ...] | None = None  # None: 0, 0.5 and 1, where the scenario was tested there
    level: float | None = None
    tail_paths: int = 0

    def check(self, scenario: Scenario) -> None:
        faults = []
        if scenario.desk_size == 0:
            faults.append(f"{scenario.name}: has no hedge desk: desk.size must be above 0, or a book given (desk.book)")
        if self.crowding and scenario.funds.holdings is not None:
            faults.append(f"{scenario.name}: its crowd's books are given (funds.holdings): crowding must be left out")
        if self.steers and scenario.market.market_volatility == 0:
            faults.append(f"{scenario.name}: market.market_volatility = 0: must be above 0 for paths to be steered")
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

    @property
    def steers(self) -> bool:
        """Whether paths are steered."""
        return self.level is not None and self.tail_paths > 0

    @property
    def rounds(self) -> int:
        return 2 if self.steers else 1

    def further(self, scenario: Scenario, paths: int, seed: int, readings: Readings) -> dict[Key, Case]:
        """Steered paths of every policy and crowding, once its own plain paths say where to."""
        if not self.steers or any(len(key) == 3 for key in readings):
            return {}
        plain = self.cases(scenario, paths, seed)
        found: dict[Key, Case] = {}
        for policy in self.chosen(scenario):
            steer, _ = self._steered(scenario, paths, seed, readings, policy)
            for key, case in plain.items():
                if key[0] == policy and key[1] != TWIN:
                    found[policy, key[1], STEERED] = Case.steered(case.settings, steer)
        return found

    def _steered(
        self, scenario: Scenario, paths: int, seed: int, readings: Readings, policy: str
    ) -> tuple[Steer, FloatArray]:
        """How paths are steered for a policy, and their weights."""
        own = _joined(readings[policy, None])
        pilot = Pilot.of(scenario.settings, seed, own.index_moves, own.needs.required)
        return Proposal.of(pilot, self.level or 0.0, seed).draw(self.tail_paths, seed, paths)

    def read(self, key: Any, market: Market) -> DeskRead:
        result = market.desk_result
        if result is None:
            raise InputError("desk.starts: the hedge is never put on: must be a trading day before the last")
        needs = HedgeNeeds.of(result)
        if len(key) == 3:
            return DeskRead(needs, np.zeros(needs.paths), np.zeros((0, needs.days)))
        pilots = needs.paths if self.steers and key[1] is None else 0
        moves = np.log1p(market.record["index"][:pilots, market.dates.size - needs.days :])
        return DeskRead(needs, desk_sale_costs(market, needs), moves)

    def result(self, found: Found) -> Reserves:
        scenario, dates = found.scenario, desk_dates(found.scenario.settings)
        own, varied = [], []
        read = {key: _joined(blocks) for key, blocks in found.readings.items()}
        tails = self._tails(found, read)
        for (policy, dial, *steered), (needs, cost, _) in read.items():
            if dial == TWIN or steered:
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
                level=self.level,
                tail=tails.get((policy, dial)),
            )
            if dial is None:
                own.append(answer)
            varied.append(answer)
        ordered = sorted(varied, key=lambda answer: (answer.policy, answer.crowding))
        shown = tuple(ordered) if len(varied) > len(own) else ()
        reserve = scenario.desk.reserve if self.reserve is None else self.reserve
        margin = scenario.desk.margin if self.margin is None else self.margin
        return Reserves(tuple(own), shown, reserve, margin, manifest=found.manifest)

    def _tails(self, found: Found, read: Mapping[Any, DeskRead]) -> dict[tuple[str, Dial], Tail]:
        """What steered paths tell, by policy and crowding."""
        tails: dict[tuple[str, Dial], Tail] = {}
        if not self.steers or self.level is None:
            return tails
        for policy in self.chosen(found.scenario):
            _, weights = self._steered(found.scenario, found.paths, found.seed, found.readings, policy)
            for key, one in read.items():
                if key[0] == policy and len(key) == 3:
                    tails[policy, key[1]] = Tail.of(self.level, one.needs.required, weights, found.paths)
        return tails

    def tables(self, found: Found) -> Mapping[str, pd.DataFrame]:
        return self.result(found).tables()


def _joined(blocks: Sequence[DeskRead]) -> DeskRead:
    """All paths' readings in one."""
    needs = HedgeNeeds.concatenate([block.needs for block in blocks])
    costs, moves = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("sale_cost", "index_moves"))
    return DeskRead(needs, costs, moves)
