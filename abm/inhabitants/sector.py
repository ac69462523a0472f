"""Long-biased investors who carry the crowded book beside the index, and sell the index when that stops them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.compile import kernel
from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade
from abm.randomness import Purpose, normals_of
from abm.sections.base import Section, quantity
from abm.state import BasketState, Flow, Party, Tape
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.market import Market

INDEX_SECTOR, SECTOR_CASH = int(Flow.INDEX_SECTOR), int(Party.INDEX_SECTOR)


class IndexSector(Section):
    """Long-biased investors who also carry the crowded book, and sell index stocks when that stops them out.

    A candidate mechanism for the index's fall on 9 August 2007, not an established one; news is the rival.
    """

    holding: float = quantity(0.0, 0, 1e3, "index holding [V_LB]; 0: no such sector", "days of the market's value")
    members: int = quantity(40, 1, 5000, "investors", "investors")
    stop: float = quantity(0.07, 1e-4, 10, "median loss on the crowded book at which one is stopped out", "a ratio")
    stop_spread: float = quantity(0.12, 0, 2, "log-sd of that loss over members", "log units")
    cut: float = quantity(0.4, 0, 1, "share of the index holding sold then", "a share")
    cut_days: float = quantity(0.333333, 1e-3, 250, "time in which it is sold", "days")


class SectorState(NamedTuple):
    """Long-biased investors who carry the crowded book beside the index."""

    loss: FloatArray  # on a unit of the crowded book so far, (paths,)
    stop: FloatArray  # loss that stops a member out, (paths, members)
    holding: FloatArray  # share of its index units that a member still has, (paths, members)
    target: FloatArray  # share that it wants to keep, (paths, members)
    order: FloatArray  # index units traded in this bar, (paths,)
    kept: float  # share kept after a stop
    speed: float  # share sold per day
    units: float  # index units of the whole sector at the start


def draw_stops(settings: IndexSector, seed: int, first_path: int, paths: int) -> FloatArray:
    """Draw the losses that stop the long-biased members out, shape (paths, members)."""
    normals = normals_of(seed, Purpose.SECTOR, first_path, (paths, settings.members))
    return settings.stop * np.exp(settings.stop_spread * normals)


def open_sector(opening: Opening) -> SectorState:
    """All members hold their index before the first bar."""
    sector = opening.settings.index_sector
    stops = draw_stops(sector, opening.seed, opening.first_path, opening.paths)
    return SectorState(
        loss=np.zeros(opening.paths),
        stop=stops,
        holding=np.ones_like(stops),
        target=np.ones_like(stops),
        order=np.zeros(opening.paths),
        kept=1 - sector.cut,
        speed=sector.cut / sector.cut_days,
        units=sector.holding,
    )


@kernel
def place_sector_orders(sector: SectorState, exchange: ExchangeState | None, tape: Tape, path: int, dt: float) -> None:
    """Members that were stopped out sell part of their index holding (section 4), as far as the index trades."""
    sold, filled = 0.0, 1.0
    if exchange is not None:
        filled = exchange.index_sell[path]
    if sector.units > 0.0:
        members = sector.stop.shape[1]
        for member in range(members):
            excess = sector.holding[path, member] - sector.target[path, member]
            if excess > 0.0:
                sale = min(excess, sector.speed * dt)
                sector.holding[path, member] -= sale * filled
                sold += sale / members
        if exchange is not None and exchange.held[path] != 0:
            trade(exchange, path, exchange.index_shares[path], -sold * sector.units, 1.0)
            sold *= filled
    sector.order[path] = -sold * sector.units
    tape.index_order[path] += sector.order[path]
    tape.flows[path, INDEX_SECTOR] -= sold * sector.units


@kernel
def mark_sector(
    sector: SectorState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float
) -> None:
    """Book what was sold at the fill; the crowded book's losses add up."""
    units = sector.order[path]
    fee = half_spread * abs(units)
    cash[path, SECTOR_CASH] -= units * (tape.index_value[path] - tape.index_late[path]) + fee
    tape.paid_spread[path] += fee
    sector.loss[path] -= baskets.gain[path, 0]


@kernel
def stop_sector_out(sector: SectorState, path: int) -> None:
    """Members whose loss on the crowded book is beyond their stop decide to sell index (section 4)."""
    if sector.units > 0.0:
        for member in range(sector.stop.shape[1]):
            if sector.loss[path] > sector.stop[path, member]:
                sector.target[path, member] = sector.kept


class StoppedOutHolders(Inhabitant):
    """The long-biased sector; with a holding of 0 it is there and has nothing to sell."""

    name = "index_sector"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.state = open_sector(opening)

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        units = self.state.units * self.state.holding.mean(axis=1)
        return {Party.INDEX_SECTOR: units[:, None] * market.state.stocks.index_shares}
